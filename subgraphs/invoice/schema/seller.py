"""Who bills, as the API shows and changes it."""

from typing import Annotated

import strawberry

from subgraphs.invoice.commands.set_seller_profile import set_seller_profile
from subgraphs.invoice.documents import SellerProfileDocument
from subgraphs.invoice.domain import seller_profile
from subgraphs.invoice.projections import seller_profile_document
from subgraphs.invoice.schema.context import Info
from subgraphs.kit.graphql.errors import UserError
from subgraphs.kit.graphql.writes import WriteInput, write

__all__ = ["SellerMutation", "SellerQuery"]

READ = [["invoices:read"]]
WRITE = [["invoices:write"]]
WHAT = strawberry.argument(description="What to print.")


@strawberry.type(description="Where the seller is.")
class SellerAddress:
    """As the API shows it."""

    line1: str = strawberry.field(description="Street and number, 1 to 200 characters.")
    line2: str | None = strawberry.field(description="More of the street's line.")
    city: str = strawberry.field(description="The city.")
    region: str | None = strawberry.field(description="State, province or county.")
    postal_code: str | None = strawberry.field(description="The postal code.")
    country: str = strawberry.field(description="ISO 3166-1 alpha-2.")


@strawberry.type(description="What invoices say of who bills.")
class SellerProfile:
    """As the API shows it."""

    name: str = strawberry.field(description="The legal name.")
    address: SellerAddress = strawberry.field(description="The address.")
    tax_id: str | None = strawberry.field(description="The tax or VAT id.")
    registration_number: str | None = strawberry.field(description="The number in the companies' register.")
    email: str | None = strawberry.field(description="Where questions go.")
    footer: str | None = strawberry.field(description="What stands at the end of each page, such as bank and register.")

    @classmethod
    def of(cls, document: SellerProfileDocument) -> "SellerProfile":
        address = document.address
        return cls(
            name=document.name,
            address=SellerAddress(
                line1=address.line1 or "",
                line2=address.line2,
                city=address.city or "",
                region=address.region,
                postal_code=address.postal_code,
                country=address.country or "",
            ),
            tax_id=document.tax_id,
            registration_number=document.registration_number,
            email=document.email,
            footer=document.footer,
        )


@strawberry.type
class SellerQuery:
    """Root fields."""

    @strawberry.federation.field(requires_scopes=READ, description="What invoices say of who bills; null until it is set.")
    async def seller_profile(self, info: Info) -> SellerProfile | None:
        tenant = info.context.tenant
        found = await info.context.deps.seller_profile_reader.find(tenant, seller_profile.SellerProfile.id_of(tenant))
        return SellerProfile.of(found) if found else None


@strawberry.input(description="Where the seller is.")
class SellerAddressInput:
    """As the API takes it."""

    line1: str = strawberry.field(description="Street and number, 1 to 200 characters.")
    line2: str | None = strawberry.field(default=None, description="More of the street's line, up to 200 characters.")
    city: str = strawberry.field(description="The city, 1 to 200 characters.")
    region: str | None = strawberry.field(default=None, description="State, province or county, up to 200 characters.")
    postal_code: str | None = strawberry.field(default=None, description="The postal code, up to 200 characters.")
    country: str = strawberry.field(description="ISO 3166-1 alpha-2, such as DE.")


@strawberry.input(description="What sellerProfileSet takes: all that is to be printed.")
class SellerProfileSetInput(WriteInput):
    """Input of sellerProfileSet."""

    name: str = strawberry.field(description="The legal name, 1 to 200 characters.")
    address: SellerAddressInput = strawberry.field(description="The address.")
    tax_id: str | None = strawberry.field(default=None, description="The tax or VAT id, up to 200 characters.")
    registration_number: str | None = strawberry.field(
        default=None, description="The number in the companies' register, such as HRB 12345, up to 200 characters."
    )
    email: str | None = strawberry.field(default=None, description="Where questions go, up to 200 characters.")
    footer: str | None = strawberry.field(
        default=None, description="What stands at the end of each page, such as bank and register; up to 500 characters."
    )

    def seller(self) -> seller_profile.Seller:
        return seller_profile.Seller(
            name=self.name,
            address=seller_profile.SellerAddress(
                line1=self.address.line1,
                line2=self.address.line2,
                city=self.address.city,
                region=self.address.region,
                postal_code=self.address.postal_code,
                country=self.address.country,
            ),
            tax_id=self.tax_id,
            registration_number=self.registration_number,
            email=self.email,
            footer=self.footer,
        )


@strawberry.type(description="Answer of sellerProfileSet.")
class SellerProfileSetPayload:
    """Answer of sellerProfileSet."""

    seller_profile: SellerProfile | None = strawberry.field(
        default=None, description="The profile afterwards, null when refused."
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type
class SellerMutation:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=WRITE, description="Set what invoices say of who bills. Repeating it changes nothing."
    )
    @write(SellerProfileSetPayload)
    async def seller_profile_set(self, info: Info, input: Annotated[SellerProfileSetInput, WHAT]) -> SellerProfileSetPayload:
        profiles, context = info.context.deps.seller_profiles, await info.context.command()
        profile = await set_seller_profile(profiles, input.seller(), context)
        return SellerProfileSetPayload(seller_profile=SellerProfile.of(seller_profile_document(profile)))
