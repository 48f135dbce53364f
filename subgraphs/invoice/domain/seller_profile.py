"""The seller profile aggregate: who bills, as it stands on invoices."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.event import Event, EventCodec

__all__ = ["Seller", "SellerAddress", "SellerProfile", "SellerProfileSet"]

TEXT_LENGTH = 200
FOOTER_LENGTH = 500
_COUNTRY = re.compile("[A-Z]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerAddress:
    """Where the seller is; `country` is ISO 3166-1 alpha-2."""

    line1: str
    line2: str | None = None
    city: str
    region: str | None = None
    postal_code: str | None = None
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """What invoices say of who bills."""

    name: str
    address: SellerAddress
    tax_id: str | None = None
    registration_number: str | None = None
    email: str | None = None
    footer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerProfileSet(Event):
    seller: Seller
    set_at: datetime


class SellerProfile(Aggregate):
    """One per tenant."""

    kind: ClassVar[str] = "SellerProfile"
    codec: ClassVar[EventCodec] = EventCodec(SellerProfileSet)

    seller: Seller

    @staticmethod
    def id_of(tenant: str) -> str:
        """Return the id of the tenant's only profile."""
        return f"sel_{tenant}"

    @classmethod
    def create(cls, seller: Seller, context: CommandContext) -> "SellerProfile":
        """Return the tenant's profile.

        Raises:
            InvalidInput: a text is empty or too long, or the country is no country code.
        """
        profile = cls(cls.id_of(context.tenant), context.tenant)
        profile.record(SellerProfileSet(seller=_checked(seller), set_at=context.at))
        return profile

    def change(self, seller: Seller, context: CommandContext) -> None:
        """Print this from now on, on invoices that exist as well; nothing happens when it is so.

        Raises:
            InvalidInput: as `create`.
        """
        if _checked(seller) != self.seller:
            self.record(SellerProfileSet(seller=seller, set_at=context.at))

    def apply(self, event: Event) -> None:
        match event:
            case SellerProfileSet():
                self.seller = event.seller
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a seller profile")


def _checked(seller: Seller) -> Seller:
    address = seller.address
    for field, value, longest in (
        (("name",), seller.name, TEXT_LENGTH),
        (("address", "line1"), address.line1, TEXT_LENGTH),
        (("address", "city"), address.city, TEXT_LENGTH),
    ):
        if not 1 <= len(value.strip()) <= longest:
            raise InvalidInput(f"it has 1 to {longest} characters", field=field)
    for field, optional, longest in (
        (("address", "line2"), address.line2, TEXT_LENGTH),
        (("address", "region"), address.region, TEXT_LENGTH),
        (("address", "postalCode"), address.postal_code, TEXT_LENGTH),
        (("taxId",), seller.tax_id, TEXT_LENGTH),
        (("registrationNumber",), seller.registration_number, TEXT_LENGTH),
        (("email",), seller.email, TEXT_LENGTH),
        (("footer",), seller.footer, FOOTER_LENGTH),
    ):
        if optional is not None and len(optional) > longest:
            raise InvalidInput(f"it has at most {longest} characters", field=field)
    if not _COUNTRY.fullmatch(address.country):
        raise InvalidInput(
            f"{address.country!r} is not an ISO 3166-1 alpha-2 country code such as DE", field=("address", "country")
        )
    return seller
