"""What the worker reacts to is what other subgraphs' contracts tell."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from subgraphs.customer.bootstrap import open_services
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.services import CustomerServices
from subgraphs.customer.worker import event_handlers, read_models
from subgraphs.kit.settings import Settings

EVENTS = Path(__file__).parents[3] / "schema" / "events"
NEEDED = {
    "credit-note-issued.v1": {"creditNoteId", "customerId", "currency", "balanceMinor"},
    "customer-erased.v1": {"customerId"},
    "customer-merged.v1": {"customerId"},
    "invoice-carried-forward.v1": {"invoiceId", "customerId", "currency", "carriedForwardMinor"},
    "invoice-deleted.v1": {"invoiceId", "customerId"},
    "invoice-drafted.v1": {"invoiceId", "customerId"},
    "invoice-finalized.v1": {"invoiceId", "customerId"},
    "invoice-marked-uncollectible.v1": {"invoiceId", "customerId"},
    "invoice-paid.v1": {"invoiceId", "customerId"},
    "invoice-voided.v1": {"invoiceId", "customerId"},
    "plan-subscription-canceled.v1": {"planSubscriptionId", "customerId"},
    "plan-subscription-expired.v1": {"planSubscriptionId", "customerId"},
    "plan-subscription-started.v1": {"planSubscriptionId", "customerId"},
    "invoice-clock-answered.v1": {"round"},
    "test-clock-moved.v1": {"now"},
}


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[CustomerServices]:
    async with open_services(settings) as services:
        yield services


@pytest.mark.parametrize("type", NEEDED)
def test_a_contract_tells_what_is_needed_of_it(type: str) -> None:
    schema = json.loads((EVENTS / f"{type}.json").read_text(encoding="utf-8"))
    assert set(schema["required"]) >= NEEDED[type]


async def test_every_event_that_is_needed_has_a_handler(services: CustomerServices) -> None:
    # Asked for by whoever issues invoices; its contract is the one that the handler's module describes.
    assert set(event_handlers(services)) == NEEDED.keys() | {"invoice-credit-requested.v1"}


async def test_every_kind_of_aggregate_has_its_documents_kept(services: CustomerServices) -> None:
    assert set(read_models(services)) == {Customer.kind, "CustomerBalance", "Wallet", "CreditApplication", "ClockAnswer"}
