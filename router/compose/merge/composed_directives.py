"""Which directives of their own the subgraphs carry into the supergraph (`@composeDirective`, Federation 2.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from router.compose.definitions import DirectiveDefinition, Use
from router.compose.links import FEDERATION, Link
from router.compose.subgraph import Subgraph

__all__ = ["ComposedDirective", "ComposedDirectives", "composed_directives"]


@dataclass(frozen=True, slots=True)
class ComposedDirective:
    """One directive of a linked specification, as the supergraph has it: in the newest version that a subgraph links to."""

    identity: str
    # The specification's name, and what subgraphs and supergraph call it.
    canonical: str
    name: str
    link: Link
    definition: DirectiveDefinition


@dataclass(frozen=True)
class ComposedDirectives:
    """The composed directives by specification and canonical name, and the subgraphs that compose them."""

    by_key: Mapping[tuple[str, str], ComposedDirective] = field(default_factory=dict)
    composers: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    # Directives that the subgraphs define for places which have nothing in common.
    contradictory: frozenset[tuple[str, str]] = frozenset()

    def find(self, subgraph: Subgraph, use: Use) -> ComposedDirective | None:
        """Return what the use becomes in the supergraph, None when its subgraph does not compose it."""
        if use.spec is None or subgraph.name not in self.composers.get((use.spec, use.name), ()):
            return None
        return self.by_key.get((use.spec, use.name))

    def links(self) -> Sequence[tuple[Link, Sequence[ComposedDirective]]]:
        """Return the links of the supergraph, each with its directives, sorted by URL and name."""
        grouped: dict[str, list[ComposedDirective]] = {}
        for directive in self.by_key.values():
            grouped.setdefault(directive.identity, []).append(directive)
        return [
            (max((found.link for found in group), key=_version), sorted(group, key=lambda found: found.canonical))
            for _, group in sorted(grouped.items())
        ]


def composed_directives(subgraphs: Sequence[Subgraph]) -> ComposedDirectives:
    """Return what the subgraphs' `@composeDirective` uses name; names that are not those of linked directives are left out."""
    by_key: dict[tuple[str, str], ComposedDirective] = {}
    composers: dict[tuple[str, str], set[str]] = {}
    contradictory: set[tuple[str, str]] = set()
    for subgraph in subgraphs:
        for use in subgraph.schema_uses:
            if use.name != "composeDirective" or use.spec != FEDERATION:
                continue
            directive = _directive(subgraph, str(use.arguments.get("name") or "").removeprefix("@"))
            if directive is None:
                continue
            key = (directive.identity, directive.canonical)
            composers.setdefault(key, set()).add(subgraph.name)
            known = by_key.get(key)
            if known is None or _version(directive.link) > _version(known.link):
                by_key[key] = directive
            elif _version(directive.link) == _version(known.link):
                if not set(known.definition.locations) & set(directive.definition.locations):
                    contradictory.add(key)
                by_key[key] = _joined(known, directive)
    return ComposedDirectives(by_key, {key: frozenset(names) for key, names in composers.items()}, frozenset(contradictory))


def _joined(first: ComposedDirective, second: ComposedDirective) -> ComposedDirective:
    """Return the later definition, for all places where either allows the directive."""
    places = dict.fromkeys((*first.definition.locations, *second.definition.locations))
    return replace(second, definition=replace(second.definition, locations=tuple(places)))


def _directive(subgraph: Subgraph, name: str) -> ComposedDirective | None:
    identity, canonical = subgraph.links.directive(name)
    definition = subgraph.directives.get(name)
    link = subgraph.links.by_identity(identity) if identity else None
    if identity is None or link is None or definition is None:
        return None
    return ComposedDirective(identity, canonical, name, link, definition)


def _version(link: Link) -> tuple[int, int]:
    return link.version or (0, 0)
