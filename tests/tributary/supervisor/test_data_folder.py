"""The data folder: locked, private, whole."""

import stat
from pathlib import Path

import pytest

from tributary.failure import Failure
from tributary.supervisor.data_folder import is_in_use, open_data_folder
from tributary.supervisor.log_file import LogFile
from tributary.supervisor.secrets import CLIENT_ID, CLIENT_SECRET, ENCRYPTION_SECRET, ensure_secrets, read_secrets
from tributary.supervisor.state import ProcessState, read_states, write_states


def test_second_system_on_a_folder_is_refused(tmp_path: Path) -> None:
    with (
        open_data_folder(tmp_path / "data") as data,
        pytest.raises(Failure, match=r"a system runs on .* already \(process \d+\) → stop it"),
        open_data_folder(data),
    ):
        pass
    with open_data_folder(tmp_path / "data"):
        pass


def test_folder_is_in_use_as_long_as_a_system_runs_on_it(tmp_path: Path) -> None:
    assert not is_in_use(tmp_path / "data")
    assert not (tmp_path / "data").exists()
    with open_data_folder(tmp_path / "data") as data:
        assert is_in_use(data)
        assert is_in_use(data)
    assert not is_in_use(data)
    with open_data_folder(data):
        assert is_in_use(data)


def test_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(Failure, match=r"data folder .* cannot be written \(Not a directory\) → choose another"),
        open_data_folder(tmp_path / "file" / "data"),
    ):
        pass


def test_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    made = ensure_secrets(tmp_path)
    assert set(made) == {ENCRYPTION_SECRET, CLIENT_ID, CLIENT_SECRET}
    assert ensure_secrets(tmp_path) == made == read_secrets(tmp_path)
    assert stat.S_IMODE((tmp_path / "secrets.env").stat().st_mode) == 0o600


def test_secrets_lost_in_part_are_completed(tmp_path: Path) -> None:
    made = ensure_secrets(tmp_path)
    path = tmp_path / "secrets.env"
    path.write_text(f"{ENCRYPTION_SECRET}={made[ENCRYPTION_SECRET]}\n")
    again = ensure_secrets(tmp_path)
    assert again[ENCRYPTION_SECRET] == made[ENCRYPTION_SECRET]
    assert again[CLIENT_SECRET] != made[CLIENT_SECRET]


def test_secrets_open_to_others_are_refused(tmp_path: Path) -> None:
    ensure_secrets(tmp_path)
    (tmp_path / "secrets.env").chmod(0o644)
    with pytest.raises(Failure, match=r"others may read .* → run `chmod 600"):
        read_secrets(tmp_path)


def test_log_file_is_bounded(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "logs" / "one.log", limit_bytes=100)
    for number in range(20):
        log.write(b"line %02d ..........\n" % number)
    log.close()
    # 19 bytes a line: five fit below 100.
    assert log.path.read_text().splitlines() == [f"line {number} .........." for number in range(15, 20)]
    assert len((tmp_path / "logs" / "one.log.1").read_bytes()) == 95
    assert sorted(path.name for path in log.path.parent.iterdir()) == ["one.log", "one.log.1"]


def test_states_survive_the_file(tmp_path: Path) -> None:
    states = {"redis": ProcessState(pid=7, ready=True, restarts=2, url="redis://127.0.0.1:1"), "x": ProcessState(None, False, 0)}
    write_states(tmp_path, states)
    assert read_states(tmp_path) == states
