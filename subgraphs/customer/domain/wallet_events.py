"""What happens to a prepaid wallet."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from subgraphs.kit.domain.event import Event

__all__ = [
    "Grant",
    "GrantPart",
    "GrantSource",
    "WalletEntry",
    "WalletEntryKind",
    "WalletEntryRecorded",
    "WalletMoved",
    "WalletOpened",
    "WalletToppedUp",
    "WalletUpdated",
]


class GrantSource(StrEnum):
    """Where a grant comes from."""

    PURCHASED = "PURCHASED"
    PROMOTIONAL = "PROMOTIONAL"


class WalletEntryKind(StrEnum):
    """Why what is in a wallet changed."""

    TOP_UP = "TOP_UP"
    SPEND = "SPEND"
    RETURN = "RETURN"
    EXPIRY = "EXPIRY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One top-up. `amount` in minor units; it can be spent before `expires_at`, None: for ever."""

    id: str
    amount: int
    source: GrantSource
    expires_at: datetime | None
    description: str | None
    granted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantPart:
    """How much of one grant, in minor units, above zero."""

    grant_id: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletEntry:
    """One line of a wallet's ledger. `amount` is the sum of `parts`, negative for what was spent or expired.

    `number` counts the wallet's entries from 1. `reference` is what it was spent on, or the grant that came or expired.
    """

    id: str
    number: int
    kind: WalletEntryKind
    amount: int
    balance_after: int
    reference: str
    parts: tuple[GrantPart, ...]
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletOpened(Event):
    customer_id: str
    currency: str
    name: str
    priority: int
    expires_at: datetime | None
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletUpdated(Event):
    customer_id: str
    name: str
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletToppedUp(Event):
    """A grant came; the entry that says so follows in the same commit."""

    customer_id: str
    grant: Grant


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletEntryRecorded(Event):
    customer_id: str
    currency: str
    entry: WalletEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletMoved(Event):
    """The wallet's customer was merged into this one."""

    customer_id: str
