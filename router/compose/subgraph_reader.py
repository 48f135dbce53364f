"""Reads the SDL of a subgraph. It is parsed once, and never again.

Reading is lenient: only text that is no GraphQL is refused. What is wrong otherwise is left out here and refused by a rule, which
finds it in `Subgraph.document`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import (
    ConstDirectiveNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    NamedTypeNode,
    Node,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
    parse,
)

from router.compose.definitions import (
    DirectiveDefinition,
    EnumValue,
    Field,
    InputValue,
    Reference,
    TypeDefinition,
    TypeKind,
    Use,
)
from router.compose.links import FEDERATION, GATEWAY_SPECIFICATIONS, Links, read_links
from router.compose.result import SubgraphSource
from router.compose.subgraph import Subgraph, graph_enum_names
from router.compose.values import read_value

__all__ = ["read_subgraph"]

_ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
# Fields of the root query type that serve the gateway (Subgraph specification).
_SERVICE_FIELDS = frozenset({"_entities", "_service"})
_KINDS: Mapping[type[Node], TypeKind] = {
    ObjectTypeDefinitionNode: TypeKind.OBJECT,
    ObjectTypeExtensionNode: TypeKind.OBJECT,
    InterfaceTypeDefinitionNode: TypeKind.INTERFACE,
    InterfaceTypeExtensionNode: TypeKind.INTERFACE,
    UnionTypeDefinitionNode: TypeKind.UNION,
    UnionTypeExtensionNode: TypeKind.UNION,
    EnumTypeDefinitionNode: TypeKind.ENUM,
    EnumTypeExtensionNode: TypeKind.ENUM,
    InputObjectTypeDefinitionNode: TypeKind.INPUT,
    InputObjectTypeExtensionNode: TypeKind.INPUT,
    ScalarTypeDefinitionNode: TypeKind.SCALAR,
    ScalarTypeExtensionNode: TypeKind.SCALAR,
}

TypeSyntax: TypeAlias = TypeDefinitionNode | TypeExtensionNode


def read_subgraph(source: SubgraphSource, graph_enum: str | None = None) -> Subgraph:
    """Return the subgraph as written; a Federation 1 schema is not upgraded here.

    Raises:
        GraphQLSyntaxError: the SDL does not parse.
    """
    document = parse(source.sdl)
    links = read_links(document)
    return _Reader(source, document, links).subgraph(graph_enum or graph_enum_names([source.name])[0])


@dataclass
class _Reader:
    """Turns the AST of one SDL into elements."""

    source: SubgraphSource
    document: DocumentNode
    links: Links

    def subgraph(self, graph_enum: str) -> Subgraph:
        syntax: dict[str, list[TypeSyntax]] = defaultdict(list)
        for definition in self.document.definitions:
            if isinstance(definition, (TypeDefinitionNode, TypeExtensionNode)) and self._is_own_type(definition.name.value):
                syntax[definition.name.value].append(definition)
        roots = self._roots(syntax)
        # A root type takes its default name, unless another type has it.
        self._names = {name: _ROOTS[operation] for operation, name in roots.items() if _ROOTS[operation] not in syntax}
        types = {}
        for name, nodes in syntax.items():
            type_ = self._type(self._names.get(name, name), nodes, is_query=roots.get("query") == name)
            if type_ is not None:
                types[type_.name] = type_
        schema = [node for node in self.document.definitions if isinstance(node, (SchemaDefinitionNode, SchemaExtensionNode))]
        return Subgraph(
            name=self.source.name,
            url=self.source.url,
            graph_enum=graph_enum,
            document=self.document,
            links=self.links,
            types=types,
            directives=dict(self._directives()),
            roots=roots,
            schema_uses=tuple(use for node in schema for use in self._uses(node.directives)),
            schema_description=next(
                (text for node in schema if isinstance(node, SchemaDefinitionNode) and (text := _description(node))), None
            ),
        )

    def _is_own_type(self, name: str) -> bool:
        """Whether the type is merged: types that only directives of a composed specification use are, too."""
        return self.links.type(name)[0] not in GATEWAY_SPECIFICATIONS

    def _roots(self, syntax: Mapping[str, Any]) -> dict[str, str]:
        roots: dict[str, str] = {}
        defined = False
        for node in self.document.definitions:
            if isinstance(node, (SchemaDefinitionNode, SchemaExtensionNode)):
                defined = defined or isinstance(node, SchemaDefinitionNode)
                for operation in node.operation_types or ():
                    roots[operation.operation.value] = operation.type.name.value
        if not defined:
            roots = {operation: name for operation, name in _ROOTS.items() if name in syntax} | roots
        return roots

    def _type(self, name: str, nodes: Sequence[TypeSyntax], is_query: bool) -> TypeDefinition | None:
        kind = next((_KINDS[type(node)] for node in nodes if isinstance(node, TypeDefinitionNode)), _KINDS[type(nodes[0])])
        nodes = [node for node in nodes if _KINDS[type(node)] is kind]
        fields: dict[str, Field] = {}
        input_fields: dict[str, InputValue] = {}
        values: dict[str, EnumValue] = {}
        interfaces: dict[str, Reference] = {}
        members: dict[str, Reference] = {}
        uses: list[Use] = []
        for node in nodes:
            found = self._uses(node.directives)
            uses += found
            for child in getattr(node, "fields", None) or ():
                if isinstance(child, FieldDefinitionNode):
                    if not (is_query and child.name.value in _SERVICE_FIELDS):
                        fields.setdefault(child.name.value, self._field(name, child, node, found))
                else:
                    coordinate = f"{name}.{child.name.value}"
                    input_fields.setdefault(child.name.value, self._input_value(coordinate, child))
            for value in getattr(node, "values", None) or ():
                values.setdefault(value.name.value, self._enum_value(name, value))
            for interface in getattr(node, "interfaces", None) or ():
                interfaces.setdefault(interface.name.value, Reference(interface.name.value, interface))
            if isinstance(node, (UnionTypeDefinitionNode, UnionTypeExtensionNode)):
                for member in node.types or ():
                    member_name = self._names.get(member.name.value, member.name.value)
                    members.setdefault(member_name, Reference(member_name, member))
        if is_query and not fields and any(getattr(node, "fields", None) for node in nodes):
            return None
        extended = any(use.name == "extends" and use.spec == FEDERATION for use in uses)
        return TypeDefinition(
            name=name,
            coordinate=name,
            description=next((text for node in nodes if (text := _description(node)) is not None), None),
            uses=tuple(uses),
            node=nodes[0],
            kind=kind,
            fields=fields,
            input_fields=input_fields,
            values=values,
            interfaces=interfaces,
            members=members,
            nodes=tuple(nodes),
            is_extension=extended or not any(isinstance(node, TypeDefinitionNode) for node in nodes),
        )

    def _field(self, type_name: str, node: FieldDefinitionNode, holder: TypeSyntax, holder_uses: Iterable[Use]) -> Field:
        coordinate = f"{type_name}.{node.name.value}"
        uses = self._uses(node.directives)
        federation = {use.name for use in (*uses, *holder_uses) if use.spec == FEDERATION}
        arguments: dict[str, InputValue] = {}
        for argument in node.arguments or ():
            arguments.setdefault(argument.name.value, self._input_value(f"{coordinate}({argument.name.value}:)", argument))
        text, named = self._reference(node.type)
        return Field(
            name=node.name.value,
            coordinate=coordinate,
            description=_description(node),
            uses=uses,
            node=node,
            type=text,
            type_name=named,
            arguments=arguments,
            external="external" in federation,
            shareable="shareable" in federation,
            in_extension=isinstance(holder, TypeExtensionNode) or "extends" in federation,
        )

    def _input_value(self, coordinate: str, node: InputValueDefinitionNode) -> InputValue:
        text, named = self._reference(node.type)
        return InputValue(
            name=node.name.value,
            coordinate=coordinate,
            description=_description(node),
            uses=self._uses(node.directives),
            node=node,
            type=text,
            type_name=named,
            default=node.default_value,
        )

    def _enum_value(self, type_name: str, node: EnumValueDefinitionNode) -> EnumValue:
        return EnumValue(
            name=node.name.value,
            coordinate=f"{type_name}.{node.name.value}",
            description=_description(node),
            uses=self._uses(node.directives),
            node=node,
        )

    def _directives(self) -> Iterator[tuple[str, DirectiveDefinition]]:
        for node in self.document.definitions:
            if not isinstance(node, DirectiveDefinitionNode):
                continue
            name = node.name.value
            spec, _ = self.links.directive(name)
            if spec in GATEWAY_SPECIFICATIONS:
                continue
            arguments: dict[str, InputValue] = {}
            for argument in node.arguments or ():
                coordinate = f"@{name}({argument.name.value}:)"
                arguments.setdefault(argument.name.value, self._input_value(coordinate, argument))
            locations_ = tuple(location.value for location in node.locations)
            yield name, DirectiveDefinition(name, _description(node), arguments, locations_, node.repeatable, node)

    def _uses(self, nodes: Iterable[ConstDirectiveNode] | None) -> tuple[Use, ...]:
        return tuple(self._use(node) for node in nodes or ())

    def _use(self, node: ConstDirectiveNode) -> Use:
        spec, name = self.links.directive(node.name.value)
        arguments = {argument.name.value: read_value(argument.value) for argument in node.arguments or ()}
        return Use(name, arguments, spec, node)

    def _reference(self, node: TypeNode) -> tuple[str, str]:
        """Return the type as text, and the name in it."""
        if isinstance(node, NamedTypeNode):
            name = self._names.get(node.name.value, node.name.value)
            return name, name
        if isinstance(node, NonNullTypeNode):
            text, named = self._reference(node.type)
            return f"{text}!", named
        text, named = self._reference(node.type)  # type: ignore[attr-defined]  # a list
        return f"[{text}]", named


def _description(node: Any) -> str | None:
    description = getattr(node, "description", None)
    return description.value if isinstance(description, StringValueNode) else None
