"""Bill a plan subscription once: a set-up fee with its start, or whatever is sold to it later."""

from collections.abc import Sequence
from dataclasses import dataclass

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.subscription.commands.known_facts import KnownFacts, sold_one_time_price
from subgraphs.subscription.domain.fees import Fee, FeeTime, OneTimePrice
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["SoldFee", "WantedFee", "add_fee", "offered_fee", "remove_fee", "sold_fees"]

# Fees of one start.
LONGEST_LIST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedFee:
    """A one-time price that is to be billed, how many units of it, and when."""

    price_id: str
    quantity: int = 1
    when: FeeTime = FeeTime.NEXT_INVOICE


@dataclass(frozen=True, slots=True)
class SoldFee:
    """A fee that nothing but an id is missing from."""

    price: OneTimePrice
    wanted: WantedFee

    def fee(self, id: str, context: CommandContext) -> Fee:
        """Return it as it is sold at `context.at`."""
        return Fee(id=id, price=self.price, quantity=self.wanted.quantity, added_at=context.at)


async def sold_fees(known: KnownFacts, tenant: str, wanted: Sequence[WantedFee]) -> tuple[SoldFee, ...]:
    """Return the fees of a start, with their prices.

    Raises:
        As `sold_one_time_price`; fields are within `fees`.
        InvalidInput: there are too many.
    """
    if len(wanted) > LONGEST_LIST:
        raise InvalidInput(f"a subscription starts with at most {LONGEST_LIST} fees", field=("fees",))
    found = []
    for number, fee in enumerate(wanted):
        price = await sold_one_time_price(known, tenant, fee.price_id, ("fees", str(number), "priceId"))
        found.append(SoldFee(price, fee))
    return tuple(found)


async def add_fee(
    subscriptions: PlanSubscriptionRepository, known: KnownFacts, id: str, wanted: WantedFee, context: CommandContext
) -> PlanSubscription:
    """Bill it once with the one-time price: with its next invoice, or at once.

    Raises:
        NotFound: there is no such plan subscription or price.
        InvalidInput: the price recurs or is in another currency, or the quantity is out of range.
        InvalidState: the subscription's state does not allow it, too much is pending, or the price or its plan is archived.
    """
    fee = await offered_fee(known, wanted, context)
    return await subscriptions.update(id, context, lambda current: current.add_fee(fee, wanted.when, context))


async def offered_fee(known: KnownFacts, wanted: WantedFee, context: CommandContext) -> Fee:
    """Return the fee as it would be sold at `context.at`.

    Raises:
        As `sold_one_time_price`.
    """
    price = await sold_one_time_price(known, context.tenant, wanted.price_id)
    return SoldFee(price, wanted).fee(context.new_id("fee"), context)


async def remove_fee(
    subscriptions: PlanSubscriptionRepository, id: str, fee_id: str, context: CommandContext
) -> PlanSubscription:
    """Bill it without a fee that is pending; nothing happens when it was removed before.

    Raises:
        NotFound: there is no such plan subscription, or it never had this fee.
        InvalidState: it has ended, or the fee is billed.
    """
    return await subscriptions.update(id, context, lambda current: current.remove_fee(fee_id))
