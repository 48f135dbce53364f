"""Why the router refuses a request, one class per reason that a client can act on.

RouterError
├── BadRequest                  400  the GraphQL request parameters are malformed
├── MethodNotAllowed            405
├── NotAcceptable               406
├── UnsupportedMediaType        415
├── BodyTooLarge                413
├── BodyTimeout                 408  the request body did not arrive in time
├── ClientGone                  499  nobody waits for the answer any more
├── CsrfPrevented               400  a "simple" cross-site request without a preflight header
├── BatchingNotAllowed          400
├── BatchTooLarge               400
├── Unauthenticated             401  the token is invalid, expired or not ours
├── OperationForbidden          403  fields that the request may not see; only where such operations are refused whole
├── KeysUnavailable             503  the issuer's keys could not be read
├── RateLimited                 429
├── Overloaded                  503  more work is pending than may be
├── RequestTimeout              504
├── SubscriptionFailed          502  the subgraph cannot deliver the subscription
│   ├── SubscriptionRefused          the subgraph answered the subscription with errors
│   └── SubscriptionOverflow         the client reads more slowly than events arrive
├── SubscriptionNotAcceptable   406  a subscription was asked for in a form that has one answer
├── PersistedQueryNotFound      200  the client registers the document next (automatic persisted queries)
├── PersistedQueryNotSupported  200
├── PersistedQueryMismatch      400
├── DocumentNotTrusted          400  trusted documents: only ids of the manifest are answered
└── DocumentRejected            400  a GraphQL request error: the document itself is refused
    ├── ParseFailed
    ├── ValidationFailed
    ├── LimitExceeded
    ├── OperationNotResolved
    └── PlanningFailed
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = [
    "BadRequest",
    "BatchTooLarge",
    "BatchingNotAllowed",
    "BodyTimeout",
    "BodyTooLarge",
    "ClientGone",
    "CsrfPrevented",
    "DocumentNotTrusted",
    "DocumentRejected",
    "KeysUnavailable",
    "LimitExceeded",
    "MethodNotAllowed",
    "NotAcceptable",
    "OperationForbidden",
    "OperationNotResolved",
    "Overloaded",
    "ParseFailed",
    "PersistedQueryMismatch",
    "PersistedQueryNotFound",
    "PersistedQueryNotSupported",
    "PlanningFailed",
    "RateLimited",
    "RequestTimeout",
    "RouterError",
    "SubscriptionFailed",
    "SubscriptionNotAcceptable",
    "SubscriptionOverflow",
    "SubscriptionRefused",
    "Unauthenticated",
    "UnsupportedMediaType",
    "ValidationFailed",
]


class RouterError(Exception):
    """A refusal with a stable `code`, the HTTP status that goes with it and extra response headers."""

    code = "INTERNAL_SERVER_ERROR"
    status = 500

    def __init__(self, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.headers: Mapping[str, str] = headers or {}

    def formatted(self) -> list[dict[str, Any]]:
        """Return the entries of the response's `errors`."""
        return [{"message": self.message, "extensions": {"code": self.code}}]


class BadRequest(RouterError):
    """The request does not carry well-formed GraphQL request parameters."""

    code = "BAD_REQUEST"
    status = 400


class MethodNotAllowed(RouterError):
    """The HTTP method cannot carry this operation."""

    code = "METHOD_NOT_ALLOWED"
    status = 405

    def __init__(self, message: str, *, allow: str) -> None:
        super().__init__(message, headers={"allow": allow})


class NotAcceptable(RouterError):
    """None of the media types that the client accepts can carry the answer."""

    code = "NOT_ACCEPTABLE"
    status = 406


class UnsupportedMediaType(RouterError):
    """The request body is not JSON."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    status = 415


class BodyTooLarge(RouterError):
    """The request body is longer than the configured limit."""

    code = "PAYLOAD_TOO_LARGE"
    status = 413


class BodyTimeout(RouterError):
    """The request body did not arrive in time."""

    code = "BODY_TIMEOUT"
    status = 408


class ClientGone(RouterError):
    """The client closed the connection; the status is for our logs and metrics only."""

    code = "CLIENT_CLOSED_REQUEST"
    status = 499


class CsrfPrevented(RouterError):
    """A browser could have sent this request cross-site without asking first."""

    code = "CSRF_PREVENTED"
    status = 400


class BatchingNotAllowed(RouterError):
    """A list of operations was sent while batching is off."""

    code = "BATCHING_NOT_ENABLED"
    status = 400


class BatchTooLarge(RouterError):
    """A batch holds more operations than the configured limit."""

    code = "BATCH_LIMIT_EXCEEDED"
    status = 400


class Unauthenticated(RouterError):
    """A token was presented and is not valid (RFC 6750 section 3.1, `invalid_token`)."""

    code = "UNAUTHENTICATED"
    status = 401

    def __init__(self, message: str) -> None:
        description = message.replace('"', "'")
        challenge = f'Bearer error="invalid_token", error_description="{description}"'
        super().__init__(message, headers={"www-authenticate": challenge})


class OperationForbidden(RouterError):
    """The operation has fields that the request may not see, and is refused as a whole."""

    code = "UNAUTHORIZED_FIELD_OR_TYPE"
    status = 403


class KeysUnavailable(RouterError):
    """Tokens cannot be verified at the moment: the issuer's key set was never read."""

    code = "SERVICE_UNAVAILABLE"
    status = 503

    def __init__(self, message: str) -> None:
        super().__init__(message, headers={"retry-after": "5"})


class RateLimited(RouterError):
    """The client used up its tokens; `retry_after_seconds` tells when the next is there."""

    code = "RATE_LIMITED"
    status = 429

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__("Rate limit exceeded.", headers={"retry-after": str(retry_after_seconds)})
        self.retry_after_seconds = retry_after_seconds

    def formatted(self) -> list[dict[str, Any]]:
        """Return the error with the seconds to wait, for clients that do not see headers (WebSocket)."""
        extensions = {"code": self.code, "retryAfter": self.retry_after_seconds}
        return [{"message": self.message, "extensions": extensions}]


class Overloaded(RouterError):
    """More operations wait to be prepared or to run than is allowed."""

    code = "OVERLOADED"
    status = 503

    def __init__(self, message: str) -> None:
        super().__init__(message, headers={"retry-after": "1"})


class RequestTimeout(RouterError):
    """The operation took longer than the configured time."""

    code = "REQUEST_TIMEOUT"
    status = 504


class SubscriptionFailed(RouterError):
    """The subgraph that holds the subscription cannot be reached any more."""

    code = "SUBSCRIPTION_UPSTREAM_FAILED"
    status = 502


class SubscriptionRefused(SubscriptionFailed):
    """The subgraph answered the subscription with errors; they are handed on."""

    code = "SUBSCRIPTION_REFUSED"

    def __init__(self, errors: Sequence[Mapping[str, Any]]) -> None:
        super().__init__("The subgraph refused the subscription.")
        self.errors = errors

    def formatted(self) -> list[dict[str, Any]]:
        """Return the subgraph's errors, without places in a document that the client has not written."""
        return [
            {
                "message": str(error.get("message", self.message)),
                "extensions": {"code": self.code, **(error.get("extensions") or {})},
            }
            for error in self.errors
        ]


class SubscriptionOverflow(SubscriptionFailed):
    """Events were not read in time: the subscription ends rather than skip some of them."""

    code = "SUBSCRIPTION_OVERFLOW"


class SubscriptionNotAcceptable(RouterError):
    """A subscription needs a WebSocket, or an `Accept` header with a streaming media type."""

    code = "SUBSCRIPTION_NOT_ACCEPTABLE"
    status = 406


class PersistedQueryNotFound(RouterError):
    """The hash is unknown: the client sends the document along and tries again."""

    code = "PERSISTED_QUERY_NOT_FOUND"
    status = 200

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotFound")


class PersistedQueryNotSupported(RouterError):
    """Automatic persisted queries are off: the client sends documents from now on."""

    code = "PERSISTED_QUERY_NOT_SUPPORTED"
    status = 200

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotSupported")


class PersistedQueryMismatch(RouterError):
    """The hash sent with a document is not the document's."""

    code = "PERSISTED_QUERY_HASH_MISMATCH"
    status = 400


class DocumentNotTrusted(RouterError):
    """Only documents of the manifest are answered, and this is none of them."""

    code = "DOCUMENT_NOT_TRUSTED"
    status = 400


class DocumentRejected(RouterError):
    """A GraphQL request error (GraphQL section 7.1): nothing was executed, the answer has no `data`."""

    code = "GRAPHQL_VALIDATION_FAILED"
    status = 400

    def __init__(self, message: str, errors: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(message)
        self.errors = errors

    def formatted(self) -> list[dict[str, Any]]:
        """Return every reason, each with the class's code unless it has its own."""
        if not self.errors:
            return super().formatted()
        return [{**error, "extensions": {"code": self.code, **error.get("extensions", {})}} for error in self.errors]


class ParseFailed(DocumentRejected):
    """The document is not GraphQL."""

    code = "GRAPHQL_PARSE_FAILED"


class ValidationFailed(DocumentRejected):
    """The document breaks a validation rule (GraphQL section 5)."""

    code = "GRAPHQL_VALIDATION_FAILED"


class LimitExceeded(DocumentRejected):
    """The document is larger than one of the limits."""

    code = "OPERATION_LIMIT_EXCEEDED"


class OperationNotResolved(DocumentRejected):
    """The document has no operation of that name, or several and no name was given (section 6.1)."""

    code = "OPERATION_RESOLUTION_FAILURE"


class PlanningFailed(DocumentRejected):
    """No query plan answers the operation; `reason` is a defect of the planner, for logs and not for clients."""

    code = "QUERY_PLANNING_FAILED"

    def __init__(self, message: str, errors: Sequence[Mapping[str, Any]] = (), *, reason: str | None = None) -> None:
        super().__init__(message, errors)
        self.reason = reason
