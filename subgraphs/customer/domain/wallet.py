"""A prepaid wallet: grants come in, spends take from them, and every minor unit spent names the grant it came from.

    sum of grants = what is left + spent − returned + expired

A wallet has one writer: its stream's next version. Two spends at the same time are one after the other, and the second sees what
the first left.
"""

from datetime import UTC, datetime
from typing import ClassVar

from subgraphs.customer.domain.amounts import checked_amount, checked_description
from subgraphs.customer.domain.errors import InsufficientBalance
from subgraphs.customer.domain.wallet_events import (
    Grant,
    GrantPart,
    GrantSource,
    WalletEntry,
    WalletEntryKind,
    WalletEntryRecorded,
    WalletMoved,
    WalletOpened,
    WalletToppedUp,
    WalletUpdated,
)
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.currency import check_currency
from subgraphs.kit.domain.errors import AlreadyExists, InvalidInput
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.kit.domain.ids import derived_id
from subgraphs.kit.domain.money import Money

__all__ = ["NEVER", "Wallet"]

NEVER = datetime.max.replace(tzinfo=UTC)
"""Sorts what does not expire after everything that does."""


class Wallet(Aggregate):
    """Prepaid credit in one currency. Wallets of lower `priority` are spent first; within one, what expires first."""

    kind: ClassVar[str] = "Wallet"
    codec: ClassVar[EventCodec] = EventCodec(WalletOpened, WalletUpdated, WalletToppedUp, WalletEntryRecorded, WalletMoved)

    opened: WalletOpened
    customer_id: str
    name: str
    priority: int
    grants: dict[str, Grant]
    left: dict[str, int]
    entries: tuple[WalletEntry, ...]

    @classmethod
    def open(
        cls,
        id: str,
        customer_id: str,
        currency: str,
        name: str,
        priority: int,
        expires_at: datetime | None,
        context: CommandContext,
    ) -> "Wallet":
        """Return an empty wallet; nothing in it can be spent from `expires_at` on.

        Raises:
            InvalidInput: the name, priority, currency or expiry is out of range.
        """
        _check(name, priority)
        if expires_at is not None and expires_at <= context.at:
            raise InvalidInput("a wallet expires later than now", field=("expiresAt",))
        wallet = cls(id, context.tenant)
        wallet.record(
            WalletOpened(
                customer_id=customer_id,
                currency=check_currency(currency),
                name=name,
                priority=priority,
                expires_at=expires_at,
                opened_at=context.at,
            )
        )
        return wallet

    def update(self, name: str | None, priority: int | None) -> None:
        """Change the name or the priority; None leaves it."""
        name, priority = self.name if name is None else name, self.priority if priority is None else priority
        _check(name, priority)
        if (name, priority) != (self.name, self.priority):
            self.record(WalletUpdated(customer_id=self.customer_id, name=name, priority=priority))

    def top_up(
        self,
        amount: Money,
        source: GrantSource,
        expires_at: datetime | None,
        description: str | None,
        context: CommandContext,
    ) -> None:
        """Add a grant; the same write again adds nothing. By default it expires with the wallet, and never later than it.

        Raises:
            InvalidInput: the amount is not above zero or in another currency, or the expiry is over or after the wallet's.
        """
        checked_amount(amount)
        self._check_currency(amount)
        id = context.new_id("grt")
        if id in self.grants:
            return
        wallet_expires_at = self.opened.expires_at or NEVER
        expires_at = expires_at or self.opened.expires_at
        if expires_at is not None and not context.at < expires_at <= wallet_expires_at:
            raise InvalidInput("a grant expires later than now and not after its wallet", field=("expiresAt",))
        self.expire(context)
        grant = Grant(
            id=id,
            amount=amount.minor_units,
            source=source,
            expires_at=expires_at,
            description=checked_description(description),
            granted_at=context.at,
        )
        self.record(WalletToppedUp(customer_id=self.customer_id, grant=grant))
        self._add(WalletEntryKind.TOP_UP, id, (GrantPart(grant_id=id, amount=grant.amount),), context)

    def spend(self, amount: Money, reference: str, context: CommandContext) -> None:
        """Take `amount`, all of it or nothing; what was spent on `reference` already is not taken again.

        Raises:
            InvalidInput: the amount is not above zero or in another currency, or the reference has not 1 to 200 characters.
            AlreadyExists: another amount was spent on `reference` before.
            InsufficientBalance: less is there.
        """
        checked_amount(amount)
        self._check_currency(amount)
        if not 1 <= len(reference) <= 200:
            raise InvalidInput("a reference has 1 to 200 characters", field=("reference",))
        spent = self.spent_on(reference)
        if spent:
            if spent != amount:
                raise AlreadyExists(f"{spent} were spent on {reference!r} already", field=("reference",))
            return
        self.expire(context)
        available = self.balance(context.at)
        if available < amount:
            raise InsufficientBalance(available, amount)
        self._add(WalletEntryKind.SPEND, reference, self._parts(amount.minor_units), context)

    def spend_up_to(self, amount: Money, reference: str, context: CommandContext) -> Money:
        """Take `amount` or what is there; return what was spent on `reference`, now or when it was asked for before."""
        spent = self.spent_on(reference)
        if spent:
            return spent
        self.expire(context)
        taken = min(amount.minor_units, self.balance(context.at).minor_units)
        if taken > 0:
            self._add(WalletEntryKind.SPEND, reference, self._parts(taken), context)
        return Money(max(taken, 0), self.opened.currency)

    def give_back(self, reference: str, context: CommandContext) -> None:
        """Return what was spent on `reference` to the grants it came from; what has expired meanwhile expires then."""
        spend = self._entry(WalletEntryKind.SPEND, reference)
        if spend is not None and self._entry(WalletEntryKind.RETURN, reference) is None:
            self._add(WalletEntryKind.RETURN, reference, spend.parts, context)
            self.expire(context)

    def expire(self, context: CommandContext) -> None:
        """Write off what is left of grants that have expired."""
        for grant in self.grants.values():
            if (grant.expires_at or NEVER) <= context.at and self.left[grant.id]:
                self._add(WalletEntryKind.EXPIRY, grant.id, (GrantPart(grant_id=grant.id, amount=self.left[grant.id]),), context)

    def move(self, customer_id: str) -> None:
        """Belong to the customer that this wallet's customer was merged into."""
        if customer_id != self.customer_id:
            self.record(WalletMoved(customer_id=customer_id))

    def balance(self, at: datetime) -> Money:
        """Return what can be spent at `at`."""
        return Money(sum(self.left[grant.id] for grant in self.spendable(at)), self.opened.currency)

    def spendable(self, at: datetime) -> list[Grant]:
        """Return the grants with something left at `at` in the order they are spent: the first to expire, then the oldest."""
        usable = [grant for grant in self.grants.values() if self.left[grant.id] and at < (grant.expires_at or NEVER)]
        return sorted(usable, key=lambda grant: grant.expires_at or NEVER)  # grants are in the order they came; sorting keeps it

    def spent_on(self, reference: str) -> Money:
        """Return what was spent on `reference`, returned or not."""
        spend = self._entry(WalletEntryKind.SPEND, reference)
        return Money(-spend.amount if spend else 0, self.opened.currency)

    def apply(self, event: Event) -> None:
        match event:
            case WalletOpened():
                self.opened = event
                self.customer_id, self.name, self.priority = event.customer_id, event.name, event.priority
                self.grants, self.left, self.entries = {}, {}, ()
            case WalletUpdated():
                self.name, self.priority = event.name, event.priority
            case WalletToppedUp(grant=grant):
                self.grants = {**self.grants, grant.id: grant}
                self.left = {**self.left, grant.id: 0}
            case WalletEntryRecorded(entry=entry):
                self.entries = (*self.entries, entry)
                sign = 1 if entry.amount > 0 else -1
                for part in entry.parts:
                    self.left = {**self.left, part.grant_id: self.left[part.grant_id] + sign * part.amount}
            case WalletMoved():
                self.customer_id = event.customer_id
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a wallet")

    def _parts(self, amount: int) -> tuple[GrantPart, ...]:
        """Return which grants `amount` is taken from; expired ones have been written off before."""
        parts = []
        for grant in sorted(self.grants.values(), key=lambda grant: grant.expires_at or NEVER):
            taken = min(amount, self.left[grant.id])
            if taken:
                parts.append(GrantPart(grant_id=grant.id, amount=taken))
                amount -= taken
        return tuple(parts)

    def _entry(self, kind: WalletEntryKind, reference: str) -> WalletEntry | None:
        return next((entry for entry in self.entries if entry.kind is kind and entry.reference == reference), None)

    def _add(self, kind: WalletEntryKind, reference: str, parts: tuple[GrantPart, ...], context: CommandContext) -> None:
        whole = sum(part.amount for part in parts)
        amount = whole if kind in {WalletEntryKind.TOP_UP, WalletEntryKind.RETURN} else -whole
        number = len(self.entries) + 1
        entry = WalletEntry(
            id=derived_id("wle", context.at, self.id, str(number)),
            number=number,
            kind=kind,
            amount=amount,
            balance_after=sum(self.left.values()) + amount,
            reference=reference,
            parts=parts,
            recorded_at=context.at,
            recorded_by=context.actor,
        )
        self.record(WalletEntryRecorded(customer_id=self.customer_id, currency=self.opened.currency, entry=entry))

    def _check_currency(self, amount: Money) -> None:
        if amount.currency != self.opened.currency:
            raise InvalidInput(
                f"this wallet holds {self.opened.currency}, not {amount.currency}", field=("amount", "currencyCode")
            )


def _check(name: str, priority: int) -> None:
    if not 1 <= len(name.strip()) <= 100:
        raise InvalidInput("a wallet's name has 1 to 100 characters", field=("name",))
    if not 1 <= priority <= 100:
        raise InvalidInput("a priority is 1 (spent first) to 100", field=("priority",))
