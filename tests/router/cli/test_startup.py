"""What stands in the way of serving is told in one line, with what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from router.cli.startup import supergraph_problem
from router.supergraph.parser import parse_supergraph
from tests.testkit.router_server import supergraph


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
