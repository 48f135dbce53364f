"""The gateways that are measured: how each is installed and started, pinned to the first core."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["CONTESTANTS", "Contestant", "cpu_seconds", "install_node_packages", "peak_rss_megabytes", "pinned", "running"]

HERE = Path(__file__).parent
PACKAGES = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tributary-benchmarks" / "gateways"
NODE_PACKAGES = (
    "@apollo/gateway@2.14.4",
    "@apollo/server@5",
    "@graphql-hive/gateway@2.15.1",
    "@graphql-hive/router-runtime@1.4.23",
    "graphql@16",
)
HIVE_CONFIG = """import {{ defineConfig }} from "@graphql-hive/gateway";
{imports}
export const gatewayConfig = defineConfig({{ {options} }});
"""


@dataclass(frozen=True)
class Contestant:
    """A gateway; `command` is made from the supergraph's file and the port."""

    name: str
    command: Callable[[Path, int], list[str]]
    environment: dict[str, str] = field(default_factory=dict)
    node: bool = True


def _router(supergraph: Path, port: int) -> list[str]:
    return [sys.executable, "-m", "router", "serve", "--supergraph", str(supergraph), "--port", str(port)]


def _apollo(supergraph: Path, port: int) -> list[str]:
    return ["node", str(HERE / "gateway_apollo.mjs"), str(PACKAGES), str(supergraph), str(port)]


def _hive(name: str, imports: str = "", options: str = "") -> Callable[[Path, int], list[str]]:
    def command(supergraph: Path, port: int) -> list[str]:
        config = PACKAGES / f"{name}.config.mjs"
        config.write_text(HIVE_CONFIG.format(imports=imports, options=options), encoding="utf-8")
        executable = PACKAGES / "node_modules" / "@graphql-hive" / "gateway" / "dist" / "bin.js"
        where = ["--host", "127.0.0.1", "--port", str(port), "--fork", "1"]
        return ["node", str(executable), "supergraph", str(supergraph), *where, "--config-path", str(config)]

    return command


RUST_PLANNER = 'import { unifiedGraphHandler } from "@graphql-hive/router-runtime";'
QUIET = {"ROUTER_ACCESS_LOG": "false", "ROUTER_LOG_LEVEL": "warning"}
CONTESTANTS = (
    Contestant("tributary", _router, QUIET, node=False),
    Contestant("tributary, queries in flight shared", _router, {**QUIET, "ROUTER_SHARE_QUERIES": "true"}, node=False),
    Contestant("@apollo/gateway", _apollo, {"NODE_ENV": "production"}),
    Contestant("@graphql-hive/gateway", _hive("hive"), {"NODE_ENV": "production"}),
    Contestant(
        "@graphql-hive/gateway, Rust planner",
        _hive("hive-rust", RUST_PLANNER, "unifiedGraphHandler"),
        {"NODE_ENV": "production"},
    ),
)


def install_node_packages() -> bool:
    """Install the Node gateways into the cache folder; tell whether they are there."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return False
    if (PACKAGES / "node_modules" / "@graphql-hive" / "router-runtime").exists():
        return True
    PACKAGES.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel", "error", "--prefix", str(PACKAGES), *NODE_PACKAGES]
    return subprocess.run(command, check=False, timeout=900).returncode == 0


@contextlib.contextmanager
def running(command: list[str], url: str, environment: dict[str, str], *, core: int, log: Path) -> Iterator[int]:
    """Run a program pinned to a core until it answers at `url`, and while the context is open; yields its process id."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            pinned(command, core),
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=HERE.parent.parent,
        )
    try:
        for _ in range(600):
            if process.poll() is not None:
                raise RuntimeError(f"{command[0]} ended: see {log}")
            with contextlib.suppress(urllib.error.URLError, OSError):
                urllib.request.urlopen(url, timeout=5).close()
                break
            time.sleep(0.05)
        yield process.pid
    except urllib.error.HTTPError:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process and its descendants have used; 0 where /proc does not tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK") + sum(map(cpu_seconds, _children(pid)))


def pinned(command: list[str], core: int) -> list[str]:
    """Return the command that runs on one core, where the system can do that."""
    return ["taskset", "-c", str(core), *command] if shutil.which("taskset") else command


def peak_rss_megabytes(pid: int) -> float:
    """Return the largest resident set of a process and its descendants, summed; 0 where /proc does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    own = next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)
    return own + sum(map(peak_rss_megabytes, _children(pid)))


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []
