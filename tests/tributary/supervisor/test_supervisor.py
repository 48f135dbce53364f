"""Child processes: started, watched, started anew, stopped, and never left behind."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tributary.failure import Failure
from tributary.supervisor.process import ProcessSpec
from tributary.supervisor.state import read_states
from tributary.supervisor.supervisor import Supervisor

SLEEPER = "import time; print('I am ready', flush=True); time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('I am ready', flush=True); time.sleep(600)"
PARENT = (
    "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
    "print(child.pid, 'I am ready', flush=True); time.sleep(600)"
)


def spec(name: str, code: str, stop_order: int = 0) -> ProcessSpec:
    return ProcessSpec(
        name=name, command=[sys.executable, "-c", code], environment={}, ready_text=b"I am ready", stop_order=stop_order
    )


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that ended and was not yet reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def until(condition: object, seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.02)


def pid_of(data: Path, name: str) -> int | None:
    state = read_states(data).get(name)
    return state.pid if state is not None else None


async def test_start_waits_until_ready_and_writes_the_state(tmp_path: Path) -> None:
    supervisor, ready = Supervisor(tmp_path, lambda _: None), list[str]()
    await supervisor.start([spec("one", SLEEPER), spec("two", SLEEPER)], 10, ready.append)
    states = read_states(tmp_path)
    assert sorted(ready) == ["one", "two"]
    assert all(state.ready and state.pid and alive(state.pid) for state in states.values())
    await supervisor.stop()
    assert not any(alive(state.pid) for state in states.values() if state.pid)
    assert read_states(tmp_path) == {}


async def test_crashed_process_is_started_again_and_reported(tmp_path: Path) -> None:
    reports: list[str] = []
    supervisor = Supervisor(tmp_path, reports.append)
    await supervisor.start([spec("one", SLEEPER)], 10, lambda _: None)
    first = pid_of(tmp_path, "one")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: pid_of(tmp_path, "one") not in {None, first} and read_states(tmp_path)["one"].ready)
    assert read_states(tmp_path)["one"].restarts == 1
    assert reports == [f"one was ended by SIGKILL; starting it again in 0.5 s ({tmp_path}/logs/one.log)"]
    await supervisor.stop()


async def test_held_process_waits_until_released(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, lambda _: None)
    await supervisor.start([spec("one", SLEEPER)], 10, lambda _: None)
    first, hold = pid_of(tmp_path, "one"), tmp_path / "hold" / "one"
    assert first is not None
    hold.parent.mkdir()
    hold.touch()
    os.kill(first, signal.SIGKILL)
    await until(lambda: pid_of(tmp_path, "one") is None)
    await asyncio.sleep(1)
    assert pid_of(tmp_path, "one") is None
    hold.unlink()
    await until(lambda: pid_of(tmp_path, "one") is not None)
    await supervisor.stop()


async def test_process_that_never_gets_ready_fails_with_its_last_line(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, lambda _: None)
    with pytest.raises(Failure, match=r"one does not start: no disk → see .*one\.log"):
        await supervisor.start([spec("one", "raise SystemExit('no disk')")], 10, lambda _: None)
    await supervisor.stop()


async def test_first_that_fails_is_not_waited_for_by_the_others(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, lambda _: None)
    broken, slow = spec("broken", "raise SystemExit('no disk')"), spec("slow", "import time; time.sleep(600)")
    async with asyncio.timeout(30):
        with pytest.raises(Failure, match="broken does not start: no disk"):
            await supervisor.start([slow, broken], 600, lambda _: None)
    await supervisor.stop()


async def test_process_that_takes_too_long_fails(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, lambda _: None)
    with pytest.raises(Failure, match=r"one was not ready within 0\.3 s"):
        await supervisor.start([spec("one", "import time; time.sleep(600)")], 0.3, lambda _: None)
    await supervisor.stop()


async def test_processes_stop_in_order(tmp_path: Path) -> None:
    supervisor, order = Supervisor(tmp_path, lambda _: None), list[str]()
    await supervisor.start([spec("store", SLEEPER, 2), spec("front", SLEEPER, 0), spec("back", SLEEPER, 1)], 10, lambda _: None)
    await supervisor.stop(order.append)
    assert order == ["front", "back", "store"]


async def test_what_ignores_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tributary.supervisor.process.STOP_SECONDS", 0.2)
    supervisor = Supervisor(tmp_path, lambda _: None)
    await supervisor.start([spec("one", STUBBORN)], 10, lambda _: None)
    pid = pid_of(tmp_path, "one")
    await supervisor.stop()
    assert pid is not None
    assert not alive(pid)


async def test_grandchildren_stop_too(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, lambda _: None)
    await supervisor.start([spec("one", PARENT)], 10, lambda _: None)
    grandchild = int((tmp_path / "logs" / "one.log").read_text().split()[0])
    assert alive(grandchild)
    await supervisor.stop()
    await until(lambda: not alive(grandchild))


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux")
async def test_killed_supervisor_leaves_nobody_behind(tmp_path: Path) -> None:
    code = f"""
import asyncio
from pathlib import Path
from tests.tributary.supervisor.test_supervisor import SLEEPER, spec
from tributary.supervisor.supervisor import Supervisor
async def main():
    await Supervisor(Path({str(tmp_path)!r}), print).start([spec("one", SLEEPER)], 10, print)
    await asyncio.sleep(600)
asyncio.run(main())
"""
    supervisor = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL)
    try:
        await until(lambda: "one" in read_states(tmp_path) and read_states(tmp_path)["one"].ready)
        pid = pid_of(tmp_path, "one")
        assert pid is not None
        supervisor.kill()
        supervisor.wait(timeout=5)
        await until(lambda: not alive(pid))
    finally:
        with contextlib.suppress(ProcessLookupError):
            supervisor.kill()
