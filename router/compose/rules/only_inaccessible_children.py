"""ONLY_INACCESSIBLE_CHILDREN: clients see a type, but nothing in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from router.compose.definitions import Element, TypeDefinition
from router.compose.errors import CompositionError
from router.compose.merge.schema import MergedSchema
from router.compose.rules.supergraph_elements import ApiElements, element_error, is_inaccessible

__all__ = ["only_inaccessible_children"]


def only_inaccessible_children(schema: MergedSchema) -> Iterator[CompositionError]:
    """Refuse visible types whose fields, values or members are all @inaccessible (GraphQL allows no empty type)."""
    api = ApiElements(schema)
    for type_ in api.types.values():
        what, hidden = _children(api, type_)
        if hidden and all(hidden):
            complaint = (
                f"is in the API schema, but all of its {what} are @inaccessible; make one accessible, or hide {type_.name} too"
            )
            yield element_error(schema, "ONLY_INACCESSIBLE_CHILDREN", type_.name, complaint)


def _children(api: ApiElements, type_: TypeDefinition) -> tuple[str, Sequence[bool]]:
    """Return what the type consists of, and whether each is hidden."""
    if type_.members:
        return "members", [api.hides_type(name) for name in type_.members]
    children: Sequence[Element] = [*type_.fields.values(), *type_.input_fields.values(), *type_.values.values()]
    return "values" if type_.values else "fields", [is_inaccessible(child) for child in children]
