"""Identical queries of one caller that run at the same time are answered once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Final, Generic, TypeVar

from router.errors import RequestTimeout, RouterError

__all__ = ["QuerySharing"]

T = TypeVar("T")


class _Abandoned:
    """The first to ask had to leave, or ran out of its own time; whoever waits begins anew."""


ABANDONED: Final = _Abandoned()


class QuerySharing(Generic[T]):
    """Answers under way, by key. Nothing is kept once it is there: this is no cache.

    The key must hold all that the answer depends on, who asks included. `own` tells of answers that are of use to the
    one who asked first only: whoever waits asks anew.
    """

    def __init__(self, own: Callable[[T], bool] = lambda answer: False) -> None:
        self._own = own
        self._running: dict[Hashable, asyncio.Future[T | RouterError | _Abandoned]] = {}

    async def run(self, key: Hashable, work: Callable[[], Awaitable[T]]) -> T:
        """Return what `work` returns, or what it returns to the one who runs it already.

        Raises:
            RouterError: what `work` raises.
        """
        while (running := self._running.get(key)) is not None:
            outcome = await asyncio.shield(running)
            if isinstance(outcome, RouterError):
                raise outcome.with_traceback(None)
            if not isinstance(outcome, _Abandoned):
                return outcome
        future: asyncio.Future[T | RouterError | _Abandoned] = asyncio.get_running_loop().create_future()
        self._running[key] = future
        told: T | RouterError | _Abandoned = ABANDONED
        try:
            answer = await work()
            if not self._own(answer):
                told = answer
        except RouterError as error:
            if not isinstance(error, RequestTimeout):
                told = error
            raise
        else:
            return answer
        finally:
            del self._running[key]
            future.set_result(told)
