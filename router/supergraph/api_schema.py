"""The API schema: the supergraph without its machinery and without what is inaccessible (inaccessible specification v0.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    Node,
    ObjectTypeDefinitionNode,
    SchemaDefinitionNode,
    StringValueNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    build_ast_schema,
    specified_directives,
)

__all__ = ["build_api_schema"]

N = TypeVar("N", bound=Node)

# Directives of the GraphQL specification that may stand on schema elements.
_KEPT = {"deprecated", "specifiedBy", "oneOf"}
_SPECIFIED = {directive.name for directive in specified_directives}


def build_api_schema(document: DocumentNode) -> tuple[GraphQLSchema, GraphQLSchema]:
    """Return the supergraph's schema without machinery, and the API schema, which also lacks inaccessible elements."""
    links = _links(document)
    definitions = [found for found in (_plain(node, links) for node in document.definitions) if found is not None]
    full = build_ast_schema(DocumentNode(definitions=tuple(definitions)), assume_valid=True)
    hidden = _Hidden.in_document(document, links.inaccessible)
    if not hidden.any:
        return full, full
    kept = [shown for node in definitions if (shown := hidden.without(node)) is not None]
    return full, build_ast_schema(DocumentNode(definitions=tuple(kept)), assume_valid=True)


@dataclass(frozen=True)
class _Links:
    """What the schema links to: the prefixes of linked specifications, imported names, and how @inaccessible is called."""

    prefixes: frozenset[str]
    names: frozenset[str]
    inaccessible: str


def _links(document: DocumentNode) -> _Links:
    prefixes, names, inaccessible = {"join", "link", "core"}, {"link", "core"}, "inaccessible"
    for definition in document.definitions:
        if not isinstance(definition, SchemaDefinitionNode):
            continue
        for directive in definition.directives or ():
            arguments = {argument.name.value: argument.value for argument in directive.arguments or ()}
            url = arguments.get("url") or arguments.get("feature")
            if directive.name.value not in {"link", "core"} or not isinstance(url, StringValueNode):
                continue
            parts = [part for part in url.value.split("/") if part]
            name = parts[-2] if len(parts) > 1 else parts[-1]
            alias = arguments.get("as")
            prefix = alias.value if isinstance(alias, StringValueNode) else name
            prefixes.add(prefix)
            names.add(prefix)
            if name == "inaccessible":
                inaccessible = prefix
            for imported in getattr(arguments.get("import"), "values", ()):
                text = _imported(imported)
                names.add(text.lstrip("@"))
    return _Links(frozenset(prefixes), frozenset(names), inaccessible)


def _imported(node: Any) -> str:
    if isinstance(node, StringValueNode):
        return node.value
    fields = {field.name.value: field.value.value for field in node.fields}
    return str(fields.get("as") or fields["name"])


def _plain(node: DefinitionNode, links: _Links) -> DefinitionNode | None:
    """Return the definition without the directives of linked specifications; None when it belongs to one."""
    name = getattr(getattr(node, "name", None), "value", "")
    machinery = name.partition("__")[0] in links.prefixes and "__" in name
    if isinstance(node, DirectiveDefinitionNode):
        return None if machinery or name in links.names or name in _SPECIFIED else node
    if machinery or (isinstance(node, TypeDefinitionNode) and name in links.names):
        return None
    return _stripped(node)


def _stripped(node: N) -> N:
    """Return the node, and all below it, with only the directives of the GraphQL specification."""
    changes: dict[str, Any] = {}
    for key in node.keys:
        value = getattr(node, key, None)
        if key == "directives":
            changes[key] = tuple(found for found in value or () if found.name.value in _KEPT)
        elif isinstance(value, tuple):
            changes[key] = tuple(_stripped(item) if isinstance(item, Node) else item for item in value)
        elif isinstance(value, Node):
            changes[key] = value
        else:
            changes[key] = value
    return type(node)(**{key: value for key, value in changes.items() if key not in {"loc", "kind"}})


@dataclass(frozen=True)
class _Hidden:
    """Coordinates of inaccessible elements: `Type`, `Type.member`, `Type.field(argument:)`."""

    coordinates: frozenset[str]

    @property
    def any(self) -> bool:
        return bool(self.coordinates)

    @classmethod
    def in_document(cls, document: DocumentNode, directive: str) -> _Hidden:
        found = set()

        def look(node: Any, coordinate: str) -> None:
            if any(use.name.value == directive for use in getattr(node, "directives", None) or ()):
                found.add(coordinate)

        for definition in document.definitions:
            if not isinstance(definition, TypeDefinitionNode):
                continue
            type_name = definition.name.value
            look(definition, type_name)
            for member in _children(definition):
                coordinate = f"{type_name}.{member.name.value}"
                look(member, coordinate)
                for argument in getattr(member, "arguments", None) or ():
                    look(argument, f"{coordinate}({argument.name.value}:)")
        return cls(frozenset(found))

    def without(self, node: DefinitionNode) -> DefinitionNode | None:
        if isinstance(node, SchemaDefinitionNode):
            visible = tuple(found for found in node.operation_types if found.type.name.value not in self.coordinates)
            return SchemaDefinitionNode(description=node.description, directives=node.directives, operation_types=visible)
        if not isinstance(node, TypeDefinitionNode):
            return node
        name = node.name.value
        if name in self.coordinates:
            return None
        changes: dict[str, Any] = {key: getattr(node, key, None) for key in node.keys if key not in {"loc", "kind"}}
        for key in ("fields", "values"):
            if changes.get(key):
                changes[key] = tuple(
                    self._without_arguments(member, name)
                    for member in changes[key]
                    if f"{name}.{member.name.value}" not in self.coordinates
                )
        if isinstance(node, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)):
            changes["interfaces"] = self._named(node.interfaces)
        if isinstance(node, UnionTypeDefinitionNode):
            changes["types"] = self._named(node.types)
        return type(node)(**changes)

    def _without_arguments(self, member: Any, type_name: str) -> Any:
        arguments = getattr(member, "arguments", None)
        if not arguments:
            return member
        coordinate = f"{type_name}.{member.name.value}"
        kept = tuple(found for found in arguments if f"{coordinate}({found.name.value}:)" not in self.coordinates)
        if len(kept) == len(arguments):
            return member
        changes = {key: getattr(member, key, None) for key in member.keys if key not in {"loc", "kind"}}
        return type(member)(**{**changes, "arguments": kept})

    def _named(self, names: Iterable[NamedTypeNode] | None) -> tuple[NamedTypeNode, ...]:
        return tuple(found for found in names or () if found.name.value not in self.coordinates)


def _children(definition: TypeDefinitionNode) -> tuple[Any, ...]:
    return tuple(getattr(definition, "fields", None) or ()) + tuple(getattr(definition, "values", None) or ())
