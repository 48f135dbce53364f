"""Operations from the client's socket to the subgraphs' and back: what is asked, with which headers, and what fails how."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.testkit.router_server import Answer, Response, RunningRouter, run_router

BOTH = "{ products { upc reviews { body } } }"
PRODUCTS = [{"upc": "1"}, {"upc": "2"}]


@pytest.fixture(scope="module")
async def shared_router(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningRouter]:
    async with run_router(
        tmp_path_factory.mktemp("router"), development=True, subgraph_timeouts={"reviews": 0.3}, max_subgraph_bytes=20_000
    ) as running:
        yield running


@pytest.fixture
def router(shared_router: RunningRouter) -> RunningRouter:
    """A router whose subgraphs behave and were not asked anything yet."""
    for subgraph in (shared_router.catalog, shared_router.reviews):
        subgraph.broken = subgraph.gate = None
        subgraph.cancelled = 0
        subgraph.requests.clear()
        subgraph.headers.clear()
    return shared_router


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    async with AsyncExitStack() as stack:

        async def started(**settings: Any) -> RunningRouter:
            return await stack.enter_async_context(run_router(tmp_path, **settings))

        yield started


# -- fetches


async def test_entities_of_a_list_are_one_request(router: RunningRouter) -> None:
    assert await router.data(BOTH) == {
        "products": [{"upc": "1", "reviews": [{"body": "On 1"}]}, {"upc": "2", "reviews": [{"body": "On 2"}]}]
    }
    assert len(router.catalog.requests) == 1
    assert [request["variables"] for request in router.reviews.requests] == [
        {"representations": [{"__typename": "Product", "upc": "1"}, {"__typename": "Product", "upc": "2"}]}
    ]


async def test_root_fields_of_two_subgraphs_are_fetched_at_the_same_time(router: RunningRouter) -> None:
    router.catalog.gate, router.reviews.gate = asyncio.Event(), asyncio.Event()
    asked = asyncio.create_task(router.data("{ products { upc } best { upc } }"))
    async with asyncio.timeout(5):
        while not (router.catalog.running and router.reviews.running):
            await asyncio.sleep(0.005)
    router.reviews.gate.set()
    router.catalog.gate.set()
    assert await asked == {"products": PRODUCTS, "best": {"upc": "1"}}


async def test_requests_of_one_caller_share_a_fetch_in_flight(router: RunningRouter) -> None:
    await _together(router, [{"authorization": "Bearer a"}] * 3)
    assert len(router.catalog.requests) == 1


async def test_requests_of_different_callers_share_nothing(router: RunningRouter) -> None:
    await _together(router, [{"authorization": "Bearer a"}, {"authorization": "Bearer b"}, {}])
    assert sorted(headers.get("authorization", "") for headers in router.catalog.headers) == ["", "Bearer a", "Bearer b"]


async def test_mutations_are_never_shared(router: RunningRouter) -> None:
    await _together(router, [{}, {}], 'mutation { rename(upc: "1", name: "x") { name } }')
    assert len(router.catalog.requests) == 2


async def test_sharing_can_be_switched_off(start: Callable[..., Any]) -> None:
    router = await start(share_fetches=False)
    await _together(router, [{}, {}])
    assert len(router.catalog.requests) == 2


async def test_a_client_that_leaves_cancels_its_fetches(router: RunningRouter) -> None:
    router.catalog.gate = asyncio.Event()
    asked = asyncio.create_task(router.post("{ products { upc } }"))
    await _asked(router)
    asked.cancel()
    async with asyncio.timeout(5):
        while not router.catalog.cancelled:
            await asyncio.sleep(0.005)


async def test_a_client_that_leaves_does_not_take_the_fetch_from_another(router: RunningRouter) -> None:
    router.catalog.gate = asyncio.Event()
    first = asyncio.create_task(router.post("{ products { upc } }"))
    await _asked(router)
    second = asyncio.create_task(router.data("{ products { upc } }"))
    await asyncio.sleep(0.05)
    first.cancel()
    async with asyncio.timeout(5):
        while not router.catalog.cancelled:
            await asyncio.sleep(0.005)
    router.catalog.gate.set()
    assert await second == {"products": PRODUCTS}
    assert len(router.catalog.requests) == 2


async def test_a_mutation_runs_to_its_end_without_its_client(router: RunningRouter) -> None:
    router.catalog.gate = asyncio.Event()
    asked = asyncio.create_task(router.post('mutation { rename(upc: "1", name: "x") { name } }'))
    await _asked(router)
    asked.cancel()
    await asyncio.sleep(0.2)
    assert (router.catalog.running, router.catalog.cancelled) == (1, 0)
    router.catalog.gate.set()
    async with asyncio.timeout(5):
        while router.catalog.running:
            await asyncio.sleep(0.005)
    assert router.catalog.cancelled == 0


async def test_who_leaves_a_batch_cancels_its_queries_and_not_its_mutations(start: Callable[..., Any]) -> None:
    router = await start(max_batch_size=3)
    router.catalog.gate = router.reviews.gate = asyncio.Event()
    batch = [{"query": "{ best { upc } }"}, {"query": 'mutation { rename(upc: "1", name: "x") { name } }'}, {"query": "{"}]
    asked = asyncio.create_task(router.session.post(router.url, json=batch))
    async with asyncio.timeout(5):
        while not (router.catalog.running and router.reviews.running):
            await asyncio.sleep(0.005)
        asked.cancel()
        while not router.reviews.cancelled:
            await asyncio.sleep(0.005)
    await asyncio.sleep(0.1)
    assert (router.catalog.running, router.catalog.cancelled) == (1, 0)
    router.catalog.gate.set()
    async with asyncio.timeout(5):
        while router.catalog.running:
            await asyncio.sleep(0.005)
    assert router.catalog.cancelled == 0


# -- identical queries in flight


async def test_identical_queries_of_equal_callers_are_executed_once_on_request(start: Callable[..., Any]) -> None:
    router = await start(share_queries=True, share_fetches=False)
    answers = await _together(router, [{"authorization": "Bearer a"}] * 3)
    assert len(router.catalog.requests) == 1
    assert {answer.body for answer in answers} == {b'{"data":{"products":[{"upc":"1"},{"upc":"2"}]}}'}


@pytest.mark.parametrize("share_fetches", [False, True])
async def test_who_joins_an_identical_query_has_time_of_its_own(start: Callable[..., Any], share_fetches: bool) -> None:
    router = await start(share_queries=True, share_fetches=share_fetches, request_timeout_seconds=1.0)
    router.catalog.gate = asyncio.Event()
    first = asyncio.create_task(router.post("{ products { upc } }"))
    await asyncio.sleep(0.6)
    second = asyncio.create_task(router.post("{ products { upc } }"))
    assert (await first).codes == ["SUBREQUEST_TIMEOUT"]
    router.catalog.gate.set()
    assert (await second).json == {"data": {"products": PRODUCTS}}


async def test_identical_queries_of_different_callers_are_executed_for_each(start: Callable[..., Any]) -> None:
    router = await start(share_queries=True, share_fetches=False)
    await _together(router, [{"authorization": "Bearer a"}, {"authorization": "Bearer b"}])
    assert len(router.catalog.requests) == 2


# -- headers


async def test_only_headers_of_the_rules_reach_subgraphs(router: RunningRouter) -> None:
    sent = {"authorization": "Bearer t", "accept-language": "de", "cookie": "secret", "x-other": "1", "x-request-id": "abc"}
    response = await router.post(BOTH, headers=sent)
    assert response.headers["x-request-id"] == "abc"
    for headers in router.catalog.headers + router.reviews.headers:
        assert (headers["authorization"], headers["accept-language"], headers["x-request-id"]) == ("Bearer t", "de", "abc")
        assert "cookie" not in headers
        assert "x-other" not in headers
        assert headers["traceparent"].startswith("00-")


async def test_the_rules_can_be_changed(start: Callable[..., Any]) -> None:
    router = await start(propagate_headers=["X-Other"])
    await router.post("{ products { upc } }", headers={"authorization": "Bearer t", "x-other": "1"})
    assert router.catalog.headers[0]["x-other"] == "1"
    assert "authorization" not in router.catalog.headers[0]


# -- subgraphs that do not answer as they should

WRONG: list[tuple[str, Answer, str, str]] = [
    ("malformed", Answer(b'{"data":'), "SUBREQUEST_MALFORMED_RESPONSE", "the answer is not JSON"),
    ("not JSON", Answer(b"<html>", content_type=b"text/html"), "SUBREQUEST_MALFORMED_RESPONSE", "the answer is not JSON"),
    ("no GraphQL answer", Answer(b"[1]"), "SUBREQUEST_MALFORMED_RESPONSE", "the answer is not a JSON object"),
    ("oversized", Answer(b" " * 30_000), "SUBREQUEST_HTTP_ERROR", "the answer is too large"),
    ("slow", Answer(b"{}", delay_seconds=5), "SUBREQUEST_TIMEOUT", "no answer in time"),
    ("HTTP error", Answer(b"down", status=503), "SUBREQUEST_HTTP_ERROR", "HTTP status 503"),
    ("empty", Answer(), "SUBREQUEST_MALFORMED_RESPONSE", "the answer is not JSON"),
]


@pytest.mark.parametrize(("answer", "code", "reason"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
async def test_a_wrong_answer_is_one_clear_error_and_the_rest_of_the_data(
    router: RunningRouter, answer: Answer, code: str, reason: str
) -> None:
    router.reviews.broken = answer
    response = await router.post(BOTH)
    assert response.status == 200
    assert response.json["data"] == {"products": [{"upc": "1", "reviews": None}, {"upc": "2", "reviews": None}]}
    [error] = response.json["errors"]
    assert (error["message"], error["path"]) == (f"HTTP fetch failed from 'reviews': {reason}", ["products"])
    assert error["extensions"]["code"] == code
    assert error["extensions"]["serviceName"] == "reviews"


async def test_an_error_of_a_subgraph_has_the_client_s_path(router: RunningRouter) -> None:
    error = {"message": "hidden", "path": ["_entities", 1, "said"], "extensions": {"code": "FORBIDDEN"}}
    entity = {"said": [{"body": "b"}]}
    router.reviews.broken = Answer(orjson.dumps({"data": {"_entities": [entity, {"said": None}]}, "errors": [error]}))
    response = await router.post("{ all: products { upc said: reviews { body } } }")
    assert response.json == {
        "data": {"all": [{"upc": "1", **entity}, {"upc": "2", "said": None}]},
        "errors": [
            {
                "message": "hidden",
                "path": ["all", 1, "said"],
                "extensions": {"code": "FORBIDDEN", "serviceName": "reviews"},
            }
        ],
    }


async def test_out_of_time_what_is_there_is_answered(start: Callable[..., Any]) -> None:
    router = await start(request_timeout_seconds=0.3)
    router.reviews.broken = Answer(b"{}", delay_seconds=5)
    response = await router.post(BOTH)
    assert (response.status, response.codes) == (200, ["SUBREQUEST_TIMEOUT"])
    assert response.json["data"]["products"][0] == {"upc": "1", "reviews": None}


# -- plans


async def test_in_development_the_query_plan_is_in_the_answer_on_request(router: RunningRouter) -> None:
    response = await router.post("{ best { upc } }", headers={"x-query-plan": "1"})
    assert response.json == {
        "data": {"best": {"upc": "1"}},
        "extensions": {
            "queryPlan": {
                "text": 'QueryPlan {\n  Fetch(service: "reviews") {\n    {\n      best {\n        upc\n      }\n    }\n  }\n}'
            }
        },
    }
    assert "extensions" not in (await router.post("{ best { upc } }")).json


async def test_in_production_the_query_plan_is_nobody_s_business(start: Callable[..., Any]) -> None:
    router = await start()
    assert "extensions" not in (await router.post("{ best { upc } }", headers={"x-query-plan": "1"})).json


async def test_a_document_seen_before_is_neither_parsed_nor_planned(start: Callable[..., Any]) -> None:
    router = await start()
    lookups = router.app.router.metrics.cache
    for upc in ("1", "2", "3"):
        await router.data("query($u: ID!) { product(upc: $u) { name } }", variables={"u": upc})
    assert {kind: [lookups.value(kind, result) for result in ("miss", "hit")] for kind in ("document", "plan")} == {
        "document": [1, 2],
        "plan": [1, 2],
    }


async def test_an_operation_that_cannot_be_planned_is_planned_once(
    start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str | None] = []

    def defect(supergraph: Any, document: Any, operation_name: str | None, labels: Any) -> Any:
        tried.append(operation_name)
        raise KeyError("secret")

    monkeypatch.setattr("router.http.engine.prepare", defect)
    router = await start()
    for request_id in ("first-1", "second-2"):
        response = await router.post("query Q { products { upc } }", operationName="Q", headers={"x-request-id": request_id})
        assert response.json["errors"] == [
            {
                "message": f"The operation could not be planned, request id {request_id}.",
                "extensions": {"code": "QUERY_PLANNING_FAILED"},
            }
        ]
    assert tried == ["Q"]


async def test_a_field_repeated_too_often_is_refused_by_the_limit_s_name(router: RunningRouter) -> None:
    assert (await router.data("{ products {" + " upc" * 200 + " } }")) == {"products": PRODUCTS}
    (error,) = (await router.post("{ products {" + " upc" * 201 + " } }")).json["errors"]
    assert (error["message"], error["extensions"]["code"]) == (
        "The operation selects one field more than 200 times (ROUTER_MAX_REPETITIONS).",
        "OPERATION_LIMIT_EXCEEDED",
    )


async def test_a_document_whose_validation_takes_too_much_work_exceeds_a_limit(start: Callable[..., Any]) -> None:
    router = await start(max_repetitions=10_000)
    (error,) = (await router.post("{ products {" + " upc" * 1200 + " } }")).json["errors"]
    assert (error["message"], error["extensions"]["code"]) == (
        "Validating the operation takes too much work: it repeats fields, or nests fragments, too often.",
        "OPERATION_LIMIT_EXCEEDED",
    )


async def test_the_caches_are_bounded(start: Callable[..., Any]) -> None:
    router = await start(plan_cache_size=2)
    for name in ("A", "B", "C", "A"):
        await router.data(f"query {name} {{ __typename }}")
    # A was put out by C.
    assert router.app.router.metrics.cache.value("document", "miss") == 4


async def test_hit_rates_are_metrics(router: RunningRouter) -> None:
    await router.data("{ products { upc } }")
    async with router.session.get(router.url.replace("/graphql", "/metrics")) as response:
        text = await response.text()
    assert 'router_cache_lookups_total{cache="plan",result="miss"}' in text
    assert 'router_cache_lookups_total{cache="document",result="miss"}' in text


async def test_how_subgraphs_answer_is_in_the_metrics(start: Callable[..., Any]) -> None:
    router = await start(subgraph_retries=1)
    router.reviews.broken = Answer(b"down", status=503)
    await router.post(BOTH)
    fetches = router.app.router.metrics.subgraph_fetches
    assert (fetches.value("catalog", "ok"), fetches.value("reviews", "ok"), fetches.value("reviews", "http_error")) == (1, 0, 2)
    assert 'router_subgraph_seconds_count{subgraph="reviews"} 2' in router.app.router.metrics.render().decode()


async def _asked(router: RunningRouter) -> None:
    async with asyncio.timeout(5):
        while not router.catalog.running:
            await asyncio.sleep(0.005)


async def _together(router: RunningRouter, callers: list[dict[str, str]], query: str = "{ products { upc } }") -> list[Response]:
    """Send a query for each caller; the subgraph answers when all of them have arrived."""
    router.catalog.gate = asyncio.Event()
    asked = [asyncio.create_task(router.post(query, headers=headers)) for headers in callers]
    await _asked(router)
    await asyncio.sleep(0.1)
    router.catalog.gate.set()
    answers = await asyncio.gather(*asked)
    assert all(answer.status == 200 and "errors" not in answer.json for answer in answers)
    return list(answers)
