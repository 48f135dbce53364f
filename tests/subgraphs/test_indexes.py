"""Every subgraph creates its own collections and indexes when it starts, and starting again changes nothing."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from subgraphs.customer import bootstrap as customer
from subgraphs.invoice import bootstrap as invoice
from subgraphs.kit.settings import Settings
from subgraphs.plan import bootstrap as plan
from subgraphs.subscription import bootstrap as subscription

EXPECTED = {
    "commits": {"outbox", "dispatched"},
    "claims": {"owner"},
    "idempotent_writes": {"forget"},
}
OWN = {
    "customer": {
        "customers": {"by_age"},
        "balances": {"by_customer"},
        "balance_entries": {"by_ledger"},
        "wallets": {"by_customer", "by_expiry"},
        "wallet_entries": {"by_ledger"},
        "open_items": {"open"},
    },
    "plan": {"plans": {"by_age", "by_code", "by_product"}, "prices": {"by_age", "by_plan"}},
    "subscription": {
        "plan_subscriptions": {"by_age", "by_customer", "by_status", "due", "due_by_clock"},
        "mrr_movements": {"by_bucket", "by_age", "by_kind", "by_customer", "by_plan_subscription"},
        "mrr_movements_sums": {"by_bucket"},
        "features": {"by_code"},
        "test_clocks": {"advancing"},
    },
    "invoice": {
        "invoices": {"by_age", "by_customer", "by_plan_subscriptions", "by_status", "by_number", "by_finalization", "charging"},
        "payments": {"by_invoice", "by_age", "by_customer", "by_status", "by_settlement"},
        "disputes": {"by_age", "by_payment", "by_invoice", "by_customer", "by_status", "to_look_at"},
        "billing_entries": {"by_bucket"},
        "billing_entries_sums": {"by_bucket"},
        "revenue_entries": {"by_bucket", "by_month"},
        "revenue_entries_sums": {"by_bucket"},
        "credit_notes": {"by_age", "by_invoice", "by_customer", "by_issue", "by_number"},
    },
}


@pytest.mark.parametrize(
    ("name", "open_services"),
    [
        ("customer", customer.open_services),
        ("plan", plan.open_services),
        ("subscription", subscription.open_services),
        ("invoice", invoice.open_services),
    ],
)
async def test_indexes_are_there_after_the_start(
    settings: Settings, name: str, open_services: Callable[[Settings], AbstractAsyncContextManager[Any]]
) -> None:
    for _ in range(2):
        async with open_services(settings) as services:
            for collection, names in {**EXPECTED, **OWN[name]}.items():
                found = await services.stores.database[collection].index_information()
                assert names <= set(found), collection
