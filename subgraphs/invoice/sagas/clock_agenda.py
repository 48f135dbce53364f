"""What waits for a tenant's own clock: consolidated drafts, retries, reminders, and looks at disputes, each at its own time."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Protocol

from subgraphs.invoice.queries import DueInvoiceStep, StepKind
from subgraphs.invoice.sagas.consolidation import ConsolidationTimer
from subgraphs.invoice.sagas.disputes import DisputeTimer
from subgraphs.invoice.sagas.dunning import DunningTimer
from subgraphs.invoice.sagas.reminders import ReminderTimer
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.clock_answer import DueForCustomer

__all__ = ["InvoiceAgenda", "InvoiceSteps"]

EVER = datetime(9999, 1, 1, tzinfo=UTC)
BATCH = 200
CONCURRENCY = 8


class InvoiceSteps(Protocol):
    """Knows what of a tenant's invoices waits for a time."""

    async def due(self, tenant: str, until: datetime, limit: int) -> Sequence[DueInvoiceStep]:
        """Return what is due before `until`, in the order in which it is to happen, up to `limit`."""
        ...

    async def half_done(self, tenant: str) -> bool:
        """Tell whether an invoice waits for credit, or for a payment provider, or what was begun with it is not finished."""
        ...


class InvoiceAgenda:
    """An `Agenda` of invoices."""

    def __init__(self, services: InvoiceServices, steps: InvoiceSteps) -> None:
        self._steps = steps
        self._dunning, self._disputes = DunningTimer(services), DisputeTimer(services)
        self._consolidation, self._reminders = ConsolidationTimer(services), ReminderTimer(services)

    async def upcoming(self, tenant: str, limit: int) -> Sequence[DueForCustomer]:
        return [DueForCustomer(customer_id=one.customer_id, at=one.at) for one in await self._steps.due(tenant, EVER, limit)]

    async def do(self, tenant: str, until: datetime, held: Collection[str]) -> None:
        """Do it, customers at the same time. What cannot be done stays due: whoever looks again finds it."""
        by_customer: dict[str, list[DueInvoiceStep]] = {}
        for step in await self._steps.due(tenant, until, BATCH):
            if step.customer_id not in held:
                of_customer = by_customer.setdefault(step.customer_id, [])
                if not of_customer or of_customer[0].at == step.at:
                    of_customer.append(step)
        limit = asyncio.Semaphore(CONCURRENCY)

        async def take(steps: Sequence[DueInvoiceStep]) -> None:
            async with limit:
                for step in steps:
                    await self._take(tenant, step)

        async with asyncio.TaskGroup() as group:
            for steps in by_customer.values():
                group.create_task(take(steps))

    async def half_done(self, tenant: str) -> bool:
        return await self._steps.half_done(tenant)

    async def _take(self, tenant: str, step: DueInvoiceStep) -> None:
        match step.kind:
            case StepKind.FINALIZE:
                await self._consolidation.finalize(tenant, step.id, step.at)
            case StepKind.RETRY:
                await self._dunning.retry(tenant, step.id, step.customer_id, step.at)
            case StepKind.LOOK_AT_DISPUTE:
                await self._disputes.look_once(tenant, step.id, step.at)
            case StepKind.REMIND:
                await self._reminders.remind(tenant, step.id, step.at)
