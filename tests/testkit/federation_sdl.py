"""A subgraph's SDL, read without the router: what each field declares, and a schema that graphql-core executes.

Directives have the names that `@link` gives them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    REMOVE,
    DefinitionNode,
    DirectiveNode,
    DocumentNode,
    FieldDefinitionNode,
    GraphQLSchema,
    NameNode,
    Node,
    OperationDefinitionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    SelectionSetNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    TypeNode,
    Visitor,
    build_ast_schema,
    parse,
    value_from_ast_untyped,
    visit,
)
from graphql.language import ast

__all__ = ["FieldSdl", "SubgraphSdl", "TypeSdl", "field_set", "read_subgraph"]

_MACHINERY = """
scalar _Any
type _Service { sdl: String }
"""
_MACHINERY_TYPES = frozenset(("_Any", "_Entity", "_Service"))
_DEFINITIONS = {
    "object_type_extension": "object_type_definition",
    "interface_type_extension": "interface_type_definition",
    "union_type_extension": "union_type_definition",
    "enum_type_extension": "enum_type_definition",
    "input_object_type_extension": "input_object_type_definition",
    "scalar_type_extension": "scalar_type_definition",
}


@dataclass(frozen=True)
class FieldSdl:
    """A field as a subgraph declares it."""

    name: str
    type: TypeNode
    external: bool = False
    requires: SelectionSetNode | None = None
    provides: SelectionSetNode | None = None
    override_from: str | None = None
    override_label: str | None = None
    # Argument → (context, selection) of `@fromContext`.
    from_context: Mapping[str, tuple[str, SelectionSetNode]] = field(default_factory=dict)


@dataclass
class TypeSdl:
    """A type as a subgraph declares it; its definition and extensions are one."""

    name: str
    kind: str
    keys: list[SelectionSetNode] = field(default_factory=list)
    resolvable_keys: list[SelectionSetNode] = field(default_factory=list)
    contexts: set[str] = field(default_factory=set)
    is_interface_object: bool = False
    fields: dict[str, FieldSdl] = field(default_factory=dict)
    interfaces: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class SubgraphSdl:
    """A subgraph. Root types have their default names here, whatever `schema` calls them."""

    name: str
    types: Mapping[str, TypeSdl]
    schema: GraphQLSchema
    # Operations found valid, by text.
    documents: dict[str, DocumentNode] = field(default_factory=dict, repr=False, compare=False)

    def possible(self, type_name: str) -> frozenset[str]:
        """Return the object types of this subgraph that a value of the type can have; none for interface objects."""
        type_ = self.types.get(type_name)
        if type_ is None or type_.is_interface_object:
            return frozenset()
        if type_.kind == "union":
            return frozenset(type_.members)
        if type_.kind == "interface":
            return frozenset(
                name for name, found in self.types.items() if found.kind == "object" and type_name in found.interfaces
            )
        return frozenset((type_name,))


def read_subgraph(name: str, sdl: str) -> SubgraphSdl:
    """Return the subgraph of this SDL (Federation 1 or 2)."""
    document = parse(sdl, no_location=True)
    roots = dict(_roots(document))
    document = _with_own_names(_without_machinery(document))
    types: dict[str, TypeSdl] = {}
    for definition in document.definitions:
        if isinstance(definition, (TypeDefinitionNode, TypeExtensionNode)):
            type_name = roots.get(definition.name.value, definition.name.value)
            kind = definition.kind.split("_", 1)[0]
            _read_type(definition, types.setdefault(type_name, TypeSdl(type_name, kind)))
    return SubgraphSdl(name, types, _executable(document, types))


def field_set(text: str) -> SelectionSetNode:
    """Return the selection set that a FieldSet scalar stands for."""
    source = text if text.lstrip().startswith("{") else "{" + text + "}"
    definition = parse(source, no_location=True).definitions[0]
    assert isinstance(definition, OperationDefinitionNode)
    return definition.selection_set


def _without_machinery(document: DocumentNode) -> DocumentNode:
    """Return the document without what every subgraph has; some print it, some do not."""

    class Leaving(Visitor):
        def enter_field_definition(self, node: FieldDefinitionNode, *_: Any) -> Any:
            return REMOVE if node.name.value in {"_entities", "_service"} else None

    definitions = tuple(
        node for node in document.definitions if getattr(getattr(node, "name", None), "value", "") not in _MACHINERY_TYPES
    )
    left: DocumentNode = visit(DocumentNode(definitions=definitions), Leaving())
    return left


def _with_own_names(document: DocumentNode) -> DocumentNode:
    """Return the document with the federation directives under their own names, whatever `@link` renames."""
    prefix, names = "federation", dict[str, str]()
    for definition in document.definitions:
        if isinstance(definition, (SchemaDefinitionNode, SchemaExtensionNode)):
            for name, arguments in _directives(definition):
                if name == "link" and "/federation/" in str(arguments.get("url")):
                    prefix = arguments.get("as", prefix)
                    for imported in arguments.get("import") or ():
                        if isinstance(imported, dict):
                            own = str(imported["name"])
                            names[str(imported.get("as", own))[1:]] = own[1:]

    class Renaming(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: Any) -> Any:
            name = names.get(node.name.value, node.name.value.removeprefix(f"{prefix}__"))
            return replace(node, name=NameNode(value=name))

    renamed: DocumentNode = visit(document, Renaming())
    return renamed


def _roots(document: DocumentNode) -> Iterator[tuple[str, str]]:
    for definition in document.definitions:
        if isinstance(definition, (SchemaDefinitionNode, SchemaExtensionNode)):
            for operation in definition.operation_types or ():
                yield operation.type.name.value, operation.operation.value.capitalize()


def _read_type(node: Any, type_: TypeSdl) -> None:
    all_external = False
    for name, arguments in _directives(node):
        if name == "key":
            fields = field_set(arguments["fields"])
            type_.keys.append(fields)
            if arguments.get("resolvable", True):
                type_.resolvable_keys.append(fields)
        elif name == "interfaceObject":
            type_.is_interface_object = True
        elif name == "context":
            type_.contexts.add(arguments["name"])
        elif name == "external":
            all_external = True
    type_.interfaces |= {one.name.value for one in getattr(node, "interfaces", None) or ()}
    type_.members |= {one.name.value for one in getattr(node, "types", None) or ()}
    type_.values |= {one.name.value for one in getattr(node, "values", None) or ()}
    for found in getattr(node, "fields", None) or ():
        type_.fields[found.name.value] = _read_field(found, all_external)


def _read_field(node: Any, external: bool) -> FieldSdl:
    facts: dict[str, Any] = {"external": external}
    for name, arguments in _directives(node):
        if name == "external":
            facts["external"] = True
        elif name in {"requires", "provides"}:
            facts[name] = field_set(arguments["fields"])
        elif name == "override":
            facts["override_from"], facts["override_label"] = arguments["from"], arguments.get("label")
    contexts = {}
    for argument in getattr(node, "arguments", None) or ():
        for name, arguments in _directives(argument):
            if name == "fromContext":
                context, _, selection = arguments["field"].strip().removeprefix("$").partition(" ")
                contexts[argument.name.value] = (context, field_set(selection))
    return FieldSdl(node.name.value, node.type, from_context=contexts, **facts)


def _directives(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for directive in node.directives or ():
        arguments = {argument.name.value: value_from_ast_untyped(argument.value) for argument in directive.arguments or ()}
        yield directive.name.value, arguments


def _executable(document: DocumentNode, types: Mapping[str, TypeSdl]) -> GraphQLSchema:
    """Return the schema with `_entities`, without the federation directives; extensions without a definition are definitions."""
    merged: dict[str, dict[str, Any]] = {}
    others: list[DefinitionNode] = []
    for definition in document.definitions:
        if isinstance(definition, (TypeDefinitionNode, TypeExtensionNode)):
            _merge_definition(definition, merged)
        elif isinstance(definition, SchemaDefinitionNode):
            others.append(_without_directives(definition))
    entities = sorted(name for name, type_ in types.items() if type_.kind == "object" and type_.keys)
    machinery = _MACHINERY + (f"union _Entity = {' | '.join(entities)}" if entities else "")
    query = "type Query { _service: _Service! " + ("_entities(representations: [_Any!]!): [_Entity]! }" if entities else "}")
    roots = {canonical: name for name, canonical in _roots(document)}
    root = next(iter(parse(query, no_location=True).definitions))
    _merge_definition(root, merged, name=roots.get("Query", "Query"))
    definitions = [found["class"](**found["parts"]) for found in merged.values()]
    return build_ast_schema(DocumentNode(definitions=(*others, *definitions, *parse(machinery, no_location=True).definitions)))


def _merge_definition(node: Any, merged: dict[str, dict[str, Any]], name: str | None = None) -> None:
    kind = _DEFINITIONS.get(node.kind, node.kind)
    class_ = getattr(ast, "".join(part.capitalize() for part in kind.split("_")) + "Node")
    plain = _without_directives(node)
    known = merged.setdefault(name or node.name.value, {"class": class_, "parts": {"name": node.name}})["parts"]
    for key in ("interfaces", "fields", "types", "values"):
        if key in class_.keys:
            known[key] = (*known.get(key, ()), *(getattr(plain, key, None) or ()))
    known["directives"] = ()


def _without_directives(node: Any) -> Any:
    changes: dict[str, Any] = {}
    for key in node.keys:
        value = getattr(node, key, None)
        if key == "directives":
            value = tuple(found for found in value or () if found.name.value in {"oneOf", "specifiedBy"})
        elif isinstance(value, tuple):
            value = tuple(_without_directives(item) if isinstance(item, Node) else item for item in value)
        changes[key] = value
    return type(node)(**{key: value for key, value in changes.items() if key not in {"loc", "kind"}})
