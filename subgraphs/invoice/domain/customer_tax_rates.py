"""The customer's own tax rates: what a customer bears instead of what is charged where it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.event import Event, EventCodec

__all__ = ["CustomerTaxRates", "CustomerTaxRatesSet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerTaxRatesSet(Event):
    """The customer bears these rates from now on; none: those of where it is."""

    customer_id: str
    rate_ids: tuple[str, ...]
    set_at: datetime


class CustomerTaxRates(Aggregate):
    """One per customer that is taxed by rates of its own. A change counts for what is drafted from then on."""

    kind: ClassVar[str] = "CustomerTaxRates"
    codec: ClassVar[EventCodec] = EventCodec(CustomerTaxRatesSet)

    customer_id: str
    rate_ids: tuple[str, ...]

    @staticmethod
    def id_of(customer_id: str) -> str:
        """Return the id of what is set for a customer."""
        return f"ctr_{customer_id}"

    @classmethod
    def create(cls, customer_id: str, rate_ids: tuple[str, ...], context: CommandContext) -> "CustomerTaxRates":
        """Return a customer's own rates, of those that the tenant has (`checked_rate_ids`)."""
        created = cls(cls.id_of(customer_id), context.tenant)
        created.record(CustomerTaxRatesSet(customer_id=customer_id, rate_ids=rate_ids, set_at=context.at))
        return created

    def change(self, rate_ids: tuple[str, ...], context: CommandContext) -> None:
        """Let it bear these from now on, none: those of where it is; nothing happens when it does."""
        if rate_ids != self.rate_ids:
            self.record(CustomerTaxRatesSet(customer_id=self.customer_id, rate_ids=rate_ids, set_at=context.at))

    def apply(self, event: Event) -> None:
        match event:
            case CustomerTaxRatesSet():
                self.customer_id, self.rate_ids = event.customer_id, event.rate_ids
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a customer's tax rates")
