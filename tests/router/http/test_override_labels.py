"""Progressive overrides at run time: by percentage and by label, and what of it a plan depends on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import parse

from router.http.override_labels import OverrideLabels
from router.supergraph.model import Supergraph
from router.supergraph.parser import parse_supergraph
from tests.testkit.router_server import run_router, supergraph

# `best` moves from reviews to catalog; `name` is decided by a label of our own and is required for `reviews`.
LABELLED = (
    supergraph("http://catalog", "http://reviews")
    .replace("usedOverridden: Boolean)", "usedOverridden: Boolean, overrideLabel: String)")
    .replace(
        "best: Product @join__field(graph: REVIEWS)",
        'best: Product @join__field(graph: CATALOG, override: "reviews", overrideLabel: "percent(25)") '
        '@join__field(graph: REVIEWS, overrideLabel: "percent(25)")',
    )
    .replace(
        "name: String @join__field(graph: CATALOG)",
        'name: String @join__field(graph: CATALOG, override: "reviews", overrideLabel: "beta") '
        '@join__field(graph: REVIEWS, overrideLabel: "beta")',
    )
)


@pytest.fixture(scope="module")
def labelled() -> Supergraph:
    return parse_supergraph(LABELLED)


def drawn(*numbers: float) -> Iterator[float]:
    yield from numbers


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ("{ products { upc } }", set()),
        ("{ best { upc } }", {"percent(25)"}),
        ("{ products { name } }", {"beta"}),
        ("{ best { ...F } } fragment F on Product { name }", {"percent(25)", "beta"}),
    ],
)
def test_a_document_depends_on_the_labels_of_its_fields(labelled: Supergraph, query: str, labels: set[str]) -> None:
    assert OverrideLabels(labelled).of(parse(query)) == labels


def test_what_is_required_for_a_field_counts() -> None:
    text = LABELLED.replace(
        "reviews: [Review!] @join__field(graph: REVIEWS)", 'reviews: [Review!] @join__field(graph: REVIEWS, requires: "name")'
    )
    assert OverrideLabels(parse_supergraph(text)).of(parse("{ products { reviews { id } } }")) == {"beta"}


def test_a_percentage_is_drawn_for_each_request(labelled: Supergraph) -> None:
    numbers = drawn(0.0, 0.2499, 0.25, 0.99)
    labels = OverrideLabels(labelled, draw=lambda: next(numbers))
    wanted = frozenset({"percent(25)"})
    assert [labels.chosen(wanted) for _ in range(4)] == [wanted, wanted, frozenset(), frozenset()]


def test_other_labels_are_on_where_they_are_named(labelled: Supergraph) -> None:
    wanted = frozenset({"beta"})
    assert OverrideLabels(labelled).chosen(wanted) == frozenset()
    assert OverrideLabels(labelled, ["beta", "unknown"]).chosen(wanted) == wanted


async def test_requests_go_to_the_subgraph_that_the_label_says(tmp_path: Path) -> None:
    for labels, asked in (([], "reviews"), (["beta"], "catalog")):
        async with run_router(tmp_path, override_labels=labels) as router:
            text = router.supergraph.read_text(encoding="utf-8")
            text = text.replace("usedOverridden: Boolean)", "usedOverridden: Boolean, overrideLabel: String)")
            text = text.replace(
                "best: Product @join__field(graph: REVIEWS)",
                'best: Product @join__field(graph: CATALOG, override: "reviews", overrideLabel: "beta") '
                '@join__field(graph: REVIEWS, overrideLabel: "beta")',
            )
            router.supergraph.write_text(text, encoding="utf-8")
            assert await router.app.router.watch.refresh(force=True)
            await router.post("{ best { upc } }")
            sent = {"catalog": router.catalog.requests, "reviews": router.reviews.requests}
            assert [name for name, requests in sent.items() if requests] == [asked]


@pytest.mark.parametrize("accept", ["application/json", "multipart/mixed, application/json"])
async def test_labels_are_drawn_once_for_a_request(tmp_path: Path, accept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn_for: list[frozenset[str]] = []
    chosen = OverrideLabels.chosen

    def counted(self: OverrideLabels, labels: frozenset[str]) -> frozenset[str]:
        drawn_for.append(labels)
        return chosen(self, labels)

    monkeypatch.setattr(OverrideLabels, "chosen", counted)
    async with run_router(tmp_path) as router:
        text = router.supergraph.read_text(encoding="utf-8")
        text = text.replace("usedOverridden: Boolean)", "usedOverridden: Boolean, overrideLabel: String)")
        text = text.replace(
            "best: Product @join__field(graph: REVIEWS)",
            'best: Product @join__field(graph: CATALOG, override: "reviews", overrideLabel: "percent(50)") '
            '@join__field(graph: REVIEWS, overrideLabel: "percent(50)")',
        )
        router.supergraph.write_text(text, encoding="utf-8")
        assert await router.app.router.watch.refresh(force=True)
        response = await router.post("{ best { upc } }", accept=accept)
        assert response.status == 200
    assert drawn_for == [frozenset({"percent(50)"})]


async def test_plans_of_both_sides_are_kept(tmp_path: Path) -> None:
    async with run_router(tmp_path) as router:
        text = router.supergraph.read_text(encoding="utf-8")
        text = text.replace("usedOverridden: Boolean)", "usedOverridden: Boolean, overrideLabel: String)")
        text = text.replace(
            "best: Product @join__field(graph: REVIEWS)",
            'best: Product @join__field(graph: CATALOG, override: "reviews", overrideLabel: "percent(50)") '
            '@join__field(graph: REVIEWS, overrideLabel: "percent(50)")',
        )
        router.supergraph.write_text(text, encoding="utf-8")
        assert await router.app.router.watch.refresh(force=True)
        for _ in range(40):
            await router.post("{ best { upc } }")
        assert router.catalog.requests
        assert router.reviews.requests
        assert router.app.router.metrics.cache.value("plan", "miss") == 2
