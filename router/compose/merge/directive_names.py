"""Whether the directives of the supergraph can stand side by side."""

from __future__ import annotations

from router.compose.links import FEDERATION
from router.compose.merge.context import MergeContext, named
from router.compose.merge.schema import MergedSchema

__all__ = ["check_composed_directives", "check_directive_names"]


def check_composed_directives(context: MergeContext) -> None:
    """Refuse composed directives whose definitions contradict each other."""
    for key in sorted(context.composed.contradictory):
        directive = context.composed.by_key[key]
        composers = [subgraph for subgraph in context.subgraphs if subgraph.name in context.composed.composers[key]]
        # The federation error catalogue has no code for it.
        context.error(
            "",
            f'Directive "@{directive.name}" is composed by {named(composers)}, which define it for locations that have nothing '
            "in common. Define it for the same locations.",
            [
                (subgraph, subgraph.directives[directive.name].node)
                for subgraph in composers
                if directive.name in subgraph.directives
            ],
        )


def check_directive_names(context: MergeContext, schema: MergedSchema) -> None:
    """Refuse a directive of the subgraphs' own that has the name of one of federation's, which the supergraph has as well."""
    federation = {use.name for use in schema.uses() if use.spec == FEDERATION}
    for name in sorted(federation & schema.directives.keys()):
        having = [subgraph for subgraph in context.subgraphs if name in subgraph.directives]
        context.error(
            "DIRECTIVE_COMPOSITION_ERROR",
            f'Directive "@{name}" of {named(having)} would be in the supergraph beside the directive of that name of the '
            "federation specification, which is used under another name in some subgraph. Rename it.",
            [(subgraph, subgraph.directives[name].node) for subgraph in having],
        )
