"""Hive Gateway (npm `@graphql-hive/gateway`), a federation gateway that is not ours."""

import contextlib
import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.testkit.stores import free_port

__all__ = ["install", "rejected", "run_hive"]

HERE = Path(__file__).parent
START_SECONDS = 90
INSTALL_SECONDS = 600


def install() -> None:
    """Install the gateway beside this file, once, in the versions of package-lock.json."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise SystemExit("error: Node is not installed → install Node 20 or newer; the other tests do without")
    locked, installed = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= locked.stat().st_mtime:
        return
    print("installing @graphql-hive/gateway", flush=True)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=HERE, check=True, timeout=INSTALL_SECONDS)


def rejected(supergraphs: Iterable[Path]) -> dict[Path, str]:
    """Return the supergraphs that the gateway's runtime does not accept, with its reasons."""
    command = ["node", str(HERE / "accept.mjs"), *map(str, supergraphs)]
    done = subprocess.run(command, cwd=HERE, check=True, timeout=INSTALL_SECONDS, stdout=subprocess.PIPE, text=True)
    verdicts = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {Path(verdict["path"]): verdict["error"] for verdict in verdicts if verdict["error"] is not None}


@contextlib.contextmanager
def run_hive(supergraph: Path, folder: Path) -> Iterator[str]:
    """Run the gateway while the context is open; yields its endpoint."""
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}},
        "INTEROP_PORT": str(port),
        "INTEROP_SUPERGRAPH": str(supergraph),
    }
    command = [str(HERE / "node_modules/.bin/hive-gateway"), "supergraph", "--config-path", str(HERE / "gateway.config.mjs")]
    output = folder / "hive.log"
    with output.open("wb") as log:
        process = subprocess.Popen(command, cwd=HERE, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait(process, f"http://127.0.0.1:{port}/readiness", output)
        yield f"http://127.0.0.1:{port}/graphql"
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=15)


def _wait(process: subprocess.Popen[bytes], url: str, output: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.2)
    raise SystemExit(f"error: Hive Gateway did not start:\n{output.read_text()[-3000:]}")
