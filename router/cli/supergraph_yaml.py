"""`supergraph.yaml`: which subgraphs make a supergraph, and where each one's schema comes from.

The format is Rover's:

    subgraphs:
      products:
        routing_url: http://localhost:4001/graphql
        schema:
          file: ./products.graphql                          # or
          subgraph_url: http://localhost:4001/graphql       # asked for `_service { sdl }`
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from router.compose.result import SubgraphSource

__all__ = ["SupergraphConfigError", "read_subgraphs"]

SERVICE_QUERY = "query SubgraphSdl { _service { sdl } }"
INTROSPECTION_TIMEOUT_SECONDS = 10.0
MAX_SDL_BYTES = 20_000_000


class SupergraphConfigError(Exception):
    """The configuration, or a schema it names, cannot be read; the message says which and what to do."""


class _Schema(BaseModel):
    model_config = ConfigDict(extra="forbid")

    file: Path | None = None
    subgraph_url: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> _Schema:
        if (self.file is None) == (self.subgraph_url is None):
            raise ValueError("give either 'file' or 'subgraph_url'")
        return self


class _Subgraph(BaseModel):
    model_config = ConfigDict(extra="forbid")

    routing_url: str | None = None
    # Named so for the file's sake; `schema` is taken by pydantic.
    source: _Schema


class _Config(BaseModel):
    subgraphs: dict[str, _Subgraph]


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    url: str
    schema: _Schema


def read_subgraphs(path: Path) -> list[SubgraphSource]:
    """Return the subgraphs of a configuration with their SDLs, in the file's order.

    Raises:
        SupergraphConfigError
    """
    return asyncio.run(_read_all(path.parent, _entries(path)))


def _entries(path: Path) -> list[_Entry]:
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SupergraphConfigError(f"{path}: cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SupergraphConfigError(f"{path}: is not UTF-8: {error.reason} at byte {error.start}.") from error
    except yaml.YAMLError as error:
        raise SupergraphConfigError(f"{path}: is not YAML: {error}") from error
    try:
        config = _Config.model_validate(_renamed(raw))
    except ValidationError as error:
        places = (f"  {'.'.join(map(str, e['loc'])).replace('source', 'schema')}: {e['msg']}" for e in error.errors())
        raise SupergraphConfigError(f"{path}: is not a supergraph configuration:\n" + "\n".join(places)) from error
    if not config.subgraphs:
        raise SupergraphConfigError(f"{path}: names no subgraph.")
    return [
        _Entry(name, subgraph.routing_url or subgraph.source.subgraph_url or "", subgraph.source)
        for name, subgraph in config.subgraphs.items()
    ]


def _renamed(raw: Any) -> Any:
    if not isinstance(raw, dict) or not isinstance(raw.get("subgraphs"), dict):
        return raw
    subgraphs = {
        name: {("source" if key == "schema" else key): value for key, value in entry.items()}
        if isinstance(entry, dict)
        else entry
        for name, entry in raw["subgraphs"].items()
    }
    return {"subgraphs": subgraphs}


async def _read_all(folder: Path, entries: list[_Entry]) -> list[SubgraphSource]:
    async with aiohttp.ClientSession() as session:
        sdls = await asyncio.gather(*(_read_sdl(session, folder, entry) for entry in entries))
    return [SubgraphSource(entry.name, entry.url, sdl) for entry, sdl in zip(entries, sdls, strict=True)]


async def _bounded(response: aiohttp.ClientResponse, name: str, url: str) -> bytes:
    """Return the body, decompressed; whatever its head says of its length, no more than the limit is held."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_SDL_BYTES:
            raise SupergraphConfigError(f"Subgraph '{name}': {url} answers with more than {MAX_SDL_BYTES} bytes.")
    return bytes(body)


async def _read_sdl(session: aiohttp.ClientSession, folder: Path, entry: _Entry) -> str:
    if entry.schema.file is not None:
        file = folder / entry.schema.file
        try:
            return await asyncio.to_thread(file.read_text, encoding="utf-8")
        except OSError as error:
            raise SupergraphConfigError(f"Subgraph '{entry.name}': {file}: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            reason = f"{error.reason} at byte {error.start}"
            raise SupergraphConfigError(f"Subgraph '{entry.name}': {file}: is not UTF-8: {reason}.") from error
    url = entry.schema.subgraph_url or ""
    timeout = aiohttp.ClientTimeout(total=INTROSPECTION_TIMEOUT_SECONDS)
    try:
        async with session.post(url, json={"query": SERVICE_QUERY}, timeout=timeout) as response:
            answer = json.loads(await _bounded(response, entry.name, url))
        sdl = answer["data"]["_service"]["sdl"]
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        reason = str(error) or type(error).__name__
        raise SupergraphConfigError(f"Subgraph '{entry.name}': {url} cannot be reached: {reason}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise SupergraphConfigError(f"Subgraph '{entry.name}': {url} does not answer `_service {{ sdl }}`.") from error
    if not isinstance(sdl, str):
        raise SupergraphConfigError(f"Subgraph '{entry.name}': {url} does not answer `_service {{ sdl }}`.")
    return sdl
