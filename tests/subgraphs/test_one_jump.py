"""One jump of a test clock comes to the same account as going there step by step: every event, at its business time.

Whatever happens to it by itself: declined charges, retries, what campaigns end, credit by balance and by wallets that expire.
"""

import asyncio
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from subgraphs.customer.commands.change_balance import adjust_balance
from subgraphs.customer.commands.change_wallet import create_wallet, top_up_wallet
from subgraphs.customer.domain.wallet_events import GrantSource
from subgraphs.invoice.domain.dunning import DunningAction, DunningCampaign
from subgraphs.kit.domain.clock_answer import ClockAnswer
from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Interval, IntervalUnit
from subgraphs.kit.persistence.commit import Commit
from subgraphs.subscription.commands.move_tenant_clock import advance_tenant_clock, freeze_tenant_clock
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.tenant_clock import TenantClock
from subgraphs.subscription.domain.values import PlanSubscriptionStatus, Terms
from tests.testkit.memory_flow import TENANT, MemoryFlow, memory_flow
from tests.testkit.subscribing import subscribed_price

BEGIN, DAY = datetime(2025, 1, 31, 6, tzinfo=UTC), timedelta(days=1)
END = BEGIN + 100 * DAY
DECLINED, PAYS = "sandbox_declined", "sandbox_success"
PRICES = {
    unit: subscribed_price(price_id=f"price_{unit}", model="PER_UNIT", flat_amount_minor=None, unit_amount=Decimal("19.00"))
    for unit in ("MONTH", "WEEK")
}
CANCEL_LATE = DunningCampaign(retry_after_days=(5, 20, 40), action=DunningAction.CANCEL)
IDS = re.compile(r"\b(?:[a-z]+_[0-9A-HJKMNP-TV-Z]{26}|INV-\d+)")


@dataclass(frozen=True)
class Person:
    """A customer: the hour and interval of each subscription, which card from which day on, credit, and grants that expire."""

    subscriptions: tuple[tuple[int, str], ...] = ((0, "MONTH"),)
    cards: tuple[tuple[int, str], ...] = ()
    balance: int = 0
    grants: tuple[tuple[int, int], ...] = ()
    """Minor units, and after how many days they expire."""


@dataclass
class World:
    """A tenant whose clock goes from BEGIN to END, standing still where somebody does something, and at `stops`."""

    people: tuple[Person, ...]
    campaign: DunningCampaign
    stops: tuple[datetime, ...] = ()
    flow: MemoryFlow = field(init=False)

    async def live(self) -> None:
        flow, agenda = self.flow, defaultdict[datetime, list[tuple[str, Any]]](list)
        flow.facts.clocks.add(TENANT)
        flow.campaigns.campaign = self.campaign
        await freeze_tenant_clock(flow.subscription.clocks, flow.subscription.due, BEGIN, flow.context(BEGIN))
        for number, person in enumerate(self.people):
            customer_id = f"cus_{number}"
            flow.facts.add_customer(customer_id)
            await flow.add_customer(customer_id, BEGIN)
            await self._give_credit(customer_id, person)
            for index, (hour, unit) in enumerate(person.subscriptions):
                agenda[BEGIN + timedelta(hours=hour)].append((customer_id, (f"psub_{number}_{index}", unit)))
            for day, card in person.cards:
                agenda[BEGIN + day * DAY + timedelta(hours=5)].append((customer_id, card))
        for at in sorted({*agenda, *self.stops, END}):
            await advance_tenant_clock(flow.subscription.clocks, at, flow.context(at))
            await flow.walk().walk(TENANT)
            assert (await flow.subscription.clocks.get(TENANT, TENANT)).target is None
            for customer_id, what in agenda.get(at, ()):
                if isinstance(what, str):
                    await flow.pay_by(customer_id, what, at)
                else:
                    await self._start(customer_id, *what, at)

    async def _start(self, customer_id: str, id: str, unit: str, at: datetime) -> None:
        terms = Terms(price=PRICES[unit], quantity=1)
        if unit == "WEEK":
            terms = Terms(price=subscribed_price(price_id="price_WEEK", interval=Interval(IntervalUnit.WEEK)), quantity=1)
        context = self.flow.context(at)
        started = PlanSubscription.start(id, customer_id, terms, "UTC", context, on_test_clock=True)
        await self.flow.subscription.subscriptions.create(started, context)

    async def _give_credit(self, customer_id: str, person: Person) -> None:
        customer, context = self.flow.customer, self.flow.context(BEGIN)
        if person.balance:
            amount = Money(person.balance, "EUR")
            await adjust_balance(
                customer.customers, customer.balances, customer_id, amount, None, allow_negative=False, context=context
            )
        for amount_minor, days in person.grants:
            stores = customer.customers, customer.wallets
            wallet = await create_wallet(*stores, customer_id, "Prepaid", None, 1, None, context)
            amount, expires_at = Money(amount_minor, "EUR"), BEGIN + days * DAY
            await top_up_wallet(*stores, wallet.id, amount, GrantSource.PURCHASED, expires_at, None, context)

    def account(self) -> dict[str, list[str]]:
        """Return everything that ever happened to each customer, thing by thing; ids and numbers by the order they come in."""
        things: dict[str, list[Commit]] = {}
        for stream in (*self.flow.streams, self.flow.customer_stream):
            for commit in stream.commits:
                if commit.kind not in (TenantClock.kind, ClockAnswer.kind):
                    things.setdefault(commit.stream, []).append(commit)
        accounts: dict[str, list[str]] = defaultdict(list)
        for commits in things.values():
            customer_id = re.findall(r"\bcus_\d+", _text(commits[0]))[0]
            accounts[customer_id] += map(_text, commits)
        return {customer_id: _anonymous(texts) for customer_id, texts in sorted(accounts.items())}


def _text(commit: Commit) -> str:
    events = [f"{event.type} {json.dumps(event.data, default=str, sort_keys=True)}" for event in commit.events]
    return f"{commit.context.at:%m-%d %H:%M} {commit.stream} {'; '.join(events)}"


def _anonymous(texts: list[str]) -> list[str]:
    known: dict[str, str] = {}
    return [IDS.sub(lambda found: known.setdefault(found[0], f"{found[0][:3]}#{len(known)}"), text) for text in texts]


def lived(*people: Person, campaign: DunningCampaign, stops: tuple[datetime, ...] = ()) -> World:
    """Return a world that has got to its end."""
    world = World(people, campaign, stops)
    with memory_flow(at_once=True, with_customers=True) as flow:
        world.flow = flow
        asyncio.run(world.live())
    return world


people = st.builds(
    Person,
    subscriptions=st.lists(
        st.tuples(st.integers(0, 30), st.sampled_from(["MONTH", "MONTH", "WEEK"])), min_size=1, max_size=2, unique=True
    ).map(tuple),
    cards=st.lists(
        st.tuples(st.integers(1, 95), st.sampled_from([DECLINED, PAYS, "sandbox_requires_action"])),
        max_size=4,
        unique_by=lambda card: card[0],
    ).map(tuple),
    balance=st.integers(0, 9000),
    # Which of two wallets is spent first that expire together is up to their ids, which are other ones each time.
    grants=st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 90)), max_size=2, unique_by=lambda grant: grant[1]).map(tuple),
)
campaigns = st.builds(
    DunningCampaign,
    retry_after_days=st.lists(st.integers(1, 50), max_size=4, unique=True).map(sorted).map(tuple),
    action=st.sampled_from(DunningAction),
)
RECOVERS = Person(cards=((3, DECLINED), (45, PAYS)), balance=2500, grants=((500, 28),))
EVERY_DAY = tuple(BEGIN + (number + 1) * DAY + timedelta(hours=3) for number in range(99))


@settings(max_examples=15, deadline=None)
@given(
    people=st.lists(people, min_size=1, max_size=3),
    campaign=campaigns,
    stops=st.one_of(
        st.just(EVERY_DAY),
        st.lists(st.integers(1, 2399).map(lambda hour: BEGIN + timedelta(hours=hour)), min_size=1, max_size=30).map(tuple),
    ),
)
@example(people=[Person(cards=((3, DECLINED),))], campaign=CANCEL_LATE, stops=EVERY_DAY)
@example(
    people=[Person(cards=((3, DECLINED), (45, PAYS)), balance=2500, grants=((500, 28),))], campaign=CANCEL_LATE, stops=EVERY_DAY
)
def test_one_jump_comes_to_the_same_account_as_many_small_ones(
    people: list[Person], campaign: DunningCampaign, stops: tuple[datetime, ...]
) -> None:
    one_jump, small_ones = lived(*people, campaign=campaign), lived(*people, campaign=campaign, stops=stops)
    assert one_jump.account() == small_ones.account()


def billed(world: World, id: str = "psub_0_0") -> list[tuple[str, str, int]]:
    """Return when each period of the plan subscription was billed, what its invoice is now, and how often it was retried."""
    return [
        (f"{invoice.drafted.created_at:%m-%d}", invoice.status.value, invoice.dunning.retry_number)
        for invoice in world.flow.invoices
        if invoice.drafted.draft.plan_subscription_id == id
    ]


def test_what_a_campaign_ends_is_not_renewed() -> None:
    # Declined on February 28; retried on March 2, 4 and 6, and on the last day canceled: no invoice of March 31 or April 30.
    campaign = DunningCampaign(retry_after_days=(2, 4, 6), action=DunningAction.CANCEL)
    world = lived(Person(cards=((3, DECLINED),)), campaign=campaign)
    assert billed(world) == [("01-31", "PAID", 0), ("02-28", "OPEN", 3)]
    ended = world.flow.subscriptions["psub_0_0"]
    assert (ended.status, ended.canceled_at) == (PlanSubscriptionStatus.CANCELED, datetime(2025, 3, 6, 6, tzinfo=UTC))


def test_what_a_later_retry_would_have_ended_is_renewed_meanwhile() -> None:
    # Retried after 5, 20 and 40 days: the period of March 31 begins before the campaign of February 28 ends on April 9. What is
    # owed for it stays owed, and is tried again until May 10.
    world = lived(Person(cards=((3, DECLINED),)), campaign=CANCEL_LATE)
    assert billed(world) == [("01-31", "PAID", 0), ("02-28", "OPEN", 3), ("03-31", "OPEN", 3)]
    assert world.flow.subscriptions["psub_0_0"].canceled_at == datetime(2025, 4, 9, 6, tzinfo=UTC)


def test_credit_that_expires_before_a_renewal_does_not_pay_it_and_what_expires_after_it_does() -> None:
    # 19.00 a month, which wallets pay first: of 24.00, 5.00 are left on January 31.
    campaign = DunningCampaign(retry_after_days=(1,), action=DunningAction.LEAVE_PAST_DUE)
    early = lived(Person(balance=2500, grants=((2400, 28),)), campaign=campaign)
    # They expire on February 28 at 6:00, when the next period begins: the balance of 25.00 pays it, and 6.00 of the third.
    assert [invoice.credit_applied.minor_units for invoice in early.flow.invoices] == [1900, 1900, 600, 0]
    assert [invoice.credit_from_wallets.minor_units for invoice in early.flow.invoices] == [1900, 0, 0, 0]
    # A day later they would have paid 5.00, and the balance 14.00 and 11.00.
    late = lived(Person(balance=2500, grants=((2400, 29),)), campaign=campaign)
    assert [invoice.credit_applied.minor_units for invoice in late.flow.invoices] == [1900, 1900, 1100, 0]
    assert [invoice.credit_from_wallets.minor_units for invoice in late.flow.invoices] == [1900, 500, 0, 0]
