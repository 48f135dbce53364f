"""Invoices, payments and credit notes in memory, with a payment provider that can be slow or interrupted: for tests."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from subgraphs.invoice.commands.draft_invoice import draft_invoice
from subgraphs.invoice.commands.finalize_invoice import finalize_invoice
from subgraphs.invoice.domain.credit_note import CreditNote
from subgraphs.invoice.domain.dispute import Dispute
from subgraphs.invoice.domain.dunning import DEFAULT_CAMPAIGN, DunningCampaign
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.payment import Payment
from subgraphs.invoice.domain.payment_provider import (
    ActionRequired,
    Declined,
    DisputeFacts,
    DisputeState,
    PaymentOutcome,
    PaymentProvider,
    RefundOutcome,
    Succeeded,
)
from subgraphs.invoice.domain.values import BillToVersion, PaymentMethod
from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.money import Money
from subgraphs.kit.persistence.commit import Commit
from subgraphs.kit.persistence.event_store import InMemoryEventStore
from subgraphs.kit.persistence.numbers import InMemoryNumbers
from tests.testkit.billing import draft
from tests.testkit.memory import AT, context, events_of, repository

__all__ = ["Crash", "CrashingEventStore", "InMemoryBilling", "InMemoryMinimumCharges", "InMemoryProvider"]


class Crash(Exception):
    """The process ends here."""


class CrashingEventStore(InMemoryEventStore):
    """Ends the process at one of its new commits, before or after it is stored."""

    def __init__(self) -> None:
        super().__init__()
        self.crash_at, self.stored_first = 0, False

    async def append(self, commit: Commit) -> None:
        crashes = commit.id not in self.commits and len(self.commits) + 1 == self.crash_at
        if self.stored_first or not crashes:
            await super().append(commit)
        if crashes:
            self.crash_at = 0
            raise Crash


class InMemoryProvider:
    """Keeps the sandbox's promises in a dictionary; `crashes` makes the next calls end the process after the money has moved."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.outcomes: dict[tuple[str, str], PaymentOutcome] = {}
        self.moved: list[tuple[str, Money]] = []
        self.refunded: dict[tuple[str, str], tuple[str, Money]] = {}
        self.crashes = 0
        self.minimums: dict[str, Money] = {}
        self.disputes: dict[str, DisputeState] = {}
        self.evidence: list[tuple[str, str]] = []
        self._amounts: dict[tuple[str, str], Money] = {}
        self._tokens: dict[tuple[str, str], str] = {}

    def minimum_charge(self, currency: str) -> Money | None:
        return self.minimums.get(currency)

    async def charge(self, tenant: str, payment_id: str, token: str, amount: Money) -> PaymentOutcome:
        key = tenant, payment_id
        if key not in self.outcomes:
            self._amounts[key] = amount
            match token:
                case "sandbox_success" | "sandbox_unrefundable":
                    self._tokens[key] = token
                    self._succeed(key)
                case "sandbox_requires_action":
                    self.outcomes[key] = ActionRequired()
                case _:
                    self.outcomes[key] = Declined("card_declined", "The card was declined.")
        return self._answer("charge", key)

    async def confirm(self, tenant: str, payment_id: str) -> PaymentOutcome:
        key = tenant, payment_id
        if isinstance(self.outcomes[key], ActionRequired):
            self._succeed(key)
        return self._answer("confirm", key)

    async def cancel(self, tenant: str, payment_id: str) -> PaymentOutcome:
        key = tenant, payment_id
        if isinstance(self.outcomes[key], ActionRequired):
            self.outcomes[key] = Declined("canceled", "Canceled.")
        return self._answer("cancel", key)

    async def refund(self, tenant: str, refund_id: str, payment_id: str, amount: Money) -> RefundOutcome:
        self.asked.append(("refund", refund_id))
        if self._tokens[tenant, payment_id] == "sandbox_unrefundable":
            return Declined("refund_declined", "No.")
        assert self.refunded.setdefault((tenant, refund_id), (payment_id, amount)) == (payment_id, amount)
        if self.crashes:
            self.crashes -= 1
            raise Crash
        return Succeeded(f"memory:{refund_id}")

    async def client_secret(self, tenant: str, payment_id: str) -> str | None:
        return f"{payment_id}_secret"

    async def payment_of(self, reference: str) -> tuple[str, str] | None:
        return "acme", reference

    async def dispute(self, tenant: str, reference: str, at: datetime) -> DisputeFacts:
        """Return how the dispute `dp_<payment id>` stands: as `disputes` says."""
        return self.facts(reference.removeprefix("dp_"), self.disputes.get(reference, DisputeState.NEEDS_EVIDENCE))

    def facts(self, payment_id: str, state: DisputeState, amount: Money | None = None) -> DisputeFacts:
        """Return what is told of the dispute of a payment, by default of all of it."""
        return DisputeFacts(
            reference=f"dp_{payment_id}",
            state=state,
            reason="fraudulent",
            amount=amount or self._amounts["acme", payment_id],
            evidence_due_at=AT + timedelta(days=7),
        )

    async def submit_evidence(self, tenant: str, reference: str, text: str) -> None:
        self.evidence.append((reference, text))
        self.disputes[reference] = DisputeState.UNDER_REVIEW

    async def accept_dispute(self, tenant: str, reference: str) -> None:
        self.disputes[reference] = DisputeState.LOST

    def _succeed(self, key: tuple[str, str]) -> None:
        self.outcomes[key] = Succeeded(f"memory:{key[1]}")
        self.moved.append((key[1], self._amounts[key]))

    def _answer(self, operation: str, key: tuple[str, str]) -> PaymentOutcome:
        self.asked.append((operation, key[1]))
        if self.crashes:
            self.crashes -= 1
            raise Crash
        return self.outcomes[key]


class InMemoryCampaigns:
    """The default campaign unless told otherwise, for all currencies or for one."""

    def __init__(self) -> None:
        self.campaign = DEFAULT_CAMPAIGN
        self.by_currency: dict[str, DunningCampaign] = {}

    async def of(self, tenant: str, currency: str) -> DunningCampaign:
        return self.by_currency.get(currency, self.campaign)


class InMemoryMinimumCharges:
    """None unless told otherwise."""

    def __init__(self) -> None:
        self.minimum: Money | None = None

    async def of(self, tenant: str, currency: str, method: PaymentMethod | None) -> Money | None:
        return self.minimum


class InMemoryDetails:
    """Knows of no customer unless told which versions are current."""

    def __init__(self) -> None:
        self.version: BillToVersion | None = None
        self.zone = "UTC"

    async def current(self, tenant: str, customer_id: str) -> BillToVersion | None:
        return self.version

    async def time_zone(self, tenant: str, customer_id: str) -> ZoneInfo:
        return ZoneInfo(self.zone)


class InMemoryBilling:
    """What the commands need, and what they left behind."""

    def __init__(self) -> None:
        self.store = CrashingEventStore()
        self.invoices, self.payments = repository(Invoice, self.store), repository(Payment, self.store)
        self.credit_notes = repository(CreditNote, self.store)
        self.numbers, self.details = InMemoryNumbers(), InMemoryDetails()
        self.disputes = repository(Dispute, self.store)
        self.numbers = InMemoryNumbers()
        self.provider = InMemoryProvider()
        self.credit = Money.zero("EUR")
        self.campaigns, self.minimum_charges = InMemoryCampaigns(), InMemoryMinimumCharges()
        self.providers: dict[str, PaymentProvider] = {"sandbox": self.provider}

    async def opened(self, id: str = "inv_1") -> Invoice:
        """Return an open invoice of 56.50 EUR."""
        await draft_invoice(self.invoices, id, draft(), context())
        await finalize_invoice(self.invoices, self.numbers, self.details, id, context())
        return await self.settled("acme", id)

    async def settled(self, tenant: str, id: str) -> Invoice:
        """Answer at once for a customer who has as much credit as `credit` says."""

        def answer(invoice: Invoice) -> None:
            used = min(self.credit, invoice.amount_due)
            invoice.apply_credit(used, Money.zero(used.currency), context())

        return await self.invoices.update(id, context(tenant), answer)

    async def events(self, id: str = "inv_1") -> Sequence[Event]:
        """Return the invoice's events since the customer's credit was applied."""
        return (await events_of(self.store, Invoice, id))[4:]

    async def all_credit_notes(self) -> list[CreditNote]:
        """Return every credit note, the oldest first."""
        ids = dict.fromkeys(commit.aggregate_id for commit in self.store.commits.values() if commit.kind == CreditNote.kind)
        return [await self.credit_notes.get("acme", id) for id in ids]

    async def all_payments(self) -> list[Payment]:
        """Return every payment, the oldest first."""
        ids = dict.fromkeys(commit.aggregate_id for commit in self.store.commits.values() if commit.kind == Payment.kind)
        return [await self.payments.get("acme", id) for id in ids]
