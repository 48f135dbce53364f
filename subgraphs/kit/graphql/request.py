"""What a subgraph reads from a request's headers."""

import re
import secrets
from dataclasses import dataclass

from starlette.types import Scope

__all__ = ["RequestHeaders"]

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass(frozen=True, slots=True)
class RequestHeaders:
    """`bearer` is the token of the Authorization header, empty when the header is of another kind, None when there is none."""

    bearer: str | None
    request_id: str
    trace_id: str | None
    accepts_graphql_response: bool

    @classmethod
    def of(cls, scope: Scope) -> "RequestHeaders":
        """Read the headers of an ASGI scope; a missing or malformed request id is replaced by a new one."""
        found: dict[bytes, bytes] = dict(scope["headers"])
        authorization = found.get(b"authorization")
        request_id = found.get(b"x-request-id", b"").decode("latin-1")
        trace = _TRACEPARENT.fullmatch(found.get(b"traceparent", b"").decode("latin-1"))
        return cls(
            bearer=None if authorization is None else bearer_token(authorization.decode("latin-1")),
            request_id=request_id if _REQUEST_ID.fullmatch(request_id) else secrets.token_hex(16),
            trace_id=trace[1] if trace else None,
            accepts_graphql_response=b"application/graphql-response+json" in found.get(b"accept", b""),
        )


def bearer_token(authorization: str) -> str:
    """Return the token of a `Bearer …` credential, empty when it is of another scheme (RFC 6750 section 2.1)."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
