"""What belongs into schema/, computed from the code: SDLs, event schemas, supergraph, API schema. Same code, same bytes."""

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path, PurePosixPath

from tributary.failure import Failure
from tributary.options import subgraph_module
from tributary.services import SUBGRAPHS

__all__ = ["Files", "composed_files", "exported_files", "obsolete", "stale"]

Files = Mapping[PurePosixPath, str]
"""Texts by their path below schema/."""

EXPORTED_FOLDERS = ("subgraphs/*.graphql", "events/*.json")


def exported_files() -> Files:
    """Return every subgraph's SDL, and the JSON Schema of every event that leaves its subgraph."""
    files: dict[PurePosixPath, str] = {}
    for name in SUBGRAPHS:
        sdl = import_module(subgraph_module(name, "schema")).schema.as_str()
        files[PurePosixPath("subgraphs", f"{name}.graphql")] = sdl.strip() + "\n"
        for event, json_schema in import_module(subgraph_module(name, "published")).json_schemas().items():
            path = PurePosixPath("events", f"{event}.json")
            if path in files:
                raise Failure(f"two subgraphs publish {event}", "rename one of the events", 1)
            files[path] = json.dumps(json_schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    return files


def composed_files(sdls: Files, config: Path) -> Files:
    """Return supergraph and API schema, composed of `sdls` with the routing URLs of `config` (schema/supergraph.yaml).

    Raises:
        Failure: the subgraphs do not compose; every reason is in the message.
    """
    from graphql import print_schema

    from router.compose.composer import SubgraphSource, compose
    from router.supergraph.parser import parse_supergraph

    result = compose([SubgraphSource(name, url, sdl) for name, url, sdl in _sources(sdls, config)])
    if result.supergraph is None:
        reasons = "\n".join(f"  {error}" for error in result.errors)
        raise Failure(f"the subgraphs do not compose:\n{reasons}\n", "correct the subgraphs' schemas", 1)
    supergraph = result.supergraph.strip() + "\n"
    return {
        PurePosixPath("supergraph.graphql"): supergraph,
        PurePosixPath("api.graphql"): print_schema(parse_supergraph(supergraph).schema).strip() + "\n",
    }


def stale(folder: Path, files: Files) -> list[PurePosixPath]:
    """Return the paths whose text in `folder` is missing or another."""
    return [path for path, text in files.items() if _text(folder / path) != text]


def obsolete(folder: Path, exported: Files) -> list[PurePosixPath]:
    """Return the exported files in `folder` that nothing exports any more."""
    found = (PurePosixPath(path.relative_to(folder).as_posix()) for pattern in EXPORTED_FOLDERS for path in folder.glob(pattern))
    return sorted(path for path in found if path not in exported)


def _sources(sdls: Files, config: Path) -> list[tuple[str, str, str]]:
    import yaml

    sources = []
    for name, entry in sorted(yaml.safe_load(config.read_text(encoding="utf-8"))["subgraphs"].items()):
        sdl = sdls.get(PurePosixPath("subgraphs", f"{name}.graphql"))
        if sdl is None:
            raise Failure(f"{config} names {name}, of which there is no SDL", "run `tributary schema export`", 1)
        sources.append((name, entry["routing_url"], sdl))
    return sources


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
