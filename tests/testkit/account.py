"""A customer's account as text, the way a story tells it: every subscription, balance, wallet, invoice and credit note.

    Team × 3: ACTIVE, 2026-01-31 to 2026-02-28
    balance 12.00 EUR
    INV-000001 PAID, 2026-01-31
      Team, 2026-01-31 to 2026-02-28: 3 × 12.50 EUR − 7.50 EUR (Launch, 20 %) = 30.00
      VAT 19 %: 5.70
      total 35.70 EUR, 35.70 paid

What is zero, null or as usual is left out, so that a line that is there says something. Periods are half-open; instants are UTC,
and dates where they are midnight. An amount is in its invoice's currency.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

__all__ = ["ACCOUNT", "account_blocks"]

ACCOUNT = """
query Account($id: ID!) {
  customer(id: $id) {
    balances { currencyCode amount { amount } }
    wallets(first: 10) { nodes { id name currencyCode balance { amount } } }
    planSubscriptions(first: 10) { nodes {
      id status quantity incompleteReason pastDueReason cancelAt canceledAt cancellationReason pausedAt resumesAt trialEndsAt
      currentPeriod { start end }
      items { plan { name } quantity }
      pendingChange { changeAt items { plan { name } quantity } }
      pendingAmount { amount }
      discounts { name periodsLeft }
    } }
    invoices(first: 30) { nodes {
      id number status currencyCode finalizedAt dueAt retries nextRetryAt voidReason uncollectibleReason taxExemption
      replaces { number } replacedBy { id }
      subtotal { amount } tax { amount } total { amount } amountDue { amount } amountPaid { amount }
      amountCredited { amount } amountRefunded { amount }
      amountBroughtForward { amount } amountCarriedForward { amount }
      creditApplied { fromWallets { amount } fromBalance { amount } }
      taxes { name percentage inclusive amount { amount } }
      lines { description period { start end } explanation usage amountBeforeDiscounts { amount } amount { amount }
        discounts { name amount { amount } } taxes { amount { amount } } }
      creditNotes(first: 10) { nodes {
        id number status issuedAt reason total { amount } fromAmountDue { amount } refund { amount } balance { amount }
        refundFailureCode lines { lineNumber amount { amount } tax { amount } }
      } }
    } }
  }
}"""


def account_blocks(customer: dict[str, Any]) -> dict[str, str]:
    """Return the text of everything in the account by its id: subscriptions, balances, wallets by name, invoices by number."""
    blocks = {one["id"]: _subscription(one) for one in reversed(customer["planSubscriptions"]["nodes"])}
    blocks |= {
        f"balance/{one['currencyCode']}": f"balance {one['amount']['amount']} {one['currencyCode']}"
        for one in customer["balances"]
    }
    for one in sorted(customer["wallets"]["nodes"], key=lambda one: one["name"]):
        blocks[one["id"]] = f"wallet {one['name']}: {one['balance']['amount']} {one['currencyCode']}"
    invoices = sorted(customer["invoices"]["nodes"], key=lambda one: one["number"] or "~")
    blocks |= {one["id"]: "\n".join(_invoice(one)) for one in invoices}
    numbers = {one["id"]: one["number"] for one in invoices if one["number"]}
    return {id: _named(text, numbers) for id, text in blocks.items()}


def _named(text: str, numbers: dict[str, str]) -> str:
    for id, number in numbers.items():
        text = text.replace(id, number)
    return text


def _when(instant: str) -> str:
    return instant.removesuffix("T00:00:00.000Z").removesuffix(":00.000Z").removesuffix(".000Z")


def _period(period: dict[str, str]) -> str:
    return f"{_when(period['start'])} to {_when(period['end'])}"


def _items(items: list[dict[str, Any]]) -> str:
    names = (one["plan"]["name"] + (f" × {one['quantity']}" if one["quantity"] != 1 else "") for one in items)
    return " + ".join(names)


def _subscription(one: dict[str, Any]) -> str:
    parts = [one["status"], _period(one["currentPeriod"])]
    if one["trialEndsAt"] and one["status"] == "TRIALING":
        parts.append(f"trial until {_when(one['trialEndsAt'])}")
    parts.extend(one[reason] for reason in ("incompleteReason", "pastDueReason") if one[reason])
    for name, word in (("pausedAt", "paused"), ("resumesAt", "resumes"), ("cancelAt", "ends"), ("canceledAt", "ended")):
        if one[name]:
            parts.append(f"{word} {_when(one[name])}")
    if one["pendingChange"]:
        parts.append(f"from {_when(one['pendingChange']['changeAt'])} {_items(one['pendingChange']['items'])}")
    if one["pendingAmount"]:
        parts.append(f"{one['pendingAmount']['amount']} on the next invoice")
    for off in one["discounts"]:
        left = "" if off["periodsLeft"] is None else f" for {off['periodsLeft']} more"
        parts.append(f"{off['name']}{left}")
    why = f"\n  ended because: {one['cancellationReason']}" if one["cancellationReason"] else ""
    return f"{_items(one['items'])}: {', '.join(parts)}{why}"


def _invoice(one: dict[str, Any]) -> Iterator[str]:
    dates = [_when(one["finalizedAt"])] if one["finalizedAt"] else []
    if one["dueAt"] not in {None, one["finalizedAt"]}:
        dates.append(f"due {_when(one['dueAt'])}")
    if one["replaces"]:
        dates.append(f"replaces {one['replaces']['number']}")
    reasons = [f"({reason})" for reason in (one["voidReason"], one["uncollectibleReason"], one["taxExemption"]) if reason]
    yield " ".join([", ".join([f"{one['number'] or 'draft'} {one['status']}", *dates]), *reasons])
    for line in one["lines"]:
        yield f"  {_line(line)}"
    for tax in one["taxes"]:
        within = " included" if tax["inclusive"] else ""
        yield f"  {tax['name']} {tax['percentage']} %{within}: {tax['amount']['amount']}"
    yield f"  {_totals(one)}"
    if one["retries"] or one["nextRetryAt"]:
        yield f"  retried {one['retries']} ×" + (f", again {_when(one['nextRetryAt'])}" if one["nextRetryAt"] else "")
    for note in sorted(one["creditNotes"]["nodes"], key=lambda note: note["number"] or "~"):
        yield f"  {_credit_note(note)}"


def _line(line: dict[str, Any]) -> str:
    """Return a line; its explanation names its discounts, and is checked to name exactly them."""
    for off in line["discounts"]:
        assert f" − {off['amount']['amount']} " in line["explanation"] and f"({off['name']})" in line["explanation"], line
    assert line["explanation"].count(" − ") >= len(line["discounts"])
    off = sum((Decimal(one["amount"]["amount"]) for one in line["discounts"]), Decimal(0))
    assert Decimal(line["amountBeforeDiscounts"]["amount"]) - off == Decimal(line["amount"]["amount"]), line
    of = f" ({line['usage']} used)" if line["usage"] else ""
    of += f", {_period(line['period'])}" if line["period"] else ""
    return f"{line['description']}{of}: {line['explanation']} = {line['amount']['amount']}"


def _totals(one: dict[str, Any]) -> str:
    parts = [f"total {one['total']['amount']} {one['currencyCode']}"]
    if _some(one["tax"]):
        parts = [f"subtotal {one['subtotal']['amount']}", f"tax {one['tax']['amount']}", *parts]
    credit = one["creditApplied"] or {}
    for amount, word in (
        (one["amountBroughtForward"], "brought forward"),
        (credit.get("fromWallets"), "by wallets"),
        (credit.get("fromBalance"), "by balance"),
        (one["amountPaid"], "paid"),
        (one["amountDue"], "due"),
        (one["amountCredited"], "credited"),
        (one["amountRefunded"], "refunded"),
        (one["amountCarriedForward"], "carried forward"),
    ):
        if amount and _some(amount):
            parts.append(f"{amount['amount']} {word}")
    return ", ".join(parts)


def _credit_note(note: dict[str, Any]) -> str:
    lines = ", ".join(
        f"line {line['lineNumber']} {line['amount']['amount']}"
        + (f" (tax {line['tax']['amount']})" if _some(line["tax"]) else "")
        for line in note["lines"]
    )
    parts = [f"{note[name]['amount']} {word}" for name, word in _WENT if _some(note[name])]
    dates = [_when(note["issuedAt"])] if note["issuedAt"] else []
    failed = [note["refundFailureCode"]] if note["refundFailureCode"] else []
    total = f"{note['total']['amount']} = {' + '.join(parts)}"
    head = ", ".join([f"{note['number'] or 'pending'} {note['status']}", *dates, *failed])
    return f"{head} ({note['reason']})\n    {lines}; {total}"


_WENT = (("fromAmountDue", "off what is due"), ("refund", "refunded"), ("balance", "to the balance"))


def _some(money: dict[str, str]) -> bool:
    return Decimal(money["amount"]) != 0
