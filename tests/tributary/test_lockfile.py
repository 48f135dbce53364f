"""requirements.lock follows pyproject.toml."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tributary.cli import cli
from tributary.lockfile import declared_hash, recorded_hash

PROJECT = """
[project]
name = "sample"
version = "{version}"
requires-python = ">=3.11"
dependencies = [{dependencies}]
[project.optional-dependencies]
dev = ["pytest"]
"""


def write(folder: Path, dependencies: str = '"rich>=14", "typer"', version: str = "1") -> Path:
    path = folder / "pyproject.toml"
    path.write_text(PROJECT.format(dependencies=dependencies, version=version))
    return path


def write_lock(folder: Path) -> None:
    declared = declared_hash(folder / "pyproject.toml")
    (folder / "requirements.lock").write_text(
        f"# tributary: resolved from pyproject.toml dependencies sha256:{declared}\nrich==14.0 \\\n    --hash=sha256:00\n"
    )


def test_hash_follows_dependencies_alone(tmp_path: Path) -> None:
    first = declared_hash(write(tmp_path))
    assert declared_hash(write(tmp_path, '"typer", "rich>=14"')) == first
    assert declared_hash(write(tmp_path, version="2")) == first
    assert declared_hash(write(tmp_path, '"rich>=15", "typer"')) != first


def test_lock_without_a_header_has_no_hash(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    assert recorded_hash(lock) is None
    lock.write_text("rich==14.0 \\\n    --hash=sha256:00\n")
    assert recorded_hash(lock) is None


@pytest.mark.parametrize(("dependencies", "exit_code"), [('"rich>=14", "typer"', 0), ('"rich>=15", "typer"', 1)])
def test_check_fails_when_dependencies_changed(tmp_path: Path, dependencies: str, exit_code: int) -> None:
    write(tmp_path)
    write_lock(tmp_path)
    write(tmp_path, dependencies)
    result = CliRunner().invoke(cli, ["lock", "--check", "--project", str(tmp_path)])
    assert result.exit_code == exit_code
    assert ("run `make lock`" in result.output) is (exit_code == 1)


def test_folder_without_a_project_is_wrong_use(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["lock", "--check", "--project", str(tmp_path)])
    assert result.exit_code == 2
    assert "there is no" in result.output
