"""Plan subscriptions as the API shows them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from subgraphs.kit.domain import money, period
from subgraphs.kit.graphql.pagination import After, Before, Connection, Edge, First, Last, PageArguments, connection
from subgraphs.kit.graphql.scalars import Money, Period
from subgraphs.kit.graphql.schema import reference_key
from subgraphs.pricing.collection import collection_method
from subgraphs.subscription.commands.current_usage import UsedSoFar, current_usage
from subgraphs.subscription.documents import (
    AddOnPart,
    CommitmentPart,
    DiscountPart,
    FeePart,
    PhasePart,
    PlanSubscriptionDocument,
)
from subgraphs.subscription.schema.context import Info
from subgraphs.subscription.schema.entitlements import Entitlement, entitlement_to, entitlements_of
from subgraphs.subscription.schema.enums import CollectionMethod, PlanSubscriptionStatus, ProrationBehavior
from subgraphs.subscription.schema.loaders import load_plan_subscription, plan_subscriptions_of_customer
from subgraphs.subscription.schema.previews import PreviewInvoice
from subgraphs.subscription.schema.usage_events import Meter, Since, Until, UsageEventConnection, usage_events_of

__all__ = [
    "READ",
    "Customer",
    "PlanSubscriptionPendingChange",
    "Plan",
    "PlanSubscription",
    "PlanSubscriptionConnection",
    "PlanSubscriptionEdge",
    "PlanSubscriptionFee",
    "PlanSubscriptionItem",
    "Price",
]

READ = [["subscriptions:read"]]


@strawberry.federation.type(keys=[reference_key("id")], description="A way to buy a product.")
class Plan:
    """The plan subgraph's entity, named by its key."""

    id: strawberry.ID = strawberry.field(description="The plan's id.")


@strawberry.federation.type(keys=[reference_key("id")], description="A price version.")
class Price:
    """The plan subgraph's entity, named by its key."""

    id: strawberry.ID = strawberry.field(description="The price's id.")


@strawberry.type(description="A price and how many units of it: the plan itself, or what is added on.")
class PlanSubscriptionItem:
    """As the API shows it."""

    plan: Plan | None = strawberry.field(description="The plan or add-on.")
    price: Price | None = strawberry.field(description="The price version paid.")
    quantity: int = strawberry.field(description="How many units or seats.")

    @classmethod
    def of(cls, plan_id: str, price_id: str, quantity: int) -> "PlanSubscriptionItem":
        return cls(plan=Plan(id=strawberry.ID(plan_id)), price=Price(id=strawberry.ID(price_id)), quantity=quantity)


def _items(plan_id: str, price_id: str, quantity: int, add_ons: list[AddOnPart]) -> list[PlanSubscriptionItem]:
    first = PlanSubscriptionItem.of(plan_id, price_id, quantity)
    return [first, *(PlanSubscriptionItem.of(part.plan_id, part.price_id, part.quantity) for part in add_ons)]


@strawberry.type(description="A price and quantity that apply from the end of the period or a date.")
class PlanSubscriptionPendingChange:
    """As the API shows it."""

    plan: Plan | None = strawberry.field(description="The plan then.")
    price: Price | None = strawberry.field(description="The price version paid then.")
    quantity: int = strawberry.field(description="How many units or seats then.")
    items: list[PlanSubscriptionItem] = strawberry.field(
        description="All that is billed then: the plan first, and at most 19 add-ons."
    )
    change_at: datetime = strawberry.field(description="When it happens.")
    proration: ProrationBehavior = strawberry.field(description="What is billed for the rest of a period it happens in.")

    @classmethod
    def of(cls, part: PhasePart) -> "PlanSubscriptionPendingChange":
        return cls(
            plan=Plan(id=strawberry.ID(part.plan_id)),
            price=Price(id=strawberry.ID(part.price_id)),
            quantity=part.quantity,
            items=_items(part.plan_id, part.price_id, part.quantity, part.add_ons),
            change_at=part.starts_at,
            proration=part.proration,
        )


@strawberry.federation.type(keys=["id"], description="Someone who is billed.")
class Customer:
    """The customer subgraph's entity, with what it subscribes to."""

    id: strawberry.ID = strawberry.field(description="The customer's id, `cus_…`.")

    @strawberry.federation.field(requires_scopes=READ, description="What the customer subscribes to, newest first.")
    async def plan_subscriptions(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> "PlanSubscriptionConnection | None":
        page = PageArguments.parse(first, after, last, before)
        rows = await plan_subscriptions_of_customer(info.context, self.id, page)
        return connection(PlanSubscriptionConnection, PlanSubscriptionEdge, page, rows, PlanSubscription.of)

    @strawberry.federation.field(
        requires_scopes=READ, description="Whether the customer has a feature; null when there is no feature with this code."
    )
    async def entitlement(
        self,
        info: Info,
        feature: Annotated[str, strawberry.argument(description="The feature's code, such as sso.")],
    ) -> Entitlement | None:
        return await entitlement_to(info.context, self.id, feature)

    @strawberry.federation.field(
        requires_scopes=READ,
        description="The features that the customer has, by code: those of all plans that it subscribes to, also as add-ons.",
    )
    async def entitlements(self, info: Info) -> list[Entitlement] | None:
        return await entitlements_of(info.context, self.id)

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> "Customer":
        return cls(id=id)


@strawberry.federation.type(keys=[reference_key("id")], description="A discount that plan subscriptions can be given.")
class Coupon:
    """The plan subgraph's entity, named by its key."""

    id: strawberry.ID = strawberry.field(description="The coupon's id.")


@strawberry.type(description="What was used of a price that bills usage.")
class PlanSubscriptionUsage:
    """As the API shows it."""

    price: Price | None = strawberry.field(description="The price.")
    period: Period = strawberry.field(description="The time in which it was used, until now.")
    quantity: Decimal = strawberry.field(
        description=(
            "How much, exactly; of a PERCENTAGE price's transactions, their amounts in all, in major units. Of a level (MAX, "
            "LAST, WEIGHTED_SUM) it is the share for the part of the billing period that its price is had for."
        )
    )
    transactions: int | None = strawberry.field(
        description="How many transactions were made, with a PERCENTAGE price; null with others."
    )
    amount: Money = strawberry.field(
        description="What that comes to so far, before discounts and tax, if its price goes on and no more is used."
    )
    billed: Money = strawberry.field(
        description="What was billed of it already, at the price's usageThresholds, before tax; the rest is when the period ends."
    )
    next_threshold: Money | None = strawberry.field(
        description="At which amount it is billed again within the period; null: when the period has ended."
    )

    @classmethod
    def of(cls, used: UsedSoFar) -> "PlanSubscriptionUsage":
        return cls(
            price=Price(id=strawberry.ID(used.price.price_id)),
            period=Period.of(used.period),
            quantity=used.quantity,
            transactions=used.transactions,
            amount=Money.of(used.amount),
            billed=Money.of(used.billed),
            next_threshold=Money.of(used.next_threshold) if used.next_threshold else None,
        )


@strawberry.type(
    description="What a plan subscription is committed to for a term of its billing periods, before discounts and tax."
)
class PlanSubscriptionCommitment:
    """As the API shows it."""

    committed: Money = strawberry.field(
        description="How much is to be billed over the term; less than the price says where a period of it is billed in part."
    )
    billed: Money = strawberry.field(description="What was billed of it; of what is used in a period, when the period has ended.")
    remaining: Money = strawberry.field(description="What the term ends with on an invoice if nothing more is billed until then.")
    started_at: datetime = strawberry.field(description="When the term began.")
    ends_at: datetime = strawberry.field(description="When it ends and the next one begins; later when it is paused.")

    @classmethod
    def of(cls, part: CommitmentPart, currency: str) -> "PlanSubscriptionCommitment":
        remaining = max(part.committed_minor - part.billed_minor, 0)
        return cls(
            committed=Money.of(money.Money(part.committed_minor, currency)),
            billed=Money.of(money.Money(part.billed_minor, currency)),
            remaining=Money.of(money.Money(remaining, currency)),
            started_at=part.starts_at,
            ends_at=part.ends_at,
        )


@strawberry.type(description="A coupon's discount as a plan subscription was given it.")
class PlanSubscriptionDiscount:
    """As the API shows it."""

    id: strawberry.ID = strawberry.field(description="The discount's id, `dis_…`.")
    name: str = strawberry.field(description="What customers read.")
    coupon: Coupon | None = strawberry.field(description="The coupon.")
    percent_off: Decimal | None = strawberry.field(description="What share it takes off: 25 is 25 percent.")
    amount_off: Money | None = strawberry.field(description="What amount it takes off each billing period.")
    periods_left: int | None = strawberry.field(description="For how many more billing periods; null: for all.")
    added_at: datetime = strawberry.field(description="When it was given.")

    @classmethod
    def of(cls, part: DiscountPart, currency: str) -> "PlanSubscriptionDiscount":
        minor = part.amount_off_minor
        return cls(
            id=strawberry.ID(part.id),
            name=part.name,
            coupon=Coupon(id=strawberry.ID(part.coupon_id)),
            percent_off=None if part.percent_off is None else Decimal(part.percent_off),
            amount_off=None if minor is None else Money.of(money.Money(minor, currency)),
            periods_left=part.periods_left,
            added_at=part.added_at,
        )


@strawberry.type(description="A one-time price that the next invoice bills.")
class PlanSubscriptionFee:
    """As the API shows it."""

    id: strawberry.ID = strawberry.field(description="The fee's id, `fee_…`.")
    plan: Plan | None = strawberry.field(description="What it is for.")
    price: Price | None = strawberry.field(description="The ONE_TIME price version.")
    quantity: int = strawberry.field(description="How many units.")
    amount: Money = strawberry.field(description="What it comes to, before taxes on top of it.")
    added_at: datetime = strawberry.field(description="When it was added.")

    @classmethod
    def of(cls, part: FeePart, currency: str) -> "PlanSubscriptionFee":
        return cls(
            id=strawberry.ID(part.id),
            plan=Plan(id=strawberry.ID(part.plan_id)),
            price=Price(id=strawberry.ID(part.price_id)),
            quantity=part.quantity,
            amount=Money.of(money.Money(part.amount_minor, currency)),
            added_at=part.added_at,
        )


@strawberry.federation.type(
    keys=["id"],
    requires_scopes=READ,
    description="A customer's subscription to a price. It is PENDING until its first invoice is paid, then ACTIVE.",
)
class PlanSubscription:
    """The PlanSubscription entity."""

    id: strawberry.ID = strawberry.field(description="The plan subscription's id, `psub_…`.")
    status: PlanSubscriptionStatus = strawberry.field(description="Where it stands.")
    incomplete_reason: str | None = strawberry.field(
        description="Why the first payment failed, as the payment's code; null unless INCOMPLETE."
    )
    quantity: int = strawberry.field(description="How many units or seats.")
    customer: Customer | None = strawberry.field(description="Who subscribes.")
    plan: Plan | None = strawberry.field(description="The plan subscribed to.")
    price: Price | None = strawberry.field(description="The price version paid.")
    items: list[PlanSubscriptionItem] = strawberry.field(
        description="All that is billed: the plan with its price and quantity first, and at most 19 add-ons."
    )
    current_period: Period = strawberry.field(
        description="The billing period opened last, which is billed in advance; the trial while TRIALING."
    )
    collection_method: CollectionMethod = strawberry.field(description="How what it is billed is collected.")
    days_until_due: int | None = strawberry.field(
        description="How many days after they are finalised its invoices are due, with SEND_INVOICE; null: they are charged."
    )
    started_at: datetime = strawberry.field(description="When it began.")
    activated_at: datetime | None = strawberry.field(
        description=(
            "When its first invoice was paid, or when its first period began, where that was paid elsewhere or its invoices are "
            "sent."
        )
    )
    cancel_at: datetime | None = strawberry.field(description="When it will end, where that is scheduled.")
    canceled_at: datetime | None = strawberry.field(description="When it ended.")
    cancellation_reason: str | None = strawberry.field(
        description="Why it ended, or is to end, as told by who canceled it, kept for good."
    )
    past_due_reason: str | None = strawberry.field(
        description="Why the last payment failed, as the payment's code, or `overdue`; null unless PAST_DUE."
    )
    trial_ends_at: datetime | None = strawberry.field(description="When its trial ends or ended; null: it never had one.")
    paused_at: datetime | None = strawberry.field(description="Since when it is paused.")
    resumes_at: datetime | None = strawberry.field(description="When it goes on by itself, where that is scheduled.")
    pending_change: PlanSubscriptionPendingChange | None = strawberry.field(
        description="What changes next, where something does: the first of pendingChanges."
    )
    pending_changes: list[PlanSubscriptionPendingChange] = strawberry.field(
        description="All that is scheduled to change, in order: a change, or the phases of a schedule, at most 21."
    )
    discounts: list["PlanSubscriptionDiscount"] = strawberry.field(
        description="The discounts that the next billing period is billed with, as they were added; at most 20."
    )
    commitment: PlanSubscriptionCommitment | None = strawberry.field(
        description="What it is committed to, by its price's minimumCommitment; null: nothing, or it has ended."
    )
    pending_amount: Money | None = strawberry.field(
        description=(
            "What changes within this period and pendingFees add to the next invoice; negative for a credit, null: nothing."
        )
    )
    pending_fees: list[PlanSubscriptionFee] = strawberry.field(
        description="What the next invoice bills once, in the order in which it was added; at most 100."
    )
    paid_through: datetime | None = strawberry.field(
        description="Until when another billing system billed it, as planSubscriptionStart was told; null: it began here."
    )
    external_id: str | None = strawberry.field(description="Your own id of it, unique in your tenant.")

    @strawberry.field(
        description="What was used so far in the current period, of prices that bill usage; empty when there are none."
    )
    async def usage(self, info: Info) -> list["PlanSubscriptionUsage"]:
        services, context = info.context.deps, await info.context.command()
        found = await current_usage(services.subscriptions, services.metered, self.id, context)
        return [PlanSubscriptionUsage.of(one) for one in found]

    @strawberry.field(
        description=(
            "What was recorded of its usage, withdrawn events too, with who told of it, when and why; the latest instant first."
        )
    )
    async def usage_events(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        meter: Meter = None,
        since: Since = None,
        until: Until = None,
    ) -> UsageEventConnection | None:
        page = PageArguments.parse(first, after, last, before)
        return await usage_events_of(info.context, self.id, page, meter, since, until)

    @strawberry.field(
        description=(
            "The next invoices, if nothing changes but what is scheduled and each is paid, by the code that makes them. Usage "
            "counts as far as it is known."
        )
    )
    async def upcoming_invoices(
        self, info: Info, first: Annotated[int, strawberry.argument(description="How many, 1 to 12.")] = 1
    ) -> list[PreviewInvoice]:
        context = await info.context.command()
        return [PreviewInvoice.of(bill) for bill in await info.context.deps.previews.upcoming(self.id, first, context)]

    @classmethod
    def of(cls, document: PlanSubscriptionDocument) -> "PlanSubscription":
        return cls(
            id=strawberry.ID(document.id),
            status=document.status,
            incomplete_reason=document.incomplete_reason,
            quantity=document.quantity,
            customer=Customer(id=strawberry.ID(document.customer_id)),
            plan=Plan(id=strawberry.ID(document.plan_id)),
            price=Price(id=strawberry.ID(document.price_id)),
            items=_items(document.plan_id, document.price_id, document.quantity, document.add_ons),
            current_period=Period.of(period.Period(document.period_start, document.period_end)),
            collection_method=collection_method(document.days_until_due),
            days_until_due=document.days_until_due,
            started_at=document.started_at,
            activated_at=document.activated_at,
            cancel_at=document.cancel_at,
            canceled_at=document.canceled_at,
            cancellation_reason=document.cancellation_reason,
            past_due_reason=document.past_due_reason,
            trial_ends_at=document.trial_end,
            paused_at=document.paused_at,
            resumes_at=document.resumes_at,
            pending_change=PlanSubscriptionPendingChange.of(document.phases[0]) if document.phases else None,
            pending_changes=[PlanSubscriptionPendingChange.of(part) for part in document.phases],
            paid_through=document.paid_through,
            external_id=document.external_id,
            discounts=[PlanSubscriptionDiscount.of(part, document.currency) for part in document.discounts],
            pending_fees=[PlanSubscriptionFee.of(part, document.currency) for part in document.fees],
            commitment=(PlanSubscriptionCommitment.of(document.commitment, document.currency) if document.commitment else None),
            pending_amount=(Money.of(money.Money(document.pending_minor, document.currency)) if document.pending_minor else None),
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "PlanSubscription | None":
        document = await load_plan_subscription(info.context, id)
        return cls.of(document) if document else None


@strawberry.type(description="One plan subscription of a list and its place in it.")
class PlanSubscriptionEdge(Edge[PlanSubscription]):
    """Edge of PlanSubscription."""


@strawberry.type(description="A page of plan subscriptions, newest first.")
class PlanSubscriptionConnection(Connection[PlanSubscription]):
    """Connection of PlanSubscription."""
