"""Cards that are about to expire: when that is told, in each tenant's own time, and once."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.customer.bootstrap import open_services
from subgraphs.customer.commands.attach_payment_method import attach_payment_method
from subgraphs.customer.commands.change_payment_method import detach_payment_method
from subgraphs.customer.commands.create_customer import create_customer
from subgraphs.customer.domain import events
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.values import CustomerProfile, PaymentMethod, card_expiry
from subgraphs.customer.published import publish
from subgraphs.customer.sagas.card_expiry import RETRY_SECONDS, CardExpiryTimer
from subgraphs.customer.sagas.clock_agenda import CustomerAgenda
from subgraphs.customer.sagas.expiry import ExpiryTimer
from subgraphs.customer.services import CustomerServices
from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.settings import Settings
from tests.testkit.memory import AT, context

PROFILE = CustomerProfile(name="Hooli", email=None, time_zone="Europe/Berlin", language="de", address=None)
AUGUST, MAY = date(2026, 8, 31), date(2026, 5, 31)
# Midnight in Berlin, which is at UTC+2 in summer: Aug 31 - 30 days = Aug 1; May 31 - 30 days = May 1.
TELL_AUGUST, TELL_MAY = datetime(2026, 7, 31, 22, tzinfo=UTC), datetime(2026, 4, 30, 22, tzinfo=UTC)


def customer(*expiries: date | None) -> Customer:
    """Return a customer with cards `pm_0`, `pm_1` … that expire so."""
    made = Customer.create("cus_1", PROFILE, "EUR", None, context())
    for number, expires_on in enumerate(expiries):
        made.attach_payment_method(card(f"pm_{number}", expires_on), default=False)
    return made


def card(id: str, expires_on: date | None) -> PaymentMethod:
    return PaymentMethod(id=id, provider="sandbox", token=id, label="Visa", expires_on=expires_on)


def told(about: Customer) -> list[tuple[str, date]]:
    return [
        (event.payment_method_id, event.expires_on) for event in about.unsaved if isinstance(event, events.PaymentMethodExpiring)
    ]


@pytest.mark.parametrize(
    ("month", "year", "expires_on"),
    [(2, 2028, date(2028, 2, 29)), (2, 2027, date(2027, 2, 28)), (12, 2026, date(2026, 12, 31)), (None, None, None)],
)
def test_a_card_expires_with_its_month(month: int | None, year: int | None, expires_on: date | None) -> None:
    assert card_expiry(month, year) == expires_on


@pytest.mark.parametrize(
    ("month", "year", "field"),
    [
        (0, 2027, "expiryMonth"),
        (13, 2027, "expiryMonth"),
        (None, 2027, "expiryMonth"),
        (1, None, "expiryYear"),
        (1, 27, "expiryYear"),
    ],
)
def test_an_expiry_is_a_month_of_a_year(month: int | None, year: int | None, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        card_expiry(month, year)
    assert refused.value.field == (field,)


def test_it_is_told_thirty_days_before_once_and_the_earliest_first() -> None:
    about = customer(AUGUST, MAY, None)
    assert about.expiry_notice_at == TELL_MAY
    about.tell_expiring(context(at=TELL_MAY - timedelta(seconds=1)))
    assert told(about) == []
    for _ in range(2):
        about.tell_expiring(context(at=TELL_MAY))
    assert (told(about), about.expiry_notice_at) == ([("pm_1", MAY)], TELL_AUGUST)


def test_a_renewed_card_is_told_of_anew_and_one_that_is_gone_is_not() -> None:
    about = customer(MAY)
    about.tell_expiring(context(at=TELL_MAY))
    about.attach_payment_method(card("pm_0", None), default=False)  # nothing is told of its expiry
    about.attach_payment_method(card("pm_0", MAY), default=False)
    assert about.expiry_notice_at is None
    about.attach_payment_method(card("pm_0", AUGUST), default=False)
    assert about.unsaved[-1] == events.PaymentMethodExpiryChanged(payment_method_id="pm_0", expires_on=AUGUST)
    assert about.expiry_notice_at == TELL_AUGUST
    about.detach_payment_method("pm_0")
    assert about.expiry_notice_at is None
    archived = customer(AUGUST)
    archived.archive(context())
    assert archived.expiry_notice_at is None


@given(st.lists(st.dates(date(2026, 1, 1), date(2030, 1, 1)), max_size=5), st.lists(st.integers(0, 2000), max_size=8))
def test_each_expiry_is_told_once_and_not_before_its_time(expiries: list[date], days: list[int]) -> None:
    about = customer(*expiries)
    for day in sorted(days):
        about.tell_expiring(context(at=AT + timedelta(days=day)))
    last = AT + timedelta(days=max(days, default=0))
    due = [(f"pm_{number}", on) for number, on in enumerate(expiries) if days and about._notice_at(on) <= last]
    assert sorted(told(about)) == sorted(due)
    assert about.expiry_notice_at is None or not days or about.expiry_notice_at > last


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[CustomerServices]:
    async with open_services(settings, FixedClock(AT)) as services:
        yield services


async def attached(services: CustomerServices, *expiries: date, tenant: str = "ten_a") -> str:
    by = context(tenant)
    made = await create_customer(services.customers, services.claims, PROFILE, "EUR", None, by)
    for number, on in enumerate(expiries):
        way = (services.customers, made.id, "stripe", f"token_{number}", "Visa")
        await attach_payment_method(*way, default=False, context=by, expires_on=on)
    return made.id


async def published(services: CustomerServices) -> list[tuple[str, str, datetime]]:
    """Return of whom it was told, which expiry, and when."""
    return [
        (event.data["customerId"], event.data["expiresOn"], event.occurred_at)
        for commit in await services.stores.events.undispatched(1000)
        for event in publish(commit)
        if event.type == "payment-method-expiring.v1"
    ]


def agenda(services: CustomerServices) -> CustomerAgenda:
    return CustomerAgenda(ExpiryTimer(services), CardExpiryTimer(services))


async def test_the_timer_tells_by_the_machines_time(services: CustomerServices) -> None:
    id = await attached(services, MAY)
    await services.stores.clocks.set("ten_b", AT, 1)
    await attached(services, MAY, tenant="ten_b")
    clock, timer = services.clock, CardExpiryTimer(services)
    assert isinstance(clock, FixedClock)
    assert await timer.tell_due() == 0
    clock.at = TELL_MAY + timedelta(hours=1)
    assert [await timer.tell_due(), await timer.tell_due()] == [1, 0]
    assert await published(services) == [(id, "2026-05-31", clock.at)]


async def test_on_a_test_clock_each_is_told_at_its_time(services: CustomerServices) -> None:
    await services.stores.clocks.set("ten_b", AT, 1)
    id = await attached(services, AUGUST, MAY, tenant="ten_b")
    waiting = agenda(services)
    for _ in range(3):
        await waiting.do("ten_b", TELL_AUGUST + timedelta(days=1), held=())
    assert await published(services) == [(id, "2026-05-31", TELL_MAY), (id, "2026-08-31", TELL_AUGUST)]


async def test_a_card_that_is_gone_is_not_told_of(services: CustomerServices) -> None:
    id = await attached(services, MAY)
    document = await services.reader.find("ten_a", id)
    assert document is not None
    assert (document.expiry_notice_at, document.payment_methods[0].expires_on) == (TELL_MAY, "2026-05-31")
    await detach_payment_method(services.customers, id, document.payment_methods[0].id, context("ten_a"))
    assert isinstance(services.clock, FixedClock)
    services.clock.at = TELL_MAY
    assert await CardExpiryTimer(services).tell_due() == 0


async def test_a_customer_that_cannot_be_read_is_left_alone_for_a_while_and_the_others_are_told(
    services: CustomerServices,
) -> None:
    broken, fine = await attached(services, MAY), await attached(services, MAY)
    database = services.stores.database["personal_data_keys"]
    right = await database.find_one_and_delete({"_id": f"ten_a/{broken}"})
    assert right is not None
    assert isinstance(services.clock, FixedClock)
    services.clock.at = TELL_MAY
    seconds = 0.0
    timer = CardExpiryTimer(services, lambda: seconds)
    assert await timer.tell_due() == 1
    assert [id for id, *_ in await published(services)] == [fine]
    await database.insert_one(right)
    assert await timer.tell_due() == 0
    seconds = RETRY_SECONDS
    assert await timer.tell_due() == 1
    assert sorted(id for id, *_ in await published(services)) == sorted([broken, fine])


async def test_on_a_test_clock_one_customer_that_cannot_be_read_keeps_no_other_waiting(services: CustomerServices) -> None:
    await services.stores.clocks.set("ten_b", AT, 1)
    broken, fine = await attached(services, MAY, tenant="ten_b"), await attached(services, MAY, tenant="ten_b")
    await services.stores.database["personal_data_keys"].delete_one({"_id": f"ten_b/{broken}"})
    waiting = agenda(services)
    await waiting.do("ten_b", TELL_MAY + timedelta(seconds=1), held=())
    assert await waiting.upcoming("ten_b", 10) == []  # nor does it hold up the clock
    assert await published(services) == [(fine, "2026-05-31", TELL_MAY)]
