"""The validation rules of composition, one file per code or family of codes (federation error catalogue).

A rule is a pure function that returns the errors it finds, in a stable order, and nothing when there are none:

    def key_fields_has_args(subgraph: Subgraph) -> Iterable[CompositionError]:
        for type_ in subgraph.types.values():
            for key in type_.keys:
                ...
                yield CompositionError("KEY_FIELDS_HAS_ARGS", f"[{subgraph.name}] ...", locations(subgraph, key.use.node))

Rules see the model of `router.compose.subgraph` and `router.compose.definitions`: extensions folded in, directives by canonical
name whatever the SDL calls them (`type_.uses_of("key")`, `field.has("shareable")`), `field.external` true also below a type with
@external. `subgraph.document` is the SDL as written, for rules about what the model leaves out. A rule must bear input that
other rules refuse: every rule of a stage runs, and the errors of all are reported together.

A stage runs only when the stages before it found nothing:

1. `DOCUMENT_RULES`: each subgraph as written. A subgraph that fails here is not looked at any further, others are.
2. `SUBGRAPH_RULES`: each subgraph by itself, a Federation 1 schema after its upgrade.
3. `SUBGRAPHS_RULES`: all subgraphs together, after the upgrade; merging runs even when these refuse, and its errors are added.
4. `SUPERGRAPH_RULES`: the merge result.
5. Satisfiability.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from router.compose.errors import CompositionError
from router.compose.merge.schema import MergedSchema
from router.compose.rules.auth_requirements_applied_on_interface import auth_requirements_applied_on_interface
from router.compose.rules.context import context
from router.compose.rules.cost_applied_to_interface_field import cost_applied_to_interface_field
from router.compose.rules.default_value_uses_inaccessible import default_value_uses_inaccessible
from router.compose.rules.definition_invalid import definition_invalid
from router.compose.rules.directive_composition_error import directive_composition_error
from router.compose.rules.directive_in_fields_arg import directive_in_fields_arg
from router.compose.rules.disallowed_inaccessible import disallowed_inaccessible
from router.compose.rules.extension_with_no_base import extension_with_no_base
from router.compose.rules.external_collision import external_collision
from router.compose.rules.external_on_interface import external_on_interface
from router.compose.rules.external_unused import external_unused
from router.compose.rules.fields_has_args import fields_has_args
from router.compose.rules.fields_missing_external import fields_missing_external
from router.compose.rules.implemented_by_inaccessible import implemented_by_inaccessible
from router.compose.rules.interface_field_no_implem import interface_field_no_implem
from router.compose.rules.interface_key_missing_implementation_type import interface_key_missing_implementation_type
from router.compose.rules.interface_key_not_on_implementation import interface_key_not_on_implementation
from router.compose.rules.interface_object_usage_error import interface_object_not_entity, interface_object_without_interface
from router.compose.rules.invalid_fields import invalid_federation_1_fields, invalid_fields
from router.compose.rules.invalid_fields_type import invalid_fields_type
from router.compose.rules.invalid_graphql import invalid_graphql
from router.compose.rules.invalid_link import invalid_link
from router.compose.rules.invalid_shareable_usage import invalid_shareable_usage
from router.compose.rules.invalid_subgraph_name import invalid_subgraph_name
from router.compose.rules.key_fields_select_invalid_type import key_fields_select_invalid_type
from router.compose.rules.link_import_name_mismatch import link_import_name_mismatch
from router.compose.rules.list_size import list_size
from router.compose.rules.merged_directive_application_on_external import merged_directive_application_on_external
from router.compose.rules.merged_graphql import merged_graphql
from router.compose.rules.missing_transitive_auth_requirements import missing_transitive_auth_requirements
from router.compose.rules.no_queries import no_queries
from router.compose.rules.only_inaccessible_children import only_inaccessible_children
from router.compose.rules.override import override
from router.compose.rules.provides_on_non_object_field import provides_on_non_object_field
from router.compose.rules.query_root_type_inaccessible import query_root_type_inaccessible
from router.compose.rules.referenced_inaccessible import referenced_inaccessible
from router.compose.rules.required_inaccessible import required_inaccessible
from router.compose.rules.root_type_used import root_type_used
from router.compose.rules.type_with_only_unused_external import type_with_only_unused_external
from router.compose.rules.unsupported_on_interface import unsupported_on_interface
from router.compose.subgraph import Subgraph

__all__ = [
    "DOCUMENT_RULES",
    "SUBGRAPHS_RULES",
    "SUBGRAPH_RULES",
    "SUPERGRAPH_RULES",
    "SubgraphRule",
    "SubgraphsRule",
    "SupergraphRule",
]

SubgraphRule: TypeAlias = Callable[[Subgraph], Iterable[CompositionError]]
SubgraphsRule: TypeAlias = Callable[[Sequence[Subgraph]], Iterable[CompositionError]]
SupergraphRule: TypeAlias = Callable[[MergedSchema], Iterable[CompositionError]]

DOCUMENT_RULES: Sequence[SubgraphRule] = (
    invalid_link,
    invalid_graphql,
    definition_invalid,
    invalid_federation_1_fields,
)
SUBGRAPH_RULES: Sequence[SubgraphRule] = (
    invalid_fields_type,
    invalid_fields,
    directive_in_fields_arg,
    fields_has_args,
    unsupported_on_interface,
    key_fields_select_invalid_type,
    provides_on_non_object_field,
    fields_missing_external,
    external_on_interface,
    external_unused,
    type_with_only_unused_external,
    external_collision,
    root_type_used,
    interface_key_not_on_implementation,
    interface_object_not_entity,
    invalid_shareable_usage,
    auth_requirements_applied_on_interface,
    cost_applied_to_interface_field,
    list_size,
    disallowed_inaccessible,
    context,
)
SUBGRAPHS_RULES: Sequence[SubgraphsRule] = (
    override,
    directive_composition_error,
    link_import_name_mismatch,
    interface_key_missing_implementation_type,
    extension_with_no_base,
    invalid_subgraph_name,
    no_queries,
    interface_object_without_interface,
    merged_directive_application_on_external,
)
SUPERGRAPH_RULES: Sequence[SupergraphRule] = (
    interface_field_no_implem,
    merged_graphql,
    missing_transitive_auth_requirements,
    query_root_type_inaccessible,
    referenced_inaccessible,
    only_inaccessible_children,
    required_inaccessible,
    implemented_by_inaccessible,
    default_value_uses_inaccessible,
)
