"""`tributary schema export | compose | check`: the artefacts in schema/."""

from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from tributary.artefacts import Files, composed_files, exported_files, obsolete, stale
from tributary.failure import Failure

__all__ = ["EXIT_CODES", "check", "compose", "export"]

EXIT_CODES = "Exit codes: 0 written, or fresh · 1 stale, or the subgraphs do not compose · 2 wrong use."

Folder = Annotated[Path, typer.Option("--folder", help="Where the artefacts are.", file_okay=False, exists=True)]


def export(folder: Folder = Path("schema")) -> None:
    """Write subgraphs/<name>.graphql and events/<event>.json from the code.

    Examples:

      tributary schema export

      tributary schema export --folder /tmp/schema
    """
    files = exported_files()
    _write(folder, files)
    for path in obsolete(folder, files):
        (folder / path).unlink()
        typer.echo(f"removed {folder / path}")


def compose(folder: Folder = Path("schema")) -> None:
    """Write supergraph.graphql and api.graphql from the exported SDLs.

    Examples:

      tributary schema compose
    """
    config = _config(folder)
    sdls = {PurePosixPath("subgraphs", path.name): path.read_text("utf-8") for path in folder.glob("subgraphs/*.graphql")}
    _write(folder, composed_files(sdls, config))


def check(folder: Folder = Path("schema")) -> None:
    """Fail when an artefact is not what the code gives.

    Examples:

      tributary schema check
    """
    exported = exported_files()
    found = dict.fromkeys(stale(folder, {**exported, **composed_files(exported, _config(folder))}), "stale")
    found |= dict.fromkeys(obsolete(folder, exported), "not exported any more")
    if found:
        listed = ", ".join(f"{folder / path} ({state})" for path, state in sorted(found.items()))
        raise Failure(f"schema files do not match the code: {listed}", "run `make compose` and commit the result", 1)
    typer.echo(f"{folder} is fresh")


def _config(folder: Path) -> Path:
    config = folder / "supergraph.yaml"
    if not config.is_file():
        raise Failure(f"there is no {config}", "run this in the project's folder, or give --folder")
    return config


def _write(folder: Path, files: Files) -> None:
    changed = set(stale(folder, files))
    for path, text in files.items():
        if path in changed:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    typer.echo(f"{folder}: {len(files)} files, {len(changed)} changed")
