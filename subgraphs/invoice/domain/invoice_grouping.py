"""The invoice grouping aggregate: whether what several plan subscriptions of a customer renew with comes on one invoice."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.event import Event, EventCodec

__all__ = ["DEFAULT_GROUPING", "BillGroup", "Grouping", "InvoiceGrouping", "InvoiceGroupingRemoved", "InvoiceGroupingSet"]

# Longer than a day, a draft would still take bills of a day when those of the next one come.
LONGEST_DRAFT_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """Whether renewals are consolidated, and how long a draft takes further ones after the first."""

    consolidate: bool
    draft_minutes: int = 60

    @property
    def draft_for(self) -> timedelta:
        return timedelta(minutes=self.draft_minutes)


DEFAULT_GROUPING = Grouping(consolidate=False)
"""What counts until a tenant sets it: every bill has an invoice of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillGroup:
    """Which bills may share an invoice: those of one customer, currency, day and way to pay. The day is the customer's.

    What is sent is due `days_until_due` later, None: it is charged automatically.
    """

    customer_id: str
    currency: str
    day: date
    payment_method_id: str | None
    days_until_due: int | None = None

    @classmethod
    def of(
        cls,
        customer_id: str,
        currency: str,
        payment_method_id: str | None,
        at: datetime,
        time_zone: str,
        days_until_due: int | None = None,
    ) -> "BillGroup":
        """Return the group of what is billed at `at`."""
        day = at.astimezone(ZoneInfo(time_zone)).date()
        return cls(
            customer_id=customer_id,
            currency=currency,
            day=day,
            payment_method_id=payment_method_id,
            days_until_due=days_until_due,
        )

    @property
    def name(self) -> str:
        """What tells it from every other group of the tenant, for `parse`."""
        sent = () if self.days_until_due is None else (str(self.days_until_due),)
        return "/".join((self.customer_id, self.currency, self.day.isoformat(), self.payment_method_id or "", *sent))

    @classmethod
    def parse(cls, name: str) -> "BillGroup":
        """Return the group of a `name`."""
        customer_id, currency, day, payment_method_id, *sent = name.split("/")
        return cls(
            customer_id=customer_id,
            currency=currency,
            day=date.fromisoformat(day),
            payment_method_id=payment_method_id or None,
            days_until_due=int(sent[0]) if sent else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceGroupingSet(Event):
    """`customer_id` is None where it is for all customers without one of their own."""

    customer_id: str | None
    grouping: Grouping
    set_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceGroupingRemoved(Event):
    removed_at: datetime


class InvoiceGrouping(Aggregate):
    """One per tenant, and one per customer that is treated otherwise. A change counts for bills that come from then on."""

    kind: ClassVar[str] = "InvoiceGrouping"
    codec: ClassVar[EventCodec] = EventCodec(InvoiceGroupingSet, InvoiceGroupingRemoved)

    customer_id: str | None
    grouping: Grouping | None

    @staticmethod
    def id_of(tenant: str, customer_id: str | None = None) -> str:
        """Return the id of the tenant's grouping, or of that of a customer."""
        return f"grp_{customer_id or tenant}"

    @classmethod
    def create(cls, customer_id: str | None, grouping: Grouping, context: CommandContext) -> "InvoiceGrouping":
        """Return a new grouping.

        Raises:
            InvalidInput: the minutes are out of range.
        """
        created = cls(cls.id_of(context.tenant, customer_id), context.tenant)
        created.record(InvoiceGroupingSet(customer_id=customer_id, grouping=_checked(grouping), set_at=context.at))
        return created

    def change(self, grouping: Grouping, context: CommandContext) -> None:
        """Group like this from now on; nothing happens when it is so.

        Raises:
            InvalidInput: the minutes are out of range.
        """
        if _checked(grouping) != self.grouping:
            self.record(InvoiceGroupingSet(customer_id=self.customer_id, grouping=grouping, set_at=context.at))

    def remove(self, context: CommandContext) -> None:
        """Follow what counts for all others again; nothing happens when it does."""
        if self.grouping is not None:
            self.record(InvoiceGroupingRemoved(removed_at=context.at))

    def apply(self, event: Event) -> None:
        match event:
            case InvoiceGroupingSet():
                self.customer_id, self.grouping = event.customer_id, event.grouping
            case InvoiceGroupingRemoved():
                self.grouping = None
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of an invoice grouping")


def _checked(grouping: Grouping) -> Grouping:
    if not 1 <= grouping.draft_minutes <= LONGEST_DRAFT_MINUTES:
        raise InvalidInput(f"a draft is open for 1 to {LONGEST_DRAFT_MINUTES} minutes", field=("draftMinutes",))
    return grouping
