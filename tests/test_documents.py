"""The documents lead where they say."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]+)(#[^)\s]*)?\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_to_files(document: Path) -> None:
    missing = [target for target, _ in LINK.findall(document.read_text()) if not (document.parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_named_make_targets_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    text = document.read_text()
    named = set(re.findall(r"`make ([a-z]+)`|^    make ([a-z]+)$", text, re.M))
    assert {one or other for one, other in named} <= targets


def test_each_make_target_has_a_rule() -> None:
    makefile = (ROOT / "Makefile").read_text()
    (declared,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.M)
    assert sorted(declared.split()) == sorted(re.findall(r"^([a-z]+):", makefile, re.M))


def test_files_that_the_readme_writes_are_not_to_be_committed() -> None:
    written = set(re.findall(r" > ([\w.]+)", (ROOT / "README.md").read_text()))
    assert written == {"events.txt"}
    assert {f"/{name}" for name in written} <= set((ROOT / ".gitignore").read_text().splitlines())


def test_decisions_are_all_listed() -> None:
    index = (ROOT / "docs/decisions/README.md").read_text()
    assert [path.name for path in (ROOT / "docs/decisions").glob("0*.md") if f"({path.name})" not in index] == []


def test_decisions_have_numbers_of_their_own() -> None:
    names = sorted(path.name for path in (ROOT / "docs/decisions").glob("0*.md"))
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert [(ROOT / "docs/decisions" / name).read_text()[2:6] for name in names] == [name[:4] for name in names]
