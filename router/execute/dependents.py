"""Which fields of an `_entities` request depend on which of its required fields (`@requires`).

Where a required field has failed, what depends on it is not to be computed from a null; the other fields of the request are
answered all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphql import FieldNode, SelectionSetNode

from router.execute.subgraph_document import entity_fields
from router.plan.nodes import Fetch, RequiredField
from router.supergraph.model import Subgraph, SubgraphField, SubgraphType

__all__ = ["Dependents", "dependents_of"]


@dataclass(frozen=True, slots=True)
class Dependents:
    """For the objects of one type: by name of a required field, the response names that need it; and all response names."""

    by_requirement: Mapping[str, frozenset[str]]
    all: frozenset[str]


def dependents_of(fetch: Fetch, subgraph: Subgraph) -> dict[str, Dependents]:
    """Return what depends on what, by the objects' type name; types without requirements, and keys, are left out."""
    renamed = {rename.alias: rename.response_name for rename in fetch.renames}
    asked = [(renamed.get(response_name, response_name), name) for response_name, name in entity_fields(fetch.operation)]
    found: dict[str, Dependents] = {}
    for fragment in fetch.requires:
        required = [field for field in fragment.selections if isinstance(field, RequiredField)]
        for type_name in fragment.type_names:
            type_ = subgraph.types.get(_name_in_subgraph(type_name, required))
            if type_ is not None:
                dependents = _dependents({field.name for field in required}, asked, type_)
                if dependents is not None:
                    found[type_name] = dependents
    return found


def _dependents(required: set[str], asked: Iterable[tuple[str, str]], type_: SubgraphType) -> Dependents | None:
    needing: dict[str, set[str]] = {}
    everything: set[str] = set()
    for response_name, name in asked:
        field = type_.fields.get(name)
        if field is None:
            continue
        everything.add(response_name)
        for needed in _names(field.requires) & required:
            needing.setdefault(needed, set()).add(response_name)
    keys = [names for key in type_.resolvable_keys if (names := _names(key.fields)) <= required]
    if not needing or not keys:
        return None
    # Another key than the one in use may be among the requirements.
    key = min(keys, key=lambda names: len(names & needing.keys()))
    by_requirement = {
        name: frozenset(names) for name, names in needing.items() if name not in key and _takes_null(type_.fields.get(name))
    }
    return Dependents(by_requirement, frozenset(everything)) if by_requirement else None


def _takes_null(field: SubgraphField | None) -> bool:
    return field is not None and not field.type.endswith("!")


def _name_in_subgraph(type_name: str, required: Iterable[RequiredField]) -> str:
    constants = (field.constant for field in required if field.name == "__typename" and field.constant is not None)
    return next(constants, type_name)


def _names(selection_set: SelectionSetNode | None) -> set[str]:
    selections = selection_set.selections if selection_set is not None else ()
    return {selection.name.value for selection in selections if isinstance(selection, FieldNode)}
