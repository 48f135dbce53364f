"""Every command explains itself, and refuses nonsense."""

from collections.abc import Iterator

import click
import pytest
import typer
from typer.testing import CliRunner

from tributary.cli import cli


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *path, name)  # type: ignore[arg-type]
        else:
            yield (*path, name)


ALL = sorted(commands(typer.main.get_command(cli)))  # type: ignore[arg-type]


def test_every_command_is_there() -> None:
    assert {" ".join(path) for path in ALL} == {
        *("up", "serve", "worker", "router", "seed", "token", "import", "export", "doctor", "lock", "dead-letters"),
        *("schema export", "schema compose", "schema check"),
    }


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_has_examples_and_exit_codes(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, [*path, "--help"])
    assert result.exit_code == 0
    assert f"tributary {' '.join(path)}" in " ".join(result.output.split())
    assert "Examples:" in result.output
    assert "Exit codes: 0" in " ".join(result.output.split())


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_examples_paste_as_one_command_in_eighty_columns(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, [*path, "--help"])
    examples = result.output.partition("Examples:\n\n")[2].partition("\n\nOptions:")[0].partition("\n\nArguments:")[0]
    assert [line for line in examples.split("\n\n") if "\n" in line or f"tributary {' '.join(path)}" not in line] == []
    described = result.output.partition("Examples:")[0]
    assert max(map(len, described.splitlines())) <= 80


@pytest.mark.parametrize("command", ["serve", "worker", "dead-letters"])
def test_unknown_subgraph_is_refused_with_the_known_ones(command: str) -> None:
    result = CliRunner().invoke(cli, [command, "billing"])
    assert result.exit_code == 2
    assert "customer, subscription, plan, invoice, auth" in " ".join(result.output.replace("│", " ").split())


def test_wrong_router_setting_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUTER_MAX_DEPTH", "deep")
    result = CliRunner().invoke(cli, ["router"])
    assert result.exit_code == 2
    assert result.output.startswith("error: wrong router settings: ROUTER_MAX_DEPTH: Input should be a valid integer")
    assert result.output.count("\n") == 1
