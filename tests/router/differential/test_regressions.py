"""Operations that once were answered otherwise than by one merged schema, each the smallest that showed it."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import parse, validate

from tests.router.differential.trial import trials
from tests.testkit.federation_fixtures import fixture

FOUND = [
    pytest.param(
        "interface-object",
        "{ shelf { reviews { body } ... on Book { headline } } }",
        {},
        id="what-one-type-requires-is-not-required-of-all-objects-of-an-interface-object",
    ),
    pytest.param(
        "plan-interface-object",
        "{ media { ... on Film { reviews { body } } stars } }",
        {},
        id="fields-of-an-interface-object-are-fetched-for-the-types-that-want-them",
    ),
    pytest.param(
        "plan-interface-object",
        """
        {
          media {
            reviews { about { ... on Book { reviews { __typename } dueAt } } }
            ... on Book { reviews { a1: about { __typename } about { __typename } } }
          }
        }
        """,
        {},
        id="the-name-of-an-interface-object-does-not-replace-the-concrete-type",
    ),
    pytest.param(
        "plan-field-types",
        "{ any { ... on User { friend { id } } ... on Admin { id } } }",
        {},
        id="fields-of-different-types-in-one-subgraph-have-different-names",
    ),
    pytest.param("context", "{ shops { offers { price } best { price } } customers { wishes { price } } }", {}, id="context"),
    pytest.param(
        "unions",
        "{ things { ... on Film { related { ... on Film { title } } } } }",
        {},
        id="members-of-unions-at-several-levels",
    ),
    pytest.param(
        "plan-circular-references",
        """
        query ($a: Boolean!, $b: Boolean!) {
          me { bestFriend @skip(if: $b) { liked { __typename } } }
          me { bestFriend @include(if: $a) { posts { likedBy { bestFriend { __typename } } } } }
        }
        """,
        {"a": False, "b": False},
        id="what-is-skipped-above-is-not-fetched-below",
    ),
    pytest.param(
        "renamed",
        'mutation ($s: Boolean!) { clear @skip(if: $s) store(id: "Thing-1") { __typename } clear }',
        {"s": True},
        id="mutations-run-in-the-order-of-what-is-not-skipped",
    ),
    pytest.param(
        "renamed",
        """
        mutation ($i: Boolean!) {
          ... on Mutation { clear @include(if: $i) ... { store(id: "Thing-1") { __typename } clear } }
        }
        """,
        {"i": False},
        id="mutations-in-fragments-run-in-the-order-of-what-is-not-skipped",
    ),
    pytest.param(
        "requires",
        """
        query ($s: Boolean!, $i: Boolean!) {
          parcels { product @skip(if: $s) { total } product @include(if: $i) { rated } }
        }
        """,
        {"s": False, "i": False},
        id="requirements-of-objects-that-are-wanted-under-different-conditions",
    ),
    pytest.param(
        "marketplace",
        "query ($s: Boolean! = true) { groups { __typename ... on Auction @skip(if: $s) { bids { __typename } } } }",
        {},
        id="the-concrete-type-is-fetched-when-the-fragment-is-skipped",
    ),
    pytest.param(
        "requires",
        "query ($i: Boolean = false) { invoices { lines { product { grade @include(if: $i) preview } } } }",
        {"i": True},
        id="requirements-under-a-condition-beside-others",
    ),
    pytest.param(
        "requires",
        "query ($s: Boolean = false) { products { grade total @skip(if: $s) } }",
        {"s": True},
        id="requirements-of-requirements-under-a-condition",
    ),
]


@pytest.mark.parametrize(("name", "query", "variables"), FOUND)
async def test_what_once_differed_does_not_any_more(name: str, query: str, variables: dict[str, Any]) -> None:
    document = parse(query, no_location=True)
    known = trials(fixture(name))
    assert validate(known[0].supergraph.schema, document) == []
    assert [await trial.run(document, [variables]) for trial in known] == [None] * len(known)
