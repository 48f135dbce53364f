"""Our router and other gateways side by side on one workload: requests per second, latency, memory, subgraph calls.

Latencies are the client's; "CPU ms" is the gateway's processor time per request, which a busy machine changes least. The
gateway has the first core to itself; subgraphs and load share the second. Another workload than the built-in one is a folder with
`data.json`, `query.json`, `query.light.json`, `expected.json`, and `supergraph.template.graphql`, where `@BASE@` stands for the
subgraphs' base URL.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.gateway_contestants import (
    CONTESTANTS,
    Contestant,
    cpu_seconds,
    install_node_packages,
    peak_rss_megabytes,
    running,
)
from tests.benchmarks.gateway_load import Load, run_load
from tests.benchmarks.gateway_workload import write_workload
from tests.testkit.asgi_server import free_port

__all__ = ["main"]

GATEWAY_CORE = 0
LOAD_CORE = (os.cpu_count() or 1) - 1
WARM_UP_SECONDS = 2.0
ROW = "{:<38} {:<6} {:>4} {:>8} {:>8} {:>8} {:>8} {:>10} {:>8} {:>6}"


@dataclass(frozen=True)
class Query:
    """A request body, and the data that its answer must have."""

    name: str
    body: bytes
    expected: Any


def main(arguments: list[str]) -> int:
    """Print the comparison; return the exit code, 1 when an answer was wrong."""
    options = _options(arguments)
    if options.workload is not None and not (options.workload / "data.json").exists():
        print(f"gateway: skipped, there is no workload in {options.workload}")
        return 0
    node = install_node_packages()
    if not node:
        print("gateway: Node gateways are left out, node and npm are not there or npm install failed")
    os.sched_setaffinity(0, {LOAD_CORE})
    print(
        ROW.format("gateway", "query", "conn", "req/s", "p50 ms", "p99 ms", "CPU ms", "calls/req", "peak MB", "wrong"), flush=True
    )
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        workload = options.workload or write_workload(Path(folder))
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        supergraph = Path(folder) / "supergraph.graphql"
        template = (workload / "supergraph.template.graphql").read_text(encoding="utf-8")
        supergraph.write_text(template.replace("@BASE@", base), encoding="utf-8")
        command = [sys.executable, "-m", "tests.benchmarks.gateway_subgraphs", str(workload / "data.json"), str(port)]
        with running(command, f"{base}/calls", {}, core=LOAD_CORE, log=Path(folder) / "subgraphs.log"):
            queries = _queries(workload)
            for contestant in CONTESTANTS:
                if (node or not contestant.node) and (not options.only or any(part in contestant.name for part in options.only)):
                    wrong += _measure(contestant, supergraph, base, queries, options, Path(options.logs or folder))
    return 1 if wrong else 0


def _measure(
    contestant: Contestant, supergraph: Path, base: str, queries: list[Query], options: argparse.Namespace, logs: Path
) -> int:
    port = free_port()
    url = f"http://127.0.0.1:{port}/graphql?query=%7B__typename%7D"
    log = logs / f"{contestant.name.replace('/', '_')}.log"
    wrong = 0
    with running(contestant.command(supergraph, port), url, contestant.environment, core=GATEWAY_CORE, log=log) as pid:
        for query in queries:
            run_load(port, "/graphql", query.body, query.expected, connections=1, seconds=WARM_UP_SECONDS)
            for connections in (1, 50):
                _calls(base)
                used = cpu_seconds(pid)
                load = run_load(port, "/graphql", query.body, query.expected, connections=connections, seconds=options.seconds)
                count = max(1, len(load.latencies))
                calls, used = _calls(base) / count, (cpu_seconds(pid) - used) / count
                print(_row(contestant, query, connections, load, used, calls, peak_rss_megabytes(pid)), flush=True)
                wrong += load.wrong
    return wrong


def _row(contestant: Contestant, query: Query, connections: int, load: Load, cpu: float, calls: float, megabytes: float) -> str:
    return ROW.format(
        contestant.name,
        query.name,
        connections,
        f"{load.rate:.0f}",
        f"{load.percentile(0.5):.1f}",
        f"{load.percentile(0.99):.1f}",
        f"{cpu * 1000:.2f}",
        f"{calls:.2f}",
        f"{megabytes:.0f}",
        load.wrong,
    )


def _queries(workload: Path) -> list[Query]:
    """Return the large query, whose answer is given, and the light one, whose answer is made from the data."""
    expected = json.loads((workload / "expected.json").read_text(encoding="utf-8"))["data"]
    data = json.loads((workload / "data.json").read_text(encoding="utf-8"))
    names = {product["upc"]: product["name"] for product in data["products"]}
    reviews = [
        {"id": review["id"], "product": {"upc": review["upc"], "name": names[review["upc"]]}} for review in data["reviews"][:2]
    ]
    light = {"users": [{"id": user["id"], "name": user["name"], "reviews": reviews} for user in data["users"]]}
    return [
        Query("large", (workload / "query.json").read_bytes(), expected),
        Query("light", (workload / "query.light.json").read_bytes(), light),
    ]


def _calls(base: str) -> int:
    with urllib.request.urlopen(f"{base}/calls", timeout=10) as response:
        return int(response.read())


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks gateway", description=__doc__)
    default = os.environ.get("GATEWAY_WORKLOAD")
    parser.add_argument(
        "--workload",
        type=Path,
        default=Path(default) if default else None,
        help="folder; default: $GATEWAY_WORKLOAD, else the one built in",
    )
    parser.add_argument("--seconds", type=float, default=8.0, help="of each measurement")
    parser.add_argument("--logs", help="folder to keep the gateways' output in")
    parser.add_argument("only", nargs="*", help="measure gateways whose name contains one of these")
    return parser.parse_args(arguments)
