"""What stands in the way of a start is one line that names its remedy."""

import socket
from pathlib import Path

import pytest

from tributary.failure import Failure
from tributary.services import HTTP_SERVICES
from tributary.supervisor import preflight
from tributary.supervisor.ports import busy_ports, free_port
from tributary.supervisor.state import ProcessState, write_states


def test_old_python_is_refused() -> None:
    preflight.check_python((3, 11))
    with pytest.raises(Failure, match=r"Python 3\.10 is too old → install Python 3\.11 or newer"):
        preflight.check_python((3, 10))


def test_missing_wheels_are_named() -> None:
    preflight.check_wheels()
    with pytest.raises(Failure, match="missing packages: no_such_wheel → run `make install`"):
        preflight.check_wheels(["rich", "no_such_wheel"])


def test_busy_port_is_named_with_its_service(tmp_path: Path) -> None:
    offset = free_offset()
    preflight.check_ports(tmp_path, offset)
    with socket.create_server(("127.0.0.1", 3001 + offset)):
        with pytest.raises(Failure, match=rf"ports in use: {3001 + offset} \(customer\) → stop what listens there") as caught:
            preflight.check_ports(tmp_path, offset)
        assert "\n" not in str(caught.value)


def test_process_left_over_is_named(tmp_path: Path) -> None:
    offset = free_offset()
    write_states(tmp_path, {"customer": ProcessState(pid=4711, ready=True, restarts=0)})
    with (
        socket.create_server(("127.0.0.1", 3001 + offset)),
        pytest.raises(Failure, match="left over from an earlier run: processes 4711 →"),
    ):
        preflight.check_ports(tmp_path, offset)


def test_offset_beyond_the_last_port_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="leads to port 66005"):
        preflight.check_ports(tmp_path, 63000)


@pytest.mark.parametrize(("variable", "name"), [("MONGODB_URI", "embedded MongoDB"), ("REDIS_URL", "redis-server")])
def test_missing_store_program_names_the_variable(variable: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr("tributary.supervisor.embedded.find_spec", lambda _: None)
    others = {"MONGODB_URI": "mongodb://db", "REDIS_URL": "redis://cache"}
    preflight.check_programs(others)
    with pytest.raises(Failure, match=rf"{name}.*or set {variable} to a"):
        preflight.check_programs({key: value for key, value in others.items() if key != variable})


def free_offset() -> int:
    """Return an offset that moves every service to a free port."""
    while True:
        offset = max(free_port() - 3005, 0)
        if not busy_ports(service.port + offset for service in HTTP_SERVICES):
            return offset
