"""`tributary import`: what it does not start with, each in one line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tributary.cli import cli

FILES = Path(__file__).parents[1] / "importing" / "files"
CUSTOMERS = str(FILES / "csv" / "customers.csv")
LOGIN = {"TRIBUTARY_CLIENT_ID": "client_1", "TRIBUTARY_CLIENT_SECRET": "s3cret"}


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["--from", "stripe", "--coupon", "LAUNCH", CUSTOMERS], LOGIN, "--coupon LAUNCH does not name two coupons"),
        (["--from", "csv", CUSTOMERS, "--client-id", "client_1"], {}, "--client-id and the variable TRIBUTARY_CLIENT_SECRET"),
        (["--from", "csv", CUSTOMERS], {}, "no client's secrets"),
        (["--from", "csv", "missing.csv"], LOGIN, "missing.csv cannot be read"),
        (["--from", "csv", str(FILES / "stripe" / "customers.json")], LOGIN, "does not name the columns of any kind"),
        (["--from", "csv", CUSTOMERS, "--report", "report.txt"], LOGIN, "report.txt is neither .csv nor .jsonl"),
        (["--from", "csv", CUSTOMERS, "--token-url", "http://127.0.0.1:1"], LOGIN, "no authorization server answers"),
    ],
)
def test_it_says_in_one_line_why_it_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], environment: dict[str, str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in LOGIN:
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(cli, ["import", *arguments], env=environment)
    assert result.exit_code == 2, result.output
    assert result.output.startswith("error: ")
    assert said in result.output
    assert result.output.count("\n") == 1
    assert not list(tmp_path.glob("*.state.jsonl"))


@pytest.mark.parametrize(
    "arguments", [["import", CUSTOMERS], ["import", "--from", "csv"], ["import", "--from", "xml", CUSTOMERS]]
)
def test_it_needs_files_and_to_know_what_they_are(arguments: list[str]) -> None:
    assert CliRunner().invoke(cli, arguments).exit_code == 2
