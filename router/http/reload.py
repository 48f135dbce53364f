"""Keeps the served supergraph up to date with its file: polled, and on demand; a file that does not load changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path

from router.errors import Overloaded
from router.telemetry.logs import get_logger
from router.telemetry.metrics import Metrics

__all__ = ["SupergraphWatch"]

log = get_logger(__name__)


class SupergraphWatch:
    """Calls `load` with the file's text at the start and whenever its content changed.

    `load` makes the new engine the served one, or raises and leaves the old one in place.
    """

    def __init__(self, path: Path, load: Callable[[str], Awaitable[None]], *, poll_seconds: float, metrics: Metrics) -> None:
        self._path = path
        self._load = load
        self._poll_seconds = poll_seconds
        self._metrics = metrics
        self._loaded: str | None = None
        self._stamp: tuple[int, int, int] | None = None
        # The failure that was told last: the same one is told once, not at every poll.
        self._told: str | None = None
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Look after the file until cancelled."""
        while True:
            try:
                await asyncio.wait_for(self._wake.wait(), self._poll_seconds)
            except TimeoutError:
                await self.refresh()
            else:
                self._wake.clear()
                await self.refresh(force=True)

    def wake(self) -> None:
        """Look at the file now, whatever its timestamp says (SIGHUP)."""
        self._wake.set()

    async def refresh(self, *, force: bool = False) -> bool:
        """Load the file if it changed; return whether a supergraph is served afterwards."""
        try:
            stat = await asyncio.to_thread(self._path.stat)
            # The inode too: replacing a file by renaming can keep size and time.
            stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if stamp == self._stamp and not force:
                return self._loaded is not None
            self._stamp = stamp
            text = await asyncio.to_thread(self._path.read_text, encoding="utf-8")
            digest = sha256(text.encode()).hexdigest()
            if digest == self._loaded:
                self._told = None
                return True
            await self._load(text)
        except Exception as error:
            unread = isinstance(error, Overloaded | OSError)
            if unread:
                # It says nothing about what the file holds: it is tried again at the next poll.
                self._stamp = None
            if force or not unread or self._told != str(error):
                self._told = str(error) if unread else None
                self._metrics.reloads.inc("failed")
                log.error("supergraph.not_loaded", path=str(self._path), error=str(error), kept=self._loaded)
            return self._loaded is not None
        self._loaded = digest
        self._told = None
        self._metrics.reloads.inc("loaded")
        log.info("supergraph.loaded", path=str(self._path), sha256=digest)
        return True
