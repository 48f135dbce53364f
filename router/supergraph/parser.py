"""Reads supergraph SDL: the join directives become the view that each subgraph has of every type."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLError,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SelectionSetNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    parse,
    parse_type,
    print_ast,
    value_from_ast_untyped,
)
from graphql.language import OperationDefinitionNode

from router.supergraph.api_schema import build_api_schema
from router.supergraph.model import ContextArgument, Key, Subgraph, SubgraphField, SubgraphType, Supergraph, TypeKind

__all__ = ["parse_supergraph"]

Arguments: TypeAlias = dict[str, Any]
_FieldNode: TypeAlias = FieldDefinitionNode | InputValueDefinitionNode

_KINDS: dict[type[TypeDefinitionNode], TypeKind] = {
    ObjectTypeDefinitionNode: TypeKind.OBJECT,
    InterfaceTypeDefinitionNode: TypeKind.INTERFACE,
    UnionTypeDefinitionNode: TypeKind.UNION,
    EnumTypeDefinitionNode: TypeKind.ENUM,
    InputObjectTypeDefinitionNode: TypeKind.INPUT,
    ScalarTypeDefinitionNode: TypeKind.SCALAR,
}


def parse_supergraph(sdl: str) -> Supergraph:
    """Return the supergraph.

    Raises:
        ValueError: the text is no GraphQL, or no supergraph schema.
    """
    try:
        document = parse(sdl, no_location=True)
    except GraphQLError as error:
        raise ValueError(f"the supergraph does not parse: {error.message}") from error
    graphs = dict(_graphs(document))
    if not graphs:
        raise ValueError("the schema has no join__Graph enum: it is no supergraph (compose the subgraphs first)")
    types: dict[str, dict[str, SubgraphType]] = {graph: {} for graph in graphs}
    for definition in document.definitions:
        if isinstance(definition, TypeDefinitionNode) and not _is_machinery(definition.name.value):
            for graph, type_ in _views(definition, graphs).items():
                types[graph][definition.name.value] = type_
    full, api = build_api_schema(document)
    return Supergraph(
        sdl_hash=hashlib.sha256(sdl.encode()).hexdigest(),
        subgraphs={graph.name: replace(graph, types=_with_possible_types(types[enum])) for enum, graph in graphs.items()},
        schema=api,
        full_schema=full,
        document=document,
    )


def _graphs(document: DocumentNode) -> Iterator[tuple[str, Subgraph]]:
    for definition in document.definitions:
        if isinstance(definition, EnumTypeDefinitionNode) and definition.name.value == "join__Graph":
            for value in definition.values or ():
                for arguments in _uses(value.directives, "join__graph"):
                    enum = value.name.value
                    yield enum, Subgraph(str(arguments.get("name", enum)), str(arguments.get("url", "")), enum)


def _is_machinery(name: str) -> bool:
    return name.startswith(("join__", "link__"))


def _views(definition: TypeDefinitionNode, graphs: Mapping[str, Subgraph]) -> dict[str, SubgraphType]:
    """Return the type as each subgraph that has it sees it."""
    kind = _KINDS[type(definition)]
    uses: dict[str, list[Arguments]] = defaultdict(list)
    for arguments in _uses(definition.directives, "join__type"):
        uses[arguments["graph"]].append(arguments)
    for owner in _uses(definition.directives, "join__owner"):  # join v0.1: the owner is also a join__type
        uses.setdefault(owner["graph"], [])
    if not uses:  # join v0.1 value types, and types of one subgraph without keys
        uses = {graph: [] for graph in graphs}
    declared = _declared_fields(definition)
    views: dict[str, SubgraphType] = {}
    for graph, found in uses.items():
        interface_object = any(arguments.get("isInterfaceObject") for arguments in found)
        views[graph] = SubgraphType(
            name=definition.name.value,
            kind=TypeKind.OBJECT if interface_object else kind,
            keys=tuple(_key(arguments) for arguments in found if arguments.get("key")),
            is_interface_object=interface_object,
            fields={field.name: field for field in _fields(declared, graph)},
            interfaces=_interfaces(definition, graph),
            possible_types=_members(definition, graph),
            enum_values=_enum_values(definition, graph),
        )
    return views


def _key(arguments: Arguments) -> Key:
    text = str(arguments["key"])
    return Key(_field_set(text), text, arguments.get("resolvable", True) is not False)


def _declared_fields(definition: TypeDefinitionNode) -> list[tuple[_FieldNode, list[Arguments]]]:
    """Return the fields, each with its uses of `join__field`: read once for all subgraphs."""
    if not isinstance(definition, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode, InputObjectTypeDefinitionNode)):
        return []
    return [(node, list(_uses(node.directives, "join__field"))) for node in definition.fields or ()]


def _fields(declared: list[tuple[_FieldNode, list[Arguments]]], graph: str) -> Iterator[SubgraphField]:
    for node, uses in declared:
        if not uses:
            yield _field(node, {})
        elif any(use.get("graph") is None for use in uses) and len(uses) == 1:
            # Neither held nor resolved by a subgraph of this type: it comes from an interface object.
            continue
        labels = {use.get("overrideLabel") for use in uses if use.get("overrideLabel")}
        for use in uses:
            if use.get("graph") == graph:
                yield _labelled(_field(node, use), use, labels)


def _field(node: _FieldNode, use: Arguments) -> SubgraphField:
    type_node = parse_type(use["type"], no_location=True) if use.get("type") else node.type
    name, depth = _named(type_node)
    return SubgraphField(
        name=node.name.value,
        type=print_ast(type_node),
        type_name=name,
        list_depth=depth,
        external=bool(use.get("external")),
        overridden=bool(use.get("usedOverridden")),
        requires=_field_set(use["requires"]) if use.get("requires") else None,
        provides=_field_set(use["provides"]) if use.get("provides") else None,
        context_arguments=tuple(
            ContextArgument(found["name"], found["type"], found["context"], found["selection"])
            for found in use.get("contextArguments") or ()
        ),
    )


def _labelled(field: SubgraphField, use: Arguments, labels: set[Any]) -> SubgraphField:
    """Mark both sides of a progressive override: the new one answers when the label is on, the old one when it is off."""
    if not labels:
        return field
    if use.get("override"):
        return replace(field, override_label=use.get("overrideLabel"), override_active=True)
    label = use.get("overrideLabel")
    return replace(field, override_label=label, override_active=False) if label else field


def _interfaces(definition: TypeDefinitionNode, graph: str) -> frozenset[str]:
    uses = list(_uses(definition.directives, "join__implements"))
    if not uses:
        return frozenset(node.name.value for node in getattr(definition, "interfaces", None) or ())
    return frozenset(use["interface"] for use in uses if use["graph"] == graph)


def _members(definition: TypeDefinitionNode, graph: str) -> frozenset[str]:
    if not isinstance(definition, UnionTypeDefinitionNode):
        return frozenset()
    uses = list(_uses(definition.directives, "join__unionMember"))
    if not uses:
        return frozenset(node.name.value for node in definition.types or ())
    return frozenset(use["member"] for use in uses if use["graph"] == graph)


def _enum_values(definition: TypeDefinitionNode, graph: str) -> frozenset[str]:
    if not isinstance(definition, EnumTypeDefinitionNode):
        return frozenset()
    found = set()
    for value in definition.values or ():
        uses = list(_uses(value.directives, "join__enumValue"))
        if not uses or any(use["graph"] == graph for use in uses):
            found.add(value.name.value)
    return frozenset(found)


def _with_possible_types(types: dict[str, SubgraphType]) -> dict[str, SubgraphType]:
    """Fill in which object types implement each interface in this subgraph; an object is its own possible type."""
    implementations: dict[str, set[str]] = defaultdict(set)
    for type_ in types.values():
        if type_.kind is TypeKind.OBJECT:
            for interface in type_.interfaces:
                implementations[interface].add(type_.name)
    found = {}
    for name, type_ in types.items():
        possible = frozenset(member for member in type_.possible_types if member in types)
        if type_.kind is TypeKind.OBJECT:
            possible = frozenset((name,))
        elif type_.kind is TypeKind.INTERFACE:
            possible = frozenset(implementations[name])
        found[name] = replace(type_, possible_types=possible)
    return found


def _named(type_: TypeNode) -> tuple[str, int]:
    depth = 0
    while isinstance(type_, (ListTypeNode, NonNullTypeNode)):
        depth += isinstance(type_, ListTypeNode)
        type_ = type_.type
    assert isinstance(type_, NamedTypeNode)  # noqa: S101  the grammar has no other case
    return type_.name.value, depth


def _uses(directives: tuple[ConstDirectiveNode, ...] | None, name: str) -> Iterator[Arguments]:
    for directive in directives or ():
        if directive.name.value == name:
            yield {argument.name.value: value_from_ast_untyped(argument.value) for argument in directive.arguments or ()}


def _field_set(text: str) -> SelectionSetNode:
    """Parse a FieldSet scalar (Federation specification, `_FieldSet`)."""
    source = text if text.lstrip().startswith("{") else "{" + text + "}"
    definition = parse(source, no_location=True).definitions[0]
    if not isinstance(definition, OperationDefinitionNode):
        raise ValueError(f"{text!r} is not a field set")
    return definition.selection_set
