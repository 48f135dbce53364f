"""What a tenant's own clock, and those who follow it, share in memory: see `memory_flow`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from heapq import heappop, heappush
from typing import Protocol

from subgraphs.customer.commands.change_wallet import expire_grants
from subgraphs.customer.domain.wallet import Wallet
from subgraphs.customer.ledger_projections import wallet_document
from subgraphs.customer.queries import DueCustomerStep
from subgraphs.customer.repository import WalletRepository
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.projections import invoice_document
from subgraphs.invoice.queries import DueInvoiceStep, StepKind
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.messaging.rest import Mark
from subgraphs.kit.persistence.clock_rounds import AskedRound
from subgraphs.subscription.clock_answers import Answer

__all__ = ["MemoryAnswers", "MemoryExpiry", "MemoryInvoiceSteps", "MemoryRest", "MemoryRounds", "NoCards"]


class MemoryRounds:
    """What one follower was asked, by tenant."""

    def __init__(self) -> None:
        self._asked: dict[str, AskedRound] = {}
        self._begun: dict[str, int] = {}
        self._answered: dict[str, int] = {}
        self._sent: dict[str, str] = {}
        self._heard: dict[str, int] = {}

    async def ask(self, asked: AskedRound) -> None:
        known = self._asked.get(asked.tenant)
        if known is None or known.round < asked.round:
            self._asked[asked.tenant] = asked

    async def waiting(self, limit: int) -> Sequence[AskedRound]:
        return [
            AskedRound(
                tenant=asked.tenant,
                round=asked.round,
                now=asked.now,
                until=asked.until,
                held=asked.held,
                answered=self._answered.get(asked.tenant),
                sent=self._sent.get(asked.tenant),
                heard=self._heard.get(asked.tenant, 0),
            )
            for asked in self._asked.values()
            if self._answered.get(asked.tenant, 0) < asked.round
        ][:limit]

    async def begin(self, asked: AskedRound) -> bool:
        if self._begun.get(asked.tenant, 0) >= asked.round:
            return False
        self._begun[asked.tenant] = asked.round
        return True

    async def hear(self, tenant: str, round: int) -> None:
        self._heard[tenant] = max(round, self._heard.get(tenant, 0))

    async def answer(self, asked: AskedRound, sent: str) -> None:
        self._answered[asked.tenant], self._sent[asked.tenant] = asked.round, sent


class MemoryAnswers:
    """What followers answered last."""

    def __init__(self) -> None:
        self._answers: dict[str, dict[str, Answer]] = {}

    async def note(self, tenant: str, follower: str, answer: Answer) -> None:
        known = self._answers.setdefault(tenant, {})
        if follower not in known or known[follower].round < answer.round:
            known[follower] = answer

    async def of(self, tenant: str) -> Mapping[str, Answer]:
        return dict(self._answers.get(tenant, {}))


class Sent(Protocol):
    """A subgraph's commits, counted without those by which a clock and its followers talk."""

    @property
    def others(self) -> int: ...

    def others_before(self, commit_id: str) -> int: ...


class MemoryRest:
    """A subgraph is at rest when nothing is on its way to anybody; positions count commits."""

    def __init__(self, still: Callable[[], bool], name: str, all_sent: Mapping[str, Sent]) -> None:
        self._still, self._name, self._all_sent = still, name, all_sent

    async def mark(self) -> Mark:
        return {name: f"{sent.others}-0" for name, sent in self._all_sent.items()}

    async def reached(self, tenant: str, mark: Mark) -> bool:
        return self._still()

    async def sent_since(self, tenant: str, commit_id: str, kinds: Collection[str]) -> str | None:
        sent = self._all_sent[self._name]
        return None if sent.others == sent.others_before(commit_id) else await self.sent()

    async def sent(self) -> str:
        return f"{self._all_sent[self._name].others}-0"


class MemoryInvoiceSteps:
    """What of invoices waits for the clock, as their documents would show it."""

    def __init__(self) -> None:
        self._heap: list[DueInvoiceStep] = []
        self._due: dict[str, DueInvoiceStep] = {}
        self._half_done: set[str] = set()

    def changed(self, invoice: Invoice) -> None:
        waits = invoice.is_in_arrears or invoice.awaits_plan or invoice.remind_at is not None
        shown = invoice_document(invoice) if waits or invoice.id in self._due else None
        if shown is None or shown.charging_since is None:
            self._half_done.discard(invoice.id)
        else:
            self._half_done.add(invoice.id)
        self._due.pop(invoice.id, None)
        at = (shown.retry_at or shown.remind_at) if shown is not None else None
        if shown is not None and at is not None:
            kind = StepKind.RETRY if shown.retry_at else StepKind.REMIND
            step = DueInvoiceStep(at=at, kind=kind, id=invoice.id, customer_id=shown.customer_id)
            self._due[invoice.id] = step
            heappush(self._heap, step)

    async def due(self, tenant: str, until: datetime, limit: int) -> Sequence[DueInvoiceStep]:
        found: list[DueInvoiceStep] = []
        while self._heap and self._heap[0].at < until and len(found) < limit:
            step = heappop(self._heap)
            if self._due.get(step.id) == step and step not in found[-1:]:
                found.append(step)
        for step in found:
            heappush(self._heap, step)
        return found

    async def half_done(self, tenant: str) -> bool:
        return bool(self._half_done)


class MemoryExpiry:
    """Grants that expire by the clock."""

    def __init__(self, wallets: WalletRepository) -> None:
        self._wallets = wallets
        self._due: dict[str, DueCustomerStep] = {}

    def changed(self, wallet: Wallet) -> None:
        self._due.pop(wallet.id, None)
        at = wallet_document(wallet).next_expiry_at
        if at is not None:
            self._due[wallet.id] = DueCustomerStep(id=wallet.id, customer_id=wallet.customer_id, at=at)

    async def due_by_clock(self, tenant: str, until: datetime, limit: int) -> Sequence[DueCustomerStep]:
        due = sorted((step for step in self._due.values() if step.at < until), key=lambda step: (step.at, step.id))
        return due[:limit]

    async def take(self, tenant: str, step: DueCustomerStep) -> None:
        context = CommandContext(tenant=tenant, actor="system:expiry", request_id="req_1", at=step.at)
        await expire_grants(self._wallets, step.id, context)


class NoCards:
    """Nobody's card expires."""

    async def due_by_clock(self, tenant: str, until: datetime, limit: int) -> Sequence[DueCustomerStep]:
        return []
