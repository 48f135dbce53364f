"""`make interop`: the same supergraph and the same subgraphs behind another gateway give the same answers.

Every operation of schema/operations/ is sent to our router and to Hive Gateway; what is created by both is compared with ids and
instants left out. Every fixture supergraph must be accepted by Hive's runtime. Exit codes: 0 no difference, 1 there are some.
"""

import asyncio
import json
import re
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

from tests.interop.hive import install, rejected, run_hive
from tests.testkit.shop import Shop, open_shop, operation
from tests.testkit.system import RunningSystem, run_system
from tributary.services import SUBGRAPHS

ROOT = Path(__file__).parents[2]
SECONDS = 40
# Differ between two things made one after the other, whoever made them.
OWN = re.compile(r"\b[a-z]+_[0-9A-HJKMNP-TV-Z]{26}\b|\d{4}-\d\d-\d\dT[0-9:.]+Z")


def main() -> int:
    """Compare everything, print the outcome, and return the exit code."""
    install()
    found = 0
    fixtures = sorted(ROOT.glob("tests/fixtures/supergraphs/*/supergraph.graphql"))
    for path, reason in (refusals := rejected([ROOT / "schema/supergraph.graphql", *fixtures])).items():
        print(f"REFUSED  {path.relative_to(ROOT)}: {reason}")
    print(f"{len(fixtures) + 1 - len(refusals)} of {len(fixtures) + 1} supergraphs are accepted")
    with tempfile.TemporaryDirectory() as folder, run_system(Path(folder) / "data") as system:
        supergraph = Path(folder) / "supergraph.graphql"
        supergraph.write_text(_moved((ROOT / "schema/supergraph.graphql").read_text(), system))
        with run_hive(supergraph, Path(folder)) as hive_url:
            found = asyncio.run(_compare_all(system, hive_url))
    return 1 if found or refusals else 0


def _moved(supergraph: str, system: RunningSystem) -> str:
    """Lead the routing URLs to the system under test."""
    for service in SUBGRAPHS.values():
        supergraph = supergraph.replace(f"127.0.0.1:{service.port}/", f"127.0.0.1:{service.port + system.port_offset}/")
    return supergraph


async def _compare_all(system: RunningSystem, hive_url: str) -> int:
    shop = await open_shop(system, "Interop")
    price_id = await shop.create_price()
    customer_id = await shop.create_customer("Hooli")
    await shop.settled(await shop.start(customer_id, price_id))
    await shop.create_customer("Initech", token=None)
    token = await shop.token()
    inputs: dict[str, dict[str, Any]] = {
        "Catalog": {},
        "CustomerById": {"id": customer_id},
        "CustomerOverview": {"id": customer_id},
        "CustomerList": {"first": 1},
        "CustomerCreate": {"input": {"name": "Globex", "currencyCode": "EUR"}},
        "PaymentMethodAttach": {"input": {"customerId": customer_id, "token": "sandbox_success", "label": "Visa"}},
        "PlanSubscriptionStart": {"input": {"customerId": customer_id, "priceId": price_id, "quantity": 2}},
    }
    names = {path.stem for path in (ROOT / "schema/operations").glob("*.graphql")}
    if unknown := sorted(names - set(inputs) - {"InvoiceChanged"}):
        print(f"NOT COMPARED  {', '.join(unknown)}: give them variables in {__file__}")
        return len(unknown)
    different = 0
    for name, variables in inputs.items():
        ours = await system.graphql(operation(name), variables, token=token)
        theirs = await system.graphql(operation(name), variables, token=token, url=hive_url)
        if "mutation" in operation(name):
            ours, theirs = _without_own(ours), _without_own(theirs)
        different += _report(name, ours, theirs)
    ours, theirs = await _live(shop, hive_url, await shop.create_customer("Live"), price_id)
    return different + _report("InvoiceChanged", ours, theirs)


def _without_own(answer: Any) -> Any:
    return json.loads(OWN.sub("…", json.dumps(answer)))


def _report(name: str, ours: Any, theirs: Any) -> int:
    if ours == theirs and ours and "errors" not in ours:
        print(f"same       {name}")
        return 0
    print(f"DIFFERENT  {name}\n  router {json.dumps(ours)}\n  hive   {json.dumps(theirs)}")
    return 1


async def _live(shop: Shop, hive_url: str, customer_id: str, price_id: str) -> tuple[Any, Any]:
    """Return what both gateways tell, over server-sent events, of one invoice until it is paid."""
    watching = [
        asyncio.create_task(_until_paid(url, await shop.token(), customer_id)) for url in (shop.system.graphql_url, hive_url)
    ]
    await asyncio.sleep(2)
    await shop.start(customer_id, price_id)
    ours, theirs = await asyncio.gather(*watching)
    return ours, theirs


async def _until_paid(url: str, token: str, customer_id: str) -> list[Any]:
    """Return the changes' types and invoices; what else a change reads may have moved on when the slower gateway asks."""
    body = {"query": operation("InvoiceChanged"), "variables": {"customerId": customer_id}}
    headers = {"authorization": f"Bearer {token}", "accept": "text/event-stream"}
    seen: list[Any] = []
    async with (
        asyncio.timeout(SECONDS),
        aiohttp.ClientSession() as session,
        session.post(url, json=body, headers=headers) as response,
    ):
        async for answer in _events(response):
            change = answer["data"]["invoiceChanged"]
            invoice = change["invoice"]
            invoice["planSubscription"].pop("status")
            seen.append({"event": change["event"], "gap": change["gap"], **{key: invoice[key] for key in STEADY}})
            if change["event"] == "invoice-paid.v1":
                break
    return seen


STEADY = ("id", "total", "customer", "planSubscription")
"""What does not change while an invoice is made and paid."""


async def _events(response: aiohttp.ClientResponse) -> AsyncIterator[dict[str, Any]]:
    async for line in response.content:
        if line.startswith(b"data:") and line[5:].strip():
            yield json.loads(line[5:])


if __name__ == "__main__":
    sys.exit(main())
