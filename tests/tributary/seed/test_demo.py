"""The demo data is what the commands would have made one by one, and is stored once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from subgraphs.auth.settings import AuthSettings
from subgraphs.customer.domain.customer import Customer
from subgraphs.invoice.domain.numbering import DEFAULT_SERIES
from subgraphs.invoice.projections import invoice_document
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.settings import Settings
from subgraphs.subscription.domain.mrr import mrr
from subgraphs.subscription.domain.values import PlanSubscriptionStatus
from tributary.demo_clients import read_demo_clients
from tributary.seed.catalogue import TENANTS, DemoTenant
from tributary.seed.demo import DemoResult, seed_demo
from tributary.seed.installation import Installation, open_installation

KITE = replace(TENANTS[2], customers=40)
SMALL = replace(KITE, customers=12)


@pytest.fixture
def auth_settings(settings: Settings) -> AuthSettings:
    return AuthSettings(
        _env_file=None,
        mongodb_uri=settings.mongodb_uri,
        redis_url=settings.redis_url,
        database_prefix=settings.database_prefix,
        auth_key_encryption_secret="key-encryption-secret-for-tests-01234",
        bootstrap_client_secret="operator-secret-for-tests-0123456789",
    )


@pytest.fixture
async def installation(auth_settings: AuthSettings) -> AsyncIterator[Installation]:
    async with open_installation(auth_settings) as installation:
        yield installation


def ignore(step: str, done: int, total: int) -> None:
    """Show no progress."""


async def seed(settings: AuthSettings, data: Path, tenant: DemoTenant = SMALL) -> DemoResult:
    return await seed_demo(settings, data, ignore, [tenant])


async def documents(installation: Installation, subgraph: str, collection: str) -> list[dict[str, Any]]:
    stores = installation.auth.stores
    database = stores.database.client[f"{stores.settings.database_prefix}_{subgraph}"]
    return await database[collection].find().sort("_id", 1).to_list()


async def test_histories_reach_up_to_now_and_invoice_numbers_rise_with_time(
    auth_settings: AuthSettings, installation: Installation, tmp_path: Path
) -> None:
    result = await seed(auth_settings, tmp_path, KITE)
    now = datetime.now(UTC)
    subscriptions = await documents(installation, "subscription", "plan_subscriptions")
    invoices = sorted(await documents(installation, "invoice", "invoices"), key=lambda invoice: str(invoice["number"]))
    assert (result.tenants, result.customers) == (1, 40)
    assert (result.plan_subscriptions, result.invoices) == (len(subscriptions), len(invoices))
    assert [invoice["number"] for invoice in invoices] == [f"INV-{number:06}" for number in range(1, len(invoices) + 1)]
    finalized = [invoice["finalized_at"] for invoice in invoices]
    assert finalized == sorted(finalized)
    assert {one["status"] for one in subscriptions} == {"ACTIVE", "INCOMPLETE", "CANCELED"}
    active = [one for one in subscriptions if one["status"] == "ACTIVE"]
    assert all(one["period_start"] <= now < one["period_end"] for one in active)
    # Renewed where the period has ended: more invoices than subscriptions.
    assert len(invoices) > len(subscriptions)


async def test_what_is_read_is_what_the_events_tell(auth_settings: AuthSettings, tmp_path: Path) -> None:
    await seed(auth_settings, tmp_path)
    async with open_installation(auth_settings) as installation:
        await compare(installation)


async def test_every_customer_can_be_read_and_changed_with_the_personal_data_kept(
    auth_settings: AuthSettings, tmp_path: Path
) -> None:
    await seed(auth_settings, tmp_path)
    async with open_installation(auth_settings) as installation:
        customers = await documents(installation, "customer", "customers")
        keys = {one["_id"]: one["key"] for one in await documents(installation, "customer", "personal_data_keys")}
        assert keys.keys() == {f"{one['tenant']}/{one['_id']}" for one in customers}
        assert all(len(key) == 32 for key in keys.values())
        repository = installation.customer.customers
        for shown in customers:
            before = await repository.get(shown["tenant"], shown["_id"])
            assert (before.profile.name, before.profile.email) == (shown["name"], shown["email"])
        shown = next(one for one in customers if one["status"] == "ACTIVE" and one["payment_methods"])
        by = CommandContext(tenant=shown["tenant"], actor="client_test", request_id="req_test", at=datetime.now(UTC))
        for language in ("fr", "pt"):  # the second write replays what the first one wrote
            await repository.update(shown["_id"], by, partial(change_language, language))
        after = await repository.get(shown["tenant"], shown["_id"])
    assert (after.profile.name, after.profile.email, after.profile.language) == (shown["name"], shown["email"], "pt")
    assert after.payment_methods


def change_language(language: str, customer: Customer) -> None:
    customer.update(replace(customer.profile, language=language))


async def test_mrr_is_that_of_the_subscriptions(auth_settings: AuthSettings, tmp_path: Path) -> None:
    await seed(auth_settings, tmp_path, KITE)
    async with open_installation(auth_settings) as installation:
        subscriptions = await documents(installation, "subscription", "plan_subscriptions")
        [(tenant, currency)] = {(one["tenant"], one["currency"]) for one in subscriptions}
        found = [await installation.subscription.subscriptions.get(tenant, one["_id"]) for one in subscriptions]
        end = datetime.now(UTC).date() + timedelta(days=2)
        sums = (await installation.subscription.mrr.daily(tenant, currency, end, end)).before
    moved = sums["NEW"] + sums["REACTIVATION"] + sums["EXPANSION"] - sums["CONTRACTION"] - sums["CHURN"]
    assert moved == sum(mrr(one).minor_units for one in found) > 0
    assert sums["subscriptions"] == sum(one.status is PlanSubscriptionStatus.ACTIVE for one in found)


async def test_revenue_and_what_is_owed_are_those_of_the_invoices(auth_settings: AuthSettings, tmp_path: Path) -> None:
    await seed(auth_settings, tmp_path, KITE)
    async with open_installation(auth_settings) as installation:
        invoices = await documents(installation, "invoice", "invoices")
        [(tenant, currency)] = {(one["tenant"], one["currency"]) for one in invoices}
        end = datetime.now(UTC).date() + timedelta(days=800)
        sums = (await installation.invoice.books.revenue(tenant, currency, end, end)).before
        billed = (await installation.invoice.books.billing(tenant, currency, end, end)).before
    assert sums["invoiced"] == sum(one["total_minor"] - one["tax_minor"] for one in invoices) > 0
    assert sums["recognised"] == sums["invoiced"] - sums["credited"]
    assert billed["outstanding"] == sum(one["amount_due_minor"] for one in invoices if one["status"] == "OPEN") > 0
    assert billed["paid"] == sum(one["amount_paid_minor"] for one in invoices) > 0


async def compare(installation: Installation) -> None:
    for stored in await documents(installation, "invoice", "invoices"):
        replayed = await installation.invoice.invoices.get(stored["tenant"], stored["_id"])
        assert invoice_document(replayed) == await installation.invoice.reader.find(stored["tenant"], stored["_id"])
    commits = [
        commit["_id"]
        for subgraph in ("customer", "plan", "subscription", "invoice")
        for commit in await documents(installation, subgraph, "commits")
    ]
    streams = {
        f"{entry['stream']}/{entry['entity_version']:010d}" for entry in await documents(installation, "auth", "audit_entries")
    }
    assert streams == set(commits)


async def test_nothing_waits_to_be_sent_and_new_invoices_go_on_with_the_numbers(
    auth_settings: AuthSettings, installation: Installation, tmp_path: Path
) -> None:
    result = await seed(auth_settings, tmp_path)
    for services in (installation.customer, installation.plan, installation.subscription, installation.invoice):
        assert await services.stores.events.undispatched(1) == []  # type: ignore[attr-defined]
    tenant = (await documents(installation, "customer", "customers"))[0]["tenant"]
    assert await installation.invoice.numbers.claim(tenant, DEFAULT_SERIES, "inv_next") == result.invoices + 1


async def test_second_run_keeps_everything(auth_settings: AuthSettings, installation: Installation, tmp_path: Path) -> None:
    first = await seed(auth_settings, tmp_path)
    clients = read_demo_clients(tmp_path)
    before = await documents(installation, "customer", "commits")
    assert await seed(auth_settings, tmp_path) == first
    assert read_demo_clients(tmp_path) == clients
    assert [client.tenant for client in clients] == ["kite-builds"]
    assert await documents(installation, "customer", "commits") == before


async def test_run_that_dies_while_storing_leaves_nothing_half_done(
    auth_settings: AuthSettings, installation: Installation, tmp_path: Path
) -> None:
    class PowerCut(Exception):
        """The machine stops."""

    def dying(step: str, done: int, total: int) -> None:
        if step.endswith("storing") and done > total // 2:
            raise PowerCut

    with pytest.raises(PowerCut):
        await seed_demo(auth_settings, tmp_path, dying, [SMALL])
    for subgraph, collection in (("customer", "customers"), ("customer", "claims"), ("invoice", "invoice_numbers")):
        assert await documents(installation, subgraph, collection) == []
    assert (await seed(auth_settings, tmp_path)).customers == 12
    assert [client.tenant for client in read_demo_clients(tmp_path)] == ["kite-builds"]


async def test_client_whose_secret_was_lost_is_replaced(auth_settings: AuthSettings, tmp_path: Path) -> None:
    await seed(auth_settings, tmp_path / "one")
    await seed(auth_settings, tmp_path / "other")
    (first,), (second,) = read_demo_clients(tmp_path / "one"), read_demo_clients(tmp_path / "other")
    assert first.client_id != second.client_id
