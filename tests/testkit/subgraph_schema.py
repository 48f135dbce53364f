"""The executable schema of a subgraph, from the SDL that it publishes (Federation specification, "Subgraph schema")."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import (
    REMOVE,
    DefinitionNode,
    DocumentNode,
    GraphQLSchema,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeExtensionNode,
    Visitor,
    build_ast_schema,
    extend_schema,
    parse,
    print_ast,
    value_from_ast_untyped,
    visit,
)

__all__ = ["subgraph_schema"]


def subgraph_schema(sdl: str) -> GraphQLSchema:
    """Return the schema with `_entities` added and without directives.

    A type that is only extended, as in Federation 1, is defined by its first extension.
    """
    document = parse(sdl, no_location=True)
    roots = {
        one.operation.value: one.type.name.value
        for node in document.definitions
        if isinstance(node, (SchemaDefinitionNode, SchemaExtensionNode))
        for one in node.operation_types or ()
    }
    query = roots.get("query", "Query")
    bare = visit(document, _Bare()).definitions
    defined = {_name(node) for node in bare if not isinstance(node, TypeExtensionNode)}
    texts = []
    for node in bare:
        printed = print_ast(node)
        if _name(node) not in defined:
            defined.add(_name(node))
            printed = printed.removeprefix("extend ")
        texts.append(printed)
    if query not in defined:
        texts.append(f"type {query} {{ _unused: Int }}")
    entities = _entities(document.definitions)
    if entities:
        field = "_entities(representations: [_Any!]!): [_Entity]!"
        texts.append(f"scalar _Any union _Entity = {' | '.join(entities)} extend type {query} {{ {field} }}")
    if roots:
        texts.append("schema {" + " ".join(f"{kind}: {name}" for kind, name in roots.items()) + "}")
    definitions = parse("\n".join(texts), no_location=True).definitions
    extensions = tuple(node for node in definitions if isinstance(node, TypeExtensionNode))
    rest = tuple(node for node in definitions if not isinstance(node, TypeExtensionNode))
    schema = build_ast_schema(DocumentNode(definitions=rest), assume_valid_sdl=True)
    return extend_schema(schema, DocumentNode(definitions=extensions), assume_valid_sdl=True)


class _Bare(Visitor):
    """Leaves types only."""

    enter_directive = enter_directive_definition = enter_schema_definition = enter_schema_extension = staticmethod(
        lambda *_: REMOVE
    )


def _entities(definitions: tuple[DefinitionNode, ...]) -> list[str]:
    """Return the object types with a key, whatever name `@link` gives to `@key`."""
    keys = {"key", *_names_of_key(definitions)}
    return list(
        dict.fromkeys(
            _name(node)
            for node in definitions
            if node.kind.startswith("object_type")
            and any(one.name.value.rpartition("__")[2] in keys for one in getattr(node, "directives", None) or ())
        )
    )


def _names_of_key(definitions: tuple[DefinitionNode, ...]) -> Iterator[str]:
    for node in definitions:
        for directive in getattr(node, "directives", None) or ():
            for argument in directive.arguments or ():
                if directive.name.value == "link" and argument.name.value == "import":
                    for imported in value_from_ast_untyped(argument.value):
                        if isinstance(imported, dict) and imported.get("name") == "@key":
                            yield imported["as"].removeprefix("@")


def _name(node: Any) -> str:
    return str(node.name.value)
