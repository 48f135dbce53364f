"""The supergraphs under tests/fixtures: a folder each, with the subgraphs' SDLs and `supergraph.graphql`, composed of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from router.supergraph.model import Supergraph
from router.supergraph.parser import parse_supergraph
from tests.testkit.federation_sdl import SubgraphSdl, read_subgraph

__all__ = ["FIXTURES", "Fixture", "fixture", "fixture_names"]

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "supergraphs"
SUPERGRAPH = "supergraph.graphql"


@dataclass(frozen=True)
class Fixture:
    """A supergraph and its subgraphs, as the router and as the tests read them."""

    name: str
    supergraph: Supergraph
    subgraphs: Mapping[str, SubgraphSdl]


def fixture_names() -> list[str]:
    """Return the names of all fixtures."""
    return sorted(path.parent.name for path in FIXTURES.glob(f"*/{SUPERGRAPH}"))


def subgraph_sdls(name: str) -> dict[str, str]:
    """Return the SDLs of a fixture's subgraphs, in order of name."""
    return {path.stem: path.read_text() for path in sorted((FIXTURES / name).glob("*.graphql")) if path.name != SUPERGRAPH}


@cache
def fixture(name: str) -> Fixture:
    """Return a fixture, read once."""
    supergraph = parse_supergraph((FIXTURES / name / SUPERGRAPH).read_text())
    return Fixture(name, supergraph, {stem: read_subgraph(stem, sdl) for stem, sdl in subgraph_sdls(name).items()})
