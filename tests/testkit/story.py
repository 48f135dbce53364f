"""Stories: a tenant on its own clock, told through the public API, and read as the text of its customers' accounts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from difflib import unified_diff
from textwrap import dedent
from typing import Any

from tests.testkit.account import ACCOUNT, account_blocks
from tests.testkit.shop import Shop, operation

__all__ = ["Story", "money"]

SECONDS = 60
PAUSE_SECONDS = 0.1
# Each look costs the system as much as a step of the story does: what takes longer is looked at less often.
LONGEST_PAUSE_SECONDS = 0.5
CLOCK = "{ testClock { now advancingTo } }"
INSTANT = "T00:00:00Z"
MONTH = {"unit": "MONTH", "count": 1}


def mutation(name: str, selection: str = "") -> str:
    """Return the mutation `name` as an operation; `selection` is what else is wanted of its answer."""
    input = name[0].upper() + name[1:] + "Input"
    return f"mutation($input: {input}!) {{ {name}(input: $input) {{ {selection} userErrors {{ code field message }} }} }}"


def money(minor_units: int, currency: str = "EUR") -> dict[str, str]:
    """Return an amount as inputs take it."""
    return {"minorUnits": str(minor_units), "currencyCode": currency}


def instant(text: str) -> str:
    """Return midnight UTC where `text` is only a date."""
    return text if "T" in text else text + INSTANT


class Story:
    """A tenant that lives by a clock of its own. Dates are given as `2026-01-31`, for midnight UTC, or as whole instants."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self._seen: dict[str, dict[str, str]] = {}
        self._watcher: str | None = None

    async def do(self, name: str, selection: str = "", /, **input: Any) -> dict[str, Any]:
        """Send the mutation `name`, which must not be refused, and return its payload."""
        return await self.shop.do(mutation(name, selection), **input)

    async def refused(self, name: str, /, **input: Any) -> list[str]:
        """Send the mutation `name`, which must be refused, and return the codes of why."""
        payload = (await self.shop.data(mutation(name), {"input": input}))[name]
        assert payload["userErrors"], payload
        return [error["code"] for error in payload["userErrors"]]

    async def freeze(self, day: str) -> None:
        """Let the tenant's time stand still."""
        await self.do("testClockFreeze", now=instant(day))

    async def advance(self, day: str) -> None:
        """Move the tenant's time; everything due on the way has happened then, with all that follows from it."""
        await self.do("testClockAdvance", to=instant(day))

        async def there() -> bool:
            return (await self.shop.data(CLOCK))["testClock"]["advancingTo"] is None

        await self.until(there)

    async def all_hear_of(self, day: str) -> None:
        """Wait until the other subgraphs know the tenant's time: the clock moves there by events."""
        if self._watcher is None:
            self._watcher = await self.customer(card=None)
        watcher, line = self._watcher, {"description": "nothing", "unitAmount": "0"}

        async def heard() -> bool:
            customer = {"customerId": watcher, "currencyCode": "EUR"}
            made = await asyncio.gather(
                self.do("customerCreate", "customer { createdAt }", name="later", currencyCode="EUR"),
                self.do("productCreate", "product { createdAt }", name="later"),
                self.do("invoiceCreate", "invoice { createdAt }", **customer, lines=[line], advance="DRAFT"),
            )
            stamps = zip(("customer", "product", "invoice"), made, strict=True)
            return all(answer[name]["createdAt"].startswith(day) for name, answer in stamps)

        await self.until(heard)

    async def until(self, ask: Callable[[], Awaitable[bool]]) -> None:
        """Ask until the answer is yes."""
        deadline, pause = time.monotonic() + SECONDS, PAUSE_SECONDS
        while not await ask():
            assert time.monotonic() < deadline
            await asyncio.sleep(pause)
            pause = min(pause * 1.3, LONGEST_PAUSE_SECONDS)

    async def sees(self, customer_id: str, expected: str) -> None:
        """Wait until what is new or changed in the customer's account since this was called last is exactly `expected`."""
        wanted, seen = dedent(expected).strip(), self._seen.setdefault(customer_id, {})
        deadline, pause = time.monotonic() + SECONDS, PAUSE_SECONDS
        while True:
            blocks = account_blocks((await self.shop.data(ACCOUNT, {"id": customer_id}))["customer"])
            changed = "\n".join(text for id, text in blocks.items() if seen.get(id) != text)
            if changed == wanted or time.monotonic() >= deadline:
                break
            await asyncio.sleep(pause)
            pause = min(pause * 1.3, LONGEST_PAUSE_SECONDS)
        assert changed == wanted, "\n".join(
            ["", *unified_diff(wanted.splitlines(), changed.splitlines(), "told", "seen", lineterm="", n=99)]
        )
        self._seen[customer_id] = blocks

    async def account(self, customer_id: str) -> list[str]:
        """Return the customer's whole account as it is now, thing by thing."""
        return list(account_blocks((await self.shop.data(ACCOUNT, {"id": customer_id}))["customer"]).values())

    async def plan(self, name: str, **terms: Any) -> str:
        """Return the id of a new plan's price: in EUR and monthly, and `flat` minor units where nothing else is said."""
        product = (await self.do("productCreate", "product { id }", name=name))["product"]["id"]
        code = name.lower().replace(" ", "-")
        plan = (await self.do("planCreate", "plan { id }", productId=product, code=code, name=name))["plan"]["id"]
        return await self.price(plan, **terms)

    async def price(self, plan_id: str, flat: int | None = None, **terms: Any) -> str:
        """Return the id of a new price of the plan."""
        input: dict[str, Any] = {"planId": plan_id, "currencyCode": "EUR", "interval": MONTH, **terms}
        if flat is not None:
            input |= {"model": "FLAT", "flatAmount": money(flat, input["currencyCode"])}
        elif "unitAmount" in input:
            input.setdefault("model", "PER_UNIT")
        return str((await self.do("priceCreate", "price { id }", **input))["price"]["id"])

    async def plan_ids(self, *price_ids: str) -> list[str]:
        """Return the ids of the plans that these are prices of."""
        query = "query($id: ID!) { price(id: $id) { plan { id } } }"
        return [(await self.shop.data(query, {"id": id}))["price"]["plan"]["id"] for id in price_ids]

    async def customer(self, card: str | None = "sandbox_success", **particulars: Any) -> str:
        """Return the id of a new customer who pays with a token of the sandbox."""
        input = {"name": "Hooli", "currencyCode": "EUR", **particulars}
        customer_id = str((await self.do("customerCreate", "customer { id }", **input))["customer"]["id"])
        if card is not None:
            await self.pay_by(customer_id, card)
        return customer_id

    async def pay_by(self, customer_id: str, card: str) -> str:
        """Return the id of the customer's new default payment method."""
        attached = await self.shop.do(
            operation("PaymentMethodAttach"), customerId=customer_id, token=card, label=card, makeDefault=True
        )
        return str(attached["customer"]["defaultPaymentMethod"]["id"])

    async def start(self, customer_id: str, price_id: str, **wanted: Any) -> str:
        """Return the id of a new plan subscription."""
        started = await self.shop.do(operation("PlanSubscriptionStart"), customerId=customer_id, priceId=price_id, **wanted)
        return str(started["planSubscription"]["id"])

    async def change(self, id: str, **wanted: Any) -> None:
        """Change a plan subscription."""
        await self.do("planSubscriptionChange", id=id, **wanted)

    async def cancel(self, id: str, **wanted: Any) -> None:
        """Cancel a plan subscription."""
        await self.do("planSubscriptionCancel", id=id, **wanted)

    async def use(self, id: str, meter: str, *events: tuple[str, str, str]) -> None:
        """Record usage events: their ids, instants and values."""
        batch = [
            {"id": event, "planSubscriptionId": id, "meter": meter, "at": instant(at), "value": value}
            for event, at, value in events
        ]
        assert (await self.do("usageRecordBatch", "recorded", events=batch))["recorded"] == len(batch)

    async def invoice_ids(self, customer_id: str) -> dict[str, str]:
        """Return the ids of the customer's invoices by number."""
        query = "query($id: ID!) { customer(id: $id) { invoices(first: 50) { nodes { id number } } } }"
        nodes = (await self.shop.data(query, {"id": customer_id}))["customer"]["invoices"]["nodes"]
        return {node["number"]: node["id"] for node in nodes if node["number"]}
