"""Give evidence against a dispute, or accept it; and look how one stands whose time is over."""

import asyncio
from collections.abc import Awaitable

from subgraphs.invoice.commands.follow_dispute import DisputeStores, follow_dispute
from subgraphs.invoice.commands.settle_payment import PROVIDER_SECONDS
from subgraphs.invoice.domain.dispute import Dispute
from subgraphs.invoice.domain.payment_provider import DisputingProvider
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidState

__all__ = ["accept_dispute", "look_at_dispute", "submit_evidence"]


async def submit_evidence(stores: DisputeStores, id: str, text: str, context: CommandContext) -> Dispute:
    """Give the bank `text`, once and for good, and return the dispute as it stands then. The text is not kept here.

    Raises:
        NotFound: there is no such dispute.
        InvalidInput: the text is empty or too long.
        InvalidState: evidence was given before, its time is over, the dispute is decided, or the provider is not set up.
        TimeoutError: the provider did not answer; ask again later.
    """
    dispute = await stores.disputes.get(context.tenant, id)
    dispute.check_evidence(text, context)
    await _asked(_provider(stores, dispute).submit_evidence(context.tenant, dispute.subject.reference, text.strip()))
    await stores.disputes.update(id, context, lambda current: current.note_evidence(context))
    return await look_at_dispute(stores, id, context)


async def accept_dispute(stores: DisputeStores, id: str, context: CommandContext) -> Dispute:
    """Let the bank have the money, and return the dispute as it stands then: LOST, as soon as the provider says so.

    Raises:
        NotFound: there is no such dispute.
        InvalidState: the dispute is decided, or the provider is not set up.
        TimeoutError: the provider did not answer; ask again later.
    """
    dispute = await stores.disputes.get(context.tenant, id)
    dispute.check_open()
    await _asked(_provider(stores, dispute).accept_dispute(context.tenant, dispute.subject.reference))
    return await look_at_dispute(stores, id, context)


async def look_at_dispute(stores: DisputeStores, id: str, context: CommandContext) -> Dispute:
    """Ask the provider how the dispute stands, and return it.

    Raises:
        NotFound: there is no such dispute.
        InvalidState: the provider is not set up.
        TimeoutError: the provider did not answer; ask again later.
    """
    dispute = await stores.disputes.get(context.tenant, id)
    if dispute.is_closed:
        return dispute
    provider = _provider(stores, dispute)
    async with asyncio.timeout(PROVIDER_SECONDS):
        facts = await provider.dispute(context.tenant, dispute.subject.reference, context.at)
    return await follow_dispute(stores, dispute.subject.payment_id, facts, context)


async def _asked(request: Awaitable[None]) -> None:
    async with asyncio.timeout(PROVIDER_SECONDS):
        await request


def _provider(stores: DisputeStores, dispute: Dispute) -> DisputingProvider:
    provider = stores.providers.get(dispute.subject.provider)
    if not isinstance(provider, DisputingProvider):
        raise InvalidState(f"the payment provider {dispute.subject.provider!r} is not set up")
    return provider
