"""`processes.json`: which processes run, for tests and tools. Always whole: it is replaced, never rewritten."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["ProcessState", "read_states", "write_states"]

FILE = "processes.json"


@dataclass(frozen=True, slots=True)
class ProcessState:
    """What is known of one process; `pid` is None while it does not run."""

    pid: int | None
    ready: bool
    restarts: int
    url: str | None = None


def write_states(folder: Path, states: Mapping[str, ProcessState]) -> None:
    """Replace the state file of a data folder."""
    temporary = folder / f"{FILE}.new"
    temporary.write_text(json.dumps({name: asdict(state) for name, state in states.items()}, indent=2) + "\n", "utf-8")
    temporary.replace(folder / FILE)


def read_states(folder: Path) -> dict[str, ProcessState]:
    """Return the state file of a data folder by process name; empty when no system ran there."""
    path = folder / FILE
    if not path.is_file():
        return {}
    return {name: ProcessState(**state) for name, state in json.loads(path.read_text("utf-8")).items()}
