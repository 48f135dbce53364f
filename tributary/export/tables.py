"""What can be exported: per table the query of one page, how time slices it, and how a node becomes rows.

A table is `sliced` into days of UTC, or months, where its list is served by an index for a range of time: then every page is read
by that index, and an export that goes on after an interruption begins where it ended. Other lists are read whole, and what lies
outside the range is left out here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from tributary.export.formats import Cell, Row, decimal

__all__ = ["TABLES", "Slice", "Slicing", "Table", "slices"]

Node = Mapping[str, Any]
Column = Callable[[Node], Cell]


class Slicing(StrEnum):
    """Into what a range of time is cut; NONE: it is one."""

    NONE = "NONE"
    DAY = "DAY"
    MONTH = "MONTH"


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the range, [start, end); without start from the beginning."""

    start: datetime | None
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table. `query` selects the connection `field` with $first and $after, and `variables` gives the rest.

    `scope` is what the client needs: those of the entities that are named by their ids, too.
    `parts` are the things in a node that are rows; `instant` is the column that the range is about.
    """

    field: str
    scope: str
    query: str
    columns: Mapping[str, Column]
    instant: str
    parts: Callable[[Node], Iterable[Node]] = lambda node: (node,)
    slicing: Slicing = Slicing.NONE
    variables: Callable[[Slice], dict[str, Any]] = lambda part: {}
    page_size: int = 100

    def rows(self, node: Node) -> list[Row]:
        """Return what a node comes to."""
        return [{name: value(part) for name, value in self.columns.items()} for part in self.parts(node)]


def slices(slicing: Slicing, start: datetime | None, end: datetime) -> list[Slice]:
    """Return the parts of [start, end), the earliest first; months are whole ones, those that the range touches.

    Raises:
        ValueError: months are to be cut out of a range that has no start.
    """
    if slicing is Slicing.NONE or (start is None and slicing is Slicing.DAY):
        return [Slice(start, end)]
    if start is None:
        raise ValueError("months are counted from a start")
    found, at = list[Slice](), start
    if slicing is Slicing.MONTH:
        at = _midnight(at).replace(day=1)
    while at < end:
        following = _midnight(at) + timedelta(days=1 if slicing is Slicing.DAY else 31)
        following = following if slicing is Slicing.DAY else following.replace(day=1)
        found.append(Slice(at, following if slicing is Slicing.MONTH else min(following, end)))
        at = following
    return found


def _midnight(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _within(field: str) -> Callable[[Slice], dict[str, Any]]:
    def where(part: Slice) -> dict[str, Any]:
        bounds = {f"{field}From": part.start, f"{field}To": part.end}
        return {"where": {name: at.isoformat() for name, at in bounds.items() if at is not None}}

    return where


def _from_to(part: Slice) -> dict[str, Any]:
    bounds = {"from": part.start, "to": part.end}
    return {"where": {name: at.isoformat() for name, at in bounds.items() if at is not None}}


def _month(part: Slice) -> dict[str, Any]:
    return {"month": part.start.isoformat() if part.start else None}


def _at(node: Node, path: str) -> Any:
    """Return what is at a path such as `customer.id`, None where something on the way is null."""
    found: Any = node
    for name in path.split("."):
        if found is None:
            return None
        found = found[name]
    return found


def text(path: str) -> Column:
    """Return a column of text, or of whole numbers."""

    def value(node: Node) -> Cell:
        found: Cell = _at(node, path)
        return found

    return value


def number(path: str) -> Column:
    """Return a column of exact decimals."""

    def value(node: Node) -> Cell:
        found = _at(node, path)
        return None if found is None else decimal(found)

    return value


def money(path: str) -> Column:
    """Return a column of amounts in major units; their currency is a column of its own."""
    return number(f"{path}.amount")


def _lines(invoice: Node) -> list[Node]:
    return [{"invoice": invoice, "line": line} for line in invoice["lines"]]


def _tax(node: Node) -> Decimal:
    amount = decimal(_at(node, "line.amount.amount"))
    return sum((decimal(tax["amount"]["amount"]) for tax in node["line"]["taxes"]), amount * 0)


def _net(node: Node) -> Decimal:
    """Return what a line is without the tax within its amount."""
    within = [decimal(tax["amount"]["amount"]) for tax in node["line"]["taxes"] if tax["inclusive"]]
    return decimal(_at(node, "line.amount.amount")) - sum(within, Decimal(0))


def _add_ons(node: Node) -> str | None:
    return " ".join(f"{_at(item, 'price.id')}:{item['quantity']}" for item in node["items"][1:]) or None


def _first_item(path: str) -> Column:
    return lambda node: text(path)(node["items"][0])


_PAGE = "pageInfo { hasNextPage endCursor }"
_ARGUMENTS = "first: $first, after: $after, where: $where"

TABLES: Mapping[str, Table] = {
    "invoices": Table(
        field="invoices",
        scope="invoices:read customers:read subscriptions:read",
        query=f"""query Export($first: Int!, $after: String, $where: InvoiceWhereInput) {{ invoices({_ARGUMENTS}) {{
  nodes {{
    id number status customer {{ id }} planSubscription {{ id }} currencyCode createdAt finalizedAt dueAt paidAt voidedAt
    subtotal {{ amount }} tax {{ amount }} total {{ amount }} amountDue {{ amount }} amountPaid {{ amount }}
    amountCredited {{ amount }} amountRefunded {{ amount }}
    amountBroughtForward {{ amount }} amountCarriedForward {{ amount }}
  }}
  {_PAGE}
}} }}""",
        columns={
            "id": text("id"),
            "number": text("number"),
            "status": text("status"),
            "customer_id": text("customer.id"),
            "plan_subscription_id": text("planSubscription.id"),
            "currency": text("currencyCode"),
            "subtotal": money("subtotal"),
            "tax": money("tax"),
            "total": money("total"),
            "amount_due": money("amountDue"),
            "amount_paid": money("amountPaid"),
            "amount_credited": money("amountCredited"),
            "amount_refunded": money("amountRefunded"),
            "created_at": text("createdAt"),
            "finalized_at": text("finalizedAt"),
            "due_at": text("dueAt"),
            "paid_at": text("paidAt"),
            "voided_at": text("voidedAt"),
            "amount_brought_forward": money("amountBroughtForward"),
            "amount_carried_forward": money("amountCarriedForward"),
        },
        instant="finalized_at",
        slicing=Slicing.DAY,
        variables=_within("finalized"),
    ),
    "invoice-lines": Table(
        field="invoices",
        scope="invoices:read customers:read subscriptions:read",
        query=f"""query Export($first: Int!, $after: String, $where: InvoiceWhereInput) {{ invoices({_ARGUMENTS}) {{
  nodes {{
    id number status finalizedAt customer {{ id }} currencyCode
    lines {{
      number planSubscriptionId description quantity usage unitAmount period {{ start end }}
      amountBeforeDiscounts {{ amount }} amount {{ amount }}
      amountCredited {{ amount }} taxes {{ inclusive amount {{ amount }} }}
    }}
  }}
  {_PAGE}
}} }}""",
        columns={
            "invoice_id": text("invoice.id"),
            "invoice_number": text("invoice.number"),
            "invoice_status": text("invoice.status"),
            "finalized_at": text("invoice.finalizedAt"),
            "customer_id": text("invoice.customer.id"),
            "plan_subscription_id": text("line.planSubscriptionId"),
            "line": text("line.number"),
            "description": text("line.description"),
            "quantity": text("line.quantity"),
            "usage": number("line.usage"),
            "unit_amount": number("line.unitAmount"),
            "currency": text("invoice.currencyCode"),
            "amount_before_discounts": money("line.amountBeforeDiscounts"),
            "amount": money("line.amount"),
            "net": _net,
            "tax": _tax,
            "amount_credited": money("line.amountCredited"),
            "period_start": text("line.period.start"),
            "period_end": text("line.period.end"),
        },
        instant="finalized_at",
        parts=_lines,
        slicing=Slicing.DAY,
        variables=_within("finalized"),
        page_size=20,  # of up to 250 lines each
    ),
    "payments": Table(
        field="payments",
        scope="invoices:read customers:read subscriptions:read",
        query=f"""query Export($first: Int!, $after: String, $where: PaymentWhereInput) {{ payments({_ARGUMENTS}) {{
  nodes {{
    id status invoice {{ id number }} customer {{ id }} amount {{ amount currencyCode }} amountRefunded {{ amount }}
    amountLost {{ amount }} provider paymentMethodLabel reference failureCode createdAt receivedAt settledAt
  }}
  {_PAGE}
}} }}""",
        columns={
            "id": text("id"),
            "status": text("status"),
            "invoice_id": text("invoice.id"),
            "invoice_number": text("invoice.number"),
            "customer_id": text("customer.id"),
            "currency": text("amount.currencyCode"),
            "amount": money("amount"),
            "amount_refunded": money("amountRefunded"),
            "amount_lost": money("amountLost"),
            "provider": text("provider"),
            "payment_method": text("paymentMethodLabel"),
            "reference": text("reference"),
            "failure_code": text("failureCode"),
            "created_at": text("createdAt"),
            "received_at": text("receivedAt"),
            "settled_at": text("settledAt"),
        },
        instant="settled_at",
        slicing=Slicing.DAY,
        variables=_within("settled"),
    ),
    "credit-notes": Table(
        field="creditNotes",
        scope="invoices:read customers:read subscriptions:read",
        query=f"""query Export($first: Int!, $after: String, $where: CreditNoteWhereInput) {{ creditNotes({_ARGUMENTS}) {{
  nodes {{
    id number invoice {{ id number }} customer {{ id }} reason total {{ amount currencyCode }} fromAmountDue {{ amount }}
    refund {{ amount }} outOfBand {{ amount }} balance {{ amount }} createdAt issuedAt
  }}
  {_PAGE}
}} }}""",
        columns={
            "id": text("id"),
            "number": text("number"),
            "invoice_id": text("invoice.id"),
            "invoice_number": text("invoice.number"),
            "customer_id": text("customer.id"),
            "reason": text("reason"),
            "currency": text("total.currencyCode"),
            "total": money("total"),
            "from_amount_due": money("fromAmountDue"),
            "refund": money("refund"),
            "out_of_band": money("outOfBand"),
            "balance": money("balance"),
            "created_at": text("createdAt"),
            "issued_at": text("issuedAt"),
        },
        instant="issued_at",
        slicing=Slicing.DAY,
        variables=_within("issued"),
    ),
    "subscriptions": Table(
        field="planSubscriptions",
        scope="subscriptions:read customers:read plans:read",
        query=f"""query Export($first: Int!, $after: String) {{ planSubscriptions(first: $first, after: $after) {{
  nodes {{
    id status customer {{ id }} items {{ plan {{ id }} price {{ id }} quantity }} startedAt activatedAt trialEndsAt
    currentPeriod {{ start end }} cancelAt canceledAt cancellationReason collectionMethod daysUntilDue
  }}
  {_PAGE}
}} }}""",
        columns={
            "id": text("id"),
            "status": text("status"),
            "customer_id": text("customer.id"),
            "plan_id": _first_item("plan.id"),
            "price_id": _first_item("price.id"),
            "quantity": _first_item("quantity"),
            "add_ons": _add_ons,
            "started_at": text("startedAt"),
            "activated_at": text("activatedAt"),
            "trial_ends_at": text("trialEndsAt"),
            "period_start": text("currentPeriod.start"),
            "period_end": text("currentPeriod.end"),
            "cancel_at": text("cancelAt"),
            "canceled_at": text("canceledAt"),
            "cancellation_reason": text("cancellationReason"),
            "collection_method": text("collectionMethod"),
            "days_until_due": text("daysUntilDue"),
        },
        instant="started_at",
    ),
    "customers": Table(
        field="customers",
        scope="customers:read",
        query=f"""query Export($first: Int!, $after: String) {{ customers(first: $first, after: $after) {{
  nodes {{ id externalId name email status currencyCode address {{ country }} taxExemption timeZone language createdAt }}
  {_PAGE}
}} }}""",
        columns={
            "id": text("id"),
            "external_id": text("externalId"),
            "name": text("name"),
            "email": text("email"),
            "status": text("status"),
            "currency": text("currencyCode"),
            "country": text("address.country"),
            "tax_exemption": text("taxExemption"),
            "time_zone": text("timeZone"),
            "language": text("language"),
            "created_at": text("createdAt"),
        },
        instant="created_at",
    ),
    "mrr-movements": Table(
        field="mrrMovements",
        scope="subscriptions:read customers:read plans:read",
        query=f"""query Export($first: Int!, $after: String, $where: MrrMovementWhereInput) {{ mrrMovements({_ARGUMENTS}) {{
  nodes {{
    id at kind reason planSubscription {{ id }} customer {{ id }} plan {{ id }} amount {{ amount currencyCode }}
    before {{ amount }} after {{ amount }}
  }}
  {_PAGE}
}} }}""",
        columns={
            "id": text("id"),
            "at": text("at"),
            "kind": text("kind"),
            "reason": text("reason"),
            "plan_subscription_id": text("planSubscription.id"),
            "customer_id": text("customer.id"),
            "plan_id": text("plan.id"),
            "currency": text("amount.currencyCode"),
            "amount": money("amount"),
            "before": money("before"),
            "after": money("after"),
        },
        instant="at",
        variables=_from_to,
    ),
    "revenue": Table(
        field="revenueEntries",
        scope="invoices:read customers:read subscriptions:read",
        query=f"""query Export($first: Int!, $after: String, $month: DateTime!) {{
revenueEntries(first: $first, after: $after, month: $month) {{
  nodes {{
    id month {{ start }} at invoice {{ id number }} customer {{ id }} recognised {{ amount currencyCode }} invoiced {{ amount }}
    credited {{ amount }}
  }}
  {_PAGE}
}} }}""",
        columns={
            "id": text("id"),
            "month": text("month.start"),
            "at": text("at"),
            "invoice_id": text("invoice.id"),
            "invoice_number": text("invoice.number"),
            "customer_id": text("customer.id"),
            "currency": text("recognised.currencyCode"),
            "invoiced": money("invoiced"),
            "credited": money("credited"),
            "recognised": money("recognised"),
        },
        instant="month",
        slicing=Slicing.MONTH,
        variables=_month,
    ),
}
