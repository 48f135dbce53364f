"""Billing for what is no subscription."""

from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from typing import Annotated

import strawberry

from subgraphs.invoice.commands.create_invoice import charge_new_invoice, create_invoice
from subgraphs.invoice.commands.one_off_lines import WantedLine, one_off_lines
from subgraphs.invoice.documents import CustomerReplica
from subgraphs.invoice.domain.one_off import OneOffLine, one_off_draft
from subgraphs.invoice.domain.tax_configuration import TaxConfiguration
from subgraphs.invoice.domain.values import PaymentMethod
from subgraphs.invoice.projections import invoice_document
from subgraphs.invoice.schema.context import Info
from subgraphs.invoice.schema.types import Invoice
from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound, NotReady
from subgraphs.kit.graphql.errors import UserError
from subgraphs.kit.graphql.scalars import CurrencyCode
from subgraphs.kit.graphql.writes import KEPT_FOR_GOOD, WriteInput, write

__all__ = ["CreateMutation", "InvoiceLineInput", "wanted_lines"]

# It may charge: what invoicePay needs, this needs, too.
WRITE_AND_PAY = [["invoices:write", "payments:write"]]


@strawberry.enum(description="How far a new invoice is taken at once.")
class InvoiceAdvance(Enum):
    """As the API names it."""

    DRAFT = strawberry.enum_value(
        "DRAFT", description="Left without a number, for invoiceFinalize, invoiceUpdate, invoiceDelete."
    )
    OPEN = strawberry.enum_value("OPEN", description="Given its number and owed, for invoicePay.")
    CHARGE = strawberry.enum_value("CHARGE", description="Given its number and charged; it stays OPEN if that fails.")


@strawberry.input(
    description=(
        "One charge: `quantity` times `unitAmount`, or what that many units of a ONE_TIME price of the catalogue come to; "
        "rounded once to the minor unit, half away from zero."
    )
)
class InvoiceLineInput:
    """A line of invoiceCreate."""

    description: str | None = strawberry.field(
        default=None,
        description=(
            "What it is for, 1 to 500 characters; the customer reads it. Needed with unitAmount; with priceId, null is the name "
            f"of the plan. {KEPT_FOR_GOOD}"
        ),
    )
    unit_amount: Decimal | None = strawberry.field(
        default=None, description="The price of one unit in major units, from 0, up to 12 decimals; not with priceId."
    )
    price_id: strawberry.ID | None = strawberry.field(
        default=None, description="The ONE_TIME price version, in the invoice's currency; not with unitAmount."
    )
    quantity: int = strawberry.field(default=1, description="How many units, from 1.")
    tax_rate_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description=(
            "The tax rates that it bears, 1 to 20, wherever and whoever the customer is, unless that is exempt. Null: those of "
            "its tax category and of the customer."
        ),
    )
    tax_category: str | None = strawberry.field(
        default=None,
        description=(
            "Your code of the category whose tax rates it bears (taxRateAdd); null: that of the plan whose price it is. Not with "
            "taxRateIds."
        ),
    )


@strawberry.input(description="What invoiceCreate takes.")
class InvoiceCreateInput(WriteInput):
    """Input of invoiceCreate."""

    customer_id: strawberry.ID = strawberry.field(description="Who is billed.")
    currency_code: CurrencyCode = strawberry.field(description="The currency of all its amounts: the customer's.")
    lines: list[InvoiceLineInput] = strawberry.field(description="The charges, 1 to 250.")
    days_until_due: int = strawberry.field(
        default=0, description="The payment term: how many days after it is finalised it is due, 0 to 365."
    )
    advance: InvoiceAdvance = strawberry.field(
        default=InvoiceAdvance.CHARGE, description="How far to take it at once; by default it is charged."
    )
    payment_method_id: strawberry.ID | None = strawberry.field(
        default=None, description="What to charge, one of the customer's; by default the customer's default. Only with CHARGE."
    )


@strawberry.type
class InvoiceCreatePayload:
    """Answer of invoiceCreate."""

    invoice: Invoice | None = strawberry.field(
        default=None, description="The new invoice; its payments tell what became of a charge. Null when refused."
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type
class CreateMutation:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=WRITE_AND_PAY,
        description=(
            "Bill a customer for something that is no subscription. With an idempotencyKey a repeated request bills and "
            "charges once."
        ),
    )
    @write(InvoiceCreatePayload)
    async def invoice_create(
        self, info: Info, input: Annotated[InvoiceCreateInput, strawberry.argument(description="Whom to bill for what.")]
    ) -> InvoiceCreatePayload:
        services, context = info.context.deps, await info.context.command()
        lines = await wanted_lines(info, input.lines)
        draft = one_off_draft(input.customer_id, input.currency_code, lines, input.days_until_due)
        customer = await _billable(info, input.customer_id, input.currency_code)
        draft = await services.taxes.on(info.context.tenant, draft)
        if input.advance is InvoiceAdvance.CHARGE:
            method = await _method(info, customer, input.payment_method_id)
            minimum = await services.minimum_charges.of(info.context.tenant, input.currency_code, method)
            invoice = await charge_new_invoice(
                services.invoices,
                services.payments,
                services.numbers,
                services.billing_details,
                services.providers,
                services.customer_credit,
                draft,
                method,
                context,
                minimum=minimum,
            )
        elif input.payment_method_id is not None:
            raise InvalidInput("a payment method is charged only with CHARGE", field=("paymentMethodId",))
        else:
            finalize = input.advance is InvoiceAdvance.OPEN
            invoice = await create_invoice(
                services.invoices, services.numbers, services.billing_details, draft, finalize, context
            )
        return InvoiceCreatePayload(invoice=Invoice.of(invoice_document(invoice)))


async def wanted_lines(info: Info, lines: Sequence[InvoiceLineInput]) -> list[OneOffLine]:
    """Return the charges with the prices and tax rates that they name.

    Raises:
        NotFound, InvalidInput, InvalidState: as `one_off_lines`.
    """
    wanted = [
        WantedLine(
            description=line.description,
            quantity=line.quantity,
            unit_amount=line.unit_amount,
            price_id=line.price_id,
            tax_rate_ids=line.tax_rate_ids,
            tax_category=line.tax_category,
        )
        for line in lines
    ]
    services, tenant = info.context.deps, info.context.tenant
    rate_ids: set[str] = set()
    if any(line.tax_rate_ids for line in wanted):
        configured = await services.tax_configuration_reader.find(tenant, TaxConfiguration.id_of(tenant))
        rate_ids = {rate.id for rate in configured.rates} if configured else set()
    return await one_off_lines(services.prices, tenant, wanted, rate_ids)


async def _billable(info: Info, customer_id: str, currency: str) -> CustomerReplica:
    services = info.context.deps
    customer = await services.customers.wait_for(
        info.context.tenant, customer_id, services.stores.settings.replica_wait_seconds, lambda one: one.profile is not None
    )
    if customer is None or customer.profile is None:
        raise NotFound("Customer", customer_id, field=("customerId",))
    if customer.archived:
        raise InvalidState(f"customer {customer_id!r} is archived", field=("customerId",))
    if customer.currency is not None and customer.currency != currency:
        raise InvalidInput(
            f"customer {customer_id!r} is billed in {customer.currency}, not in {currency}", field=("currencyCode",)
        )
    return customer


async def _method(info: Info, customer: CustomerReplica, id: str | None) -> PaymentMethod | None:
    """Return what to charge, None when the customer has nothing: it is waited for what may just have been attached."""
    methods, tenant = info.context.deps.payment_methods, info.context.tenant
    if id is not None:
        return await methods.choose(tenant, customer.id, id)
    try:
        return await methods.find(tenant, customer.id, None)
    except NotReady:
        raise InvalidState("the customer's payment method is on its way here; try again", field=("paymentMethodId",)) from None
