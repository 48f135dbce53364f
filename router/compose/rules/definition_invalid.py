"""DIRECTIVE_DEFINITION_INVALID, TYPE_DEFINITION_INVALID: a definition of a linked specification, written out otherwise.

Subgraph libraries of all ages write these definitions, so that the comparison is lenient: optional arguments may be missing,
locations a subset, nullable arguments non-null, and field sets plain strings or lists of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import (
    DirectiveDefinitionNode,
    EnumTypeDefinitionNode,
    Node,
    NonNullTypeNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    print_ast,
)

from router.compose.errors import CompositionError
from router.compose.rules.specified_definitions import specified_definitions
from router.compose.subgraph import Subgraph, locations

__all__ = ["definition_invalid"]

# What field sets have been called since Federation 1.
_FIELD_SET_NAMES = frozenset({"FieldSet", "_FieldSet", "federation__FieldSet", "String"})
# The scalars of later specifications, which some libraries write as strings.
_STRING_LIKE = frozenset({"Scope", "Policy", "ContextFieldValue", "String"})


def definition_invalid(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse own definitions of specified directives and types that differ in more than form."""
    specified = {
        (isinstance(node, DirectiveDefinitionNode), node.name.value): node for _, _, node in specified_definitions(subgraph.links)
    }
    for node in subgraph.document.definitions:
        if isinstance(node, DirectiveDefinitionNode):
            expected = specified.get((True, node.name.value))
            if isinstance(expected, DirectiveDefinitionNode):
                for complaint in _directive_complaints(node, expected):
                    message = (
                        f"[{subgraph.name}] The definition of @{node.name.value} {complaint}; "
                        f"write `{print_ast(expected)}`, or leave it out."
                    )
                    yield CompositionError("DIRECTIVE_DEFINITION_INVALID", message, locations(subgraph, node))
        elif isinstance(node, (TypeDefinitionNode, TypeExtensionNode)):
            refused = _type_complaint(node, specified.get((False, node.name.value)))
            if refused is not None:
                message = f"[{subgraph.name}] {node.name.value} {refused}."
                yield CompositionError("TYPE_DEFINITION_INVALID", message, locations(subgraph, node))


def _type_complaint(node: TypeDefinitionNode | TypeExtensionNode, expected: Node | None) -> str | None:
    if expected is None:
        # The supergraph's own types; see the join specification.
        reserved = node.name.value.startswith("join__")
        return "has a name that supergraphs keep for themselves; choose one that does not start with join__" if reserved else None
    if not isinstance(node, type(expected)):
        kind = "an enum" if isinstance(expected, EnumTypeDefinitionNode) else "a scalar"
        return f"is {kind} of a linked specification, and cannot be defined as another kind of type; rename it"
    if isinstance(expected, EnumTypeDefinitionNode) and isinstance(node, EnumTypeDefinitionNode):
        values = sorted(value.name.value for value in expected.values or ())
        if sorted(value.name.value for value in node.values or ()) != values:
            return f"is an enum of a linked specification with the values {' and '.join(values)}; give it those, or leave it out"
    return None


def _directive_complaints(node: DirectiveDefinitionNode, expected: DirectiveDefinitionNode) -> Iterator[str]:
    arguments = {argument.name.value: argument for argument in node.arguments or ()}
    wanted = {argument.name.value: argument for argument in expected.arguments or ()}
    for name, argument in wanted.items():
        given = arguments.get(name)
        if given is None:
            if isinstance(argument.type, NonNullTypeNode) and argument.default_value is None:
                yield f"lacks the argument {name}"
        elif not _same_type(print_ast(given.type), print_ast(argument.type)):
            yield f"has the argument {name} of type {print_ast(given.type)}, not {print_ast(argument.type)}"
    for name in arguments:
        if name not in wanted:
            yield f"has an argument {name}, which does not exist"
    more = sorted({place.value for place in node.locations} - {place.value for place in expected.locations})
    if more:
        yield f"allows it on {', '.join(more)}, where it has no meaning"


def _same_type(given: str, wanted: str) -> bool:
    if wanted.endswith("!") and not given.endswith("!"):
        return False
    name = wanted.strip("[]!")
    if name.rpartition("__")[2] in {"FieldSet", "_FieldSet"}:
        return given.strip("[]!") in _FIELD_SET_NAMES | {name}
    return _normal(given) == _normal(wanted)


def _normal(text: str) -> str:
    text = text.replace("!", "")
    name = text.strip("[]")
    bare = name.rpartition("__")[2]
    return text.replace(name, "String" if bare in _STRING_LIKE else bare)
