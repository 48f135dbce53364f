"""The API as an import asks it: what a row alone fails at is the row's problem, whatever else goes wrong ends the import."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import tributary.api
from tributary.api import Api, ApiAway, ApiFails, ApiRefuses, NotPermitted, Patience, Refusal
from tributary.failure import Failure
from tributary.importing.records import refused
from tributary.oauth import Login

__all__ = ["ImportApi", "connect"]

# The pauses are about a minute and a half together: a router that is deployed anew is away for less.
PATIENCE = Patience(attempts=9, request_seconds=30.0)


class ImportApi:
    """Operations on the API, which end with what an import knows: a row's problem, or a failure of the whole."""

    def __init__(self, api: Api) -> None:
        self._api = api

    @property
    def tenant(self) -> str:
        """The tenant that is imported into."""
        return self._api.tenant

    @property
    def scopes(self) -> frozenset[str]:
        """What the token permits."""
        return self._api.scopes

    async def data(
        self, query: str, variables: Mapping[str, Any] | None = None, attempts: int = PATIENCE.attempts
    ) -> dict[str, Any]:
        """Return the data of an operation that is answered without errors, after at most so many attempts.

        Raises:
            Failure: nobody answers, or it is not permitted.
            Problem: the API cannot do this.
        """
        with self._problems():
            return await self._api.data(query, variables, attempts=attempts)

    async def mutate(self, mutation: str, variables: Mapping[str, Any]) -> dict[str, Any] | Refusal:
        """Return the payload of a mutation, or why it was refused.

        Raises:
            Failure: nobody answers, or it is not permitted.
            Problem: the API cannot do this.
        """
        with self._problems():
            return await self._api.mutate(mutation, variables)

    @contextmanager
    def _problems(self) -> Iterator[None]:
        try:
            yield
        except NotPermitted as error:
            raise Failure(
                f"it is not permitted: {error.reason}", "give the client the scopes that docs/import.md names"
            ) from error
        except ApiRefuses as error:
            raise refused(error.code, error.reason) from error
        except ApiFails as error:
            raise refused("SERVER_ERROR", f"the server fails at it ({error.reason}): import it again later") from error
        except ApiAway as error:
            problem = f"{self._api.url} does not answer ({error.reason})"
            raise Failure(problem, "do it again when it does: what was done is not done twice") from error


@asynccontextmanager
async def connect(url: str, login: Login, in_flight: int) -> AsyncIterator[ImportApi]:
    """Log in, and use the API while the context is open, with at most `in_flight` requests at a time.

    Raises:
        Failure: nobody answers, or the client is refused.
    """
    async with tributary.api.connect(url, login, PATIENCE, in_flight) as api:
        await api.log_in()
        yield ImportApi(api)
