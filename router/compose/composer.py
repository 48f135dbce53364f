"""Composes subgraphs into a supergraph."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from graphql import GraphQLError

from router.compose.errors import CompositionError, CompositionHint, SourceLocation
from router.compose.federation_1 import upgrade
from router.compose.merge.merger import merge_subgraphs
from router.compose.printer import print_supergraph
from router.compose.result import CompositionResult, SubgraphSource
from router.compose.rules import DOCUMENT_RULES, SUBGRAPH_RULES, SUBGRAPHS_RULES, SUPERGRAPH_RULES
from router.compose.satisfiability import satisfiability_report
from router.compose.subgraph import Subgraph, graph_enum_names, locations
from router.compose.subgraph_reader import read_subgraph
from router.supergraph.parser import parse_supergraph

__all__ = ["SubgraphSource", "compose"]

Finding = TypeVar("Finding", CompositionError, CompositionHint)


def compose(sources: Sequence[SubgraphSource]) -> CompositionResult:
    """Return the supergraph of the subgraphs (join v0.5, link v1.0), or every reason why they do not compose.

    Subgraphs may speak Federation 1 and 2 side by side. The result does not depend on their order. A stage of checks runs only
    when the stages before it found nothing: documents, subgraphs, merge, merged schema, satisfiability.
    """
    with _collector_paused():
        return _compose(sorted(sources, key=lambda source: source.name))


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Composition builds large trees and drops nothing till its end: looking for garbage in them took half of its time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _compose(sources: Sequence[SubgraphSource]) -> CompositionResult:
    subgraphs, errors = _read(sources)
    errors += [error for subgraph in subgraphs for rule in SUBGRAPH_RULES for error in rule(subgraph)]
    if errors:
        return CompositionResult(None, _distinct(errors))
    merged = merge_subgraphs(subgraphs)
    errors = [*(error for rule in SUBGRAPHS_RULES for error in rule(subgraphs)), *merged.errors]
    if not errors:
        errors = [error for rule in SUPERGRAPH_RULES for error in rule(merged.schema)]
    if errors:
        return CompositionResult(None, _distinct(errors), merged.hints)
    text = print_supergraph(merged.schema)
    report = satisfiability_report(parse_supergraph(text))
    unanswered = [_located(error, subgraphs) for error in report.errors]
    hints = [_located(hint, subgraphs) for hint in report.hints]
    return CompositionResult(None if unanswered else text, _distinct(unanswered), (*merged.hints, *hints))


def _read(sources: Sequence[SubgraphSource]) -> tuple[list[Subgraph], list[CompositionError]]:
    """Return the subgraphs whose documents are in order, Federation 1 upgraded, and what is wrong with the others."""
    subgraphs: list[Subgraph] = []
    errors: list[CompositionError] = []
    for source, graph_enum in zip(sources, graph_enum_names([source.name for source in sources]), strict=True):
        try:
            subgraph = read_subgraph(source, graph_enum)
        except GraphQLError as error:
            errors.append(_syntax_error(source, error))
            continue
        refused = [error for rule in DOCUMENT_RULES for error in rule(subgraph)]
        errors += refused
        if not refused:
            subgraphs.append(subgraph)
    return upgrade(subgraphs), errors


def _syntax_error(source: SubgraphSource, error: GraphQLError) -> CompositionError:
    places = tuple(SourceLocation(source.name, place.line, place.column) for place in error.locations or ())
    return CompositionError("INVALID_GRAPHQL", f"[{source.name}] {error.message}", places)


def _located(found: Finding, subgraphs: Sequence[Subgraph]) -> Finding:
    """Return the finding about all subgraphs with the places where they define what it is about."""
    places = tuple(
        place
        for subgraph in subgraphs
        for coordinate in found.coordinates
        for place in locations(subgraph, subgraph.node_of(coordinate))
    )
    return replace(found, locations=places)


def _distinct(errors: Iterable[CompositionError]) -> list[CompositionError]:
    return list(dict.fromkeys(errors))
