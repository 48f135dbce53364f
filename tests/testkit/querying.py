"""Operations executed on a subgraph's schema and services, without HTTP."""

from collections.abc import Awaitable, Sequence
from typing import Any, Protocol

from strawberry.federation import Schema

from subgraphs.kit.graphql.context import RequestContext
from subgraphs.kit.identity import Principal

__all__ = ["Ask", "asking"]


class Ask(Protocol):
    """Executes an operation and returns its data; the errors must be of these codes, in their order."""

    def __call__(
        self, query: str, variables: dict[str, Any] | None = None, *, errors: Sequence[str] = ()
    ) -> Awaitable[dict[str, Any]]: ...


def asking(schema: Schema, services: object, scopes: str, tenant: str = "acme") -> Ask:
    """Return what asks as an OAuth client of the tenant with these scopes."""
    principal = Principal(tenant, "client_1", "client_1", frozenset(scopes.split()), "jti_1")

    async def ask(query: str, variables: dict[str, Any] | None = None, *, errors: Sequence[str] = ()) -> dict[str, Any]:
        context = RequestContext(services, principal, "req_1")
        result = await schema.execute(query, variable_values=variables or {}, context_value=context)
        codes = [_code(error) for error in result.errors or ()]
        assert codes == list(errors), result.errors
        return result.data or {}

    return ask


def _code(error: Any) -> str:
    return str((error.extensions or {}).get("code") or getattr(error.original_error, "code", None) or error.message)
