"""`tributary doctor`: every finding says what it saw, and what to do when it is not well."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.testkit.stores import RunningStore
from tests.testkit.system import free_offset
from tributary import diagnosis
from tributary.cli import cli
from tributary.diagnosis import Finding, diagnose
from tributary.services import HTTP_SERVICES
from tributary.supervisor.data_folder import open_data_folder
from tributary.supervisor.state import ProcessState, write_states


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without a project, and an environment that names no stores."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in ("MONGODB_URI", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    return folder


async def findings(data: Path, port_offset: int) -> dict[str, Finding]:
    return {finding.what: finding for finding in await diagnose(data, port_offset)}


async def test_machine_on_which_nothing_runs_is_well(tmp_path: Path) -> None:
    offset = free_offset()
    found = await findings(tmp_path / "data", offset)
    assert list(found) == [
        *("python", "packages", "code", "lock file", "data folder", "secrets", "mongodb", "redis"),
        *(service.name for service in HTTP_SERVICES),
    ]
    assert found["mongodb"] == Finding("mongodb", "embedded, not running")
    assert found["router"] == Finding("router", f"not running, port {3000 + offset} is free")
    assert not (tmp_path / "data").exists()


async def test_running_stores_tell_their_versions(
    tmp_path: Path, mongodb: RunningStore, redis_server: RunningStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONGODB_URI", mongodb.url)
    write_states(tmp_path, {"redis": ProcessState(pid=1, ready=True, restarts=0, url=redis_server.url)})
    with open_data_folder(tmp_path):
        found = await findings(tmp_path, free_offset())
    assert found["mongodb"].well
    assert found["mongodb"].found.startswith("MONGODB_URI, version 8.")
    assert found["redis"].found.startswith("embedded, version 7.")


async def test_what_does_not_answer_is_named_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://:hunter2@127.0.0.1:1")
    write_states(tmp_path, {"plan": ProcessState(pid=1, ready=True, restarts=0, url="http://127.0.0.1:1")})
    (tmp_path / "secrets.env").write_text("x")
    (tmp_path / "secrets.env").chmod(0o644)
    with open_data_folder(tmp_path):
        found = await findings(tmp_path, free_offset())
    assert found["redis"] == Finding("redis", "REDIS_URL, does not answer", False, "start it, or correct REDIS_URL")
    assert found["plan"] == Finding("plan", "http://127.0.0.1:1 not ready", False, f"see {tmp_path}/logs/plan.log")
    assert found["secrets"].remedy.startswith("run `chmod 600")


async def test_embedded_store_that_does_not_answer_is_named_with_its_log(tmp_path: Path) -> None:
    write_states(tmp_path, {"redis": ProcessState(pid=1, ready=True, restarts=0, url="redis://127.0.0.1:1")})
    with open_data_folder(tmp_path):
        found = await findings(tmp_path, free_offset())
    assert found["redis"] == Finding("redis", "embedded, does not answer", False, f"see {tmp_path}/logs/redis.log")


async def test_worker_that_keeps_failing_or_is_not_ready_is_named_with_its_log(tmp_path: Path) -> None:
    workers = {
        "customer-worker": ProcessState(pid=1, ready=True, restarts=3),
        "plan-worker": ProcessState(pid=1, ready=True, restarts=1),
        "invoice-worker": ProcessState(pid=1, ready=False, restarts=0),
        "auth-worker": ProcessState(pid=None, ready=False, restarts=2),
    }
    write_states(tmp_path, workers)
    with open_data_folder(tmp_path):
        found = await findings(tmp_path, free_offset())
    logs = f"see {tmp_path}/logs"
    assert [found[name] for name in workers] == [
        Finding("customer-worker", "ready, was restarted 3 times", False, f"{logs}/customer-worker.log"),
        Finding("plan-worker", "ready, was restarted 1 time"),
        Finding("invoice-worker", "not ready", False, f"{logs}/invoice-worker.log"),
        Finding("auth-worker", "not running, was restarted 2 times", False, f"{logs}/auth-worker.log"),
    ]
    assert "subscription-worker" not in found


async def test_system_that_was_killed_is_one_finding(tmp_path: Path) -> None:
    with open_data_folder(tmp_path):
        # Process 1 lives: an id that was given to another process is not taken for ours.
        names = ["mongodb", "redis", *(service.name for service in HTTP_SERVICES)]
        write_states(tmp_path, {name: ProcessState(pid=1, ready=True, restarts=0, url="http://127.0.0.1:1") for name in names})
    offset = free_offset()
    found = await findings(tmp_path, offset)
    killed = Finding("system", "not running; the last run ended without clean-up", False, "run `tributary up`")
    assert [finding for finding in found.values() if not finding.well] == [killed]
    assert found["redis"] == Finding("redis", "embedded, not running")
    assert found["plan"].found == f"not running, port {3003 + offset} is free"


async def test_stale_lock_file_is_found(tmp_path: Path, elsewhere: Path) -> None:
    (elsewhere / "pyproject.toml").write_text('[project]\nname = "sample"\ndependencies = ["rich"]\n')
    found = await findings(tmp_path, free_offset())
    assert found["lock file"] == Finding("lock file", "stale", False, "run `make lock`")


@pytest.mark.parametrize(("well", "exit_code"), [(True, 0), (False, 1)])
def test_exit_code_tells_whether_all_is_well(monkeypatch: pytest.MonkeyPatch, well: bool, exit_code: int) -> None:
    async def found(_: Path, __: int) -> list[Finding]:
        return [Finding("python", "3.11.7"), Finding("redis", "gone", well, "" if well else "start it")]

    monkeypatch.setattr(diagnosis, "diagnose", found)
    result = CliRunner().invoke(cli, ["doctor"])
    assert result.exit_code == exit_code
    assert ("start it" in result.output) is not well
