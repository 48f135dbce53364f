"""Tax rates and their rounding as the API shows them."""

from decimal import Decimal
from functools import partial

import strawberry

from subgraphs.invoice.documents import TaxConfigurationDocument, TaxRateValue
from subgraphs.invoice.domain import tax_configuration
from subgraphs.invoice.domain.customer_tax_rates import CustomerTaxRates
from subgraphs.invoice.schema.context import Context
from subgraphs.invoice.schema.enums import RoundingMode, TaxCategory, TaxRounding

__all__ = ["TaxConfiguration", "TaxRate", "load_customer_tax_rates"]


@strawberry.type(description="A tax on what is billed to customers in a country or region.")
class TaxRate:
    """As the API shows it."""

    id: strawberry.ID = strawberry.field(description="The tax rate's id, `txr_…`.")
    name: str = strawberry.field(description="What customers read, such as VAT.")
    percentage: Decimal = strawberry.field(description="The rate, such as 19 for 19 %.")
    inclusive: bool = strawberry.field(description="True when prices include it, false when it comes on top.")
    country: str = strawberry.field(description="Where it is due, ISO 3166-1 alpha-2.")
    region: str | None = strawberry.field(description="The part of the country where it is due, ISO 3166-2; null: all of it.")
    tax_category: str | None = strawberry.field(
        description="Your code of what it is charged on; null: on everything that no other rate there is for."
    )
    category: TaxCategory = strawberry.field(description="Why the rate is what it is, as e-invoices say it.")
    exemption_reason: str | None = strawberry.field(description="Why nothing is charged at 0 %, as e-invoices say it.")

    @classmethod
    def of(cls, value: TaxRateValue) -> "TaxRate":
        return cls(
            id=strawberry.ID(value.id),
            name=value.name,
            percentage=Decimal(value.percentage),
            inclusive=value.inclusive,
            country=value.country,
            region=value.region,
            tax_category=value.tax_category,
            category=value.category,
            exemption_reason=value.exemption_reason,
        )


@strawberry.type(description="Which taxes you charge, and how they are rounded. Invoices keep the taxes they were drafted with.")
class TaxConfiguration:
    """As the API shows it."""

    rounding: TaxRounding = strawberry.field(description="What is rounded.")
    rounding_mode: RoundingMode = strawberry.field(description="What becomes of half a minor unit.")
    rates: list[TaxRate] = strawberry.field(description="The taxes, at most 500; all of a customer's country and region apply.")

    @classmethod
    def of(cls, document: TaxConfigurationDocument) -> "TaxConfiguration":
        return cls(
            rounding=document.rounding,
            rounding_mode=document.mode,
            rates=[TaxRate.of(rate) for rate in document.rates],
        )


async def load_customer_tax_rates(context: Context, customer_id: str) -> list[TaxRate]:
    """Return the customer's own rates that the tenant still has; all asked for at the same time are two queries."""
    services, tenant = context.deps, context.tenant
    of_customers = context.loader("customer_tax_rates", partial(services.customer_tax_rates_reader.find_many, tenant))
    own = await of_customers.load(CustomerTaxRates.id_of(customer_id))
    if own is None or not own.rate_ids:
        return []
    configurations = context.loader("tax_configuration", partial(services.tax_configuration_reader.find_many, tenant))
    configured = await configurations.load(tax_configuration.TaxConfiguration.id_of(tenant))
    return [TaxRate.of(rate) for rate in configured.rates if rate.id in own.rate_ids] if configured else []
