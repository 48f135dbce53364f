"""INVALID_GRAPHQL: a subgraph's document is no valid schema by the GraphQL specification (section 3, Type System)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    GraphQLError,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    NamedTypeNode,
    Node,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
    Visitor,
    build_ast_schema,
    parse,
    validate_schema,
    visit,
)
from graphql.utilities import validate_input_literal
from graphql.validation.validate import validate_sdl

from router.compose.errors import CompositionError
from router.compose.links import FEDERATION, LINK
from router.compose.rules.invalid_link import invalid_link
from router.compose.rules.specified_definitions import latest_federation_elements, specified_definitions
from router.compose.subgraph import Subgraph, locations

__all__ = ["invalid_graphql"]

_SERVICE_FIELDS = frozenset({"_entities", "_service"})
_SERVICE_TYPES = frozenset({"_Any", "_Entity", "_Service"})
_SPECIFIED_SCALARS = frozenset({"Int", "Float", "String", "Boolean", "ID"})
_SERVICE_FIELD = parse("type Query { _service: String }", no_location=True).definitions[0].fields  # type: ignore[attr-defined]
_DEFINITIONS: dict[type[TypeExtensionNode], type[TypeDefinitionNode]] = {
    ObjectTypeExtensionNode: ObjectTypeDefinitionNode,
    InterfaceTypeExtensionNode: InterfaceTypeDefinitionNode,
    UnionTypeExtensionNode: UnionTypeDefinitionNode,
    EnumTypeExtensionNode: EnumTypeDefinitionNode,
    InputObjectTypeExtensionNode: InputObjectTypeDefinitionNode,
    ScalarTypeExtensionNode: ScalarTypeDefinitionNode,
}


def invalid_graphql(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse what the GraphQL specification refuses, the definitions that come with links taken as written out."""
    # With a broken link every name of that specification would be unknown.
    if any(True for _ in invalid_link(subgraph)):
        return
    yield from _unknown_types_of_own_definitions(subgraph)
    document = _completed(subgraph)
    errors: Sequence[GraphQLError] = validate_sdl(document)
    if not errors:
        try:
            schema = build_ast_schema(document, assume_valid_sdl=True)
            errors = [*filter(_is_told, validate_schema(schema)), *_invalid_directive_arguments(document, schema)]
        except GraphQLError as unread:
            # Building reads arguments of @deprecated and @specifiedBy that nothing has checked yet, and wraps what it finds.
            errors = [unread.__cause__ if isinstance(unread.__cause__, GraphQLError) else unread]
    for error in errors:
        message = f"[{subgraph.name}] {error.message}{_remedy(subgraph, error)}"
        yield CompositionError("INVALID_GRAPHQL", message, locations(subgraph, *error.nodes or ()))


def _completed(subgraph: Subgraph) -> DocumentNode:
    """Return the document with the definitions of all links and no extension without definition, less the gateway's fields."""
    own = {node.name.value: node for node in subgraph.document.definitions if isinstance(node, DirectiveDefinitionNode)}
    specified = [_narrowed(node, own.get(node.name.value)) for _, _, node in specified_definitions(subgraph.links)]
    # These stand in for what the document may repeat of them, perhaps in an older form.
    directives = {node.name.value for node in specified if isinstance(node, DirectiveDefinitionNode)}
    types = {node.name.value for node in specified if isinstance(node, TypeDefinitionNode)} | _SERVICE_TYPES
    defined = {node.name.value for node in subgraph.document.definitions if isinstance(node, TypeDefinitionNode)}
    # Every query type has `_service` in the end, and would be empty otherwise where it has nothing else.
    stand_in = _SERVICE_FIELD
    definitions: list[DefinitionNode] = list(specified)
    for node in subgraph.document.definitions:
        if isinstance(node, DirectiveDefinitionNode) and node.name.value in directives:
            continue
        if isinstance(node, (TypeDefinitionNode, TypeExtensionNode)):
            name = node.name.value
            if name in types:
                continue
            if isinstance(node, TypeExtensionNode) and name not in defined:
                node = _changed(node, _DEFINITIONS[type(node)])
                defined.add(name)
            if name == subgraph.roots.get("query") and isinstance(node, (ObjectTypeDefinitionNode, ObjectTypeExtensionNode)):
                fields = tuple(field for field in node.fields or () if field.name.value not in _SERVICE_FIELDS)
                node = _changed(node, type(node), fields=(*fields, *stand_in))
                stand_in = ()
        definitions.append(node)
    return DocumentNode(definitions=tuple(definitions))


def _narrowed(
    specified: DirectiveDefinitionNode | TypeDefinitionNode, own: DirectiveDefinitionNode | None
) -> DirectiveDefinitionNode | TypeDefinitionNode:
    """Return the specified definition; a directive that the document defines for fewer locations stays within those."""
    if own is None or not isinstance(specified, DirectiveDefinitionNode):
        return specified
    if {place.value for place in own.locations} < {place.value for place in specified.locations}:
        narrowed: DirectiveDefinitionNode = _changed(specified, DirectiveDefinitionNode, locations=own.locations)
        return narrowed
    return specified


def _changed(node: Node, kind: type[Any], **changes: Any) -> Any:
    values = {key: getattr(node, key, None) for key in kind.keys if key not in {"kind", "loc"}}
    return kind(**values | {"loc": node.loc} | changes)


def _unknown_types_of_own_definitions(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Types that the document's own definitions of federation directives name, and nobody defines."""
    known = {
        node.name.value for node in subgraph.document.definitions if isinstance(node, (TypeDefinitionNode, TypeExtensionNode))
    }
    known |= {node.name.value for _, _, node in specified_definitions(subgraph.links) if isinstance(node, TypeDefinitionNode)}
    for node in subgraph.document.definitions:
        if isinstance(node, DirectiveDefinitionNode) and subgraph.links.directive(node.name.value)[0] in {FEDERATION, LINK}:
            for argument in node.arguments or ():
                named: Any = argument.type
                while not isinstance(named, NamedTypeNode):
                    named = named.type
                if named.name.value not in known and named.name.value not in _SPECIFIED_SCALARS:
                    message = (
                        f"[{subgraph.name}] Unknown type '{named.name.value}' in the definition of @{node.name.value}; define it."
                    )
                    yield CompositionError("INVALID_GRAPHQL", message, locations(subgraph, named))


def _invalid_directive_arguments(document: DocumentNode, schema: GraphQLSchema) -> Iterator[GraphQLError]:
    """Arguments of applied directives whose value is none of the argument's type."""
    definitions = {directive.name: directive for directive in schema.directives}
    found: list[GraphQLError] = []

    class Uses(Visitor):
        """Looks at every applied directive."""

        def enter_directive(self, node: ConstDirectiveNode, *_: Any) -> None:
            """Check each argument's value."""
            definition = definitions.get(node.name.value)
            for argument in node.arguments or ():
                expected = definition.args.get(argument.name.value) if definition else None
                if expected is not None:
                    where = f"@{node.name.value}({argument.name.value}:)"

                    def refuse(error: GraphQLError, _path: Any, where: str = where, at: Node = argument.value) -> None:
                        # Objects may be incomplete, as in other composers: what reads the directive knows what it needs.
                        if "required field" not in error.message:
                            found.append(GraphQLError(f"Invalid value for {where}: {error.message}", at))

                    validate_input_literal(argument.value, expected.type, refuse)

    visit(document, Uses())
    yield from found


def _is_told(error: GraphQLError) -> bool:
    # Another subgraph has the query type; NO_QUERIES when none has.
    if error.message == "Query root type must be provided.":
        return False
    # New in the specification after October 2021: schemas in use deprecate an object's field before the interface's.
    return "is not deprecated, so implementation" not in error.message


def _remedy(subgraph: Subgraph, error: GraphQLError) -> str:
    """Return what to do about the mistakes that only federation schemas make."""
    found = re.match(r"Unknown directive [\"'@]*(\w+)", error.message)
    if found is None:
        return ""
    name = found[1]
    if f"@{name}" not in latest_federation_elements():
        return " Define it, or import it in the @link to its specification."
    if subgraph.is_federation_1:
        return f' @{name} is of Federation 2: add @link(url: "{FEDERATION}/v2.…", import: ["@{name}"]) to the schema.'
    return f' Import it in the @link to federation, import: ["@{name}"], or write @{subgraph.links.directive_name(name)}.'
