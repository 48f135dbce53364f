"""Tax ids and exemptions: given events, when a command, then events."""

import pytest

from subgraphs.customer.commands.archive_customer import archive_customer
from subgraphs.customer.commands.change_tax_status import add_tax_id, remove_tax_id, set_tax_exemption
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.events import CustomerCreated, TaxStatusChanged
from subgraphs.customer.domain.tax_ids import InvalidTaxId, TaxIdType
from subgraphs.customer.domain.tax_status import TaxExemption, TaxId, TaxStatus
from subgraphs.customer.domain.values import CustomerProfile
from subgraphs.customer.repository import CustomerRepository
from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound
from subgraphs.kit.persistence.event_store import InMemoryEventStore
from tests.testkit.memory import context, events_of, repository

PROFILE = CustomerProfile(name="Hooli", email=None, time_zone="UTC", language="en", address=None)
ID = "cus_1"


@pytest.fixture
def store() -> InMemoryEventStore:
    return InMemoryEventStore()


@pytest.fixture
async def customers(store: InMemoryEventStore) -> CustomerRepository:
    customers = repository(Customer, store)
    await customers.create(Customer.create(ID, PROFILE, "EUR", None, context()), context())
    return customers


async def test_a_tax_id_is_kept_in_its_minimal_form_once(customers: CustomerRepository, store: InMemoryEventStore) -> None:
    await add_tax_id(customers, ID, TaxIdType.EU_VAT, "DE 136 695 976", context())
    customer = await add_tax_id(customers, ID, TaxIdType.EU_VAT, "de136695976", context())
    [held] = customer.tax.tax_ids
    assert held == TaxId(id=held.id, type=TaxIdType.EU_VAT, value="DE136695976", country="DE")
    assert held.id.startswith("txi_")
    created, changed = await events_of(store, Customer, ID)
    assert isinstance(created, CustomerCreated)
    assert changed == TaxStatusChanged(status=TaxStatus(tax_ids=(held,)))


async def test_several_tax_ids_are_held_and_removed_one_by_one(customers: CustomerRepository) -> None:
    await add_tax_id(customers, ID, TaxIdType.EU_VAT, "DE136695976", context())
    customer = await add_tax_id(customers, ID, TaxIdType.US_EIN, "91-1144442", context())
    first, second = customer.tax.tax_ids
    customer = await remove_tax_id(customers, ID, first.id, context())
    assert customer.tax.tax_ids == (second,)
    with pytest.raises(NotFound) as refused:
        await remove_tax_id(customers, ID, first.id, context())
    assert refused.value.field == ("taxIdId",)


async def test_an_impossible_tax_id_stores_nothing(customers: CustomerRepository, store: InMemoryEventStore) -> None:
    with pytest.raises(InvalidTaxId):
        await add_tax_id(customers, ID, TaxIdType.EU_VAT, "DE136695977", context())
    assert len(store.commits) == 1


async def test_a_customer_has_a_bounded_number_of_tax_ids(customers: CustomerRepository) -> None:
    for number in range(10):
        await add_tax_id(customers, ID, TaxIdType.US_EIN, f"91-114444{number}", context())
    with pytest.raises(InvalidState, match="at most 10 tax ids"):
        await add_tax_id(customers, ID, TaxIdType.US_EIN, "91-1144450", context())


async def test_reverse_charge_needs_a_tax_id_and_keeps_the_last_one(customers: CustomerRepository) -> None:
    reason = "Steuerschuldnerschaft des Leistungsempfängers"
    with pytest.raises(InvalidState, match="needs a tax id first"):
        await set_tax_exemption(customers, ID, TaxExemption.REVERSE_CHARGE, reason, context())
    customer = await add_tax_id(customers, ID, TaxIdType.EU_VAT, "DE136695976", context())
    [held] = customer.tax.tax_ids
    customer = await set_tax_exemption(customers, ID, TaxExemption.REVERSE_CHARGE, reason, context())
    assert customer.tax == TaxStatus(exemption=TaxExemption.REVERSE_CHARGE, reason=reason, tax_ids=(held,))
    with pytest.raises(InvalidState, match="needs a tax id first"):
        await remove_tax_id(customers, ID, held.id, context())
    customer = await set_tax_exemption(customers, ID, TaxExemption.NONE, None, context())
    assert customer.tax == TaxStatus(tax_ids=(held,))


@pytest.mark.parametrize(
    ("exemption", "reason"),
    [
        (TaxExemption.EXEMPT, None),
        (TaxExemption.EXEMPT, " "),
        (TaxExemption.EXEMPT, "x" * 501),
        (TaxExemption.NONE, "charity"),
    ],
)
async def test_a_reason_goes_with_an_exemption_and_only_with_one(
    customers: CustomerRepository, exemption: TaxExemption, reason: str | None
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await set_tax_exemption(customers, ID, exemption, reason, context())
    assert refused.value.field == ("reason",)


async def test_an_archived_customers_tax_status_stands(customers: CustomerRepository) -> None:
    await archive_customer(customers, ID, context())
    with pytest.raises(InvalidState, match="archived"):
        await set_tax_exemption(customers, ID, TaxExemption.EXEMPT, "charity", context())


async def test_setting_the_same_exemption_again_stores_nothing(customers: CustomerRepository, store: InMemoryEventStore) -> None:
    for _ in range(2):
        await set_tax_exemption(customers, ID, TaxExemption.EXEMPT, "charity", context())
    assert len(store.commits) == 2
    assert vars(await customers.get("acme", ID)) == vars(
        await set_tax_exemption(customers, ID, TaxExemption.EXEMPT, "charity", context())
    )
