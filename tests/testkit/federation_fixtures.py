"""The supergraphs under tests/fixtures: a folder each, with the subgraphs' SDLs and `supergraph.graphql`, composed of them.

`python -m tests.testkit.federation_fixtures` composes them anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from router.compose.composer import compose
from router.compose.result import SubgraphSource
from router.supergraph.model import Supergraph
from router.supergraph.parser import parse_supergraph
from tests.testkit.federation_sdl import SubgraphSdl, read_subgraph

__all__ = ["FIXTURES", "Fixture", "composed", "fixture", "fixture_names", "main", "product", "subgraph_sdls"]

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "supergraphs"
SCHEMA = Path(__file__).resolve().parents[2] / "schema"
SUPERGRAPH = "supergraph.graphql"


@dataclass(frozen=True)
class Fixture:
    """A supergraph and its subgraphs, as the router and as the tests read them."""

    name: str
    supergraph: Supergraph
    subgraphs: Mapping[str, SubgraphSdl]


def fixture_names() -> list[str]:
    """Return the names of all fixtures."""
    return sorted({path.parent.name for path in FIXTURES.glob("*/*.graphql")})


def subgraph_sdls(name: str) -> dict[str, str]:
    """Return the SDLs of a fixture's subgraphs, in order of name."""
    return {path.stem: path.read_text() for path in sorted((FIXTURES / name).glob("*.graphql")) if path.name != SUPERGRAPH}


@cache
def fixture(name: str) -> Fixture:
    """Return a fixture, read once."""
    supergraph = parse_supergraph((FIXTURES / name / SUPERGRAPH).read_text())
    return Fixture(name, supergraph, {stem: read_subgraph(stem, sdl) for stem, sdl in subgraph_sdls(name).items()})


@cache
def product() -> Fixture:
    """Return the product's own supergraph."""
    supergraph = parse_supergraph((SCHEMA / SUPERGRAPH).read_text())
    sdls = {path.stem: path.read_text() for path in sorted((SCHEMA / "subgraphs").glob("*.graphql"))}
    return Fixture("product", supergraph, {name: read_subgraph(name, sdl) for name, sdl in sdls.items()})


def composed(subgraphs: Mapping[str, str]) -> str:
    """Return the supergraph SDL of subgraphs, given by name.

    Raises:
        ValueError: they do not compose.
    """
    result = compose([SubgraphSource(name, f"http://{name}.test/graphql", sdl) for name, sdl in subgraphs.items()])
    if result.supergraph is None:
        raise ValueError("\n".join(error.message for error in result.errors))
    return result.supergraph


def main() -> None:
    """Write the supergraphs of all fixtures."""
    for name in fixture_names():
        (FIXTURES / name / SUPERGRAPH).write_text(composed(subgraph_sdls(name)))


if __name__ == "__main__":
    main()
