"""DIRECTIVE_COMPOSITION_ERROR: `@composeDirective` names what cannot be carried into the supergraph (Federation 2.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from router.compose.definitions import Use
from router.compose.errors import CompositionError
from router.compose.links import FEDERATION, GRAPHQL, LINK, Link
from router.compose.subgraph import Subgraph, locations

__all__ = ["directive_composition_error"]

_CODE = "DIRECTIVE_COMPOSITION_ERROR"


def directive_composition_error(subgraphs: Sequence[Subgraph]) -> Iterator[CompositionError]:
    """Refuse composed directives without link or definition, and those that are not the same everywhere."""
    composed: list[_Composed] = []
    for subgraph in subgraphs:
        for use in subgraph.schema_uses:
            if use.name == "composeDirective" and use.spec == FEDERATION:
                found = _composed(subgraph, use)
                if found is None:
                    continue
                if isinstance(found, str):
                    message = f"[{subgraph.name}] @composeDirective(name: {_shown(use)}): {found}."
                    yield CompositionError(_CODE, message, locations(subgraph, use.node))
                else:
                    composed.append(found)
    yield from _major_versions(composed)
    yield from _same_everywhere(subgraphs, composed)


@dataclass(frozen=True, slots=True)
class _Composed:
    subgraph: Subgraph
    use: Use
    # What the subgraph calls the directive, and what the specification does.
    local: str
    canonical: str
    link: Link


def _composed(subgraph: Subgraph, use: Use) -> _Composed | str | None:
    """Return what the use composes, or why it cannot; None for directives of GraphQL, which are composed without being asked."""
    name = use.arguments.get("name")
    if type(name) is not str or not name:
        return 'the name of a directive is missing; write name: "@myDirective"'
    if not name.startswith("@"):
        return f'the name must start with @; write name: "@{name}"'
    local = name.removeprefix("@")
    identity, canonical = subgraph.links.directive(local)
    if identity in {FEDERATION, LINK}:
        return "federation composes this directive by itself; remove @composeDirective"
    if identity == GRAPHQL:
        return None
    if local not in subgraph.directives:
        return f"the schema does not define @{local}; define it, as its specification does"
    link = subgraph.links.by_identity(identity) if identity is not None else None
    if link is None:
        return f'@{local} belongs to no linked specification; add @link(url: "https://…/name/v1.0", import: ["@{local}"])'
    return _Composed(subgraph, use, local, canonical, link)


def _shown(use: Use) -> str:
    name = use.arguments.get("name")
    return "null" if name is None else f'"{name}"'


def _major_versions(composed: Sequence[_Composed]) -> Iterator[CompositionError]:
    """One specification in two major versions: neither can stand for the other in the supergraph."""
    for identity in dict.fromkeys(found.link.identity for found in composed):
        links = {
            found.subgraph.name: (found.subgraph, found.link) for found in composed if found.link.identity == identity
        }.values()
        if len({(link.version or (0, 0))[0] for _, link in links}) < 2:
            continue
        versions = ", ".join(f"{link.url.rpartition('/')[2]} in {subgraph.name}" for subgraph, link in links)
        message = (
            f"{identity} is linked in different major versions: {versions}; link one major version wherever "
            "its directives are composed."
        )
        yield CompositionError(_CODE, message, tuple(place for found, link in links for place in locations(found, link.node)))


def _same_everywhere(subgraphs: Sequence[Subgraph], composed: Sequence[_Composed]) -> Iterator[CompositionError]:
    """One name for two directives: the supergraph could not tell them apart."""
    meanings: dict[str, list[tuple[Subgraph, str, str, Link]]] = defaultdict(list)
    for local in dict.fromkeys(found.local for found in composed):
        for subgraph in subgraphs:
            identity, canonical = subgraph.links.directive(local)
            link = subgraph.links.by_identity(identity) if identity is not None else None
            # Imported, and not merely a name of the same form.
            if link is not None and (f"@{canonical}" in link.imports or canonical == link.name):
                meanings[local].append((subgraph, link.identity, canonical, link))
    for local, found in meanings.items():
        if len({(identity, canonical) for _, identity, canonical, _ in found}) > 1:
            which = ", ".join(f"@{canonical} of {identity} in {subgraph.name}" for subgraph, identity, canonical, _ in found)
            message = f"@{local} is composed, but is not the same directive everywhere: {which}; rename one of them with as:."
            places = tuple(place for subgraph, _, _, link in found for place in locations(subgraph, link.node))
            yield CompositionError(_CODE, message, places)
    names: dict[tuple[str, str], list[_Composed]] = defaultdict(list)
    for item in composed:
        names[(item.link.identity, item.canonical)].append(item)
    for (identity, canonical), items in names.items():
        if len({item.local for item in items}) > 1:
            which = ", ".join(f"@{item.local} in {item.subgraph.name}" for item in items)
            message = f"@{canonical} of {identity} is composed under different names: {which}; import it under one name."
            places = tuple(place for item in items for place in locations(item.subgraph, item.link.node))
            yield CompositionError(_CODE, message, places)
