"""Lines of invoices and credit notes as the API shows them."""

from decimal import Decimal

import strawberry

from subgraphs.invoice.documents import CreditNoteLineValue, InvoiceLineValue, LineTaxValue
from subgraphs.kit.domain import money, period
from subgraphs.kit.graphql.scalars import Money, Period

__all__ = ["CreditNoteLine", "InvoiceLine", "InvoiceTax"]


@strawberry.type(description="What one tax comes to, on a line or on all of them.")
class InvoiceTax:
    """As the API shows it."""

    name: str = strawberry.field(description="The tax's name, such as VAT.")
    percentage: Decimal = strawberry.field(description="The rate, such as 19 for 19 %.")
    inclusive: bool = strawberry.field(description="True when it is within the lines' amounts, false when it is on top of them.")
    country: str = strawberry.field(description="Where it is due, ISO 3166-1 alpha-2.")
    region: str | None = strawberry.field(description="The part of the country where it is due, ISO 3166-2; null: all of it.")
    amount: Money = strawberry.field(description="What it comes to.")
    taxable: Money = strawberry.field(
        description="What it is charged on: the amounts after discounts, without the taxes that are within them."
    )

    @classmethod
    def of(cls, value: LineTaxValue, minor_units: int, taxable_minor: int, currency: str) -> "InvoiceTax":
        return cls(
            name=value.name,
            percentage=Decimal(value.percentage),
            inclusive=value.inclusive,
            country=value.country,
            region=value.region,
            amount=Money.of(money.Money(minor_units, currency)),
            taxable=Money.of(money.Money(taxable_minor, currency)),
        )


@strawberry.type(description="What a coupon took off a line.")
class InvoiceLineDiscount:
    """As the API shows it."""

    name: str = strawberry.field(description="The coupon's name and what it takes off, such as Launch, 25 %.")
    amount: Money = strawberry.field(description="What it took off.")


@strawberry.type(description="One charge of an invoice.")
class InvoiceLine:
    """As the API shows it."""

    number: int = strawberry.field(description="Its place on the invoice, from 1.")
    description: str = strawberry.field(description="What it is for.")
    quantity: int = strawberry.field(description="How many units; of what was used, the nearest whole number.")
    usage: Decimal | None = strawberry.field(description="What was used exactly, where it is billed by that.")
    unit_amount: Decimal | None = strawberry.field(
        description="The price of one unit in major units, exact; null for a flat price."
    )
    amount_before_discounts: Money = strawberry.field(description="What it comes to, rounded once, half away from zero.")
    discounts: list[InvoiceLineDiscount] = strawberry.field(description="What was taken off it, in the order in which it was.")
    amount: Money = strawberry.field(description="What it comes to after discounts, on which taxes are charged.")
    amount_credited: Money = strawberry.field(description="What credit notes took back of it.")
    period: Period | None = strawberry.field(description="The time it pays for.")
    explanation: str = strawberry.field(description="The arithmetic, such as 3 × 12.50 EUR.")
    taxes: list[InvoiceTax] = strawberry.field(description="Its taxes, as they were when it was drafted.")
    plan_subscription_id: strawberry.ID | None = strawberry.field(
        description="Which of the invoice's `planSubscriptions` it bills; null for anything else."
    )

    @classmethod
    def of(cls, number: int, value: InvoiceLineValue, currency: str, plan_subscription_id: str | None) -> "InvoiceLine":
        paid_for = (
            Period.of(period.Period(value.period_start, value.period_end))
            if value.period_start is not None and value.period_end is not None
            else None
        )
        off = sum(discount.amount_minor for discount in value.discounts)
        return cls(
            number=number,
            description=value.description,
            quantity=value.quantity,
            usage=None if value.usage is None else Decimal(value.usage),
            unit_amount=None if value.unit_amount is None else Decimal(value.unit_amount),
            amount_before_discounts=Money.of(money.Money(value.amount_minor + off, currency)),
            discounts=[
                InvoiceLineDiscount(name=one.name, amount=Money.of(money.Money(one.amount_minor, currency)))
                for one in value.discounts
            ],
            amount=Money.of(money.Money(value.amount_minor, currency)),
            amount_credited=Money.of(money.Money(value.credited_minor, currency)),
            period=paid_for,
            explanation=value.explanation,
            taxes=[InvoiceTax.of(tax, tax.amount_minor, value.net_minor, currency) for tax in value.taxes],
            plan_subscription_id=strawberry.ID(plan_subscription_id) if plan_subscription_id else None,
        )


@strawberry.type(description="What a credit note takes back of one line of its invoice.")
class CreditNoteLine:
    """As the API shows it."""

    line_number: int = strawberry.field(description="The line's place on the invoice, from 1.")
    description: str = strawberry.field(description="What the line was for.")
    amount: Money = strawberry.field(description="What is taken back of its amount.")
    tax: Money = strawberry.field(description="The taxes that come back with it, pro rata: within the amount or on top of it.")

    @classmethod
    def of(cls, value: CreditNoteLineValue, currency: str) -> "CreditNoteLine":
        return cls(
            line_number=value.line_number,
            description=value.description,
            amount=Money.of(money.Money(value.amount_minor, currency)),
            tax=Money.of(money.Money(value.tax_minor, currency)),
        )
