"""The parts of `@fromContext(field: "$context { selection }")` (Federation 2.8): the ground of the CONTEXT_ rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graphql import GraphQLSyntaxError, SelectionSetNode

from router.compose.definitions import Field, InputValue, TypeDefinition, Use
from router.compose.field_set import parse_field_set
from router.compose.subgraph import Subgraph

__all__ = ["ContextualArgument", "contextual_arguments", "setters"]

_FORM = re.compile(r"\s*\$\s*([_A-Za-z]\w*)\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ContextualArgument:
    """An argument with `@fromContext`."""

    type: TypeDefinition
    field: Field
    argument: InputValue
    use: Use

    @property
    def context(self) -> str | None:
        """The context's name; None when the text does not start with one."""
        match = _FORM.match(str(self.use.arguments.get("field") or ""))
        return match[1] if match else None

    @property
    def selection(self) -> SelectionSetNode | None:
        """What is selected on the types that set the context; None when that does not parse."""
        match = _FORM.match(str(self.use.arguments.get("field") or ""))
        if match is None or not match[2].strip():
            return None
        text = match[2].strip()
        try:
            return parse_field_set(text if text.startswith("{") else "{" + text + "}")
        except GraphQLSyntaxError:
            return None


def contextual_arguments(subgraph: Subgraph) -> Iterator[ContextualArgument]:
    """Yield every argument that is filled from a context."""
    for type_ in subgraph.types.values():
        for field in type_.fields.values():
            for argument in field.arguments.values():
                for use in argument.uses_of("fromContext"):
                    yield ContextualArgument(type_, field, argument, use)


def setters(subgraph: Subgraph, context: str) -> list[TypeDefinition]:
    """Return the types that set the context."""
    return [
        type_
        for type_ in subgraph.types.values()
        if any(use.arguments.get("name") == context for use in type_.uses_of("context"))
    ]
