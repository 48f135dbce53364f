"""The public GraphQL API, patiently: one operation at a time is sent until it is answered, a limited number of them at once."""

import asyncio
import base64
import json
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from tributary.failure import Failure
from tributary.importing.records import refused
from tributary.oauth import fetch_token

__all__ = ["Api", "Login", "Refusal", "connect"]

REQUEST_SECONDS = 30.0
# Together they wait about a minute and a half: a router that is deployed anew is away for less.
ATTEMPTS = 9
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
# A server that asks for more is not waited for.
LONGEST_RETRY_AFTER_SECONDS = 120.0
# A token is replaced this long before it ends.
TOKEN_MARGIN_SECONDS = 60.0
_BUSY_STATUS = {429, 502, 503, 504}
_AWAY = {"SUBREQUEST_HTTP_ERROR", "SUBREQUEST_TIMEOUT", "SUBREQUEST_MALFORMED_RESPONSE"}
_TRANSIENT_REFUSALS = {"IDEMPOTENCY_KEY_IN_USE", "CONCURRENT_CHANGE"}
_FORBIDDEN = {"UNAUTHORIZED_FIELD_OR_TYPE", "FORBIDDEN", "UNAUTHENTICATED"}


@dataclass(frozen=True, slots=True)
class Login:
    """How to get tokens: from `token_url`, or where the metadata of `issuer` say."""

    client_id: str
    client_secret: str
    issuer: str
    token_url: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a mutation was refused: the first of its userErrors."""

    code: str
    message: str
    field: tuple[str, ...]


class Api:
    """Operations on the API. What is busy or away is asked again, later each time; what stays so ends the import."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        login: Login,
        in_flight: int,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._session, self._url, self._login, self._sleep = session, url, login, sleep
        self._limit, self._logging_in = asyncio.Semaphore(in_flight), asyncio.Lock()
        self._token, self._token_until = "", 0.0
        self.claims: Mapping[str, Any] = {}

    @property
    def tenant(self) -> str:
        """The tenant that the token speaks for."""
        return str(self.claims.get("tenant", ""))

    @property
    def scopes(self) -> frozenset[str]:
        """What the token permits."""
        return frozenset(str(self.claims.get("scope", "")).split())

    async def log_in(self) -> None:
        """Get a token that lives a while longer.

        Raises:
            Failure: nobody answers, or the client is refused.
        """
        async with self._logging_in:
            if time.time() < self._token_until:
                return
            login = self._login
            try:
                self._token = await fetch_token(login.issuer, login.client_id, login.client_secret, token_url=login.token_url)
            except Failure as failure:
                raise Failure(failure.problem, failure.remedy) from failure
            self.claims = _claims(self._token)
            self._token_until = float(self.claims.get("exp", time.time() + 120)) - TOKEN_MARGIN_SECONDS

    async def data(self, query: str, variables: Mapping[str, Any] | None = None, attempts: int = ATTEMPTS) -> dict[str, Any]:
        """Return the data of an operation that is answered without errors, after at most so many attempts.

        Raises:
            Failure: nobody answers, or it is not permitted.
            Problem: the API cannot do this.
        """
        async with self._limit:
            pause = FIRST_PAUSE_SECONDS
            reason, broken = "", False
            for attempt in range(attempts):
                answer = await self._attempt(query, variables or {})
                if isinstance(answer, dict):
                    return answer
                reason, broken = answer.reason, answer.of_this_request
                if attempt + 1 < attempts:
                    await self._sleep(answer.retry_after if answer.retry_after is not None else pause * random.uniform(0.5, 1))
                    pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        if broken:
            raise refused("SERVER_ERROR", f"the server fails at it ({reason}): import it again later")
        raise Failure(f"{self._url} does not answer ({reason})", "do it again when it does: what was done is not done twice")

    async def mutate(self, mutation: str, variables: Mapping[str, Any]) -> dict[str, Any] | Refusal:
        """Return the payload of a mutation, or why it was refused."""
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(ATTEMPTS):
            [payload] = (await self.data(mutation, variables)).values()
            errors = payload["userErrors"]
            if not errors:
                return dict(payload)
            if errors[0]["code"] not in _TRANSIENT_REFUSALS or attempt + 1 == ATTEMPTS:
                break
            await self._sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        field = [name for name in errors[0].get("field") or [] if name != "input"]
        return Refusal(errors[0]["code"], errors[0]["message"], tuple(field))

    async def _attempt(self, query: str, variables: Mapping[str, Any]) -> "dict[str, Any] | _Again":
        try:
            await self._ensure_token()
            body = {"query": query, "variables": variables}
            headers = {"authorization": f"Bearer {self._token}", "accept": "application/json"}
            async with self._session.post(self._url, json=body, headers=headers) as response:
                if response.status in _BUSY_STATUS:
                    return _Again(f"status {response.status}", _retry_after(response.headers.get("retry-after")))
                if response.status == 401:
                    self._token_until = 0.0
                    return _Again("the token is not accepted")
                try:
                    answer = await response.json(content_type=None)
                except ValueError:
                    return _Again(f"status {response.status}, and no JSON")
        except _NoToken as error:
            return _Again(str(error))
        except (aiohttp.ClientError, TimeoutError) as error:
            return _Again(type(error).__name__)
        if not isinstance(answer, dict):
            return _Again("it does not speak GraphQL")
        return _answered(answer)

    async def _ensure_token(self) -> None:
        if time.time() < self._token_until:
            return
        first = not self._token
        try:
            await self.log_in()
        except Failure as failure:
            if first:
                raise
            raise _NoToken(failure.problem) from failure


class _NoToken(Exception):
    """The authorization server, which gave tokens before, does not at the moment."""


@dataclass(frozen=True, slots=True)
class _Again:
    reason: str
    retry_after: float | None = None
    of_this_request: bool = False


@asynccontextmanager
async def connect(url: str, login: Login, in_flight: int) -> AsyncIterator[Api]:
    """Log in, and use the API while the context is open, with at most `in_flight` requests at a time.

    Raises:
        Failure: nobody answers, or the client is refused.
    """
    timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=in_flight)) as session:
        api = Api(session, url, login, in_flight)
        await api.log_in()
        yield api


def _answered(answer: dict[str, Any]) -> dict[str, Any] | _Again:
    """Return the data of a whole answer."""
    errors = answer.get("errors") or []
    if not errors and isinstance(answer.get("data"), dict):
        return dict(answer["data"])
    if not errors:
        return _Again("it answers neither data nor errors")
    code = str((errors[0].get("extensions") or {}).get("code", ""))
    message = str(errors[0].get("message", ""))
    if code in _FORBIDDEN:
        raise Failure(f"it is not permitted: {message}", "give the client the scopes that docs/import.md names")
    if code in _AWAY:
        return _Again(f"{code}: {message}")
    if code in {"INTERNAL_SERVER_ERROR", "DOWNSTREAM_SERVICE_ERROR", ""}:
        return _Again(message, of_this_request=True)
    raise refused(code, message)


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


def _claims(token: str) -> Mapping[str, Any]:
    """Return what the token says, which only the server verifies; nothing for an opaque one."""
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
