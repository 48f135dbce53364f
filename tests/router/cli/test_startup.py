"""What stands in the way of serving is told in one line, with what to do about it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from router.cli.startup import port_problem, supergraph_problem
from router.supergraph.parser import parse_supergraph
from tests.testkit.router_server import supergraph


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken


def test_a_supergraph_can_be_served(tmp_path: Path) -> None:
    path = tmp_path / "supergraph.graphql"
    path.write_text(supergraph("http://127.0.0.1:1", "http://127.0.0.1:2"), encoding="utf-8")
    assert supergraph_problem(path, parse_supergraph) is None


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("nope.graphql", None, "no such file; `python -m router compose supergraph.yaml -o {path}` makes one"),
        (
            "supergraph.yaml",
            b"federation_version: 2\n",
            "the supergraph does not parse: Syntax Error: Unexpected Name 'federation_version'.; "
            "`python -m router compose {path} -o {folder}/supergraph.graphql` makes one",
        ),
        (
            "subgraph.graphql",
            b"type Query {\n  a: Int\n}\n",
            "the schema has no join__Graph enum: it is no supergraph (compose the subgraphs first); "
            "`python -m router compose supergraph.yaml -o {path}` makes one",
        ),
        (
            "latin.graphql",
            b"\xff",
            "is not UTF-8: invalid start byte at byte 0; `python -m router compose supergraph.yaml -o {path}` makes one",
        ),
    ],
)
def test_what_cannot_be_served_says_how_to_make_what_can(tmp_path: Path, name: str, content: bytes | None, problem: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert supergraph_problem(path, parse_supergraph) == f"{path}: {problem.format(path=path, folder=tmp_path)}"


def test_a_folder_is_no_supergraph(tmp_path: Path) -> None:
    assert supergraph_problem(tmp_path, parse_supergraph) == f"{tmp_path}: Is a directory"


def test_a_setting_that_does_not_fit_the_supergraph_is_told_alone(tmp_path: Path) -> None:
    path = tmp_path / "supergraph.graphql"
    path.write_text("", encoding="utf-8")

    def parse(_sdl: str) -> None:
        raise ValueError("ROUTER_SUBGRAPH_URLS names subgraphs\nthat are not there")

    assert supergraph_problem(path, parse) == "ROUTER_SUBGRAPH_URLS names subgraphs that are not there"


def test_a_port_in_use_is_named_until_it_is_free(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    assert port_problem("127.0.0.1", port) == f"port {port} of 127.0.0.1 is in use; choose another with --port or ROUTER_PORT"
    listener.close()
    assert port_problem("127.0.0.1", port) is None


def test_an_address_of_another_machine_is_refused() -> None:
    assert port_problem("192.0.2.1", 4000) == (
        "port 4000 of 192.0.2.1: Cannot assign requested address; choose others with --host, --port, ROUTER_HOST or ROUTER_PORT"
    )
