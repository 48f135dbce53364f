"""The API as an export asks it: one page at a time, and whatever does not answer ends the export, which can go on later."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import tributary.api
from tributary.api import Api, ApiError, ApiRefuses, Patience
from tributary.failure import Failure
from tributary.oauth import Login

__all__ = ["PATIENCE", "ExportApi", "connect"]

# Waits 0.5 + 1 + 2 + 4 + 8 seconds in all: a restart of a service passes, an outage ends the export.
# Pages may be large, and nobody else waits with this one.
PATIENCE = Patience(attempts=6, request_seconds=60.0, spread=False)
# The exit code of `tributary export` when it is refused, or nobody answers.
REFUSED = 1


class ExportApi:
    """Queries to the API, which end with what the user of an export can do."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def data(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Return the data of an answer without errors.

        Raises:
            Failure: the API refuses, or does not answer however often it is asked.
        """
        try:
            return await self._api.data(query, variables)
        except ApiRefuses as error:
            remedy = "check the client's scopes, and that both are of one version"
            raise Failure(f"the API refuses: {error.reason}", remedy, REFUSED) from error
        except ApiError as error:
            problem = f"{self._api.url} does not answer ({error.reason})"
            raise Failure(problem, "give the same command again to go on where it ended", REFUSED) from error


@asynccontextmanager
async def connect(url: str, login: Login) -> AsyncIterator[ExportApi]:
    """Use the API while the context is open; the first query logs in."""
    async with tributary.api.connect(url, login, PATIENCE) as api:
        yield ExportApi(api)
