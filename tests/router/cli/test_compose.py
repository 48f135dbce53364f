"""`python -m router compose`."""

import io
import json
from pathlib import Path

import pytest
from graphql import print_schema
from typer.testing import CliRunner, Result

from router.__main__ import cli
from router.cli.compose import run_compose_lines
from router.supergraph.parser import parse_supergraph

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@shareable"])\n'
PRODUCTS = LINK + 'type Query { product(id: ID!): Product }\ntype Product @key(fields: "id") { id: ID!  name: String }\n'
REVIEWS = LINK + 'type Product @key(fields: "id") { id: ID!  reviews: [String!] }\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "products.graphql").write_text(PRODUCTS)
    (tmp_path / "reviews.graphql").write_text(REVIEWS)
    path = tmp_path / "supergraph.yaml"
    path.write_text(
        "subgraphs:\n"
        "  products: {routing_url: 'http://products/graphql', schema: {file: products.graphql}}\n"
        "  reviews: {routing_url: 'http://reviews/graphql', schema: {file: reviews.graphql}}\n"
    )
    return path


def run(*arguments: str | Path, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["compose", *map(str, arguments)], input=stdin)


def test_prints_the_supergraph(config: Path) -> None:
    result = run(config)
    assert result.exit_code == 0
    assert result.stderr == ""
    supergraph = parse_supergraph(result.stdout)
    assert [subgraph.url for subgraph in supergraph.subgraphs.values()] == ["http://products/graphql", "http://reviews/graphql"]
    assert set(supergraph.schema.type_map["Product"].fields) == {"id", "name", "reviews"}  # type: ignore[attr-defined]


def test_writes_the_supergraph_to_a_file(config: Path, tmp_path: Path) -> None:
    result = run(config, "--output", tmp_path / "supergraph.graphql")
    assert (result.exit_code, result.stdout) == (0, "")
    assert (tmp_path / "supergraph.graphql").read_text() == run(config).stdout


def test_a_refused_composition_names_code_reason_and_place_and_keeps_the_old_file(config: Path, tmp_path: Path) -> None:
    (tmp_path / "reviews.graphql").write_text(REVIEWS.replace('fields: "id"', 'fields: "sku"'))
    output = tmp_path / "supergraph.graphql"
    output.write_text("as it was")
    result = run(config, "--output", output)
    assert (result.exit_code, result.stdout, output.read_text()) == (1, "", "as it was")
    assert result.stderr.splitlines() == [
        'error KEY_INVALID_FIELDS: [reviews] @key(fields: "sku") on Product: Product has no field sku in this subgraph; '
        "correct the name, or declare the field (with @external, when another subgraph resolves it).",
        "  at reviews:2:14",
        "1 composition error. docs/composition-errors.md explains the codes.",
    ]


def test_a_refused_composition_as_json(config: Path, tmp_path: Path) -> None:
    (tmp_path / "reviews.graphql").write_text("type Product {")
    result = run(config, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "errors": [
            {
                "code": "INVALID_GRAPHQL",
                "message": "[reviews] Syntax Error: Expected Name, found <EOF>.",
                "locations": [{"subgraph": "reviews", "line": 1, "column": 15}],
            }
        ],
        "hints": [],
    }


def test_hints_are_told_beside_the_supergraph(config: Path, tmp_path: Path) -> None:
    (tmp_path / "reviews.graphql").write_text(REVIEWS + "enum Unused { A }\n")
    result = run(config)
    assert result.exit_code == 0
    assert result.stderr.startswith("hint UNUSED_ENUM_TYPE: ")
    parse_supergraph(result.stdout)
    assert [hint["code"] for hint in json.loads(run(config, "--json").stdout)["hints"]] == ["UNUSED_ENUM_TYPE"]


def test_a_breaking_change_is_told_and_nothing_is_written(config: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.graphql"
    run(config, "-o", old)
    before = old.read_text()
    (tmp_path / "reviews.graphql").write_text(REVIEWS.replace("reviews: [String!]", "reviews: [String]"))
    result = run(config, "--check", old, "-o", old)
    assert (result.exit_code, old.read_text()) == (3, before)
    assert result.stdout == "breaking FIELD_CHANGED_KIND: Field Product.reviews changed type from [String!] to [String].\n"


def test_breaking_and_dangerous_changes_as_json(config: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.graphql"
    run(config, "-o", old)
    (tmp_path / "products.graphql").write_text(
        PRODUCTS.replace("(id: ID!)", "(id: ID!, locale: String)").replace("name: String", "")
    )
    result = run(config, "--check", old, "--json")
    assert result.exit_code == 3
    answer = json.loads(result.stdout)
    assert answer["breaking"] == [{"code": "FIELD_REMOVED", "message": "Field Product.name was removed."}]
    assert answer["dangerous"] == [
        {"code": "OPTIONAL_ARG_ADDED", "message": "An optional argument Query.product(locale:) was added."}
    ]
    parse_supergraph(answer["supergraph"])


def test_tightened_access_breaks_clients(config: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.graphql"
    run(config, "-o", old)
    (tmp_path / "products.graphql").write_text(
        PRODUCTS.replace('"@shareable"', '"@authenticated"').replace("name: String", "name: String @authenticated")
    )
    result = run(config, "--check", old)
    assert (result.exit_code, result.stdout) == (3, "breaking ACCESS_TIGHTENED: Product.name now demands @authenticated.\n")


def test_an_api_schema_serves_for_the_check_too(config: Path, tmp_path: Path) -> None:
    api = tmp_path / "api.graphql"
    api.write_text(print_schema(parse_supergraph(run(config).stdout).schema))
    result = run(config, "--check", api)
    assert (result.exit_code, result.stdout) == (0, "No change breaks a client.\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "No such file or directory."),
        ("type {", "is not GraphQL: Syntax Error: Expected Name, found '{'."),
        ("type Query { a: Thing }", "is not a schema: "),
    ],
)
def test_an_unreadable_schema_to_check_against_is_told(config: Path, tmp_path: Path, text: str | None, reason: str) -> None:
    old = tmp_path / "old.graphql"
    if text is not None:
        old.write_text(text)
    result = run(config, "--check", old)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{old}: {reason}")


def test_a_missing_subgraph_schema_is_told(config: Path, tmp_path: Path) -> None:
    (tmp_path / "reviews.graphql").unlink()
    result = run(config)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"Subgraph 'reviews': {tmp_path / 'reviews.graphql'}: No such file or directory.\n"


def test_an_unwritable_output_is_told(config: Path, tmp_path: Path) -> None:
    result = run(config, "-o", tmp_path / "no" / "folder.graphql")
    assert result.exit_code == 2
    assert result.stderr == f"{tmp_path / 'no' / 'folder.graphql'}: No such file or directory.\n"


def line(**sdls: str) -> str:
    return json.dumps({"subgraphs": [{"name": name, "url": None, "sdl": sdl} for name, sdl in sdls.items()]})


def test_json_lines_answers_each_line_with_one() -> None:
    result = run(
        "--json-lines", stdin=f"{line(products=PRODUCTS, reviews=REVIEWS)}\n\n{line(a='type Query')}\n{line(a='type')}\n"
    )
    assert result.exit_code == 1
    composed, no_queries, no_graphql = map(json.loads, result.stdout.splitlines())
    assert set(composed) == {"supergraph", "hints"}
    assert [error["code"] for error in no_queries["errors"]] == ["NO_QUERIES"]
    assert [error["code"] for error in no_graphql["errors"]] == ["INVALID_GRAPHQL"]


def test_json_lines_answers_before_the_next_line_is_read() -> None:
    answers = io.StringIO()

    class Conversation:
        """Gives a line only when the line before was answered."""

        def __iter__(self) -> "Conversation":
            self.given = 0
            return self

        def __next__(self) -> str:
            assert answers.getvalue().count("\n") == self.given
            if self.given == 3:
                raise StopIteration
            self.given += 1
            return line(a="type Query { a: Int }") + "\n"

    assert run_compose_lines(Conversation(), answers) == 0
    assert answers.getvalue().count("supergraph") >= 3


@pytest.mark.parametrize("bad", ["nonsense", "[]", '{"subgraphs": [{"name": "a"}]}', '{"subgraphs": [{"name": "a", "sdl": 1}]}'])
def test_json_lines_ends_at_a_line_of_another_form(bad: str) -> None:
    result = run("--json-lines", stdin=f"{line(a='type Query {{ a: Int }}')}\n{bad}\n{line(a='type Query {{ a: Int }}')}\n")
    assert result.exit_code == 2
    assert len(result.stdout.splitlines()) == 1
    assert result.stderr == 'Line 2 is not {"subgraphs": [{"name": "…", "url": "…", "sdl": "…"}]}.\n'


def test_json_lines_takes_no_files(config: Path) -> None:
    assert run(config, "--json-lines").exit_code == 2
    assert "give no file with it" in run(config, "--json-lines").stderr


def test_a_configuration_is_needed() -> None:
    result = run()
    assert result.exit_code == 2
    assert "supergraph.yaml" in result.stderr
