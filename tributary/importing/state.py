"""What an import has done: a local file that only grows, so that a run that was killed goes on where it was."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tributary.failure import Failure
from tributary.importing.records import Kind

__all__ = ["ImportState", "open_state", "read_state"]

VERSION = 1


class ImportState:
    """The id that each step of each row has led to. A step that is noted is on the disk before `note` returns."""

    def __init__(self, done: dict[str, str], file: BinaryIO | None = None) -> None:
        self._done, self._file = done, file

    def result(self, kind: Kind, id: str, step: str) -> str | None:
        """Return what the step has led to, None when it was not done."""
        return self._done.get(_key(kind, id, step))

    def note(self, kind: Kind, id: str, step: str, result: str) -> None:
        """Remember what the step has led to, instead of what it led to before; nothing happens when that is known."""
        key = _key(kind, id, step)
        if self._done.get(key) == result:
            return
        self._done[key] = result
        if self._file is not None:
            line = {"kind": kind.value, "id": id, "step": step, "result": result}
            self._file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())


def read_state(path: Path, source: str, tenant: str) -> ImportState:
    """Return what was done, without changing the file; nothing was, where there is none.

    Raises:
        Failure: it belongs to another import, or is no such file.
    """
    if not path.exists():
        return ImportState({})
    with _readable(path) as file:
        return ImportState(_load(file, path, source, tenant)[0])


@contextmanager
def open_state(path: Path, source: str, tenant: str) -> Iterator[ImportState]:
    """Go on with a state file, made when it is missing; nobody else can while the context is open.

    Raises:
        Failure: it belongs to another import, is in use, or cannot be written.
    """
    try:
        file = path.open("a+b")
    except OSError as error:
        raise Failure(f"{path} cannot be written ({error.strerror})", "name another file with --state") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Failure(f"another import works with {path}", "wait for it, or stop it") from error
        file.seek(0)
        done, end = _load(file, path, source, tenant)
        file.truncate(end)  # a line that a killed run has not finished
        if end == 0:
            header = {"import": VERSION, "source": source, "tenant": tenant}
            file.write(json.dumps(header).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        yield ImportState(done, file)


def _load(file: BinaryIO, path: Path, source: str, tenant: str) -> tuple[dict[str, str], int]:
    """Return what is in the file, and where its last whole line ends."""
    done: dict[str, str] = {}
    end, first = 0, True
    for line in file:
        if not line.endswith(b"\n"):
            break
        try:
            found = json.loads(line)
            if first:
                _check_header(found, path, source, tenant)
            else:
                done[_key(Kind(found["kind"]), found["id"], found["step"])] = found["result"]
        except (ValueError, KeyError, TypeError) as error:
            raise Failure(f"{path} is no state of an import", "name another file with --state") from error
        end, first = end + len(line), False
    return done, end


def _check_header(header: dict[str, object], path: Path, source: str, tenant: str) -> None:
    if header["import"] != VERSION:
        raise Failure(f"{path} was written by another version", "finish the import with that version")
    if (header["source"], header["tenant"]) != (source, tenant):
        raise Failure(
            f"{path} is of an import from {header['source']} for tenant {header['tenant']}, not from {source} for {tenant}",
            "name another file with --state",
        )


@contextmanager
def _readable(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise Failure(f"{path} cannot be read ({error.strerror})", "name another file with --state") from error


def _key(kind: Kind, id: str, step: str) -> str:
    return f"{kind.value}\n{id}\n{step}"
