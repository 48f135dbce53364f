"""A tenant that sells something through the router of a running system: what a client does, one call per step."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from tests.testkit.system import OAuthLogin, RunningSystem

__all__ = ["Shop", "open_shop", "operation"]

OPERATIONS = Path(__file__).parents[2] / "schema" / "operations"
# Tokens live ten minutes.
TOKEN_SECONDS = 240
SETTLED_SECONDS = 60
TENANT_CREATE = """
mutation TenantCreate($input: TenantCreateInput!) {
  tenantCreate(input: $input) { tenant { id } clientId clientSecret userErrors { code message } }
}"""
PRODUCT_CREATE = """
mutation ProductCreate($input: ProductCreateInput!) {
  productCreate(input: $input) { product { id } userErrors { code message } }
}"""
FEATURE_CREATE = """
mutation FeatureCreate($input: FeatureCreateInput!) {
  featureCreate(input: $input) { feature { id } userErrors { code message } }
}"""
PLAN_CREATE = """
mutation PlanCreate($input: PlanCreateInput!) {
  planCreate(input: $input) { plan { id } userErrors { code message } }
}"""
PLAN_FEATURE_SET = """
mutation PlanFeatureSet($input: PlanFeatureSetInput!) {
  planFeatureSet(input: $input) { plan { id } userErrors { code message } }
}"""
PRICE_CREATE = """
mutation PriceCreate($input: PriceCreateInput!) {
  priceCreate(input: $input) { price { id } userErrors { code message } }
}"""
STATE = """
query State($id: ID!) {
  planSubscription(id: $id) { id status incompleteReason invoices(first: 10) { nodes { id number status total { amount } } } }
}"""


@cache
def operation(name: str) -> str:
    """Return one of the named client operations of schema/operations."""
    return (OPERATIONS / f"{name}.graphql").read_text()


class Shop:
    """A tenant, with one client that holds every scope of a tenant."""

    def __init__(self, system: RunningSystem, tenant: str, client: OAuthLogin) -> None:
        self.system, self.tenant, self.client = system, tenant, client
        self._token: tuple[str, float] | None = None

    async def token(self, scope: str | None = None) -> str:
        """Return an access token; without `scope`, one with all of the client's."""
        if scope is not None:
            return await self.system.token(scope, self.client)
        if self._token is None or time.monotonic() > self._token[1]:
            self._token = await self.system.token(None, self.client), time.monotonic() + TOKEN_SECONDS
        return self._token[0]

    async def answer(self, query: str, variables: dict[str, Any] | None = None, *, scope: str | None = None) -> dict[str, Any]:
        """Return the router's whole answer."""
        return await self.system.graphql(query, variables, token=await self.token(scope))

    async def data(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the data of an answer without errors."""
        answer = await self.answer(query, variables)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    async def do(self, query: str, **input: Any) -> dict[str, Any]:
        """Send a mutation that must not be refused, and return its payload."""
        (payload,) = (await self.data(query, {"input": input})).values()
        assert payload["userErrors"] == [], payload
        done: dict[str, Any] = payload
        return done

    async def create_customer(self, name: str = "Hooli", token: str | None = "sandbox_success") -> str:
        """Create a customer who pays with a token of the sandbox, and return its id."""
        created = await self.do(operation("CustomerCreate"), name=name, email="billing@hooli.example", currencyCode="EUR")
        customer_id = str(created["customer"]["id"])
        if token is not None:
            await self.do(operation("PaymentMethodAttach"), customerId=customer_id, token=token, label="Visa •••• 4242")
        return customer_id

    async def create_price(self, code: str = "team", amount: str = "12.50") -> str:
        """Create a product, a feature, a plan that includes it, and a monthly price per unit; return the price's id."""
        product = (await self.do(PRODUCT_CREATE, name="Analytics"))["product"]["id"]
        feature = (await self.do(FEATURE_CREATE, code=f"{code}-seats", name="Seats"))["feature"]["id"]
        plan = (await self.do(PLAN_CREATE, productId=product, code=code, name=code.title()))["plan"]["id"]
        await self.do(PLAN_FEATURE_SET, planId=plan, featureId=feature, limit=25)
        price = await self.do(
            PRICE_CREATE,
            planId=plan,
            model="PER_UNIT",
            currencyCode="EUR",
            interval={"unit": "MONTH", "count": 1},
            unitAmount=amount,
        )
        return str(price["price"]["id"])

    async def start(self, customer_id: str, price_id: str, quantity: int = 3) -> str:
        """Start a plan subscription and return its id."""
        started = await self.do(operation("PlanSubscriptionStart"), customerId=customer_id, priceId=price_id, quantity=quantity)
        return str(started["planSubscription"]["id"])

    async def state(self, plan_subscription_id: str) -> dict[str, Any]:
        """Return a plan subscription's status and its invoices."""
        found: dict[str, Any] = (await self.data(STATE, {"id": plan_subscription_id}))["planSubscription"]
        return found

    async def settled(self, plan_subscription_id: str, seconds: float = SETTLED_SECONDS) -> dict[str, Any]:
        """Return the state once the first payment has succeeded or failed."""
        return await self.until(plan_subscription_id, lambda state: state["status"] != "PENDING", seconds)

    async def until(
        self, plan_subscription_id: str, wanted: Callable[[dict[str, Any]], bool], seconds: float = SETTLED_SECONDS
    ) -> dict[str, Any]:
        """Return the state as soon as it is as wanted."""
        deadline = time.monotonic() + seconds
        while not wanted(state := await self.state(plan_subscription_id)):
            assert time.monotonic() < deadline, state
            await asyncio.sleep(0.1)
        return state


async def open_shop(system: RunningSystem, name: str) -> Shop:
    """Create a tenant as the operator does."""
    answer = await system.graphql(TENANT_CREATE, {"input": {"name": name}}, token=await system.token())
    assert "errors" not in answer, answer
    created = answer["data"]["tenantCreate"]
    assert created["userErrors"] == [], created
    return Shop(system, created["tenant"]["id"], (created["clientId"], created["clientSecret"]))
