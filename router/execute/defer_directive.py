"""The API schema as clients may use it: with `@defer`, which the router answers itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from graphql import GraphQLDeferDirective, GraphQLSchema

from router.supergraph.model import Supergraph

__all__ = ["with_defer"]


def with_defer(supergraph: Supergraph) -> Supergraph:
    """Return the supergraph with `@defer` in its API schema; no subgraph is ever sent it."""
    schema = supergraph.schema
    if schema.get_directive(GraphQLDeferDirective.name) is not None:
        return supergraph
    arguments: Any = {**schema.to_kwargs(), "directives": (*schema.directives, GraphQLDeferDirective), "assume_valid": True}
    return replace(supergraph, schema=GraphQLSchema(**arguments))
