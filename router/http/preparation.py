"""Parsing, validating and planning off the event loop: one at a time, shared by those who wait for the same thing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

from router.errors import Overloaded

__all__ = ["Preparation"]

T = TypeVar("T")


class Preparation:
    """A queue before one thread.

    Pure Python gains nothing from a second thread; one keeps the event loop answering what is cached while a
    large document is planned, and bounds what adversarial documents can take.
    """

    def __init__(self, *, max_pending: int, timeout_seconds: float) -> None:
        self._max_pending = max_pending
        self._timeout_seconds = timeout_seconds
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="prepare")
        self._pending: dict[Hashable, asyncio.Future[Any]] = {}

    async def run(self, key: Hashable, work: Callable[[], T]) -> T:
        """Return what `work` returns; callers with the same key while it runs wait for the same result.

        Raises:
            Overloaded: too much is waiting, or it took too long.
        """
        future = self._pending.get(key)
        if future is None:
            if len(self._pending) >= self._max_pending:
                raise Overloaded("Too many new operations are waiting to be planned.")
            future = asyncio.get_running_loop().run_in_executor(self._thread, work)
            self._pending[key] = future
            future.add_done_callback(lambda done: self._forget(key, done))
        try:
            # Shielded: a client that leaves does not take the result from the others.
            result = await asyncio.wait_for(asyncio.shield(future), self._timeout_seconds)
        except TimeoutError:
            raise Overloaded("The operation could not be planned in time.") from None
        return cast(T, result)

    def close(self) -> None:
        """Let the running work end and refuse more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _forget(self, key: Hashable, future: asyncio.Future[Any]) -> None:
        self._pending.pop(key, None)
        if not future.cancelled():
            future.exception()  # looked at, so that an error nobody waits for any more is not reported as lost
