"""Merges SDLs of a test, and shows single definitions of the supergraph as text."""

import re
from textwrap import dedent

from router.compose.composer import SubgraphSource, compose
from router.compose.result import CompositionResult
from tests.testkit.composing import FEDERATION_2

__all__ = ["compose_as_written", "definition", "hints", "merged"]


def merged(name: str, **sdls: str) -> str:
    """Return the supergraph's definition of a type (`T`), directive (`@d`) or `schema`, of Federation 2 SDLs by subgraph name."""
    return definition(name, compose_as_written(**_linked(sdls)))


def hints(**sdls: str) -> list[tuple[str, str]]:
    """Return code and message of every hint, whether the SDLs compose or not."""
    return [(hint.code, hint.message) for hint in compose_as_written(**_linked(sdls)).hints]


def compose_as_written(**sdls: str) -> CompositionResult:
    """Compose the SDLs, to which nothing is added."""
    return compose([SubgraphSource(name, f"http://{name}", dedent(sdl).strip()) for name, sdl in sdls.items()])


def definition(name: str, result: CompositionResult) -> str:
    """Return one definition of the composed supergraph, its description included.

    Raises:
        LookupError: there is none of that name.
    """
    assert result.supergraph is not None, result.errors
    head = re.compile(
        rf"^(directive|type|interface|union|enum|input|scalar) {re.escape(name)}\b" if name != "schema" else "^schema$", re.M
    )
    for block in re.split(r"\n\n(?=\S)", result.supergraph.rstrip("\n")):
        if head.search(block):
            return block
    raise LookupError(name)


def _linked(sdls: dict[str, str]) -> dict[str, str]:
    return {name: f"{FEDERATION_2}\n{dedent(sdl).strip()}" for name, sdl in sdls.items()}
