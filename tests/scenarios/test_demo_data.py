"""The demo data is part of the running system: its tenants go on from where their histories end."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.testkit.shop import Shop, operation
from tests.testkit.system import RunningSystem
from tributary.demo_clients import read_demo_clients
from tributary.oauth import fetch_token

PAYING = """
{ planSubscriptions(first: 20) { nodes { status price { id } customer { id defaultPaymentMethod { id } } } } }"""


def tributary(system: RunningSystem, *arguments: str) -> str:
    command = [sys.executable, "-m", "tributary", *arguments, "--data-dir", str(system.data)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def seeded(system: RunningSystem) -> str:
    """What the first load said."""
    return tributary(system, "seed", "--customers", "12")


async def test_three_tenants_are_there_and_a_second_load_adds_nothing(system: RunningSystem, seeded: str) -> None:
    assert "demo data: 3 tenants, 36 customers" in seeded
    assert tributary(system, "seed", "--customers", "12").splitlines()[-1] == seeded.splitlines()[-1]
    assert [client.tenant for client in read_demo_clients(system.data)] == ["northlight-analytics", "pigeon-mail", "kite-builds"]


async def test_a_demo_customer_subscribes_again_and_is_billed_the_next_number(system: RunningSystem, seeded: str) -> None:
    client = read_demo_clients(system.data)[1]
    token = await fetch_token(system.issuer, client.client_id, client.client_secret)
    shop = Shop(system, "", (client.client_id, client.client_secret))
    assert tributary(system, "token", "--tenant", "pigeon-mail").count(".") == token.count(".") == 2
    found: list[dict[str, Any]] = (await shop.data(PAYING))["planSubscriptions"]["nodes"]
    active = next(one for one in found if one["status"] == "ACTIVE" and one["customer"]["defaultPaymentMethod"])
    customer_id, price_id = active["customer"]["id"], active["price"]["id"]
    before = await numbers(shop)
    state = await shop.settled(await shop.start(customer_id, price_id, quantity=1))
    (invoice,) = state["invoices"]["nodes"]
    assert (state["status"], invoice["status"]) == ("ACTIVE", "PAID")
    assert invoice["number"] == f"INV-{max(before) + 1:06}"
    overview = (await shop.data(operation("CustomerOverview"), {"id": customer_id}))["customer"]
    assert overview["createdBy"] == {"id": client.client_id, "name": "Demo client"}
    assert invoice["number"] in json.dumps(overview["invoices"])


async def numbers(shop: Shop) -> set[int]:
    """Return the numbers of all of a small tenant's invoices."""
    nodes = (await shop.data("{ invoices(first: 100) { nodes { number } } }"))["invoices"]["nodes"]
    return {int(node["number"].removeprefix("INV-")) for node in nodes}
