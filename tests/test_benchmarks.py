"""The benchmark that bills people's subscribers runs, and what it bills is right; how fast is not asked here."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.timeout(150)
def test_the_billing_run_bills_each_subscription_that_is_due_once() -> None:
    command = [sys.executable, "-m", "tests.benchmarks", "billing-run", "--sizes", "5", "--workers", "1", "--due", "5"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=140, check=False)
    assert found.returncode == 0, found.stderr
    [head, row] = [line.split() for line in found.stdout.splitlines() if line.startswith((" ", "subs"))]
    assert head[:3] == ["subscriptions", "workers", "due"]
    assert row[:3] == ["5", "1", "5"]
    assert float(row[-1]) > 0  # MongoDB commands per renewal
