"""The folder in which a local system keeps everything. One system at a time."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from tributary.failure import Failure

__all__ = ["is_in_use", "open_data_folder"]

LOCK = "lock"


@contextlib.contextmanager
def open_data_folder(path: Path) -> Iterator[Path]:
    """Make the folder, lock it, and yield it in absolute form; the lock ends with the process, however it ends.

    Raises:
        Failure: it cannot be written, or a system runs there.
    """
    folder = path.resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Failure(
            f"the data folder {folder} cannot be written ({error.strerror})", "choose another with --data-dir, or make it yours"
        ) from error
    with os.fdopen(descriptor, "r+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Failure(
                f"a system runs on {folder} already (process {lock.read().strip() or 'unknown'})",
                "stop it, or choose another folder with --data-dir and other ports with --port-offset",
            ) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield folder


def is_in_use(path: Path) -> bool:
    """Return whether a system runs on the folder. Process ids do not tell: they outlive a kill, and are given to others."""
    try:
        with (path / LOCK).open("rb") as lock:
            # Shared: who asks at the same time is no system.
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
