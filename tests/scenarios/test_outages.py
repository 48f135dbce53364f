"""What is lost when processes and machines stop at the worst moment: nothing."""

import asyncio
import signal
from pathlib import Path
from typing import Any

from tests.testkit.shop import Shop, open_shop, operation
from tests.testkit.system import RunningSystem, run_system

OUTAGE_SECONDS = 10
STARTS = 10


async def test_invoice_worker_killed_between_event_and_invoice_makes_exactly_one_invoice(
    system: RunningSystem, shop: Shop, price_id: str
) -> None:
    customer_id = await shop.create_customer("Interrupted GmbH")
    await asyncio.sleep(1)  # its payment method has arrived at the invoice subgraph
    started: list[str] = []
    # Killed first while the event is on its way, then again and again in the middle of handling it.
    async with system.held("invoice-worker", signal.SIGKILL):
        started.append(await shop.start(customer_id, price_id))
        await asyncio.sleep(0.5)
    for pause in (0.05, 0.1, 0.2):
        started.append(await shop.start(customer_id, price_id))
        await asyncio.sleep(pause)
        async with system.held("invoice-worker", signal.SIGKILL):
            pass
    states = [await shop.until(id, lambda state: state["status"] == "ACTIVE", 90) for id in started]
    await asyncio.sleep(1)
    states = [await shop.state(id) for id in started]
    assert [len(state["invoices"]["nodes"]) for state in states] == [1] * len(started)
    assert {invoice["status"] for state in states for invoice in state["invoices"]["nodes"]} == {"PAID"}
    numbers = [invoice["number"] for state in states for invoice in state["invoices"]["nodes"]]
    assert len(set(numbers)) == len(numbers)


async def test_redis_away_during_ten_starts_all_end_active_with_one_invoice_each(
    system: RunningSystem, shop: Shop, price_id: str
) -> None:
    customer_id = await shop.create_customer("Patience AG")
    await shop.settled(await shop.start(customer_id, price_id))

    async def starting(number: int) -> str:
        await asyncio.sleep(number * OUTAGE_SECONDS / STARTS)
        return await shop.start(customer_id, price_id, quantity=number + 1)

    async with system.held("redis", signal.SIGTERM):
        ids = await asyncio.gather(*(starting(number) for number in range(STARTS)))
        await asyncio.sleep(1)
        waiting = [(await shop.state(id))["status"] for id in ids]
    assert waiting == ["PENDING"] * STARTS
    states = await asyncio.gather(*(shop.until(id, lambda state: state["status"] == "ACTIVE", 90) for id in ids))
    invoices = [state["invoices"]["nodes"] for state in states]
    assert [[(one["status"], one["total"]["amount"]) for one in each] for each in invoices] == [
        [("PAID", f"{12.5 * (number + 1):.2f}")] for number in range(STARTS)
    ]


async def overview(shop: Shop, customer_id: str) -> dict[str, Any]:
    return await shop.data(operation("CustomerOverview"), {"id": customer_id})


async def test_everything_killed_at_once_keeps_its_data(tmp_path: Path) -> None:
    with run_system(tmp_path / "data") as system:
        shop = await open_shop(system, "Survivor")
        price_id = await shop.create_price()
        customer_id = await shop.create_customer("Phoenix")
        await shop.settled(await shop.start(customer_id, price_id))
        before = await overview(shop, customer_id)
        begun = await shop.start(customer_id, price_id)
        for name in system.names():
            system.kill(name)
        system.process.kill()
        system.process.wait(timeout=10)
        await system.gone()
    with run_system(tmp_path / "data", port_offset=system.port_offset) as again:
        shop = Shop(again, shop.tenant, shop.client)
        state = await shop.until(begun, lambda state: state["status"] == "ACTIVE", 90)
        assert [invoice["status"] for invoice in state["invoices"]["nodes"]] == ["PAID"]
        after = await overview(shop, customer_id)
        known = {one["id"]: one for one in after["customer"]["planSubscriptions"]["nodes"]}
        (kept,) = before["customer"]["planSubscriptions"]["nodes"]
        assert known[kept["id"]] == kept
        assert before["customer"]["invoices"]["nodes"][0] in after["customer"]["invoices"]["nodes"]
