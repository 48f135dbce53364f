"""The one map from refusals to what the API's user sees."""

from typing import Any

import strawberry
from graphql import GraphQLError

from subgraphs.kit.domain.errors import CODES, DomainError

__all__ = ["UserError", "unauthorized", "user_error"]


@strawberry.federation.type(
    shareable=True, description="Why a mutation was refused, or a part of a batch: nothing of what was refused was done."
)
class UserError:
    """A refusal as data."""

    field: list[str] | None = strawberry.field(
        description="The path of the input field at fault, outermost first; null when no single field is."
    )
    message: str = strawberry.field(description="What is wrong and what to do, in English, for developers.")
    code: str = strawberry.field(
        description=(
            "A stable code to branch on; new ones may be added. "
            + " ".join(f"{code}: {meaning}." for code, meaning in CODES.items())
        )
    )


def user_error(error: DomainError) -> UserError:
    """Return the refusal as it stands in a payload's `userErrors`."""
    return UserError(field=["input", *error.field] if error.field else None, message=error.message, code=error.code)


def unauthorized() -> GraphQLError:
    """Return the error of a field that the token does not reach, as federation gateways word it."""
    extensions: dict[str, Any] = {"code": "UNAUTHORIZED_FIELD_OR_TYPE"}
    return GraphQLError("Unauthorized field or type", extensions=extensions)
