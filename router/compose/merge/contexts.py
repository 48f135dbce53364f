"""`@context` and `@fromContext` (Federation 2.8): contexts keep their subgraph's name, arguments move into `join__field`."""

from __future__ import annotations

import re
from typing import Any

from router.compose.definitions import Field, TypeDefinition, Use
from router.compose.merge.context import Sources
from router.compose.subgraph import Subgraph

__all__ = ["context_arguments", "context_name", "merge_contexts"]

_FROM_CONTEXT = re.compile(r"\s*\$\s*([_A-Za-z]\w*)\s*(.*)", re.DOTALL)


def context_name(subgraph: Subgraph, name: str) -> str:
    """Return the supergraph's name of a subgraph's context: two subgraphs' contexts are never the same."""
    return f"{subgraph.name}__{name}"


def merge_contexts(sources: Sources[TypeDefinition]) -> tuple[Use, ...]:
    """Return the `@context` uses of a type."""
    return tuple(
        Use("context", {"name": context_name(subgraph, str(use.arguments.get("name")))})
        for subgraph, type_ in sources
        for use in type_.uses_of("context")
    )


def context_arguments(subgraph: Subgraph, field: Field) -> list[dict[str, Any]]:
    """Return the arguments that the gateway fills from a context, as `join__field(contextArguments:)` has them."""
    found = []
    for argument in field.arguments.values():
        for use in argument.uses_of("fromContext"):
            match = _FROM_CONTEXT.fullmatch(str(use.arguments.get("field")))
            if match is not None:
                found.append(
                    {
                        "context": context_name(subgraph, match[1]),
                        "name": argument.name,
                        "type": argument.type,
                        "selection": f" {match[2].strip()}",
                    }
                )
    return found
