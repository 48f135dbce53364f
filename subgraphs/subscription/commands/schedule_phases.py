"""Schedule phases of a plan subscription: other terms one after the other, at dates told in advance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.subscription.commands.known_facts import KnownFacts, WantedItem
from subgraphs.subscription.commands.offers import Offer, offered
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.schedule import MOST_PHASES, Phase, ScheduleEnding
from subgraphs.subscription.domain.values import ProrationBehavior
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["WantedPhase", "WantedSchedule", "schedule_phases"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPhase:
    """What applies, and how long; what is None stays as in the phase before."""

    price_id: str | None = None
    quantity: int | None = None
    add_ons: tuple[WantedItem, ...] | None = None
    periods: int | None = None
    until: datetime | None = None
    proration: ProrationBehavior = ProrationBehavior.CREATE


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSchedule:
    """Phases from `starts_at`, None: the end of the period or trial."""

    phases: tuple[WantedPhase, ...]
    starts_at: datetime | None = None
    ending: ScheduleEnding = ScheduleEnding.RELEASE


async def schedule_phases(
    subscriptions: PlanSubscriptionRepository, known: KnownFacts, id: str, wanted: WantedSchedule, context: CommandContext
) -> PlanSubscription:
    """Let one phase after the other apply, instead of all that was scheduled; what is so already changes nothing.

    Raises:
        NotFound: there is no such plan subscription or price.
        InvalidInput: a phase cannot follow, a quantity is out of range, a price is in another currency or bills transactions, or
            add-ons cannot be billed together with it.
        InvalidState: the subscription's state does not allow it, or a price or its plan is archived.
    """
    if len(wanted.phases) > MOST_PHASES:
        raise InvalidInput(f"a schedule has 1 to {MOST_PHASES} phases, not {len(wanted.phases)}", field=("phases",))
    current = await subscriptions.get(context.tenant, id)
    offers = [
        await offered(
            known,
            context.tenant,
            current.terms,
            price_id=phase.price_id,
            quantity=phase.quantity,
            add_ons=phase.add_ons,
            within=("phases", str(number)),
        )
        for number, phase in enumerate(wanted.phases)
    ]
    return await subscriptions.update(id, context, lambda subscription: _schedule(subscription, wanted, offers, context))


def _schedule(subscription: PlanSubscription, wanted: WantedSchedule, offers: Sequence[Offer], context: CommandContext) -> None:
    terms, phases = subscription.terms, []
    for phase, offer in zip(wanted.phases, offers, strict=True):
        terms = offer.applied_to(terms)
        phases.append(Phase(terms=terms, periods=phase.periods, until=phase.until, proration=phase.proration))
    subscription.schedule_phases(phases, wanted.starts_at, wanted.ending, context)
