"""Works on what payment providers have told by themselves: the provider is asked what became of it, and commands take it over."""

import asyncio
from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from pymongo.errors import PyMongoError

from subgraphs.invoice.commands.follow_payment import follow_payment
from subgraphs.invoice.commands.follow_refund import follow_refund
from subgraphs.invoice.domain.payment_provider import PaymentProvider
from subgraphs.invoice.domain.provider_events import ProviderEvent, ProviderEventKind
from subgraphs.invoice.provider_inbox import WaitingEvent
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.clock import Clock, SystemClock
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import NotReady
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.persistence.lease import Lease
from subgraphs.kit.telemetry import bind_request, get_logger

__all__ = ["ProviderEvents", "TellsByItself"]

IDLE_SECONDS = 0.5
BATCH = 100


@runtime_checkable
class TellsByItself(Protocol):
    """A provider that sends events."""

    async def payment_of(self, reference: str) -> tuple[str, str] | None:
        """Return tenant and id of the payment that the provider names so, None when it is not of this installation."""
        ...


class ProviderEvents:
    """One process at a time works on events; each is worked on until that succeeds, or it is a dead letter.

    `clock` tells how long an event waits: that is real time, even where business time is set.
    """

    def __init__(self, services: InvoiceServices, lease: Lease, clock: Clock | None = None) -> None:
        self._services, self._lease = services, lease
        self._clock = clock or SystemClock()
        self._log = get_logger("provider_events")

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set."""
        while not stop.is_set():
            try:
                if await self._lease.hold():
                    await self.work()
            except PyMongoError as error:
                self._log.warning("the database is unreachable, events of providers wait", error=type(error).__name__)
            try:
                await asyncio.wait_for(stop.wait(), IDLE_SECONDS)
            except TimeoutError:
                continue
        await self._lease.release()

    async def work(self) -> int:
        """Work on what is due; return how many events that were."""
        found = await self._services.inbox.due(self._clock.now(), BATCH)
        for waiting in found:
            await self._work_on(waiting)
        return len(found)

    async def _work_on(self, waiting: WaitingEvent) -> None:
        inbox, event = self._services.inbox, waiting.event
        try:
            await self._handle(event)
        except PyMongoError:
            raise
        except Exception as error:  # one event's trouble must not keep the others waiting
            kept = await inbox.failed(waiting, error, self._clock.now())
            self._log.warning(
                "an event of a provider waits" if kept else "an event of a provider was given up, kept as a dead letter",
                event_id=event.id,
                provider=event.provider,
                error=repr(error),
            )
        else:
            await inbox.done(event, self._clock.now())

    async def _handle(self, event: ProviderEvent) -> None:
        provider = self._told_by(self._services.providers, event)
        found = await provider.payment_of(event.reference)
        if found is None:
            self._log.info("an event is about no payment of this installation", event_id=event.id)
            return
        tenant, payment_id = found
        at = await self._services.stores.clocks.now(tenant)
        context = CommandContext(
            tenant=tenant,
            actor=f"system:{event.provider}",
            request_id=new_id("req", at),
            at=at,
            reason=f"event {event.id} of {event.provider}",
        )
        bind_request(context.request_id, tenant=tenant)
        match event.kind:
            case ProviderEventKind.PAYMENT_CHANGED:
                await follow_payment(self._services, payment_id, context)
            case ProviderEventKind.CHARGE_REFUNDED if event.refunded is not None:
                await follow_refund(self._services, payment_id, event.refunded, context)

    @staticmethod
    def _told_by(providers: Mapping[str, PaymentProvider], event: ProviderEvent) -> TellsByItself:
        provider = providers.get(event.provider)
        if not isinstance(provider, TellsByItself):
            raise NotReady(f"the payment provider {event.provider!r} is not set up here")
        return provider
