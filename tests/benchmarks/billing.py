"""The whole billing system under load, through the router, on embedded stores.

Reads are repeated for some seconds over some connections. "vs direct" compares with the baseline of the same run: the point query
sent straight to the customer subgraph. A machine's speed moves both, their ratio hardly. The router can be the faster one: equal
queries that arrive while one of them is under way share its answer. Everything shares the machine with load generator and stores.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.benchmarks.gateway_load import Load, run_load
from tests.testkit.shop import Shop, open_shop, operation
from tests.testkit.system import RunningSystem, run_system
from tests.testkit.websocket import subscribe
from tributary.services import ROUTER, SUBGRAPHS

__all__ = ["main"]

ROW = "{:<46} {:>8} {:>9} {:>9} {:>10}"
PAID = "subscription ($customerId: ID) { invoiceChanged(customerId: $customerId) { event invoice { planSubscription { id } } } }"
STARTED = "subscription ($customerId: ID) { planSubscriptionChanged(customerId: $customerId) { event planSubscription { id } } }"
WARM_UP_SECONDS = 1.0
TURNS = 5
SETTLED_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Prepared:
    """A customer with something to read, and who may read it."""

    shop: Shop
    token: str
    customer_id: str
    price_id: str
    point: dict[str, Any]
    overview: dict[str, Any]


def main(arguments: list[str]) -> int:
    """Print the measurements; return the exit code, 1 when an answer was wrong."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as folder, run_system(Path(folder) / "data") as system:
        prepared = asyncio.run(_prepare(system))
        print(ROW.format("billing", "per s", "p50 ms", "p99 ms", "vs direct"), flush=True)
        wrong = _reads(prepared, options.connections, options.seconds)
        delays, paid = asyncio.run(_starts(prepared, options.starts))
        _print_times("subscription started → invoice paid, one by one", paid)
        _print_times("commit answered → event on the WebSocket", delays)
        elapsed = asyncio.run(_burst(prepared, options.starts))
        print(ROW.format(f"{options.starts} subscriptions at once → all active", f"{options.starts / elapsed:.1f}", "", "", ""))
    return 1 if wrong else 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks billing", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each read is repeated")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--starts", type=int, default=40, help="how many plan subscriptions are started, twice")
    return parser.parse_args(arguments)


async def _prepare(system: RunningSystem) -> Prepared:
    shop = await open_shop(system, "Benchmark")
    price_id = await shop.create_price()
    customer_id = await shop.create_customer("Hooli")
    await shop.settled(await shop.start(customer_id, price_id))
    variables = {"id": customer_id}
    return Prepared(
        shop=shop,
        token=await shop.token(),
        customer_id=customer_id,
        price_id=price_id,
        point=await shop.data(operation("CustomerById"), variables),
        overview=await shop.data(operation("CustomerOverview"), variables),
    )


def _reads(prepared: Prepared, connections: int, seconds: float) -> int:
    """Measure the baseline, then the router; return how many answers were wrong."""
    offset, reads = prepared.shop.system.port_offset, _reads_of(prepared)
    loads = {title: Load() for title, *_ in reads}
    # In turns, so that what else the machine does falls on all of them.
    for turn in range(TURNS + 1):
        for title, port, name, expected in reads:
            body = json.dumps({"query": operation(name), "variables": {"id": prepared.customer_id}}).encode()
            duration = seconds / TURNS if turn else WARM_UP_SECONDS
            load = run_load(
                port + offset, "/graphql", body, expected, connections=connections, seconds=duration, token=prepared.token
            )
            if turn:
                loads[title].seconds += load.seconds
                loads[title].latencies += load.latencies
            loads[title].wrong += load.wrong
    direct = next(iter(loads.values())).rate
    for title, load in loads.items():
        cells = (f"{load.rate:.0f}", f"{load.percentile(0.5):.1f}", f"{load.percentile(0.99):.1f}", f"{load.rate / direct:.2f}")
        print(ROW.format(title, *cells), flush=True)
    return sum(load.wrong for load in loads.values())


def _reads_of(prepared: Prepared) -> Sequence[tuple[str, int, str, dict[str, Any]]]:
    """Return what is read, the baseline first: title, port, operation, data."""
    return (
        ("point query, straight at the subgraph", SUBGRAPHS["customer"].port, "CustomerById", prepared.point),
        ("point query", ROUTER.port, "CustomerById", prepared.point),
        ("query over five subgraphs", ROUTER.port, "CustomerOverview", prepared.overview),
    )


async def _starts(prepared: Prepared, count: int) -> tuple[list[float], list[float]]:
    """Start subscriptions one after the other; return the seconds until the start, and until its payment, was told."""
    shop, delays, paid = prepared.shop, list[float](), list[float]()
    variables = {"customerId": prepared.customer_id}
    async with (
        aiohttp.ClientSession() as session,
        subscribe(session, shop.system.graphql_url, prepared.token, STARTED, variables) as starts,
        subscribe(session, shop.system.graphql_url, prepared.token, PAID, variables) as payments,
    ):
        await asyncio.sleep(1)
        for _ in range(count):
            began = time.perf_counter()
            told = asyncio.create_task(_told(starts, "planSubscriptionChanged", "plan-subscription-started.v1"))
            payment = asyncio.create_task(_told(payments, "invoiceChanged", "invoice-paid.v1"))
            await shop.start(prepared.customer_id, prepared.price_id)
            answered = time.perf_counter()
            delays.append(max(0.0, await told - answered))
            paid.append(await payment - began)
    return delays, paid


async def _told(feed: Any, field: str, event: str) -> float:
    """Return when an event of this type arrives."""
    while (await feed.data())[field]["event"] != event:
        continue
    return time.perf_counter()


async def _burst(prepared: Prepared, count: int) -> float:
    """Start as many subscriptions at once; return the seconds until the last is active."""
    shop, began = prepared.shop, time.perf_counter()
    ids = await asyncio.gather(*(shop.start(prepared.customer_id, prepared.price_id) for _ in range(count)))
    for id in ids:
        state = await shop.settled(id, SETTLED_SECONDS)
        assert state["status"] == "ACTIVE", state
    return time.perf_counter() - began


def _print_times(title: str, seconds: Sequence[float]) -> None:
    ordered = sorted(seconds)
    p50, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 for share in (0.5, 0.99))
    print(ROW.format(title, "", f"{p50:.0f}", f"{p99:.0f}", ""), flush=True)
