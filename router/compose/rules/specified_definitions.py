"""The definitions that a schema gains by linking: federation, link, and the specifications that federation re-exports.

A subgraph need not write them out, so that rules complete its document with them. Federation 1 and 2.0 to 2.12 are known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from graphql import DirectiveDefinitionNode, ScalarTypeDefinitionNode, TypeDefinitionNode, parse

from router.compose.links import FEDERATION, LINK, Link, Links

__all__ = ["LATEST_FEDERATION", "element_names", "latest_federation_elements", "specified_definitions"]

LATEST_FEDERATION = (2, 12)

_ALL_ELEMENTS = (
    "FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | "
    "INPUT_FIELD_DEFINITION"
)
_ACCESS = "FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM"

# Since which version, until (exclusive), and what; `FieldSet` and the like stand for the names the schema gives them.
_FEDERATION_SDL: tuple[tuple[tuple[int, int], tuple[int, int] | None, str], ...] = (
    ((1, 0), None, "scalar FieldSet"),
    ((1, 0), None, "directive @key(fields: FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE"),
    ((1, 0), None, "directive @requires(fields: FieldSet!) on FIELD_DEFINITION"),
    ((1, 0), None, "directive @provides(fields: FieldSet!) on FIELD_DEFINITION"),
    ((1, 0), None, "directive @external(reason: String) on OBJECT | FIELD_DEFINITION"),
    ((1, 0), None, "directive @extends on OBJECT | INTERFACE"),
    ((1, 0), (2, 3), f"directive @tag(name: String!) repeatable on {_ALL_ELEMENTS}"),
    ((1, 0), None, f"directive @inaccessible on {_ALL_ELEMENTS}"),
    ((2, 0), (2, 2), "directive @shareable on OBJECT | FIELD_DEFINITION"),
    ((2, 0), (2, 7), "directive @override(from: String!) on FIELD_DEFINITION"),
    ((2, 1), None, "directive @composeDirective(name: String) repeatable on SCHEMA"),
    ((2, 2), None, "directive @shareable repeatable on OBJECT | FIELD_DEFINITION"),
    ((2, 3), None, f"directive @tag(name: String!) repeatable on {_ALL_ELEMENTS} | SCHEMA"),
    ((2, 3), None, "directive @interfaceObject on OBJECT"),
    ((2, 5), None, f"directive @authenticated on {_ACCESS}"),
    ((2, 5), None, "scalar Scope"),
    ((2, 5), None, f"directive @requiresScopes(scopes: [[Scope!]!]!) on {_ACCESS}"),
    ((2, 6), None, "scalar Policy"),
    ((2, 6), None, f"directive @policy(policies: [[Policy!]!]!) on {_ACCESS}"),
    ((2, 7), None, "directive @override(from: String!, label: String) on FIELD_DEFINITION"),
    ((2, 8), None, "directive @context(name: String!) repeatable on INTERFACE | OBJECT | UNION"),
    ((2, 8), None, "scalar ContextFieldValue"),
    ((2, 8), None, "directive @fromContext(field: ContextFieldValue) on ARGUMENT_DEFINITION"),
    (
        (2, 9),
        None,
        "directive @cost(weight: Int!) on "
        "ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR",
    ),
    (
        (2, 9),
        None,
        "directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], "
        "requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION",
    ),
    ((2, 12), None, "directive @cacheTag(format: String!) repeatable on OBJECT | FIELD_DEFINITION"),
)
_LINK_SDL = """
directive @link(url: String, as: String, for: Purpose, import: [Import]) repeatable on SCHEMA
scalar Import
enum Purpose { SECURITY EXECUTION }
"""
# Single specifications under their own URLs: the version of federation that has the same definitions.
_SINGLE = {
    "tag": {(0, 1): (2, 0), (0, 2): (2, 0), (0, 3): (2, 3)},
    "inaccessible": {(0, 1): (2, 0), (0, 2): (2, 0)},
    "authenticated": {(0, 1): (2, 5)},
    "requiresScopes": {(0, 1): (2, 5)},
    "policy": {(0, 1): (2, 6)},
    "context": {(0, 1): (2, 8)},
    "cost": {(0, 1): (2, 9)},
    "cacheTag": {(0, 1): (2, 12)},
}
_SINGLE_ELEMENTS = {
    "requiresScopes": {"requiresScopes", "Scope"},
    "policy": {"policy", "Policy"},
    "context": {"context", "fromContext", "ContextFieldValue"},
    "cost": {"cost", "listSize"},
}
_SPECS = "https://specs.apollo.dev/"

Definition = DirectiveDefinitionNode | TypeDefinitionNode


def specified_definitions(links: Links) -> Iterator[tuple[str, str, Definition]]:
    """Yield specification, canonical name and definition (under the schema's own names) of everything linked.

    Directives come with their @. A schema without a link to federation has the definitions of federation v1.
    """
    if links.federation_1:
        yield from _federation_definitions(FEDERATION, None, (1, 0), None)
    if links.by_identity(LINK) is None:
        yield from _link_definitions(None, links.link_name)
    for link in links.all:
        if link.identity == LINK:
            yield from _link_definitions(link, links.link_name)
        elif link.identity == FEDERATION:
            yield from _federation_definitions(link.identity, link, min(link.version or (2, 0), LATEST_FEDERATION), None)
        elif (single := _single(link)) is not None:
            yield from _federation_definitions(link.identity, link, single, _SINGLE_ELEMENTS.get(link.name, {link.name}))


def element_names(link: Link) -> frozenset[str] | None:
    """Return what the link may import (directives with their @), or None for a specification that is not known here."""
    if link.identity == LINK:
        return frozenset({"@link", "Import", "Purpose"})
    if link.identity == FEDERATION:
        return frozenset(name for name, _ in _canonical(min(link.version or (2, 0), LATEST_FEDERATION)))
    single = _single(link)
    if single is None:
        return None
    names = _SINGLE_ELEMENTS.get(link.name, {link.name})
    return frozenset(name for name, _ in _canonical(single) if name.removeprefix("@") in names)


def latest_federation_elements() -> frozenset[str]:
    """Return the names of everything in the latest version of federation, directives with their @."""
    return frozenset(name for name, _ in _canonical(LATEST_FEDERATION))


def _single(link: Link) -> tuple[int, int] | None:
    versions = _SINGLE.get(link.name) if link.identity == _SPECS + link.name else None
    if versions is None:
        return None
    return versions.get(link.version or max(versions), versions[max(versions)])


@lru_cache
def _canonical(version: tuple[int, int]) -> tuple[tuple[str, str], ...]:
    """Return name and SDL of the definitions of one version of federation."""
    return tuple(
        (re.match(r"(?:directive |scalar )(@?\w+)", sdl)[1], sdl)  # type: ignore[index]  # each line above matches
        for since, until, sdl in _FEDERATION_SDL
        if since <= version and (until is None or version < until)
    )


def _federation_definitions(
    identity: str, link: Link | None, version: tuple[int, int], only: set[str] | None
) -> Iterator[tuple[str, str, Definition]]:
    types = {name: _local_type(link, name) for name, _ in _canonical(version) if not name.startswith("@")}
    for name, sdl in _canonical(version):
        bare = name.removeprefix("@")
        if only is not None and bare not in only:
            continue
        local = _local_directive(link, bare) if name.startswith("@") else types[name]
        yield identity, name, _definition(sdl, bare, local, tuple(types.items()))


def _link_definitions(link: Link | None, link_name: str) -> Iterator[tuple[str, str, Definition]]:
    for line in _LINK_SDL.strip().splitlines():
        name = re.match(r"(?:directive |scalar |enum )(@?\w+)", line)[1]  # type: ignore[index]
        types = tuple((element, _local_type(link, element, link_name)) for element in ("Import", "Purpose"))
        local = link_name if name == "@link" else dict(types)[name]
        yield LINK, name, _definition(line, name.removeprefix("@"), local, types)


def _local_directive(link: Link | None, name: str) -> str:
    if link is None:
        return name
    imported = link.imports.get(f"@{name}")
    if imported is not None:
        return imported.removeprefix("@")
    return link.namespace if name == link.name else f"{link.namespace}__{name}"


def _local_type(link: Link | None, name: str, namespace: str = "federation") -> str:
    if link is None:
        return f"{namespace}__{name}"
    return link.imports.get(name) or f"{link.namespace}__{name}"


@lru_cache(maxsize=1024)
def _definition(sdl: str, name: str, local: str, types: tuple[tuple[str, str], ...]) -> Definition:
    renamed = re.sub(rf"((?:directive @|scalar |enum )){name}\b", rf"\g<1>{local}", sdl, count=1)
    for canonical, local_type in types:
        if canonical != name:
            renamed = re.sub(rf"(: \[*){canonical}\b", rf"\g<1>{local_type}", renamed)
    definition = parse(renamed, no_location=True).definitions[0]
    assert isinstance(definition, (DirectiveDefinitionNode, ScalarTypeDefinitionNode, TypeDefinitionNode))  # noqa: S101
    return definition
