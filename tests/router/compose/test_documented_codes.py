"""docs/composition-errors.md has every code that composition gives, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from graphql import DirectiveLocation
from graphql.utilities import BreakingChangeType, DangerousChangeType

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "composition-errors.md").read_text(encoding="utf-8")
CODE = re.compile(r"[A-Z]+(_[A-Z]+)+")
NO_CODES = {location.name for location in DirectiveLocation}
OPERATIONS = ("QUERY", "MUTATION", "SUBSCRIPTION")
FIELD_SETS = ("KEY", "REQUIRES", "PROVIDES")


def documented(heading: str) -> dict[str, list[str]]:
    """The rows of the tables below a heading, up to the next of its level, by code."""
    section = DOCUMENT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+) \|$", section, re.MULTILINE)
    return {code: cells.split(" | ") for code, cells in rows}


def constants(tree: ast.Module) -> Iterator[str]:
    """String constants of a module, names in `__all__` left out."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == "__all__" for to in node.targets):
            continue
        yield from (inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant) and isinstance(inner.value, str))


def given() -> tuple[set[str], set[str]]:
    """The codes in the source of composition, and the parts that rules of field sets put `KEY_` and the like before."""
    whole: set[str] = set()
    parts: set[str] = set()
    for path in sorted((ROOT / "router" / "compose").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found = {text for text in constants(tree) if CODE.fullmatch(text)} - NO_CODES
        calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute))
        suffixes = {
            call.args[0].value
            for call in calls
            if call.func.attr == "error"  # type: ignore[attr-defined]
            and isinstance(call.func.value, ast.Name)  # type: ignore[attr-defined]
            and call.func.value.id == "field_set"  # type: ignore[attr-defined]
            and isinstance(call.args[0], ast.Constant)
        }
        whole |= found - suffixes
        parts |= suffixes
    return whole, parts


def test_every_code_is_documented_and_every_documented_code_is_given() -> None:
    whole, parts = given()
    assert len(whole) > 60
    assert len(parts) > 5
    errors, hints = documented("Errors"), documented("Hints")
    assert {part for part in parts if not any(f"{name}_{part}" in errors for name in FIELD_SETS)} == set()
    of_field_sets = {f"{name}_{part}" for name in FIELD_SETS for part in parts}
    of_roots = {f"ROOT_{operation}_USED" for operation in OPERATIONS}
    breaking = set(documented("Changes that break clients"))
    assert whole - set(errors) - set(hints) - breaking == set()
    assert set(errors) - whole - of_field_sets - of_roots == set()
    assert set(hints) - whole == set()


def test_every_error_has_meaning_example_and_remedy() -> None:
    for code, cells in documented("Errors").items():
        assert len(cells) == 3, code
        assert all(cell.strip() for cell in cells), code
        assert "`" in cells[1] or code.startswith("MAX_"), code


def test_every_change_is_documented() -> None:
    own = {code for code in given()[0] if code in documented("Changes that break clients")}
    reported = {change.name for change in (*BreakingChangeType, *DangerousChangeType)}
    assert set(documented("Changes that break clients")) == own | reported
