"""Composes SDLs of a test, and shows what is refused as plain values."""

from textwrap import dedent

from router.compose.composer import SubgraphSource, compose
from router.compose.result import CompositionResult

__all__ = ["FEDERATION_2", "composed", "refusals", "refusals_as_written"]

FEDERATION_2 = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@requires", "@provides", '
    '"@external", "@shareable", "@override", "@inaccessible", "@tag", "@interfaceObject", "@composeDirective", "@extends", '
    '"@authenticated", "@requiresScopes", "@policy", "@context", "@fromContext", "@cost", "@listSize"])'
)
"""The first line of the SDLs below; theirs start on the second."""


def composed(**sdls: str) -> CompositionResult:
    """Compose Federation 2 SDLs by subgraph name, a line with `FEDERATION_2` put before each."""
    return _compose({name: f"{FEDERATION_2}\n{dedent(sdl).strip()}" for name, sdl in sdls.items()})


def refusals(**sdls: str) -> list[tuple[str, str, list[str]]]:
    """Return code, message and places (`subgraph:line:column`) of every error in Federation 2 SDLs."""
    return _refusals(composed(**sdls))


def refusals_as_written(**sdls: str) -> list[tuple[str, str, list[str]]]:
    """Return code, message and places of every error in the SDLs, to which nothing is added."""
    return _refusals(_compose({name: dedent(sdl).strip() for name, sdl in sdls.items()}))


def _compose(sdls: dict[str, str]) -> CompositionResult:
    return compose([SubgraphSource(name, f"http://{name}/graphql", sdl) for name, sdl in sdls.items()])


def _refusals(result: CompositionResult) -> list[tuple[str, str, list[str]]]:
    assert (result.supergraph is None) is bool(result.errors)
    return [
        (error.code, error.message, [f"{place.subgraph}:{place.line}:{place.column}" for place in error.locations])
        for error in result.errors
    ]
