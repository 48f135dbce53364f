"""Whether requirements.lock was resolved from the dependencies pyproject.toml declares now."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tributary.failure import Failure

__all__ = ["declared_hash", "recorded_hash", "resolve"]

_HEADER = "# tributary: resolved from pyproject.toml dependencies sha256:"
_RECORDED = re.compile(re.escape(_HEADER) + r"([0-9a-f]{64})$", re.MULTILINE)
RESOLVE_SECONDS = 300


def declared_hash(project: Path) -> str:
    """Return the SHA-256 of what the lock file follows from: the Python versions, the dependencies, the extras."""
    table = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    followed = {
        "requires-python": table.get("requires-python", ""),
        "dependencies": sorted(table.get("dependencies", [])),
        "optional-dependencies": {name: sorted(extra) for name, extra in table.get("optional-dependencies", {}).items()},
    }
    return hashlib.sha256(json.dumps(followed, sort_keys=True).encode()).hexdigest()


def recorded_hash(lock: Path) -> str | None:
    """Return the hash written into a lock file when it was resolved; None when there is none."""
    found = _RECORDED.search(lock.read_text(encoding="utf-8")) if lock.is_file() else None
    return found.group(1) if found else None


def resolve(project: Path, lock: Path) -> None:
    """Write `lock`: every dependency and extra of `project`, for every platform, with hashes. Kept versions stay.

    Raises:
        Failure: uv is missing, or it found no solution.
    """
    program = Path(sys.executable).with_name("uv")
    uv = str(program) if program.is_file() else shutil.which("uv")
    if uv is None:
        raise Failure("uv is not installed", "run `make install`, or install uv")
    command = [uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--all-extras", "--no-header"]
    command += ["--no-annotate", "--python-version", "3.11", str(project), "--output-file", str(lock)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=RESOLVE_SECONDS, check=False)  # noqa: S603
    if done.returncode != 0:
        reason = " ".join(done.stderr.split())[-600:]
        raise Failure(f"uv found no solution: {reason}", "loosen the constraint in pyproject.toml, or check the network", 1)
    body = "".join(line for line in lock.read_text(encoding="utf-8").splitlines(keepends=True) if not line.startswith(_HEADER))
    lock.write_text(f"{_HEADER}{declared_hash(project)}\n{body}", encoding="utf-8")
