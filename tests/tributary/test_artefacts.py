"""schema/ follows the code: exported, composed, and found stale."""

import json
import sys
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import pytest
from graphql import build_schema
from typer.testing import CliRunner

from tributary import artefacts
from tributary.artefacts import composed_files, exported_files
from tributary.cli import cli
from tributary.failure import Failure

SUPERGRAPH_YAML = """
subgraphs:
  plan: {routing_url: "http://plan/graphql", schema: {file: subgraphs/plan.graphql}}
  customer: {routing_url: "http://customer/graphql", schema: {file: subgraphs/customer.graphql}}
"""


class StandIns:
    """Two subgraphs, and a composer that writes down what it was given."""

    def __init__(self) -> None:
        self.sdls = {"customer": "type Query { customer: ID }", "plan": "type Query { plan: ID }"}
        self.events = {"customer": ["customer-created.v1"], "plan": ["plan-created.v1"]}
        self.errors: list[str] = []

    def import_module(self, name: str) -> SimpleNamespace:
        _, subgraph, module = name.split(".")
        if module == "schema":
            return SimpleNamespace(schema=SimpleNamespace(as_str=lambda: self.sdls[subgraph]))
        return SimpleNamespace(json_schemas=lambda: {event: {"title": event, "$id": "x"} for event in self.events[subgraph]})

    def compose(self, sources: list[SimpleNamespace]) -> SimpleNamespace:
        text = "\n".join(f"# {source.name} {source.url} {source.sdl.strip()}" for source in sources)
        return SimpleNamespace(supergraph=None if self.errors else f"{text}\ntype Query {{ a: Int }}", errors=self.errors)


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch) -> StandIns:
    stand_ins = StandIns()
    composer = SimpleNamespace(
        compose=stand_ins.compose, SubgraphSource=lambda name, url, sdl: SimpleNamespace(name=name, url=url, sdl=sdl)
    )
    parser = SimpleNamespace(parse_supergraph=lambda sdl: SimpleNamespace(schema=build_schema(sdl)))
    monkeypatch.setitem(sys.modules, "router.compose.composer", composer)
    monkeypatch.setitem(sys.modules, "router.supergraph.parser", parser)
    monkeypatch.setattr(artefacts, "SUBGRAPHS", {"customer": None, "plan": None})
    monkeypatch.setattr(artefacts, "import_module", stand_ins.import_module)
    monkeypatch.setattr(artefacts, "subgraph_module", lambda subgraph, module: f"subgraphs.{subgraph}.{module}")
    return stand_ins


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "supergraph.yaml").write_text(SUPERGRAPH_YAML)
    return tmp_path


def run(command: str, folder: Path) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["schema", command, "--folder", str(folder)])
    return result.exit_code, result.output


def test_exported_texts_are_canonical(code: StandIns) -> None:
    assert exported_files() == {
        PurePosixPath("subgraphs/customer.graphql"): "type Query { customer: ID }\n",
        PurePosixPath("subgraphs/plan.graphql"): "type Query { plan: ID }\n",
        PurePosixPath("events/customer-created.v1.json"): '{\n  "$id": "x",\n  "title": "customer-created.v1"\n}\n',
        PurePosixPath("events/plan-created.v1.json"): '{\n  "$id": "x",\n  "title": "plan-created.v1"\n}\n',
    }


def test_event_published_twice_is_refused(code: StandIns) -> None:
    code.events["plan"] = ["customer-created.v1"]
    with pytest.raises(Failure, match=r"two subgraphs publish customer-created\.v1"):
        exported_files()


def test_composition_is_by_name_with_routing_urls(code: StandIns, folder: Path) -> None:
    files = composed_files(exported_files(), folder / "supergraph.yaml")
    assert files == {
        PurePosixPath("supergraph.graphql"): (
            "# customer http://customer/graphql type Query { customer: ID }\n"
            "# plan http://plan/graphql type Query { plan: ID }\n"
            "type Query { a: Int }\n"
        ),
        PurePosixPath("api.graphql"): "type Query {\n  a: Int\n}\n",
    }


def test_export_compose_check_agree(code: StandIns, folder: Path) -> None:
    assert run("check", folder)[0] == 1
    assert run("export", folder) == (0, f"{folder}: 4 files, 4 changed\n")
    assert run("compose", folder) == (0, f"{folder}: 2 files, 2 changed\n")
    assert run("check", folder) == (0, f"{folder} is fresh\n")
    assert run("export", folder) == (0, f"{folder}: 4 files, 0 changed\n")
    assert json.loads((folder / "events/plan-created.v1.json").read_text())["title"] == "plan-created.v1"


def test_check_names_what_is_stale_and_the_remedy(code: StandIns, folder: Path) -> None:
    run("export", folder)
    run("compose", folder)
    code.sdls["plan"] = "type Query { plans: ID }"
    code.events["plan"] = []
    status, said = run("check", folder)
    assert status == 1
    assert f"{folder}/subgraphs/plan.graphql (stale)" in said
    assert f"{folder}/supergraph.graphql (stale)" in said
    assert f"{folder}/events/plan-created.v1.json (not exported any more)" in said
    assert "run `make compose`" in said
    run("export", folder)
    assert not (folder / "events/plan-created.v1.json").exists()


def test_composition_errors_are_all_listed(code: StandIns, folder: Path) -> None:
    run("export", folder)
    code.errors = ["INVALID_FIELD_SHARING: a", "KEY_INVALID_FIELDS: b"]
    status, said = run("compose", folder)
    assert status == 1
    assert "INVALID_FIELD_SHARING: a" in said
    assert "KEY_INVALID_FIELDS: b" in said


def test_missing_sdl_is_named(code: StandIns, folder: Path) -> None:
    status, said = run("compose", folder)
    assert status == 1
    assert "names customer, of which there is no SDL → run `tributary schema export`" in said
