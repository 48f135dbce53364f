"""What a supergraph document becomes."""

from __future__ import annotations

import pytest

from tests.testkit.federation_fixtures import fixture, fixture_names


@pytest.mark.parametrize("name", fixture_names())
def test_possible_types_can_be_part_of_a_key_of_caches(name: str) -> None:
    supergraph = fixture(name).supergraph
    assert all(
        type(type_.possible_types) is frozenset for subgraph in supergraph.subgraphs.values() for type_ in subgraph.types.values()
    )


def test_a_union_has_the_members_that_its_subgraph_gives_it() -> None:
    subgraphs = fixture("unions").supergraph.subgraphs
    assert {name: subgraphs[name].types["Media"].possible_types for name in ("a", "b")} == {
        "a": {"Book", "Film"},
        "b": {"Book", "Song"},
    }
