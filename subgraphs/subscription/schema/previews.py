"""What a change would be billed with, as the API shows it."""

from base64 import urlsafe_b64encode

import msgspec
import strawberry

from subgraphs.kit.domain.money import total
from subgraphs.kit.graphql.scalars import Money, Period
from subgraphs.kit.graphql.schema import reference_key
from subgraphs.subscription.commands.change_plan_subscription import ChangePreview, PreviewedBill
from subgraphs.subscription.domain.billed import BillLine

__all__ = ["PlanSubscriptionChangePreview"]


@strawberry.type(description="One line of an invoice to come.")
class PreviewLine:
    """As the API shows it."""

    description: str = strawberry.field(description="What it is for.")
    quantity: int = strawberry.field(description="How many units.")
    amount: Money = strawberry.field(description="What it comes to, after discounts; negative for a credit.")
    period: Period = strawberry.field(description="The time it pays for.")
    explanation: str = strawberry.field(description="The arithmetic, such as 3 × 12.50 EUR.")
    discount: Money | None = strawberry.field(description="What discounts took off the amount; null: there are none.")

    @classmethod
    def of(cls, line: BillLine) -> "PreviewLine":
        return cls(
            description=line.description,
            quantity=line.quantity,
            amount=Money.of(line.amount),
            period=Period.of(line.period),
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

    lines: list[PreviewLine] = strawberry.field(description="Its lines, at most 102.")
    total: Money = strawberry.field(description="Their sum, never negative, before taxes on top of it.")
    invoice: InvoicePreview | None = strawberry.field(description="The invoice as it would be, with its taxes.")

    @classmethod
    def of(cls, previewed: PreviewedBill) -> "PreviewInvoice":
        bill = previewed.bill
        key = urlsafe_b64encode(msgspec.json.encode(previewed.told)).decode()
        return cls(
            lines=[PreviewLine.of(line) for line in bill.lines],
            total=Money.of(bill.total),
            invoice=InvoicePreview(bill=strawberry.ID(key)),
        )


@strawberry.type(description="What a change would be billed with, by the code that makes the change.")
class PlanSubscriptionChangePreview:
    """As the API shows it."""

    now: PreviewInvoice | None = strawberry.field(description="The invoice that the change gives at once; null: none.")
    next: PreviewInvoice | None = strawberry.field(
        description="The invoice of the next period after the change; null when it ends before."
    )

    @classmethod
    def of(cls, preview: ChangePreview) -> "PlanSubscriptionChangePreview":
        return cls(
            now=PreviewInvoice.of(preview.now) if preview.now else None,
            next=PreviewInvoice.of(preview.next) if preview.next else None,
        )
