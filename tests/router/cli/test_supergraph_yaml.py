"""Configurations, and the subgraphs that are asked for their schemas."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from router.cli.supergraph_yaml import SupergraphConfigError, read_subgraphs
from router.compose.result import SubgraphSource
from tests.testkit.asgi_server import serve

SDL = "type Query { a: Int }"


async def endless() -> AsyncIterator[bytes]:
    """Stream blanks, which JSON may begin with, without telling how many."""
    while True:
        yield b" " * 1000
        await asyncio.sleep(0)


async def answer(request: Request) -> Response:
    """Answer as the path says, `/sdl` as a subgraph does."""
    assert (await request.json()) == {"query": "query SubgraphSdl { _service { sdl } }"}
    return {
        "/sdl": JSONResponse({"data": {"_service": {"sdl": SDL}}}),
        "/errors": JSONResponse({"errors": [{"message": "no"}], "data": None}),
        "/number": JSONResponse({"data": {"_service": {"sdl": 1}}}),
        "/text": PlainTextResponse("hello"),
        "/endless": StreamingResponse(endless()),
    }[request.url.path]


APP = Starlette(routes=[Route("/{path:path}", answer, methods=["POST"])])


def config(folder: Path, text: str) -> Path:
    path = folder / "supergraph.yaml"
    path.write_text(text)
    return path


async def test_schemas_come_from_files_and_subgraphs_in_the_files_order(tmp_path: Path) -> None:
    (tmp_path / "b.graphql").write_text("type Query { b: Int }")
    async with serve(APP) as base:
        path = config(
            tmp_path,
            "subgraphs:\n"
            f"  z: {{schema: {{subgraph_url: '{base}/sdl'}}}}\n"
            "  b: {routing_url: 'http://b/graphql', schema: {file: b.graphql}}\n",
        )
        assert await asyncio.to_thread(read_subgraphs, path) == [
            SubgraphSource("z", f"{base}/sdl", SDL),
            SubgraphSource("b", "http://b/graphql", "type Query { b: Int }"),
        ]


@pytest.mark.parametrize("path", ["errors", "number", "text"])
async def test_a_subgraph_that_does_not_tell_its_schema_is_named(tmp_path: Path, path: str) -> None:
    async with serve(APP) as base:
        file = config(tmp_path, f"subgraphs: {{a: {{schema: {{subgraph_url: '{base}/{path}'}}}}}}")
        with pytest.raises(SupergraphConfigError) as refused:
            await asyncio.to_thread(read_subgraphs, file)
    assert str(refused.value) == f"Subgraph 'a': {base}/{path} does not answer `_service {{ sdl }}`."


async def test_an_answer_without_end_is_not_read_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router.cli.supergraph_yaml.MAX_SDL_BYTES", 5000)
    async with serve(APP) as base:
        file = config(tmp_path, f"subgraphs: {{a: {{schema: {{subgraph_url: '{base}/endless'}}}}}}")
        with pytest.raises(SupergraphConfigError) as refused:
            await asyncio.to_thread(read_subgraphs, file)
    assert str(refused.value) == f"Subgraph 'a': {base}/endless answers with more than 5000 bytes."


def test_a_subgraph_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    file = config(tmp_path, "subgraphs: {a: {schema: {subgraph_url: 'http://127.0.0.1:1/graphql'}}}")
    with pytest.raises(SupergraphConfigError, match=r"^Subgraph 'a': http://127.0.0.1:1/graphql cannot be reached: "):
        read_subgraphs(file)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("subgraphs: {", ": is not YAML: "),
        ("subgraphs: {}", ": names no subgraph."),
        ("[]", ": is not a supergraph configuration:\n"),
        ("subgraphs: {a: {schema: {}}}", "subgraphs.a.schema: Value error, give either 'file' or 'subgraph_url'"),
        ("subgraphs: {a: {schema: {file: a, subgraph_url: b}}}", "give either 'file' or 'subgraph_url'"),
        ("subgraphs: {a: {schema: {file: a}, color: red}}", "subgraphs.a.color: Extra inputs are not permitted"),
    ],
)
def test_a_configuration_of_another_form_is_refused_with_the_place(tmp_path: Path, text: str, reason: str) -> None:
    path = config(tmp_path, text)
    with pytest.raises(SupergraphConfigError) as refused:
        read_subgraphs(path)
    assert str(refused.value).startswith(f"{path}")
    assert reason in str(refused.value)


def test_a_missing_configuration_is_named(tmp_path: Path) -> None:
    with pytest.raises(SupergraphConfigError, match=r"supergraph.yaml: cannot be read: No such file or directory.$"):
        read_subgraphs(tmp_path / "supergraph.yaml")


def test_files_that_are_not_utf_8_are_named(tmp_path: Path) -> None:
    config, schema = tmp_path / "supergraph.yaml", tmp_path / "a.graphql"
    config.write_text("subgraphs: {a: {schema: {file: a.graphql}}}", encoding="utf-8")
    schema.write_bytes(b"type Query { a: Int } \xff")
    with pytest.raises(SupergraphConfigError, match=r"^Subgraph 'a': .*a.graphql: is not UTF-8: invalid start byte at byte 22.$"):
        read_subgraphs(config)
    config.write_bytes(b"\xff")
    with pytest.raises(SupergraphConfigError, match=r"supergraph.yaml: is not UTF-8: invalid start byte at byte 0.$"):
        read_subgraphs(config)
