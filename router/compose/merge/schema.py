"""The merge of all subgraphs, before it is printed: what `SUPERGRAPH_RULES` look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from router.compose.definitions import DirectiveDefinition, Element, Field, TypeDefinition, Use
from router.compose.merge.composed_directives import ComposedDirectives
from router.compose.subgraph import Subgraph

__all__ = ["JOIN", "MergedSchema"]

JOIN = "https://specs.apollo.dev/join"
"""`Use.spec` of the join directives."""


@dataclass(frozen=True)
class MergedSchema:
    """All subgraphs in one schema. Elements have the same model as in a subgraph; their `uses` are the merged directives.

    Directives of federation that a supergraph keeps (@tag, @inaccessible, access, cost, context) have their canonical names,
    join directives the specification `JOIN`. Merged elements have no AST nodes: for source locations look the coordinate up in
    `subgraphs`.
    """

    subgraphs: Sequence[Subgraph]
    # By name, sorted.
    types: Mapping[str, TypeDefinition]
    directives: Mapping[str, DirectiveDefinition] = field(default_factory=dict)
    # `query`, `mutation`, `subscription` to Query, Mutation, Subscription; operations that no subgraph has are left out.
    roots: Mapping[str, str] = field(default_factory=dict)
    # What stands on the schema definition, without links.
    schema_uses: tuple[Use, ...] = ()
    description: str | None = None
    composed: ComposedDirectives = field(default_factory=ComposedDirectives)

    def uses(self) -> Iterator[Use]:
        """Yield every applied directive."""
        yield from self.schema_uses
        for type_ in self.types.values():
            yield from type_.uses
            members: Iterable[Element] = (*type_.fields.values(), *type_.input_fields.values(), *type_.values.values())
            for member in members:
                yield from member.uses
                if isinstance(member, Field):
                    for argument in member.arguments.values():
                        yield from argument.uses
