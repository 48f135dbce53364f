"""Prints the merged schema as a supergraph (join specification v0.5, link v1.0). The same schema gives the same text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphql import StringValueNode, print_ast

from router.compose.definitions import (
    DirectiveDefinition,
    EnumValue,
    Field,
    InputValue,
    TypeDefinition,
    TypeKind,
    Use,
)
from router.compose.links import FEDERATION, GRAPHQL
from router.compose.merge.schema import JOIN, MergedSchema
from router.compose.specifications import (
    JOIN_DEFINITIONS,
    JOIN_TYPES,
    LINK_DEFINITION,
    LINK_TYPES,
    ONE_OF_DEFINITION,
    SPECIFICATIONS,
)
from router.compose.values import print_value

__all__ = ["print_supergraph"]

_KEYWORDS: Mapping[TypeKind, str] = {
    TypeKind.OBJECT: "type",
    TypeKind.INTERFACE: "interface",
    TypeKind.UNION: "union",
    TypeKind.ENUM: "enum",
    TypeKind.INPUT: "input",
    TypeKind.SCALAR: "scalar",
}


def print_supergraph(schema: MergedSchema) -> str:
    """Return the supergraph SDL: schema, directives by name, types by name."""
    uses = list(schema.uses())
    used = {use.name for use in uses if use.spec == FEDERATION}
    specifications = [found for found in SPECIFICATIONS if used & found.directives.keys()]
    directives = {**JOIN_DEFINITIONS, "link": LINK_DEFINITION}
    types = {**JOIN_TYPES, **LINK_TYPES, "join__Graph": _graph_enum(schema)}
    for specification in specifications:
        directives |= {name: text for name, text in specification.directives.items() if name in used}
        types |= {name: f"scalar {name}" for name in specification.scalars}
    if any(use.name == "oneOf" and use.spec == GRAPHQL for use in uses):
        directives["oneOf"] = ONE_OF_DEFINITION
    directives |= {name: _directive(found) for name, found in schema.directives.items()}
    types |= {name: _type(found) for name, found in schema.types.items()}
    blocks = [
        _schema(schema, [found.link(used) for found in specifications]),
        *(directives[name] for name in sorted(directives)),
        *(types[name] for name in sorted(types)),
    ]
    return "\n\n".join(blocks) + "\n"


def _schema(schema: MergedSchema, links: Iterable[str]) -> str:
    composed = []
    for link, directives in schema.composed.links():
        imports = [
            f"@{found.name}" if found.name == found.canonical else {"name": f"@{found.canonical}", "as": f"@{found.name}"}
            for found in directives
            if found.name == found.canonical or "__" not in found.name
        ]
        alias = "" if link.namespace == link.name else f", as: {print_value(link.namespace)}"
        composed.append(f"@link(url: {print_value(link.url)}{alias}, import: {print_value(imports)})")
    lines = [
        '@link(url: "https://specs.apollo.dev/link/v1.0")',
        '@link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)',
        *links,
        *composed,
        *(_use(use) for use in schema.schema_uses),
    ]
    roots = "".join(f"  {operation}: {name}\n" for operation, name in schema.roots.items())
    return _description(schema.description, "") + "schema\n" + "".join(f"  {line}\n" for line in lines) + "{\n" + roots + "}"


def _graph_enum(schema: MergedSchema) -> str:
    values = "".join(
        f"  {subgraph.graph_enum} @join__graph(name: {print_value(subgraph.name)}, url: {print_value(subgraph.url)})\n"
        for subgraph in schema.subgraphs
    )
    return f"enum join__Graph {{\n{values}}}"


def _directive(definition: DirectiveDefinition) -> str:
    arguments = _arguments(definition.arguments)
    repeatable = " repeatable" if definition.repeatable else ""
    text = f"directive @{definition.name}{arguments}{repeatable} on {' | '.join(definition.locations)}"
    return _description(definition.description, "") + text


def _type(type_: TypeDefinition) -> str:
    interfaces = f" implements {' & '.join(type_.interfaces)}" if type_.interfaces else ""
    head = f"{_description(type_.description, '')}{_KEYWORDS[type_.kind]} {type_.name}{interfaces}\n"
    head += "".join(f"  {_use(use)}\n" for use in type_.uses)
    if type_.members:
        return f"{head} = {' | '.join(type_.members)}"
    members = [
        *(_field(found) for found in type_.fields.values()),
        *(_input_field(found) for found in type_.input_fields.values()),
        *(_enum_value(found) for found in type_.values.values()),
    ]
    if not members:
        return head.rstrip("\n")
    separator = "\n" if any(member.lstrip().startswith('"""') for member in members) else ""
    return f"{head}{{\n{separator.join(members)}}}"


def _field(field: Field) -> str:
    text = f"  {field.name}{_arguments(field.arguments)}: {field.type}{_inline(field.uses)}\n"
    return _description(field.description, "  ") + text


def _input_field(field: InputValue) -> str:
    return f"{_description(field.description, '  ')}  {_input_value(field)}\n"


def _enum_value(value: EnumValue) -> str:
    return f"{_description(value.description, '  ')}  {value.name}{_inline(value.uses)}\n"


def _arguments(arguments: Mapping[str, InputValue]) -> str:
    if not arguments:
        return ""
    if not any(argument.description for argument in arguments.values()):
        return f"({', '.join(_input_value(argument) for argument in arguments.values())})"
    lines = [f"{_description(argument.description, '    ')}    {_input_value(argument)}\n" for argument in arguments.values()]
    return "(\n" + "\n".join(lines) + "  )"


def _input_value(value: InputValue) -> str:
    default = "" if value.default_text is None else f" = {value.default_text}"
    return f"{value.name}: {value.type}{default}{_inline(value.uses)}"


def _inline(uses: Iterable[Use]) -> str:
    return "".join(f" {_use(use)}" for use in uses)


def _use(use: Use) -> str:
    name = f"join__{use.name}" if use.spec == JOIN else use.name
    if not use.arguments:
        return f"@{name}"
    arguments = ", ".join(
        f"{key}: {value if use.spec == JOIN and key == 'graph' else print_value(value)}" for key, value in use.arguments.items()
    )
    return f"@{name}({arguments})"


def _description(text: str | None, indent: str) -> str:
    if text is None:
        return ""
    printed = print_ast(StringValueNode(value=text, block=True))
    return "".join(f"{indent}{line}\n" if line else "\n" for line in printed.split("\n"))
