"""Moving in from another billing system, with the real command against a running system."""

import asyncio
import csv
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tests.testkit.shop import Shop, open_shop
from tests.testkit.story import Story
from tests.testkit.system import RunningSystem

FILES = Path(__file__).parents[1] / "tributary" / "importing" / "files"
STRIPE = [FILES / "stripe" / name for name in ("customers.json", "catalogue.jsonl", "subscriptions.json")]
SECONDS = 120
# How many more customers there are, so that there is a middle to be killed in.
MANY = 12
SHOWN = """
query($external: String!) { planSubscriptions(first: 2, where: {externalId: $external}) { nodes {
  id status quantity cancelAt trialEndsAt startedAt currentPeriod { start end }
  items { quantity price { externalId } }
  invoices(first: 10) { nodes { status total { amount } lines { period { start } amount { amount } } } }
} } }"""
ALL = """
query($customers: String, $subscriptions: String) {
  customers(first: 100, after: $customers) { nodes { externalId } pageInfo { hasNextPage endCursor } }
  planSubscriptions(first: 100, after: $subscriptions) {
    nodes { externalId status invoices(first: 1) { nodes { id } } } pageInfo { hasNextPage endCursor }
  }
  products(first: 100) { nodes { externalId plans(first: 10) { nodes { name prices(first: 10) { nodes { externalId } } } } } }
}"""
CUSTOMER = """
{ customers(where: {externalId: "cus_Hooli"}) { nodes {
  id name language timeZone address { city } taxIds { type value }
  balances { amount { amount } entries { nodes { description } } }
} } }"""


def command(shop: Shop, folder: Path, *more: str | Path) -> tuple[list[str], dict[str, str]]:
    """Return the command line and the environment of an import for the shop, with its state in the folder."""
    client, secret = shop.client
    line = [sys.executable, "-m", "tributary", "import", "--state", folder / "state.jsonl", "--client-id", client]
    where = ["--url", shop.system.graphql_url, "--issuer", shop.system.issuer]
    return [*map(str, [*line, *where, *more])], {**os.environ, "TRIBUTARY_CLIENT_SECRET": secret}


async def imported(shop: Shop, folder: Path, *more: str | Path) -> tuple[int, str]:
    """Run an import to its end; return its exit code and what it printed."""
    line, environment = command(shop, folder, *more)
    process = await asyncio.create_subprocess_exec(
        *line, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    assert process.returncode is not None
    return process.returncode, output.decode()


def many(folder: Path, count: int = MANY) -> Path:
    """Write an export with many customers, each with a subscription that is paid for until February 28."""
    objects: list[dict[str, Any]] = []
    for number in range(count):
        objects.append(
            {"id": f"cus_{number}", "object": "customer", "name": f"Customer {number}", "currency": "eur", "balance": -100}
        )
        objects.append(
            {
                "id": f"sub_{number}",
                "object": "subscription",
                "customer": f"cus_{number}",
                "status": "active",
                "start_date": 1706659200,  # 2024-01-31
                "billing_cycle_anchor": 1706659200,
                "current_period_start": 1769817600,  # 2026-01-31
                "current_period_end": 1772236800,  # 2026-02-28
                "items": {"data": [{"price": "price_seat", "quantity": 1}]},
            }
        )
    path = folder / "many.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in objects))
    return path


async def subscription(shop: Shop, external_id: str) -> dict[str, Any]:
    [found] = (await shop.data(SHOWN, {"external": external_id}))["planSubscriptions"]["nodes"]
    return dict(found)


async def everything(shop: Shop) -> tuple[Counter[str], Counter[str], dict[str, Any]]:
    """Return how often each customer and subscription is there, by external id, and the last page of all."""
    customers, subscriptions = Counter[str](), Counter[str]()
    variables: dict[str, Any] = {}
    while True:
        data = await shop.data(ALL, variables)
        customers.update(node["externalId"] for node in data["customers"]["nodes"])
        subscriptions.update(node["externalId"] for node in data["planSubscriptions"]["nodes"])
        if not data["customers"]["pageInfo"]["hasNextPage"] and not data["planSubscriptions"]["pageInfo"]["hasNextPage"]:
            return customers, subscriptions, data
        variables = {
            name: data[field]["pageInfo"]["endCursor"]
            for name, field in (("customers", "customers"), ("subscriptions", "planSubscriptions"))
        }


async def test_a_stripe_account_moves_in_though_it_is_killed_on_the_way(system: RunningSystem, tmp_path: Path) -> None:
    shop = await open_shop(system, "Moving in")
    await Story(shop).freeze("2026-02-10")
    report = tmp_path / "refused.csv"
    files: list[str | Path] = ["--from", "stripe", *STRIPE, many(tmp_path), "--report", report]

    # The dry run tells what would happen, and changes nothing.
    code, output = await imported(shop, tmp_path, *files)
    assert (code, "dry run" in output) == (1, True), output
    assert (await everything(shop))[:2] == (Counter(), Counter())
    assert not (tmp_path / "state.jsonl").exists()
    with report.open(newline="") as file:
        reported = [(row["source_id"], row["outcome"], row["code"], row["line"]) for row in csv.DictReader(file)]
    expected = [
        ("cus_Raviga", "noted", "ADDRESS_LEFT_OUT", "16"),
        ("cus_Nobody", "refused", "NAME_MISSING", "26"),
        ("price_calls", "refused", "METERED", "8"),
        ("sub_over", "skipped", "STATUS", "26"),
        ("sub_of_nobody", "refused", "REFERENCE_REFUSED", "30"),
        ("sub_metered", "refused", "REFERENCE_REFUSED", "35"),
    ]
    assert sorted(reported) == sorted(expected)

    # Killed in the middle, again and again, it goes on where it was.
    for lines in (15, 30, 45):
        line, environment = command(shop, tmp_path, *files, "--apply", "--in-flight", "4")
        process = subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        async with asyncio.timeout(SECONDS):
            while process.poll() is None and state_lines(tmp_path) < lines:
                await asyncio.sleep(0.01)
        assert process.poll() is None, "it was done before it could be killed"
        process.send_signal(signal.SIGKILL)
        process.wait()
    code, output = await imported(shop, tmp_path, *files, "--apply")
    assert code == 1, output
    customers, subscriptions, data = await everything(shop)
    assert customers == Counter(["cus_Hooli", "cus_Raviga", *(f"cus_{number}" for number in range(MANY))])
    assert subscriptions == Counter(
        ["sub_active", "sub_ending", "sub_paused", "sub_trial", *(f"sub_{number}" for number in range(MANY))]
    )
    assert [node["externalId"] for node in data["planSubscriptions"]["nodes"] if node["invoices"]["nodes"]] == []
    catalogue = {product["externalId"]: product["plans"]["nodes"] for product in data["products"]["nodes"]}
    assert {id: [plan["name"] for plan in plans] for id, plans in catalogue.items()} == {
        "prod_Team": ["Team"],
        "prod_Support": ["Support"],
    }
    prices = [price for plans in catalogue.values() for plan in plans for price in plan["prices"]["nodes"]]
    assert Counter(price["externalId"] for price in prices) == Counter(
        ["price_seat", "price_support", "price_old", "price_tiers", "price_setup"]
    )

    # Repeated, with its state or without, it makes nothing new.
    size = state_lines(tmp_path)
    assert (await imported(shop, tmp_path, *files, "--apply"))[0] == 1
    assert state_lines(tmp_path) == size
    (tmp_path / "state.jsonl").unlink()
    assert (await imported(shop, tmp_path, *files, "--apply"))[0] == 1
    assert (await everything(shop))[:2] == (customers, subscriptions)

    [hooli] = (await shop.data(CUSTOMER))["customers"]["nodes"]
    assert hooli == {
        "id": hooli["id"],
        "name": "Hooli",
        "language": "de-DE",
        "timeZone": "UTC",
        "address": {"city": "Berlin"},
        "taxIds": [{"type": "EU_VAT", "value": "DE136695976"}],
        "balances": [
            {
                "amount": {"amount": "12.50"},
                "entries": {"nodes": [{"description": "Balance of cus_Hooli, taken over from stripe"}]},
            }
        ],
    }
    active = await subscription(shop, "sub_active")
    assert (active["status"], active["startedAt"][:10], active["invoices"]["nodes"]) == ("ACTIVE", "2024-01-31", [])
    assert active["items"] == [
        {"quantity": 3, "price": {"externalId": "price_seat"}},
        {"quantity": 1, "price": {"externalId": "price_support"}},
    ]
    assert (await subscription(shop, "sub_ending"))["cancelAt"] == "2026-02-28T00:00:00.000Z"
    assert (await subscription(shop, "sub_paused"))["status"] == "PAUSED"
    trial = await subscription(shop, "sub_trial")
    assert (trial["status"], trial["trialEndsAt"]) == ("TRIALING", "2026-02-15T00:00:00.000Z")

    # Time goes on: the next periods are billed where they begin, from the 31st, and nothing before.
    await Story(shop).pay_by(hooli["id"], "sandbox_success")
    await Story(shop).advance("2026-04-01")
    active = await subscription(shop, "sub_active")
    # 3 × 12.50 + 5.00
    assert [(one["lines"][0]["period"]["start"][:10], one["total"]["amount"]) for one in active["invoices"]["nodes"]] == [
        ("2026-03-31", "42.50"),
        ("2026-02-28", "42.50"),
    ]
    ending = await subscription(shop, "sub_ending")
    assert (ending["status"], ending["invoices"]["nodes"]) == ("CANCELED", [])
    assert (await subscription(shop, "sub_paused"))["invoices"]["nodes"] == []
    # 10 × 7.00 + 2 × 6.505 + 5.00 for a year, from the end of the trial
    [billed] = (await subscription(shop, "sub_trial"))["invoices"]["nodes"]
    assert (billed["lines"][0]["period"]["start"][:10], billed["total"]["amount"]) == ("2026-02-15", "88.01")


async def test_csv_files_move_in_and_a_corrected_row_follows(system: RunningSystem, tmp_path: Path) -> None:
    shop = await open_shop(system, "Moving in by CSV")
    await Story(shop).freeze("2026-02-10")
    files = [FILES / "csv" / name for name in ("customers.csv", "prices.csv", "subscriptions.csv")]
    report = tmp_path / "refused.jsonl"
    code, output = await imported(shop, tmp_path, "--from", "csv", *files, "--apply", "--report", report)
    reported = [json.loads(line) for line in report.read_text().splitlines()]
    assert (code, sorted((row["source_id"], row["code"], row["line"]) for row in reported)) == (
        1,
        [
            ("c3", "INVALID_INPUT", 4),
            ("s4", "STATUS", 5),
            ("s5", "PAID_THROUGH_MISSING", 6),
            ("s6", "REFERENCE_UNKNOWN", 7),
        ],
    ), output
    first = await subscription(shop, "s1")
    assert (first["status"], first["currentPeriod"]) == (
        "ACTIVE",
        {"start": "2026-01-30T23:00:00.000Z", "end": "2026-02-27T23:00:00.000Z"},
    )

    corrected = tmp_path / "corrected.csv"
    corrected.write_text("id,customer,price,paid_through,cancel_at\ns5,c2,team-month,2026-02-28,2026-02-28\n")
    assert (await imported(shop, tmp_path, "--from", "csv", corrected, "--apply"))[0] == 0
    assert (await subscription(shop, "s5"))["cancelAt"] == "2026-02-28T00:00:00.000Z"


async def test_ctrl_c_ends_it_cleanly_and_the_same_command_goes_on(system: RunningSystem, tmp_path: Path) -> None:
    shop = await open_shop(system, "Moving in slowly")
    await Story(shop).freeze("2026-02-10")
    files = ["--from", "stripe", FILES / "stripe" / "catalogue.jsonl", many(tmp_path, 15), "--apply", "--in-flight", "1"]
    line, environment = command(shop, tmp_path, *files)
    process = await asyncio.create_subprocess_exec(
        *line, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(SECONDS):
        while state_lines(tmp_path) < 10:
            await asyncio.sleep(0.01)
    process.send_signal(signal.SIGINT)
    output = (await asyncio.wait_for(process.communicate(), SECONDS))[0].decode()
    assert process.returncode == 130, output
    assert "customers" in output
    assert output.endswith("Interrupted. The same command goes on where this one was.\n")
    assert (await imported(shop, tmp_path, *files))[0] == 1  # a metered price is refused
    customers, subscriptions, _ = await everything(shop)
    assert customers == Counter(f"cus_{number}" for number in range(15))
    assert subscriptions == Counter(f"sub_{number}" for number in range(15))


async def test_it_does_not_start_where_it_may_not(system: RunningSystem, tmp_path: Path) -> None:
    shop = await open_shop(system, "Not moving in")
    code, output = await imported(shop, tmp_path, "--from", "csv", tmp_path / "none.csv")
    assert (code, output) == (2, f"error: {tmp_path}/none.csv cannot be read (No such file or directory) → name files that can\n")
    files = [FILES / "csv" / "customers.csv"]
    wrong = Shop(system, shop.tenant, (shop.client[0], "wrong"))
    code, output = await imported(wrong, tmp_path, "--from", "csv", *files)
    assert (code, output.count("\n"), "refuses" in output) == (2, 1, True), output
    code, output = await imported(shop, tmp_path, "--from", "csv", *files, "--url", "http://127.0.0.1:1/graphql")
    assert (code, output.count("\n"), "http://127.0.0.1:1/graphql does not answer" in output) == (2, 1, True), output


def state_lines(folder: Path) -> int:
    path = folder / "state.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0
