"""What payment providers tell by themselves, in words of our own."""

from dataclasses import dataclass
from enum import StrEnum

from subgraphs.kit.domain.money import Money

__all__ = ["ProviderEvent", "ProviderEventKind"]


class ProviderEventKind(StrEnum):
    """What an event is about. What happened, the provider is asked: events come late, twice and in any order."""

    PAYMENT_CHANGED = "PAYMENT_CHANGED"
    CHARGE_REFUNDED = "CHARGE_REFUNDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEvent:
    """One event. `id` is the provider's, and unique to it; `reference` is how the provider names the payment.

    `refunded` is what of a charge was refunded in all.
    """

    id: str
    provider: str
    kind: ProviderEventKind
    reference: str
    refunded: Money | None = None
