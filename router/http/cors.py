"""Cross-origin resource sharing (Fetch standard, "CORS protocol"): which web pages may read the answers."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CorsPolicy"]

Headers = list[tuple[bytes, bytes]]

EXPOSED = b"x-request-id, retry-after, www-authenticate"


@dataclass(frozen=True, slots=True)
class CorsPolicy:
    """The origins that may call the router from a browser; `*` stands for all, without credentials."""

    origins: frozenset[str]
    allow_credentials: bool
    max_age_seconds: int

    def headers(self, origin: bytes | None) -> Headers:
        """Return the headers that let a page of `origin` read this response."""
        if not self.origins:
            return []
        if "*" in self.origins and not self.allow_credentials:
            return [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", EXPOSED)]
        headers: Headers = [(b"vary", b"origin")]
        if origin is None or not self.allows(origin):
            return headers
        headers += [(b"access-control-allow-origin", origin), (b"access-control-expose-headers", EXPOSED)]
        if self.allow_credentials:
            headers.append((b"access-control-allow-credentials", b"true"))
        return headers

    def preflight(self, origin: bytes | None, requested_headers: bytes | None) -> Headers:
        """Return the headers of the answer to a preflight request; without permission they are missing."""
        headers = self.headers(origin)
        if origin is not None and self.allows(origin):
            headers += [
                (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
                (b"access-control-max-age", str(self.max_age_seconds).encode()),
            ]
            if requested_headers:
                headers.append((b"access-control-allow-headers", requested_headers))
        return headers

    def allows(self, origin: bytes) -> bool:
        """Tell whether a page of `origin` may read answers, or open a WebSocket."""
        if "*" in self.origins:
            return not self.allow_credentials
        return origin.decode("latin-1") in self.origins
