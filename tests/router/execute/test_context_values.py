"""Arguments that come from the objects above a field (`@fromContext`)."""

from __future__ import annotations

from typing import Any

from router.plan.nodes import PathStep, Sequence
from tests.testkit.executing import entities, execute, fetch, path, requires

SDL = """
type Query { shops: [Shop] }
type Shop { id: ID!, currency: String, settings: Settings, items: [[Item]] }
type Settings { locale: String }
type Item { id: ID!, price: String }
"""


async def test_one_request_for_each_value_of_the_context() -> None:
    item = {"__typename": "Item", "id": "i"}
    shops = [
        {"currency": "EUR", "settings": {"locale": "de"}, "items": [[dict(item)], [{**item, "id": "j"}]]},
        {"currency": "USD", "settings": {"locale": "en"}, "items": [[dict(item)]]},
        {"currency": "EUR", "settings": {"locale": "de"}, "items": [[dict(item)]]},
        {"settings": None, "items": [[dict(item)]]},
    ]
    context = {"c": path("..", "currency"), "l": path("..", "settings", PathStep("locale"))}
    plan = Sequence(
        (
            fetch("shops", "{shops{currency settings{locale} items{__typename id}}}"),
            entities("prices", path("shops.@", "items.@"), requires("Item", "id"), "...on Item{price}", context=context),
        )
    )

    def prices(body: dict[str, Any]) -> Any:
        variables = body["variables"]
        return {
            "data": {
                "_entities": [
                    {"price": f"{found['id']} {variables['c']} {variables['l']}"} for found in variables["representations"]
                ]
            }
        }

    result, transport = await execute(
        SDL, "{ shops { items { price } } }", plan, {"shops": {"data": {"shops": shops}}, "prices": prices}
    )
    assert result.errors is None
    assert result.data == {
        "shops": [
            {"items": [[{"price": "i EUR de"}], [{"price": "j EUR de"}]]},
            {"items": [[{"price": "i USD en"}]]},
            {"items": [[{"price": "i EUR de"}]]},
            {"items": [[{"price": "i None None"}]]},
        ]
    }
    assert [len(body["variables"]["representations"]) for _, body in transport.sent[1:]] == [2, 1, 1]
