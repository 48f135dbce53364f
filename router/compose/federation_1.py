"""Reads Federation 1 schemas as Federation 2 ones: what was implied is made explicit, what had no effect is removed.

Federation 1 had no `@shareable`: every subgraph could repeat a value type. It demanded @external on the key fields of an
extension, though the extension resolves them, and tolerated directives where they did nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from router.compose.definitions import Field, TypeDefinition, TypeKind, Use
from router.compose.field_uses import named_fields, used_fields
from router.compose.links import FEDERATION
from router.compose.needed_fields import needed_fields
from router.compose.subgraph import Subgraph
from router.compose.values import print_value

__all__ = ["upgrade"]

_ROOTS = frozenset({"Query", "Mutation", "Subscription"})
_FIELD_SET_DIRECTIVES = frozenset({"key", "requires", "provides"})


def upgrade(subgraphs: Sequence[Subgraph]) -> list[Subgraph]:
    """Return the subgraphs in their order, as if nothing of Federation 1 were in them.

    Federation 2 still bears @external on the key fields of an extension; all else is changed in Federation 1 schemas only.
    """
    keys: dict[str, list[str]] = {}
    for subgraph in subgraphs:
        for type_ in subgraph.types.values():
            keys.setdefault(type_.name, []).extend(key.fields for key in type_.keys)
    return [_upgraded(subgraph, keys) if subgraph.is_federation_1 else _with_own_keys(subgraph, {}) for subgraph in subgraphs]


def _upgraded(subgraph: Subgraph, keys: Mapping[str, Sequence[str]]) -> Subgraph:
    """Each step sees what the steps before it left. `keys` are those of all subgraphs, by type."""
    for step in (_with_text_field_sets, _without_interface_directives, _without_external_types):
        subgraph = step(subgraph)
    subgraph = _with_own_keys(subgraph, keys)
    for step in (_without_needless, _without_unused, _shared):
        subgraph = step(subgraph)
    return subgraph


def _with_text_field_sets(subgraph: Subgraph) -> Subgraph:
    """`@key(fields: id)` and `@key(fields: ["id", "name"])` were understood, too."""

    def text(use: Use) -> Use:
        value = use.arguments.get("fields")
        if use.spec != FEDERATION or use.name not in _FIELD_SET_DIRECTIVES or value is None or type(value) is str:
            return use
        items = value if isinstance(value, list) else [value]
        fields = " ".join(item if isinstance(item, str) else print_value(item) for item in items)
        return replace(use, arguments={**use.arguments, "fields": fields})

    def with_text(type_: TypeDefinition) -> TypeDefinition:
        fields = {name: replace(field, uses=tuple(map(text, field.uses))) for name, field in type_.fields.items()}
        return replace(type_, uses=tuple(map(text, type_.uses)), fields=fields)

    return _with_types(subgraph, map(with_text, subgraph.types.values()))


def _without_interface_directives(subgraph: Subgraph) -> Subgraph:
    """On interfaces and their fields, federation directives did nothing."""

    def plain(type_: TypeDefinition) -> TypeDefinition:
        if type_.kind is not TypeKind.INTERFACE:
            return type_
        fields = {
            name: replace(field, uses=_without(field.uses, {"external", "requires", "provides"}), external=False)
            for name, field in type_.fields.items()
        }
        return replace(type_, uses=_without(type_.uses, {"key", "external"}), fields=fields)

    return _with_types(subgraph, map(plain, subgraph.types.values()))


def _with_own_keys(subgraph: Subgraph, keys: Mapping[str, Sequence[str]]) -> Subgraph:
    """An extension resolves what its keys name, though it is @external; one without key what the type's `keys` elsewhere name."""
    own = frozenset(_own_key_fields(subgraph, keys))

    def marked(field: Field) -> Field:
        if not field.external or field.coordinate not in own:
            return field
        return replace(field, uses=_without(field.uses, {"external"}), external=False)

    return _with_types(
        subgraph,
        (
            replace(type_, fields={name: marked(field) for name, field in type_.fields.items()})
            for type_ in subgraph.types.values()
        ),
    )


def _own_key_fields(subgraph: Subgraph, keys: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for type_ in subgraph.types.values():
        texts = [key.fields for key in type_.keys] or keys.get(type_.name, ())
        named = {found for text in texts for found in named_fields(subgraph, type_.name, text)}
        if type_.is_extension:
            yield from named
        else:
            yield from (field.coordinate for field in type_.fields.values() if field.in_extension and field.coordinate in named)


def _without_external_types(subgraph: Subgraph) -> Subgraph:
    """@external on a whole type did nothing."""

    def plain(type_: TypeDefinition) -> TypeDefinition:
        fields: dict[str, Any] = {name: replace(field, external=field.has("external")) for name, field in type_.fields.items()}
        return replace(type_, uses=_without(type_.uses, {"external"}), fields=fields)

    return _with_types(subgraph, map(plain, subgraph.types.values()))


def _without_needless(subgraph: Subgraph) -> Subgraph:
    """Requiring or providing fields that the subgraph resolves anyway did nothing, nor did providing fields of a scalar."""

    def needed(field: Field, holder: TypeDefinition) -> Field:
        parents = {"requires": holder.name, "provides": field.type_name}
        uses = []
        for use in field.uses:
            if use.spec != FEDERATION or use.name not in parents:
                uses.append(use)
            elif fields := needed_fields(subgraph, parents[use.name], use.arguments.get("fields")):
                uses.append(replace(use, arguments={**use.arguments, "fields": fields}))
        return replace(field, uses=tuple(uses))

    return _with_types(
        subgraph,
        (
            replace(type_, fields={name: needed(field, type_) for name, field in type_.fields.items()})
            for type_ in subgraph.types.values()
        ),
    )


def _without_unused(subgraph: Subgraph) -> Subgraph:
    """An @external field that nothing names could never be selected here."""
    used = used_fields(subgraph)

    def kept(type_: TypeDefinition) -> TypeDefinition:
        fields = {name: field for name, field in type_.fields.items() if not field.external or field.coordinate in used}
        if len(fields) == len(type_.fields):
            return type_
        # A type of which nothing would be left is refused (TYPE_WITH_ONLY_UNUSED_EXTERNAL); a root type others may fill.
        return replace(type_, fields=fields) if fields or type_.name in _ROOTS else type_

    return _with_types(subgraph, map(kept, subgraph.types.values()))


def _shared(subgraph: Subgraph) -> Subgraph:
    """Whatever an object type has, other subgraphs could have too; only events come from one.

    What an extension adds to a value type that the same schema defines is the schema's own.
    """

    def shared(type_: TypeDefinition) -> TypeDefinition:
        if type_.kind is not TypeKind.OBJECT or type_.name == "Subscription":
            return type_
        is_value = not type_.is_extension and not type_.keys and type_.name not in {"Query", "Mutation"}
        fields: dict[str, Any] = {
            name: field if field.external or (is_value and field.in_extension) else replace(field, shareable=True)
            for name, field in type_.fields.items()
        }
        return replace(type_, fields=fields)

    return _with_types(subgraph, map(shared, subgraph.types.values()))


def _with_types(subgraph: Subgraph, types: Iterable[TypeDefinition]) -> Subgraph:
    return replace(subgraph, types={type_.name: type_ for type_ in types})


def _without(uses: Iterable[Use], names: Collection[str]) -> tuple[Use, ...]:
    return tuple(use for use in uses if not (use.spec == FEDERATION and use.name in names))
