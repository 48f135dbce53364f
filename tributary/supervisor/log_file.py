"""A child's output in a file that cannot fill the disk."""

from pathlib import Path

__all__ = ["LogFile", "log_path"]


def log_path(data: Path, name: str) -> Path:
    """Return where in a data folder the output of a process goes."""
    return data / "logs" / f"{name}.log"


class LogFile:
    """Appends lines; at `limit_bytes` the file becomes `<name>.1` and a new one begins."""

    def __init__(self, path: Path, limit_bytes: int = 5_000_000) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self._limit = path, limit_bytes
        self._file = path.open("ab", buffering=0)
        self._size = path.stat().st_size

    def write(self, line: bytes) -> None:
        """Append one line."""
        if self._size + len(line) > self._limit and self._size > 0:
            self._rotate()
        self._file.write(line)
        self._size += len(line)

    def tail(self, lines: int = 15) -> str:
        """Return the last lines."""
        with self.path.open("rb") as file:
            file.seek(max(0, self.path.stat().st_size - 20_000))
            return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])

    def close(self) -> None:
        """Close the file; nothing is written afterwards."""
        self._file.close()

    def _rotate(self) -> None:
        self._file.close()
        self.path.replace(self.path.with_name(self.path.name + ".1"))
        self._file = self.path.open("ab", buffering=0)
        self._size = 0
