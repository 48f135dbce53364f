"""What a subgraph links to (link specification v1.0): which names in its SDL belong to which specification.

Reading is lenient: a link that cannot be understood is left out here, and refused by a rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from graphql import ConstDirectiveNode, DirectiveDefinitionNode, DocumentNode, SchemaDefinitionNode, SchemaExtensionNode

from router.compose.values import read_value

__all__ = [
    "FEDERATION",
    "GATEWAY_SPECIFICATIONS",
    "GRAPHQL",
    "LINK",
    "Link",
    "Links",
    "is_name",
    "link_uses",
    "parse_link_url",
    "read_links",
]

FEDERATION = "https://specs.apollo.dev/federation"
LINK = "https://specs.apollo.dev/link"
GRAPHQL = "graphql"
"""The specification, as it were, of @deprecated, @specifiedBy, @oneOf, @skip and @include."""

_BUILT_IN = frozenset({"deprecated", "specifiedBy", "oneOf", "skip", "include", "defer", "stream"})
_FEDERATION_1 = frozenset({"key", "requires", "provides", "external", "extends", "tag", "inaccessible"})
# Directives of Federation 2 that mean the same in a Federation 1 schema which defines them itself.
_FEDERATION_1_DEFINED = frozenset({"override", "shareable"})
# Specifications of one directive that federation re-exports: linked directly, they mean the same.
_REEXPORTED = {
    "https://specs.apollo.dev/tag": frozenset({"tag"}),
    "https://specs.apollo.dev/inaccessible": frozenset({"inaccessible"}),
    "https://specs.apollo.dev/authenticated": frozenset({"authenticated"}),
    "https://specs.apollo.dev/requiresScopes": frozenset({"requiresScopes"}),
    "https://specs.apollo.dev/policy": frozenset({"policy"}),
    "https://specs.apollo.dev/cost": frozenset({"cost", "listSize"}),
}
GATEWAY_SPECIFICATIONS = frozenset({FEDERATION, LINK, *_REEXPORTED})
"""Whose types and directives speak to the gateway: a supergraph has its own definitions of them."""


@dataclass(frozen=True, slots=True)
class Link:
    """One `@link`: the specification, and under which names its elements are known in this schema."""

    url: str
    # The URL without its version, `https://specs.apollo.dev/federation`.
    identity: str
    name: str
    # (2, 3) for v2.3; None when the URL has none.
    version: tuple[int, int] | None
    # Elements that are not imported are called `namespace__element`.
    namespace: str
    # From the specification's name to the local one; directives with their @.
    imports: Mapping[str, str]
    purpose: str | None = None
    node: ConstDirectiveNode | None = None


@dataclass(frozen=True)
class Links:
    """All links of one schema, and the names that they give."""

    all: tuple[Link, ...] = ()
    federation_1: bool = True
    # How @link itself is called.
    link_name: str = "link"
    _directives: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    _types: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    _namespaces: Mapping[str, Link] = field(default_factory=dict)

    def by_identity(self, identity: str) -> Link | None:
        """Return the link to the specification, if there is one."""
        return next((link for link in self.all if link.identity == identity), None)

    def directive(self, local: str) -> tuple[str | None, str]:
        """Return specification and canonical name of the directive that this schema calls `local` (without @).

        The specification is None for the schema's own directives.
        """
        if local in _BUILT_IN:
            return GRAPHQL, local
        found = self._directives.get(local)
        if found is not None:
            return found
        namespace, separator, rest = local.partition("__")
        link = self._namespaces.get(namespace if separator else local)
        if link is None:
            return None, local
        return _reexported(link.identity, rest if separator else link.name)

    def type(self, local: str) -> tuple[str | None, str]:
        """Return specification and canonical name of the type that this schema calls `local`; None for its own types."""
        found = self._types.get(local)
        if found is not None:
            return found
        namespace, separator, rest = local.partition("__")
        link = self._namespaces.get(namespace) if separator else None
        return (None, local) if link is None else (link.identity, rest)

    def directive_name(self, canonical: str, identity: str = FEDERATION) -> str:
        """Return how this schema calls a directive of a specification (without @)."""
        link = self.by_identity(identity)
        if link is None:
            return canonical
        imported = link.imports.get(f"@{canonical}")
        if imported is not None:
            return imported.removeprefix("@")
        return link.namespace if canonical == link.name else f"{link.namespace}__{canonical}"


def read_links(document: DocumentNode) -> Links:
    """Return the links of the schema definition and its extensions."""
    name, uses = link_uses(document)
    links = tuple(link for use in uses if (link := _link(use)) is not None)
    federation_1 = all(link.identity != FEDERATION for link in links)
    directives: dict[str, tuple[str, str]] = {}
    types: dict[str, tuple[str, str]] = {}
    namespaces: dict[str, Link] = {}
    if federation_1:
        defined = {found.name.value for found in document.definitions if isinstance(found, DirectiveDefinitionNode)}
        directives |= {found: (FEDERATION, found) for found in _FEDERATION_1 | (_FEDERATION_1_DEFINED & defined)}
        types |= {"_FieldSet": (FEDERATION, "FieldSet")}
    directives.setdefault(name, (LINK, "link"))
    types |= {"_Any": (FEDERATION, "_Any"), "_Entity": (FEDERATION, "_Entity"), "_Service": (FEDERATION, "_Service")}
    for link in links:
        namespaces.setdefault(link.namespace, link)
        for canonical, local in link.imports.items():
            if canonical.startswith("@"):
                directives[local.removeprefix("@")] = _reexported(link.identity, canonical.removeprefix("@"))
            else:
                types[local] = (link.identity, canonical)
    namespaces.setdefault("link", Link(f"{LINK}/v1.0", LINK, "link", (1, 0), "link", {}))
    return Links(links, federation_1, name, directives, types, namespaces)


def link_uses(document: DocumentNode) -> tuple[str, list[ConstDirectiveNode]]:
    """Return how the schema calls `@link`, and all its uses.

    It may link itself under another name (link specification, Bootstrapping).
    """
    uses = [
        use
        for definition in document.definitions
        if isinstance(definition, (SchemaDefinitionNode, SchemaExtensionNode))
        for use in definition.directives or ()
    ]
    name = "link"
    for use in uses:
        arguments = {argument.name.value: read_value(argument.value) for argument in use.arguments or ()}
        url = arguments.get("url")
        alias = arguments.get("as") if isinstance(arguments.get("as"), str) else "link"
        if isinstance(url, str) and url.startswith(LINK + "/") and use.name.value == alias:
            name = alias
            break
    return name, [use for use in uses if use.name.value == name]


def parse_link_url(url: str) -> tuple[str, str, tuple[int, int] | None]:
    """Return identity, name and version of a specification's URL; name and version may be missing (`""`, None)."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # brackets that hold no IPv6 address
        return url, "", None
    segments = [segment for segment in parts.path.split("/") if segment]
    version = None
    if segments and (match := _VERSION.fullmatch(segments[-1])):
        version = (int(match[1]), int(match[2]))
        segments.pop()
    name = segments[-1] if segments and _NAME.fullmatch(segments[-1]) else ""
    base = f"{parts.scheme}://{parts.netloc}" if parts.scheme else parts.netloc
    return "/".join([base, *segments]) if base else "/".join(segments), name, version


_VERSION = re.compile(r"v(\d{1,9})\.(\d{1,9})", re.ASCII)
_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")


def is_name(text: str) -> bool:
    """Whether this is a name by the GraphQL specification (section 2.1.9)."""
    return _NAME.fullmatch(text) is not None


def _link(use: ConstDirectiveNode) -> Link | None:
    arguments = {argument.name.value: read_value(argument.value) for argument in use.arguments or ()}
    url = arguments.get("url")
    if type(url) is not str:  # an enum value is no URL
        return None
    identity, name, version = parse_link_url(url)
    alias = arguments.get("as")
    purpose = arguments.get("for")
    return Link(
        url=url,
        identity=identity,
        name=name,
        version=version,
        namespace=alias if type(alias) is str and is_name(alias) else name,
        imports=dict(_imports(arguments.get("import"))),
        purpose=str(purpose) if purpose is not None else None,
        node=use,
    )


def _imports(value: Any) -> Iterator[tuple[str, str]]:
    items: Iterable[Any] = value if isinstance(value, list) else ()
    for item in items:
        if isinstance(item, str):
            yield item, item
        elif isinstance(item, dict) and isinstance(item.get("name"), str):
            alias = item.get("as")
            # What cannot be a name is refused by a rule; until then nothing is called so.
            yield item["name"], alias if type(alias) is str and is_name(alias.removeprefix("@")) else item["name"]


def _reexported(identity: str, name: str) -> tuple[str, str]:
    return (FEDERATION, name) if name in _REEXPORTED.get(identity, ()) else (identity, name)
