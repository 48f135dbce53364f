"""Given events, when a command, then events."""

from dataclasses import replace

import pytest

from subgraphs.customer.commands.archive_customer import archive_customer
from subgraphs.customer.commands.attach_payment_method import attach_payment_method
from subgraphs.customer.commands.change_payment_method import detach_payment_method, make_payment_method_default
from subgraphs.customer.commands.create_customer import create_customer
from subgraphs.customer.commands.unarchive_customer import unarchive_customer
from subgraphs.customer.commands.update_customer import update_customer
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.events import (
    CustomerArchived,
    CustomerCreated,
    CustomerMerged,
    CustomerUnarchived,
    CustomerUpdated,
    DefaultPaymentMethodChanged,
    PaymentMethodAttached,
    PaymentMethodDetached,
)
from subgraphs.customer.domain.values import Address, CustomerProfile, CustomerStatus, PaymentMethod
from subgraphs.kit.domain.errors import AlreadyExists, InvalidInput, InvalidState, NotFound
from subgraphs.kit.persistence.claims import InMemoryClaims
from subgraphs.kit.persistence.event_store import InMemoryEventStore
from subgraphs.sandbox import SandboxToken
from tests.testkit.memory import AT, context, events_of, repository

PROFILE = CustomerProfile(
    name="Hooli GmbH",
    email="billing@hooli.example",
    time_zone="Europe/Berlin",
    language="de",
    address=Address(line1="Torstr. 1", city="Berlin", country="DE", postal_code="10119"),
)


class Customers:
    def __init__(self) -> None:
        self.store = InMemoryEventStore()
        self.repository = repository(Customer, self.store)
        self.claims = InMemoryClaims()

    async def create(self, external_id: str | None = None, profile: CustomerProfile = PROFILE) -> Customer:
        return await create_customer(self.repository, self.claims, profile, "EUR", external_id, context())

    async def attach(self, id: str, token: str, *, default: bool = False) -> Customer:
        provider = "sandbox" if token.startswith("sandbox") else "stripe"
        return await attach_payment_method(self.repository, id, provider, token, token, default=default, context=context())


@pytest.fixture
def customers() -> Customers:
    return Customers()


async def test_a_customer_is_created_with_what_was_given(customers: Customers) -> None:
    customer = await customers.create("crm-7")
    assert await events_of(customers.store, Customer, customer.id) == [
        CustomerCreated(profile=PROFILE, currency="EUR", external_id="crm-7", created_by="client_1", created_at=AT)
    ]
    assert (customer.version, customer.status) == (1, CustomerStatus.ACTIVE)


async def test_an_external_id_belongs_to_one_customer_of_a_tenant(customers: Customers) -> None:
    first = await customers.create("crm-7")
    with pytest.raises(AlreadyExists, match=first.id) as refused:
        await customers.create("crm-7")
    assert refused.value.field == ("externalId",)
    other = await create_customer(customers.repository, customers.claims, PROFILE, "EUR", "crm-7", context(tenant="rival"))
    assert other.id != first.id


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, ("name",)),
        ({"email": "no at sign"}, ("email",)),
        ({"time_zone": "Mars/Olympus"}, ("timeZone",)),
        ({"language": "german"}, ("language",)),
        ({"address": Address(line1="x", city="y", country="Germany")}, ("address", "country")),
        ({"address": Address(line1="", city="y", country="DE")}, ("address", "line1")),
    ],
)
async def test_a_malformed_field_is_named(customers: Customers, changes: dict[str, object], field: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput) as refused:
        await customers.create(profile=replace(PROFILE, **changes))  # type: ignore[arg-type]
    assert refused.value.field == field
    assert customers.store.commits == {}


async def test_an_update_changes_only_what_is_given(customers: Customers) -> None:
    customer = await customers.create()
    await update_customer(customers.repository, customer.id, {"name": "Hooli SE", "email": None}, context())
    updated = replace(PROFILE, name="Hooli SE", email=None)
    assert (await events_of(customers.store, Customer, customer.id))[1:] == [CustomerUpdated(profile=updated)]


async def test_an_update_to_the_same_stores_nothing(customers: Customers) -> None:
    customer = await customers.create()
    await update_customer(customers.repository, customer.id, {"name": "Hooli GmbH"}, context())
    assert len(customers.store.commits) == 1


async def test_what_was_archived_is_taken_back_once_and_can_be_changed(customers: Customers) -> None:
    customer = await customers.create()
    await unarchive_customer(customers.repository, customer.id, context())
    await archive_customer(customers.repository, customer.id, context())
    for _ in range(2):
        back = await unarchive_customer(customers.repository, customer.id, context())
        assert back.status is CustomerStatus.ACTIVE
    recorded = (await events_of(customers.store, Customer, customer.id))[1:]
    assert recorded == [CustomerArchived(archived_at=AT), CustomerUnarchived(unarchived_at=AT)]
    await update_customer(customers.repository, customer.id, {"name": "Hooli SE"}, context())


async def test_what_was_merged_stays_so(customers: Customers) -> None:
    customer, last = await customers.create(), CustomerMerged(into_id="cus_2", merged_at=AT)
    await customers.repository.update(customer.id, context(), lambda current: current.record(last))
    with pytest.raises(InvalidState, match="merged"):
        await unarchive_customer(customers.repository, customer.id, context())


async def test_archiving_twice_is_one_event_and_ends_changes(customers: Customers) -> None:
    customer = await customers.create()
    await archive_customer(customers.repository, customer.id, context())
    await archive_customer(customers.repository, customer.id, context())
    assert (await events_of(customers.store, Customer, customer.id))[1:] == [CustomerArchived(archived_at=AT)]
    with pytest.raises(InvalidState, match="archived"):
        await update_customer(customers.repository, customer.id, {"name": "x"}, context())


async def test_the_first_payment_method_becomes_the_default_and_the_oldest_follows_it(customers: Customers) -> None:
    customer = await customers.create()
    customer = await customers.attach(customer.id, "sandbox_success")
    customer = await customers.attach(customer.id, "sandbox_declined")
    first, second = customer.payment_methods
    assert customer.default_payment_method_id == first.id
    await make_payment_method_default(customers.repository, customer.id, second.id, context())
    customer = await detach_payment_method(customers.repository, customer.id, second.id, context())
    assert customer.default_payment_method_id == first.id
    customer = await detach_payment_method(customers.repository, customer.id, first.id, context())
    assert customer.default_payment_method_id is None
    assert await events_of(customers.store, Customer, customer.id) == [
        CustomerCreated(profile=PROFILE, currency="EUR", external_id=None, created_by="client_1", created_at=AT),
        PaymentMethodAttached(
            payment_method=PaymentMethod(id=first.id, provider="sandbox", token="sandbox_success", label="sandbox_success")
        ),
        DefaultPaymentMethodChanged(payment_method_id=first.id),
        PaymentMethodAttached(
            payment_method=PaymentMethod(id=second.id, provider="sandbox", token="sandbox_declined", label="sandbox_declined")
        ),
        DefaultPaymentMethodChanged(payment_method_id=second.id),
        PaymentMethodDetached(payment_method_id=second.id),
        DefaultPaymentMethodChanged(payment_method_id=first.id),
        PaymentMethodDetached(payment_method_id=first.id),
        DefaultPaymentMethodChanged(payment_method_id=None),
    ]


async def test_attaching_the_same_method_again_changes_nothing(customers: Customers) -> None:
    customer = await customers.create()
    await customers.attach(customer.id, "sandbox_success")
    customer = await customers.attach(customer.id, "sandbox_success")
    assert len(customer.payment_methods) == 1


async def test_a_customer_has_a_bounded_number_of_payment_methods(customers: Customers) -> None:
    customer = await customers.create()
    for number in range(20):
        await customers.attach(customer.id, f"method_{number}")
    with pytest.raises(InvalidState, match="at most 20"):
        await customers.attach(customer.id, "one_more")


async def test_another_tenants_customer_does_not_exist(customers: Customers) -> None:
    customer = await customers.create()
    with pytest.raises(NotFound):
        await archive_customer(customers.repository, customer.id, context(tenant="rival"))


async def test_replay_equals_the_live_customer(customers: Customers) -> None:
    customer = await customers.attach((await customers.create("crm-7")).id, "sandbox_success")
    replayed = await customers.repository.get("acme", customer.id)
    assert vars(replayed) == vars(customer)


@pytest.mark.parametrize("token", ["sandbox_sucess", "sandbox_success ", "pm_1", "SUCCESS"])
async def test_a_token_that_the_sandbox_does_not_know_is_refused_where_it_is_attached(customers: Customers, token: str) -> None:
    id = (await customers.create()).id
    with pytest.raises(InvalidInput, match="sandbox_declined, sandbox_lost_card, sandbox_requires_action") as refused:
        await attach_payment_method(customers.repository, id, "sandbox", token, "Visa", default=True, context=context())
    assert refused.value.field == ("token",)
    for provider, known in [("sandbox", str(one)) for one in SandboxToken] + [("stripe", token)]:
        changed = await attach_payment_method(customers.repository, id, provider, known, "Visa", default=True, context=context())
        assert changed.payment_methods[-1].token == known
