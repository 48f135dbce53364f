"""The public API as an export asks it: with client credentials, one page at a time, patient with what passes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from tributary.failure import Failure

__all__ = ["ApiClient", "Pause"]

TIMEOUT_SECONDS = 60.0
# Waits 0.5 + 1 + 2 + 4 + 8 seconds in all: a restart of a service passes, an outage ends the export, which can go on later.
ATTEMPTS = 6
FIRST_PAUSE_SECONDS = 0.5
_PERMANENT = {"UNAUTHORIZED_FIELD_OR_TYPE", "GRAPHQL_VALIDATION_FAILED", "INVALID_INPUT", "INVALID_CURSOR", "BAD_REQUEST"}

Pause = Callable[[float], Awaitable[None]]


class ApiClient:
    """Asks one GraphQL endpoint. `fetch_token` is called for the first request, and again when a token has expired."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, fetch_token: Callable[[], Awaitable[str]], pause: Pause = asyncio.sleep
    ) -> None:
        self._session, self._url, self._fetch_token, self._pause = session, url, fetch_token, pause
        self._token: str | None = None

    async def data(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Return the data of an answer without errors.

        Raises:
            Failure: the API refuses, or does not answer however often it is asked.
        """
        problem = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                await self._pause(FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))
            self._token = self._token or await self._fetch_token()
            try:
                status, answer = await self._post(query, variables, self._token)
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                problem = type(error).__name__
                continue
            if status == 401:
                self._token, problem = None, "the token is not accepted"
                continue
            errors = answer.get("errors") or []
            if not errors and answer.get("data") is not None:
                data: dict[str, Any] = answer["data"]
                return data
            codes = {str((error.get("extensions") or {}).get("code")) for error in errors}
            problem = str(errors[0].get("message")) if errors else f"status {status}"
            if codes & _PERMANENT:
                raise Failure(f"the API refuses: {problem}", "check the client's scopes, and that both are of one version", 1)
        raise Failure(f"{self._url} does not answer ({problem})", "give the same command again to go on where it ended", 1)

    async def _post(self, query: str, variables: dict[str, Any], token: str) -> tuple[int, dict[str, Any]]:
        headers = {"authorization": f"Bearer {token}"}
        body = {"query": query, "variables": variables}
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        async with self._session.post(self._url, json=body, headers=headers, timeout=timeout) as response:
            answer = await response.json(content_type=None)
            return response.status, answer if isinstance(answer, dict) else {}
