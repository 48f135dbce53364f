"""Content negotiation (GraphQL over HTTP, "Accept"; RFC 9110 section 12.5.1): in which form the client wants the answer."""

from __future__ import annotations

from functools import lru_cache

from router.errors import NotAcceptable

__all__ = ["EVENT_STREAM", "JSON", "MULTIPART", "RESPONSE_JSON", "is_json_content", "negotiate"]

RESPONSE_JSON = "application/graphql-response+json"
JSON = "application/json"
EVENT_STREAM = "text/event-stream"
MULTIPART = "multipart/mixed"

# A wildcard is sent by generic HTTP tools, which want plain JSON; no header at all means the modern type.
WILDCARDS = {"*/*": JSON, "application/*": JSON, "text/*": EVENT_STREAM, "multipart/*": MULTIPART}
SUPPORTED = (RESPONSE_JSON, JSON, EVENT_STREAM, MULTIPART)


@lru_cache(maxsize=512)
def negotiate(accept: bytes | None) -> tuple[str, ...]:
    """Return the media types that the client accepts and the router speaks, the preferred one first.

    Raises:
        NotAcceptable: there is none.
    """
    if accept is None:
        return (RESPONSE_JSON, JSON)
    weighted: list[tuple[float, int, str]] = []
    for position, entry in enumerate(accept.decode("latin-1").split(",")[:32]):
        name, *parameters = (part.strip().lower() for part in entry.split(";"))
        media_type = WILDCARDS.get(name, name)
        if media_type in SUPPORTED and _charset_is_utf8(parameters):
            weighted.append((-_quality(parameters), position, media_type))
    accepted = tuple(dict.fromkeys(name for quality, _, name in sorted(weighted) if quality < 0))
    if not accepted:
        raise NotAcceptable(f"None of the accepted media types can be answered; the router speaks {', '.join(SUPPORTED)}.")
    return accepted


@lru_cache(maxsize=512)
def is_json_content(content_type: bytes | None) -> bool:
    """Tell whether a request body is UTF-8 JSON, which is the default encoding."""
    if content_type is None:
        return False
    name, *parameters = (part.strip().lower() for part in content_type.decode("latin-1").split(";"))
    return name in {JSON, "application/graphql+json"} and _charset_is_utf8(parameters)


def _charset_is_utf8(parameters: list[str]) -> bool:
    charsets = [p.removeprefix("charset=").strip('"') for p in parameters if p.startswith("charset=")]
    return all(charset in {"utf-8", "utf8"} for charset in charsets)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return min(max(float(parameter[2:]), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
