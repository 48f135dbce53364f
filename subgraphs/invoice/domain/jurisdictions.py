"""Where a tax is due: a country, or a subdivision of one by its ISO 3166-2 code, such as US-CA."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from subgraphs.kit.domain.errors import InvalidInput

__all__ = ["NOWHERE", "Jurisdiction", "checked_region", "region_of_address"]

_SUBDIVISION = re.compile("[A-Z]{2}-[A-Z0-9]{1,3}")
_NO_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """Where a customer is: `country` by ISO 3166-1 alpha-2, `region` by ISO 3166-2; None: not known."""

    country: str | None
    region: str | None = None

    def has(self, country: str, region: str | None) -> bool:
        """Whether what is due in a country, or in a region of it, is due here."""
        return country == self.country and region in (None, self.region)


NOWHERE = Jurisdiction(None)
"""Where a customer is of whom no address is known."""


def checked_region(region: str | None, country: str) -> str | None:
    """Return `region` if it is written as a subdivision of the country.

    Raises:
        InvalidInput: it is not written by ISO 3166-2, or of another country.
    """
    if region is None:
        return None
    if not _SUBDIVISION.fullmatch(region):
        raise InvalidInput(f"{region!r} is not an ISO 3166-2 code such as US-CA or CA-QC", field=("region",))
    if not region.startswith(f"{country}-"):
        raise InvalidInput(f"{region!r} is not in {country}: its code begins with {country}-", field=("region",))
    return region


def region_of_address(country: str | None, region: str | None) -> str | None:
    """Return the ISO 3166-2 code of what an address says under `region`, None where it says none.

    Case, accents and punctuation do not count. It may be the whole code (`US-CA`), what follows the country in it (`CA`), or in
    the United States and Canada the name (`California`, `Québec`).
    """
    if country is None or region is None:
        return None
    written = region.strip().upper()
    if _SUBDIVISION.fullmatch(written):
        return written if written.startswith(f"{country}-") else None
    code = _NAMES.get(country, {}).get(_plain(region), written)
    return whole if _SUBDIVISION.fullmatch(whole := f"{country}-{code}") else None


def _plain(name: str) -> str:
    letters = "".join(part for part in unicodedata.normalize("NFKD", name) if not unicodedata.combining(part))
    return _NO_LETTERS.sub(" ", letters).strip().casefold()


def _by_name(codes: str) -> Mapping[str, str]:
    """Return codes by names, from lines of a code and its names."""
    rows = (line.strip().partition(" ") for line in codes.strip().splitlines())
    return {_plain(name): code for code, _, names in rows for name in names.split("/")}


# The countries whose sales taxes depend on the state or province, and whose addresses are written with its name as often as with
# its code.
_NAMES = {
    "US": _by_name(
        """
        AL Alabama
        AK Alaska
        AZ Arizona
        AR Arkansas
        CA California
        CO Colorado
        CT Connecticut
        DE Delaware
        DC District of Columbia/Washington DC/Washington D.C.
        FL Florida
        GA Georgia
        HI Hawaii
        ID Idaho
        IL Illinois
        IN Indiana
        IA Iowa
        KS Kansas
        KY Kentucky
        LA Louisiana
        ME Maine
        MD Maryland
        MA Massachusetts
        MI Michigan
        MN Minnesota
        MS Mississippi
        MO Missouri
        MT Montana
        NE Nebraska
        NV Nevada
        NH New Hampshire
        NJ New Jersey
        NM New Mexico
        NY New York
        NC North Carolina
        ND North Dakota
        OH Ohio
        OK Oklahoma
        OR Oregon
        PA Pennsylvania
        PR Puerto Rico
        RI Rhode Island
        SC South Carolina
        SD South Dakota
        TN Tennessee
        TX Texas
        UT Utah
        VT Vermont
        VA Virginia
        WA Washington
        WV West Virginia
        WI Wisconsin
        WY Wyoming
        """
    ),
    "CA": _by_name(
        """
        AB Alberta
        BC British Columbia/Colombie-Britannique
        MB Manitoba
        NB New Brunswick/Nouveau-Brunswick
        NL Newfoundland and Labrador/Terre-Neuve-et-Labrador
        NS Nova Scotia/Nouvelle-Écosse
        NT Northwest Territories/Territoires du Nord-Ouest
        NU Nunavut
        ON Ontario
        PE Prince Edward Island/Île-du-Prince-Édouard
        QC Quebec
        SK Saskatchewan
        YT Yukon
        """
    ),
}
