"""The values a customer is made of, checked when they are built."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from zoneinfo import available_timezones

from subgraphs.customer.domain.countries import COUNTRIES
from subgraphs.kit.domain.errors import InvalidInput

__all__ = [
    "ERASED",
    "ERASED_PROFILE",
    "Address",
    "CustomerProfile",
    "CustomerStatus",
    "PaymentMethod",
    "card_expiry",
    "checked_profile",
]

ERASED = "[erased]"
"""Stands where personal text was that could not be left out."""

# One @ with something on both sides and a dot in the domain; whether mail arrives only sending tells.
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
# RFC 5646, section 2.1, in the letter case that section 2.1.1 recommends, so that one language is one text.
_LANGUAGE = re.compile(
    r"[a-z]{2,3}(-[a-z]{3}){0,3}"  # language, extended language
    r"(-[A-Z][a-z]{3})?"  # script
    r"(-([A-Z]{2}|[0-9]{3}))?"  # region
    r"(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"  # variants
    r"(-[0-9a-wy-z](-[a-z0-9]{2,8})+)*"  # extensions
    r"(-x(-[a-z0-9]{1,8})+)?"  # private use
)
# Section 4.4.1: no tag in use is longer.
_LONGEST_LANGUAGE = 35
_TIME_ZONES = frozenset(available_timezones())


class CustomerStatus(StrEnum):
    """Whether a customer can be billed."""

    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"
    MERGED = "MERGED"
    ERASED = "ERASED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address; `country` is ISO 3166-1 alpha-2."""

    line1: str
    city: str
    country: str
    line2: str | None = None
    postal_code: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerProfile:
    """What can be changed about a customer. `time_zone` is an IANA name, `language` a BCP 47 tag, `address` where to bill to."""

    name: str
    email: str | None
    time_zone: str
    language: str
    address: Address | None
    shipping_address: Address | None = None


ERASED_PROFILE = CustomerProfile(name=ERASED, email=None, time_zone="UTC", language="en", address=None)
"""What a profile is once personal data is erased; time zone and language, which name nobody, stay as they were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethod:
    """A way to pay, held by a payment provider: `token` is the provider's name for it, never card data.

    `expires_on` is the last day on which it can be charged, None where it does not expire or that is not known.
    """

    id: str
    provider: str
    token: str
    label: str
    expires_on: date | None = None


def card_expiry(month: int | None, year: int | None) -> date | None:
    """Return the last day of the month that is printed on a card; None: nothing is printed.

    Raises:
        InvalidInput: only one of them is given, or it is out of range.
    """
    if month is None and year is None:
        return None
    if month is None or not 1 <= month <= 12:
        raise InvalidInput("a card expires in a month from 1 to 12", field=("expiryMonth",))
    if year is None or not 2000 <= year <= 2099:
        raise InvalidInput("a card expires in a year from 2000 to 2099", field=("expiryYear",))
    return date(year, month, monthrange(year, month)[1])


def checked_profile(profile: CustomerProfile) -> CustomerProfile:
    """Return `profile` when every part of it is well-formed.

    Raises:
        InvalidInput: names the first field at fault.
    """
    if not 1 <= len(profile.name.strip()) <= 200:
        raise InvalidInput("a name has 1 to 200 characters", field=("name",))
    if profile.email is not None and (len(profile.email) > 254 or not _EMAIL.fullmatch(profile.email)):
        raise InvalidInput(f"{profile.email!r} is not an e-mail address such as billing@example.com", field=("email",))
    if profile.time_zone not in _TIME_ZONES:
        raise InvalidInput(f"{profile.time_zone!r} is not an IANA time zone such as Europe/Berlin", field=("timeZone",))
    if len(profile.language) > _LONGEST_LANGUAGE or not _LANGUAGE.fullmatch(profile.language):
        raise InvalidInput(f"{profile.language!r} is not a BCP 47 language tag such as en or pt-BR", field=("language",))
    if profile.address is not None:
        _check_address(profile.address, "address")
    if profile.shipping_address is not None:
        _check_address(profile.shipping_address, "shippingAddress")
    return profile


def _check_address(address: Address, field: str) -> None:
    if address.country not in COUNTRIES:
        raise InvalidInput(f"{address.country!r} is not an ISO 3166-1 alpha-2 country code such as DE", field=(field, "country"))
    parts = {"line1": address.line1, "city": address.city}
    for name, value in parts.items():
        if not value.strip():
            raise InvalidInput(f"an address needs {name}", field=(field, name))
    longest = {**parts, "line2": address.line2, "postalCode": address.postal_code, "region": address.region}
    for name, text in longest.items():
        if text is not None and len(text) > 200:
            raise InvalidInput(f"{name} has at most 200 characters", field=(field, name))
