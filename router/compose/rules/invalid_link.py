"""INVALID_LINK_DIRECTIVE_USAGE, INVALID_LINK_IDENTIFIER, UNKNOWN_FEDERATION_LINK_VERSION, UNKNOWN_LINK_VERSION: `@link` itself.

Link specification v1.0, "url", "as" and "import".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from graphql import ConstDirectiveNode

from router.compose.errors import CompositionError
from router.compose.links import FEDERATION, LINK, is_name, link_uses, parse_link_url
from router.compose.rules.specified_definitions import LATEST_FEDERATION, element_names
from router.compose.subgraph import Subgraph, locations
from router.compose.values import print_value, read_value

__all__ = ["invalid_link"]


def invalid_link(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse links that cannot be understood, name nothing that exists, or claim a name twice."""
    identities: dict[str, str] = {}
    namespaces: dict[str, str] = {}
    for use in link_uses(subgraph.document)[1]:
        arguments = {argument.name.value: read_value(argument.value) for argument in use.arguments or ()}
        url = arguments.get("url")
        if type(url) is not str:
            yield _usage(subgraph, use, "@link needs its url argument, a string such as https://specs.example.com/name/v1.0")
            continue
        complaint = _identifier_complaint(url)
        if complaint is not None:
            message = f"[{subgraph.name}] @link(url: {print_value(url)}): {complaint}."
            yield CompositionError("INVALID_LINK_IDENTIFIER", message, locations(subgraph, use))
            continue
        identity, name, version = parse_link_url(url)
        namespace = arguments.get("as") or name
        if type(namespace) is not str or not is_name(namespace):
            yield _usage(subgraph, use, f"as: takes a GraphQL name, not {print_value(namespace)}")
            continue
        if identity in identities:
            yield _usage(subgraph, use, f"{identity} is linked twice; link it once, with all imports")
        elif namespace in namespaces:
            yield _usage(
                subgraph,
                use,
                f"the name {namespace} already belongs to {namespaces[namespace]}; give one of the two another with as:",
            )
        identities[identity] = namespaces[namespace] = url
        if version is not None:
            yield from _version_complaints(subgraph, use, identity, version)
        yield from _import_complaints(subgraph, use, url, arguments.get("import"))


def _identifier_complaint(url: str) -> str | None:
    try:
        segments = [segment for segment in urlsplit(url.strip()).path.split("/") if segment]
    except ValueError as error:
        return f"this is no URL ({error})"
    if not segments:
        return "the URL has no path; it must end in the specification's name and version, /name/v1.0"
    _, name, version = parse_link_url(url)
    if version is None:
        return f"the URL must end in a version such as v1.0, not in {segments[-1]}"
    return None if name else "the URL has no name before the version, as in /name/v1.0"


def _version_complaints(
    subgraph: Subgraph, use: ConstDirectiveNode, identity: str, version: tuple[int, int]
) -> Iterator[CompositionError]:
    text = f"v{version[0]}.{version[1]}"
    if identity == FEDERATION and not (2, 0) <= version <= LATEST_FEDERATION:
        latest = f"v{LATEST_FEDERATION[0]}.{LATEST_FEDERATION[1]}"
        message = f"[{subgraph.name}] Federation {text} is not known; link a version from v2.0 to {latest}."
        yield CompositionError("UNKNOWN_FEDERATION_LINK_VERSION", message, locations(subgraph, use))
    elif identity == LINK and version != (1, 0):
        message = f"[{subgraph.name}] Version {text} of the link specification is not known; link v1.0."
        yield CompositionError("UNKNOWN_LINK_VERSION", message, locations(subgraph, use))


def _import_complaints(subgraph: Subgraph, use: ConstDirectiveNode, url: str, imports: Any) -> Iterator[CompositionError]:
    if imports is None:
        return
    if not isinstance(imports, list):
        yield _usage(subgraph, use, 'import takes a list, such as ["@key", {name: "@tag", as: "@label"}]')
        return
    link = next((link for link in subgraph.links.all if link.node is use), None)
    known = element_names(link) if link is not None else None
    for entry in imports:
        name, alias = (entry.get("name"), entry.get("as")) if isinstance(entry, dict) else (entry, None)
        if type(name) is not str or not (alias is None or type(alias) is str):
            yield _usage(subgraph, use, f'an import is a name, or {{name: "…", as: "…"}}, not {print_value(entry)}')
        elif not all(is_name(text.removeprefix("@")) for text in (name, alias) if text is not None):
            local = print_value(name if alias is None else alias)
            yield _usage(subgraph, use, f"{print_value(entry)} cannot be imported: {local} is no GraphQL name")
        elif isinstance(entry, dict) and entry.keys() - {"name", "as"}:
            yield _usage(subgraph, use, f"the import of {name} has other fields than name and as")
        elif alias is not None and alias.startswith("@") is not name.startswith("@"):
            yield _usage(
                subgraph, use, f"{name} cannot be imported as {alias}: directives have an @ on both sides, types on none"
            )
        elif known is not None and name not in known:
            hint = f"; write @{name}" if f"@{name}" in known else ""
            hint = hint or f"; the version may be too old for it, or the name misspelt (it has {', '.join(sorted(known))})"
            yield _usage(subgraph, use, f"{url} has no element {name}{hint}")


def _usage(subgraph: Subgraph, use: ConstDirectiveNode, complaint: str) -> CompositionError:
    message = f"[{subgraph.name}] Invalid @link: {complaint}."
    return CompositionError("INVALID_LINK_DIRECTIVE_USAGE", message, locations(subgraph, use))
