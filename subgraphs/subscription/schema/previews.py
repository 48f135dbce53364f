"""What would be billed, as the API shows it."""

from base64 import urlsafe_b64encode
from datetime import datetime

import msgspec
import strawberry

from subgraphs.kit.domain import money
from subgraphs.kit.domain.money import total
from subgraphs.kit.graphql.scalars import Money, Period
from subgraphs.kit.graphql.schema import reference_key
from subgraphs.subscription.commands.previews import CancellationPreview, ChangePreview, PreviewedBill, StartPreview
from subgraphs.subscription.domain.billed import BillLine

__all__ = [
    "PlanSubscriptionCancelPreview",
    "PlanSubscriptionChangePreview",
    "PlanSubscriptionFeeAddPreview",
    "PlanSubscriptionStartPreview",
    "PreviewInvoice",
]


@strawberry.type(description="One line of an invoice to come.")
class PreviewLine:
    """As the API shows it."""

    description: str = strawberry.field(description="What it is for.")
    quantity: int = strawberry.field(description="How many units.")
    amount: Money = strawberry.field(description="What it comes to, after discounts; negative for a credit.")
    period: Period | None = strawberry.field(description="The time it pays for; null for a fee, which is for no time.")
    explanation: str = strawberry.field(description="The arithmetic, such as 3 × 12.50 EUR.")
    discount: Money | None = strawberry.field(description="What discounts took off the amount; null: there are none.")

    @classmethod
    def of(cls, line: BillLine) -> "PreviewLine":
        return cls(
            description=line.description,
            quantity=line.quantity,
            amount=Money.of(line.amount),
            period=Period.of(line.period) if line.period else None,
            explanation=line.explanation,
            discount=Money.of(total([off.amount for off in line.discounts], line.amount.currency)) if line.discounts else None,
        )


@strawberry.federation.type(keys=[reference_key("bill")], description="An invoice to come.")
class InvoicePreview:
    """The invoice subgraph's entity, named by its key: what would be billed, as the event of it would tell."""

    bill: strawberry.ID = strawberry.federation.field(inaccessible=True)


@strawberry.type(description="The lines of an invoice to come.")
class PreviewInvoice:
    """As the API shows it."""

    billed_at: datetime = strawberry.field(description="When it is billed.")
    lines: list[PreviewLine] = strawberry.field(
        description="Its lines: prices, what was used, fees, changes, and usage that became known late."
    )
    total: Money = strawberry.field(description="Their sum, never negative, before taxes on top of it.")
    invoice: InvoicePreview | None = strawberry.field(description="The invoice as it would be, with its taxes.")

    @classmethod
    def of(cls, previewed: PreviewedBill) -> "PreviewInvoice":
        bill = previewed.bill
        key = urlsafe_b64encode(msgspec.json.encode(previewed.told)).decode()
        return cls(
            billed_at=previewed.at,
            lines=[PreviewLine.of(line) for line in bill.lines],
            total=Money.of(bill.total),
            invoice=InvoicePreview(bill=strawberry.ID(key)),
        )


@strawberry.type(description="What a change would be billed with, by the code that makes the change.")
class PlanSubscriptionChangePreview:
    """As the API shows it."""

    now: PreviewInvoice | None = strawberry.field(
        description="The invoice that the change gives at once, the last of atOnce; null: none."
    )
    at_once: list[PreviewInvoice] = strawberry.field(
        description=(
            "All invoices that the change gives at once, at most two: what was used of metered prices that go has one of its "
            "own, before that of the change."
        )
    )
    next: PreviewInvoice | None = strawberry.field(
        description="The invoice of the next period after the change; null when it ends before."
    )

    @classmethod
    def of(cls, preview: ChangePreview) -> "PlanSubscriptionChangePreview":
        return cls(
            now=PreviewInvoice.of(preview.now) if preview.now else None,
            at_once=[PreviewInvoice.of(bill) for bill in preview.at_once],
            next=PreviewInvoice.of(preview.next) if preview.next else None,
        )


@strawberry.type(description="What a fee would be billed with, by the code that adds it.")
class PlanSubscriptionFeeAddPreview:
    """As the API shows it."""

    now: PreviewInvoice | None = strawberry.field(description="The invoice that bills it at once; null with NEXT_INVOICE.")
    next: PreviewInvoice | None = strawberry.field(
        description="The next invoice, with the fee where it waits for that; null when it ends before, or is paused."
    )

    @classmethod
    def of(cls, preview: ChangePreview) -> "PlanSubscriptionFeeAddPreview":
        return cls(
            now=PreviewInvoice.of(preview.now) if preview.now else None,
            next=PreviewInvoice.of(preview.next) if preview.next else None,
        )


@strawberry.type(description="What a start would be billed with, by the code that makes it.")
class PlanSubscriptionStartPreview:
    """As the API shows it."""

    starts_at: datetime = strawberry.field(description="When it would begin.")
    trial_ends_at: datetime | None = strawberry.field(description="When its trial would end; null: it has none.")
    invoices: list[PreviewInvoice] = strawberry.field(description="Its first invoices, as if each is paid.")

    @classmethod
    def of(cls, preview: StartPreview) -> "PlanSubscriptionStartPreview":
        return cls(
            starts_at=preview.starts_at,
            trial_ends_at=preview.trial_end,
            invoices=[PreviewInvoice.of(bill) for bill in preview.bills],
        )


@strawberry.type(description="What a cancellation would be billed with and give back, by the code that makes it.")
class PlanSubscriptionCancelPreview:
    """As the API shows it."""

    ends_at: datetime = strawberry.field(description="When it would end.")
    invoices: list[PreviewInvoice] = strawberry.field(description="What is still billed until it ends, at most 12 invoices.")
    credit: Money | None = strawberry.field(
        description=(
            "What is given back, before taxes on top of it: the rest of the running period, credit that was kept for the next "
            "invoice, and what is pending as a credit when a scheduled end comes; null: nothing."
        )
    )
    refund: bool = strawberry.field(description="Whether the credit goes back to where the payment came from.")

    @classmethod
    def of(cls, preview: CancellationPreview) -> "PlanSubscriptionCancelPreview":
        credit = preview.credit
        return cls(
            ends_at=preview.ends_at,
            invoices=[PreviewInvoice.of(bill) for bill in preview.bills],
            credit=Money.of(money.Money(credit.amount_minor, preview.currency)) if credit else None,
            refund=credit is not None and credit.refund,
        )
