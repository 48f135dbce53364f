"""Ends work whose client has left: nobody reads the answer, so its fetches are cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from router.errors import ClientGone

__all__ = ["ClientWatch"]

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

# Most answers are there sooner; watching costs a task per request.
WATCH_AFTER_SECONDS = 0.05


class ClientWatch:
    """A context in which the running task is cancelled when the client disconnects.

    Raises:
        ClientGone: on leaving the context, in place of the cancellation.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._timer: asyncio.TimerHandle | None = None
        self._watching: asyncio.Task[None] | None = None
        self._task: asyncio.Task[Any] | None = None
        self._gone = False

    def __enter__(self) -> None:
        self._task = asyncio.current_task()
        self._timer = asyncio.get_running_loop().call_later(WATCH_AFTER_SECONDS, self._start)

    def __exit__(self, exception_type: type[BaseException] | None, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._watching is not None:
            self._watching.cancel()
        if self._gone and self._task is not None and exception_type is asyncio.CancelledError:
            self._task.uncancel()
            raise ClientGone("The client left before the answer was there.") from None

    def _start(self) -> None:
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        if self._task is not None:
            self._task.cancel()
