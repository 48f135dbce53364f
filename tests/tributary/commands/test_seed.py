"""`tributary seed` says in one line why it could not."""

from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import NetworkTimeout
from typer.testing import CliRunner

from tributary.cli import cli
from tributary.supervisor.state import ProcessState, write_states

STORES = {"MONGODB_URI": "mongodb://127.0.0.1:1", "REDIS_URL": "redis://127.0.0.1:1"}
SECRET = {"TRIBUTARY_AUTH_KEY_ENCRYPTION_SECRET": "key-encryption-secret-for-tests-01234"}


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A command line in an empty folder whose environment can be changed."""
    monkeypatch.chdir(tmp_path)
    for name in (*STORES, *SECRET):
        monkeypatch.setenv(name, "")
    return CliRunner()


def test_without_a_system_there_is_nothing_to_load_into(runner: CliRunner) -> None:
    result = runner.invoke(cli, ["seed"])
    assert result.exit_code == 2
    assert result.stderr == "error: no MongoDB is known: no system runs on .data → run `tributary up`, or set MONGODB_URI\n"


def test_system_that_was_killed_is_no_system(runner: CliRunner, tmp_path: Path) -> None:
    (tmp_path / ".data").mkdir()
    write_states(tmp_path / ".data", {"mongodb": ProcessState(pid=1, ready=True, restarts=0, url=STORES["MONGODB_URI"])})
    result = runner.invoke(cli, ["seed"])
    assert result.exit_code == 2
    assert result.stderr.startswith("error: no MongoDB is known: no system runs on .data")


def test_missing_secret_is_named(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in STORES.items():
        monkeypatch.setenv(name, value)
    result = runner.invoke(cli, ["seed"])
    assert result.exit_code == 2
    assert result.stderr.startswith("error: wrong settings: auth_key_encryption_secret: ")
    assert result.stderr.count("\n") == 1


def test_store_that_does_not_keep_up_is_one_line(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    async def too_slow(*_: Any) -> None:
        raise ExceptionGroup("tenants", [ExceptionGroup("one", [NetworkTimeout("timed out")])])

    monkeypatch.setattr("tributary.seed.demo.seed_demo", too_slow)
    for name, value in (STORES | SECRET).items():
        monkeypatch.setenv(name, value)
    result = runner.invoke(cli, ["seed"])
    assert result.exit_code == 1
    assert result.stderr == (
        "error: a store does not keep up (NetworkTimeout) → do it again with `tributary seed`: what was stored is kept\n"
    )
