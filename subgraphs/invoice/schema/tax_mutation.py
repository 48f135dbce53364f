"""Changing taxes."""

from decimal import Decimal
from typing import Annotated

import strawberry

from subgraphs.invoice.commands.configure_taxes import add_tax_rate, remove_tax_rate, set_tax_rounding
from subgraphs.invoice.commands.set_customer_tax_rates import set_customer_tax_rates
from subgraphs.invoice.domain import tax_configuration
from subgraphs.invoice.projections import tax_configuration_document
from subgraphs.invoice.schema.context import Info
from subgraphs.invoice.schema.enums import RoundingMode, TaxCategory, TaxRounding
from subgraphs.invoice.schema.grouping import require_customer
from subgraphs.invoice.schema.tax_types import TaxConfiguration, TaxRate
from subgraphs.kit.graphql.errors import UserError
from subgraphs.kit.graphql.writes import WriteInput, write
from subgraphs.pricing.tax import TaxRule

__all__ = ["TaxMutation"]

WRITE = [["invoices:write"]]
WHAT = strawberry.argument(description="What to change.")


@strawberry.input(description="What taxRateAdd takes.")
class TaxRateAddInput(WriteInput):
    """Input of taxRateAdd."""

    name: str = strawberry.field(
        description=(
            "What customers read, such as VAT; 1 to 100 characters. A country has each once, and so has a region: all of them "
            "are charged."
        )
    )
    percentage: Decimal = strawberry.field(description="The rate, such as 19 for 19 %: 0 to 100 with up to 6 decimals.")
    country: str = strawberry.field(description="Whose customers it applies to, by their address: ISO 3166-1 alpha-2.")
    region: str | None = strawberry.field(
        default=None,
        description=(
            "A part of the country, by its ISO 3166-2 code such as US-CA or CA-QC: it is then charged there only, beside the "
            "taxes of the whole country. A customer is there whose address says so under `region`: by the code, by what follows "
            "the country in it, or in the US and Canada by the name."
        ),
    )
    tax_category: str | None = strawberry.field(
        default=None,
        description=(
            "Your code of what it is charged on, such as reduced, as plans (planTaxCategorySet) and lines name it: on that it "
            "comes instead of the taxes of the same country, or region, without a category. Null: it is charged on everything "
            "else. Up to 64 lower-case letters and digits, with - or _ between."
        ),
    )
    inclusive: bool = strawberry.field(default=False, description="Whether prices include it; by default it comes on top.")
    category: TaxCategory | None = strawberry.field(
        default=None, description="Why the rate is what it is: STANDARD unless given, of 0 % ZERO_RATED."
    )
    exemption_reason: str | None = strawberry.field(
        default=None,
        description="Why it is 0 %, such as an article of law, up to 200 characters. E-invoices with EXEMPT need it.",
    )


@strawberry.input(description="What taxRateRemove takes.")
class TaxRateRemoveInput(WriteInput):
    """Input of taxRateRemove."""

    id: strawberry.ID = strawberry.field(description="The tax rate to charge no more.")


@strawberry.input(description="What taxRoundingSet takes.")
class TaxRoundingSetInput(WriteInput):
    """Input of taxRoundingSet."""

    rounding: TaxRounding = strawberry.field(description="What is rounded; PER_LINE until it is set.")
    rounding_mode: RoundingMode = strawberry.field(description="What becomes of half a minor unit; HALF_UP until it is set.")


@strawberry.input(description="What customerTaxRatesSet takes.")
class CustomerTaxRatesSetInput(WriteInput):
    """Input of customerTaxRatesSet."""

    customer_id: strawberry.ID = strawberry.field(description="Who is taxed.")
    tax_rate_ids: list[strawberry.ID] = strawberry.field(
        description="The tax rates that it bears, up to 20; none: those of where it is, as every customer at first."
    )


@strawberry.type(description="Answer of customerTaxRatesSet.")
class CustomerTaxRatesSetPayload:
    """Answer of customerTaxRatesSet."""

    tax_rates: list[TaxRate] | None = strawberry.field(
        default=None, description="The customer's own rates afterwards, null when refused."
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type
class TaxConfigurationPayload:
    """Base of every payload with the tax configuration."""

    tax_configuration: TaxConfiguration | None = strawberry.field(
        default=None, description="The configuration afterwards, null when refused."
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type
class TaxRateAddPayload(TaxConfigurationPayload):
    """Answer of taxRateAdd."""

    tax_rate_id: strawberry.ID | None = strawberry.field(default=None, description="The new rate's id, null when refused.")


@strawberry.type
class TaxRateRemovePayload(TaxConfigurationPayload):
    """Answer of taxRateRemove."""


@strawberry.type
class TaxRoundingSetPayload(TaxConfigurationPayload):
    """Answer of taxRoundingSet."""


@strawberry.type
class TaxMutation:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=WRITE, description="Charge a tax to customers of a country or region, on what is drafted from now on."
    )
    @write(TaxRateAddPayload)
    async def tax_rate_add(self, info: Info, input: Annotated[TaxRateAddInput, WHAT]) -> TaxRateAddPayload:
        changed, rate = await add_tax_rate(
            info.context.deps.tax_configurations,
            input.name,
            input.percentage,
            input.inclusive,
            input.country,
            await info.context.command(),
            input.category,
            input.exemption_reason,
            input.region,
            input.tax_category,
        )
        return TaxRateAddPayload(tax_configuration=_shown(changed), tax_rate_id=strawberry.ID(rate.id))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Charge a tax no more, on what is drafted from now on. To change a rate, remove it and add another one.",
    )
    @write(TaxRateRemovePayload)
    async def tax_rate_remove(self, info: Info, input: Annotated[TaxRateRemoveInput, WHAT]) -> TaxRateRemovePayload:
        changed = await remove_tax_rate(info.context.deps.tax_configurations, input.id, await info.context.command())
        return TaxRateRemovePayload(tax_configuration=_shown(changed))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Let a customer bear these tax rates instead of those of its country and region, on what is drafted from now on. "
            "Lines that name rates of their own bear those, and an exempt customer bears none. Repeating it changes nothing."
        ),
    )
    @write(CustomerTaxRatesSetPayload)
    async def customer_tax_rates_set(
        self, info: Info, input: Annotated[CustomerTaxRatesSetInput, WHAT]
    ) -> CustomerTaxRatesSetPayload:
        services, context = info.context.deps, await info.context.command()
        await require_customer(info, input.customer_id)
        own, taxes = services.customer_tax_rates, services.tax_configurations
        changed = await set_customer_tax_rates(own, taxes, input.customer_id, input.tax_rate_ids, context)
        configured = await taxes.find(info.context.tenant, tax_configuration.TaxConfiguration.id_of(info.context.tenant))
        rates = _shown(configured).rates if configured else []
        return CustomerTaxRatesSetPayload(tax_rates=[rate for rate in rates if rate.id in changed.rate_ids])

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Set how taxes are rounded, on what is drafted from now on. Repeating it changes nothing.",
    )
    @write(TaxRoundingSetPayload)
    async def tax_rounding_set(self, info: Info, input: Annotated[TaxRoundingSetInput, WHAT]) -> TaxRoundingSetPayload:
        rule = TaxRule(rounding=input.rounding, mode=input.rounding_mode)
        changed = await set_tax_rounding(info.context.deps.tax_configurations, rule, await info.context.command())
        return TaxRoundingSetPayload(tax_configuration=_shown(changed))


def _shown(configuration: tax_configuration.TaxConfiguration) -> TaxConfiguration:
    return TaxConfiguration.of(tax_configuration_document(configuration))
