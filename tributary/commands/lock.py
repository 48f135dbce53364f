"""`tributary lock`: requirements.lock follows pyproject.toml."""

from pathlib import Path
from typing import Annotated

import typer

from tributary.failure import Failure
from tributary.lockfile import declared_hash, recorded_hash, resolve

__all__ = ["EXIT_CODES", "lock"]

EXIT_CODES = "Exit codes: 0 fresh, or resolved · 1 stale, or no solution · 2 wrong use."


def lock(
    check: Annotated[bool, typer.Option("--check", help="Only tell whether the lock file is fresh. Needs no network.")] = False,
    project: Annotated[Path, typer.Option(help="The project's folder.", file_okay=False, exists=True)] = Path(),
) -> None:
    """Resolve requirements.lock from pyproject.toml, or check that it was.

    Examples:

      tributary lock

      tributary lock --check
    """
    declared, locked = project / "pyproject.toml", project / "requirements.lock"
    if not declared.is_file():
        raise Failure(f"there is no {declared}", "run this in the project's folder, or give --project")
    if not check:
        resolve(declared, locked)
        typer.echo(f"wrote {locked}")
    elif recorded_hash(locked) != declared_hash(declared):
        raise Failure(f"{locked} was not resolved from the dependencies in {declared}", "run `make lock` and commit it", 1)
