"""The public GraphQL API as the commands ask it: patiently, with a token that lives, a limited number of requests at a time.

What an operation ends with, other than its data:

ApiError
├── ApiAway           nobody answers, however often it is asked: do it again when somebody does
├── ApiFails          it answers, and fails at this one operation, however often it is asked
└── ApiRefuses        it cannot or will not do this: asking again does not help
    └── NotPermitted  the client has no right to it
"""

import asyncio
import base64
import json
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from tributary.failure import Failure
from tributary.oauth import Login

__all__ = ["Api", "ApiAway", "ApiError", "ApiFails", "ApiRefuses", "NotPermitted", "Patience", "Refusal", "Sleep", "connect"]

# A server that asks for more is not waited for.
LONGEST_RETRY_AFTER_SECONDS = 120.0
# A token is replaced this long before it ends.
TOKEN_MARGIN_SECONDS = 60.0
_BUSY_STATUS = {429, 502, 503, 504}
_AWAY = {
    "SUBREQUEST_HTTP_ERROR",
    "SUBREQUEST_TIMEOUT",
    "SUBREQUEST_MALFORMED_RESPONSE",
    "SERVICE_UNAVAILABLE",
    "OVERLOADED",
    "RATE_LIMITED",
    "REQUEST_TIMEOUT",
}
_FAILS = {"INTERNAL_SERVER_ERROR", "DOWNSTREAM_SERVICE_ERROR", ""}
_FORBIDDEN = {"UNAUTHORIZED_FIELD_OR_TYPE", "FORBIDDEN", "UNAUTHENTICATED"}
_TRANSIENT_REFUSALS = {"IDEMPOTENCY_KEY_IN_USE", "CONCURRENT_CHANGE"}

Sleep = Callable[[float], Awaitable[None]]


class ApiError(Exception):
    """An operation has no answer to go on with; `reason` says why in a few words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ApiAway(ApiError):
    """Nobody answers, after all attempts."""


class ApiFails(ApiError):
    """It fails at this operation, after all attempts; others it may answer."""


class ApiRefuses(ApiError):
    """The operation is refused at once; `code` is the GraphQL error's."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class NotPermitted(ApiRefuses):
    """The client has no scope for the operation."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a mutation was refused: the first of its userErrors."""

    code: str
    message: str
    field: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long something is asked for: so often, with pauses that double up to the longest.

    `spread`: each pause is shortened by up to half at random, so that many that wait do not all come back at once.
    """

    attempts: int
    request_seconds: float
    first_pause_seconds: float = 0.5
    longest_pause_seconds: float = 30.0
    spread: bool = True

    def pauses(self) -> Iterator[float]:
        """Yield the pauses without end, in seconds, before they are spread."""
        pause = self.first_pause_seconds
        while True:
            yield pause
            pause = min(pause * 2, self.longest_pause_seconds)


class Api:
    """Operations on one GraphQL endpoint. `fetch_token` is called when there is no token, or none that is accepted."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        fetch_token: Callable[[], Awaitable[str]],
        patience: Patience,
        in_flight: int = 1,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.url, self.claims = url, dict[str, Any]()
        self._session, self._fetch_token, self._patience, self._sleep = session, fetch_token, patience, sleep
        self._limit, self._logging_in = asyncio.Semaphore(in_flight), asyncio.Lock()
        self._token, self._token_until = "", 0.0

    @property
    def tenant(self) -> str:
        """The tenant that the token speaks for; empty before the first one, and when it does not say."""
        return str(self.claims.get("tenant", ""))

    @property
    def scopes(self) -> frozenset[str]:
        """What the token permits; empty before the first one, and when it does not say."""
        return frozenset(str(self.claims.get("scope", "")).split())

    async def log_in(self) -> None:
        """Get a token, unless there is one that lives a while longer.

        Raises:
            Failure: nobody answers, or the client is refused.
        """
        async with self._logging_in:
            if time.time() < self._token_until:
                return
            self._token = await self._fetch_token()
            self.claims = _claims(self._token)
            ends = self.claims.get("exp")
            # One that does not say when it ends is used until it is not accepted.
            self._token_until = float(ends) - TOKEN_MARGIN_SECONDS if isinstance(ends, int | float) else float("inf")

    async def data(
        self, query: str, variables: Mapping[str, Any] | None = None, *, attempts: int | None = None
    ) -> dict[str, Any]:
        """Return the data of an operation that is answered without errors; `attempts` are less patient.

        Raises:
            Failure: no token was to be had for the first request.
            ApiError: as the tree above says.
        """
        left, pauses = attempts or self._patience.attempts, self._patience.pauses()
        async with self._limit:
            while True:
                answer = await self._attempt(query, variables or {})
                if isinstance(answer, dict):
                    return answer
                left -= 1
                if not left:
                    raise answer.error
                pause = next(pauses) * (random.uniform(0.5, 1) if self._patience.spread else 1)
                await self._sleep(pause if answer.retry_after is None else answer.retry_after)

    async def mutate(self, mutation: str, variables: Mapping[str, Any]) -> dict[str, Any] | Refusal:
        """Return the payload of a mutation, or why it was refused; one that waits for another is tried again.

        Raises:
            Failure, ApiError: as `data` does.
        """
        left, pauses = self._patience.attempts, self._patience.pauses()
        while True:
            [payload] = (await self.data(mutation, variables)).values()
            errors = payload["userErrors"]
            if not errors:
                return dict(payload)
            left -= 1
            if errors[0]["code"] not in _TRANSIENT_REFUSALS or not left:
                field = [name for name in errors[0].get("field") or [] if name != "input"]
                return Refusal(errors[0]["code"], errors[0]["message"], tuple(field))
            await self._sleep(next(pauses))

    async def _attempt(self, query: str, variables: Mapping[str, Any]) -> "dict[str, Any] | _Again":
        try:
            token = await self._living_token()
            body = {"query": query, "variables": variables}
            headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
            async with self._session.post(self.url, json=body, headers=headers) as response:
                if response.status in _BUSY_STATUS:
                    return _Again(ApiAway(f"status {response.status}"), _retry_after(response.headers.get("retry-after")))
                if response.status == 401:
                    if token == self._token:  # else it was replaced while this one was under way
                        self._token_until = 0.0
                    return _Again(ApiAway("the token is not accepted"))
                try:
                    answer = await response.json(content_type=None)
                except ValueError:
                    return _Again(ApiAway(f"status {response.status}, and no JSON"))
        except _NoToken as error:
            return _Again(ApiAway(str(error)))
        except (aiohttp.ClientError, TimeoutError) as error:
            return _Again(ApiAway(type(error).__name__))
        if not isinstance(answer, dict):
            return _Again(ApiAway("it does not speak GraphQL"))
        return _answered(answer)

    async def _living_token(self) -> str:
        first = not self._token
        try:
            await self.log_in()
        except Failure as failure:
            if first:
                raise
            raise _NoToken(failure.problem) from failure
        return self._token


class _NoToken(Exception):
    """The authorization server, which gave tokens before, does not at the moment."""


@dataclass(frozen=True, slots=True)
class _Again:
    """An attempt that may be repeated, after so many seconds where the server says so; `error` is what it ends with."""

    error: ApiError
    retry_after: float | None = None


@asynccontextmanager
async def connect(url: str, login: Login, patience: Patience, in_flight: int = 1) -> AsyncIterator[Api]:
    """Use the API while the context is open, with at most `in_flight` requests at a time; the first one logs in."""
    timeout = aiohttp.ClientTimeout(total=patience.request_seconds)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=in_flight)) as session:
        yield Api(session, url, login.fetch_token, patience, in_flight)


def _answered(answer: dict[str, Any]) -> dict[str, Any] | _Again:
    """Return the data of a whole answer.

    Raises:
        ApiRefuses: one of its errors is there to stay.
    """
    errors = [_code_and_message(error) for error in answer.get("errors") or []]
    for code, message in errors:
        if code in _FORBIDDEN:
            raise NotPermitted(code, message)
        if code not in _AWAY | _FAILS:
            raise ApiRefuses(code, message)
    if errors:
        code, message = errors[0]
        return _Again(ApiAway(f"{code}: {message}") if code in _AWAY else ApiFails(message))
    if not isinstance(answer.get("data"), dict):
        return _Again(ApiAway("it answers neither data nor errors"))
    return dict(answer["data"])


def _code_and_message(error: dict[str, Any]) -> tuple[str, str]:
    return str((error.get("extensions") or {}).get("code") or ""), str(error.get("message", ""))


def _retry_after(text: str | None) -> float | None:
    """Return the seconds that the header asks for (RFC 9110 §10.2.3), within bounds; None where it says nothing."""
    if text is None:
        return None
    if text.strip().isdigit():
        seconds = float(text)
    else:
        try:
            seconds = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        except (TypeError, ValueError):
            return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER_SECONDS)


def _claims(token: str) -> dict[str, Any]:
    """Return what the token says, which only the server verifies; nothing for an opaque one."""
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
