"""What README.md tells its reader to paste does what it says."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.testkit.system import RunningSystem
from tributary.services import HTTP_SERVICES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.M | re.S)
MARK = "---- next block"


def for_this_system(script: str, system: RunningSystem) -> str:
    """Lead the commands to the ports, the data and the interpreter of a system under test."""
    for service in HTTP_SERVICES:
        script = script.replace(f"127.0.0.1:{service.port}", f"127.0.0.1:{service.port + system.port_offset}")
    script = script.replace(".venv/bin/tributary token", f".venv/bin/tributary token --data-dir {system.data}")
    # A client's first start takes longer on a busy machine.
    script = script.replace("sleep 3\n", "sleep 10\n")
    return script.replace(".venv/bin/", f"{Path(sys.executable).parent}/")


def answers(output: str) -> list[dict[str, Any]]:
    """Return the GraphQL answers in what a block printed."""
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


@pytest.mark.timeout(330)
def test_pasted_blocks_lead_from_a_customer_to_a_paid_invoice_seen_live(system: RunningSystem, tmp_path: Path) -> None:
    script = f"\necho '{MARK}'\n".join(for_this_system(block, system) for block in BLOCKS)
    done = subprocess.run(
        ["bash", "-u", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    outputs = done.stdout.split(f"{MARK}\n")
    assert (done.returncode, done.stderr, len(outputs)) == (0, "", 7), done
    first, attached, _, _, started, seen, overview = outputs
    (names,) = answers(first)
    assert set(names) == {"data"}
    assert answers(attached) == [
        {"data": {"paymentMethodAttach": {"customer": {"defaultPaymentMethod": {"label": "Visa •••• 4242"}}, "userErrors": []}}}
    ]
    (paid,) = answers(started)
    shown = json.loads(re.findall(r"^```json\n(.*?)^```$", README, re.M | re.S)[0])
    (invoice,) = paid["data"]["planSubscription"]["invoices"]["nodes"]
    shown["data"]["planSubscription"]["invoices"]["nodes"][0]["number"] = invoice["number"]
    assert paid == shown
    assert re.findall(r"[a-z-]+\.v1", seen) == [
        "invoice-drafted.v1",
        "invoice-finalized.v1",
        "payment-succeeded.v1",
        "invoice-paid.v1",
    ]
    assert seen.count("Pied Piper") == 4
    (everything,) = answers(overview)
    customer = everything["data"]["customer"]
    assert "errors" not in everything
    assert (customer["name"], customer["createdBy"] is not None) == ("Pied Piper", True)
    assert customer["planSubscriptions"]["nodes"][0]["plan"] == {"name": "Middle-out"}
    assert customer["invoices"]["nodes"][0]["payments"]["nodes"] == [{"status": "SUCCEEDED"}]
