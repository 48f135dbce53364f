"""`python -m router plan`: prints the plan of an operation, or why there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from router.cli.plan import run_plan
from tests.testkit.router_server import supergraph

QUERY = "{ product(upc: 1) { name } }"
PLAN = """QueryPlan {
  Fetch(service: "catalog") {
    {
      product(upc: 1) {
        name
      }
    }
  }
}
"""


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    path = tmp_path / "supergraph.graphql"
    path.write_text(supergraph("http://catalog", "http://reviews"), encoding="utf-8")
    return path


def test_the_plan_of_an_operation_given_as_text(schema: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_plan(QUERY, supergraph=schema, operation_name=None) == 0
    assert capsys.readouterr().out == PLAN


def test_the_plan_of_an_operation_in_a_file(schema: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    operation = tmp_path / "operation.graphql"
    operation.write_text(f"query A {{ __typename }} query B {QUERY}", encoding="utf-8")
    assert run_plan(str(operation), supergraph=schema, operation_name="B") == 0
    assert capsys.readouterr().out == PLAN


@pytest.mark.parametrize("query", ["{", "{ nothing }", "query A { __typename } query B { __typename }"])
def test_an_operation_without_a_plan_says_why(schema: Path, query: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_plan(query, supergraph=schema, operation_name=None) == 1
    assert capsys.readouterr().err


def test_files_that_cannot_be_read(schema: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_plan("missing.graphql", supergraph=schema, operation_name=None) == 2
    assert run_plan(QUERY, supergraph=tmp_path / "missing.graphql", operation_name=None) == 2
    broken = tmp_path / "broken.graphql"
    broken.write_text("type Query { a: Int }", encoding="utf-8")
    assert run_plan(QUERY, supergraph=broken, operation_name=None) == 2
    assert "is not a supergraph schema" in capsys.readouterr().err
    broken.write_bytes(b"\xff")
    assert run_plan(QUERY, supergraph=broken, operation_name=None) == 2
    assert capsys.readouterr().err == f"The operation or {broken} is not UTF-8: invalid start byte at byte 0.\n"
