"""Amounts too small to charge: they wait in the customer's balance until an invoice comes to enough."""

from tests.testkit.story import Story, money

PAYMENTS = """
query($id: ID!) { payments(first: 10, where: { customerId: $id }) { nodes { status amount { amount } invoice { number } } } }"""
BALANCE = """
query($id: ID!) { customer(id: $id) { balances { amount { amount } entries(first: 10) { nodes {
  kind amount { amount } balanceAfter { amount } } } } } }"""
BROUGHT = """
query($id: ID!) { customer(id: $id) { invoices(first: 1) { nodes {
  broughtForward { amount { amount } number invoice { number status } } } } } }"""
SERIES = """
{ billingSeries(from: "2026-01-01T00:00:00Z", to: "2026-05-01T00:00:00Z", interval: MONTH, currency: "EUR") {
  invoiced { amount } paid { amount } carriedForward { amount } broughtForward { amount } outstanding { amount } } }"""


async def test_two_months_of_cents_are_charged_with_the_third(story: Story) -> None:
    await story.freeze("2026-01-01")
    configured = await story.do(
        "minimumChargeSet", "dunningConfiguration { minimumCharges { amount { amount currencyCode } } }", amount=money(50)
    )
    assert configured["dunningConfiguration"]["minimumCharges"] == [{"amount": {"amount": "0.50", "currencyCode": "EUR"}}]
    meter = (await story.do("meterCreate", "meter { id }", code="calls", name="API calls", aggregation="SUM"))["meter"]["id"]
    customer = await story.customer()
    id = await story.start(customer, await story.plan("Calls", unitAmount="0.01", meterId=meter))
    await story.sees(
        customer,
        """
        Calls: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000001 PAID, 2026-01-01
          total 0.00 EUR
        """,
    )
    await story.advance("2026-01-20")
    await story.use(id, "calls", ("a", "2026-01-10", "20"))
    await story.advance("2026-02-01")
    # 20 × 0.01 is less than 0.50
    await story.sees(
        customer,
        """
        Calls: ACTIVE, 2026-02-01 to 2026-03-01
        balance -0.20 EUR
        INV-000002 PAID, 2026-02-01
          API calls (Calls) (20 used), 2026-01-01 to 2026-02-01: 20 × 0.01 EUR = 0.20
          total 0.20 EUR, 0.20 carried forward
        """,
    )
    await story.advance("2026-02-20")
    await story.use(id, "calls", ("b", "2026-02-10", "20"))
    await story.advance("2026-03-01")
    # 0.20 + 0.20 is less than 0.50
    await story.sees(
        customer,
        """
        Calls: ACTIVE, 2026-03-01 to 2026-04-01
        balance -0.40 EUR
        INV-000003 PAID, 2026-03-01
          API calls (Calls) (20 used), 2026-02-01 to 2026-03-01: 20 × 0.01 EUR = 0.20
          total 0.20 EUR, 0.20 brought forward, 0.40 carried forward
        """,
    )
    await story.advance("2026-03-20")
    await story.use(id, "calls", ("c", "2026-03-10", "1000"))
    await story.advance("2026-04-01")
    # 1000 × 0.01 + 0.40
    await story.sees(
        customer,
        """
        Calls: ACTIVE, 2026-04-01 to 2026-05-01
        balance 0.00 EUR
        INV-000004 PAID, 2026-04-01
          API calls (Calls) (1000 used), 2026-03-01 to 2026-04-01: 1000 × 0.01 EUR = 10.00
          total 10.00 EUR, 0.40 brought forward, 10.40 paid
        """,
    )
    payments = (await story.shop.data(PAYMENTS, {"id": customer}))["payments"]["nodes"]
    assert payments == [{"status": "SUCCEEDED", "amount": {"amount": "10.40"}, "invoice": {"number": "INV-000004"}}]
    [invoice] = (await story.shop.data(BROUGHT, {"id": customer}))["customer"]["invoices"]["nodes"]
    left_by = {"number": "INV-000003", "invoice": {"number": "INV-000003", "status": "PAID"}}
    assert invoice["broughtForward"] == [{"amount": {"amount": "0.40"}, **left_by}]
    [balance] = (await story.shop.data(BALANCE, {"id": customer}))["customer"]["balances"]
    assert [(one["kind"], one["amount"]["amount"], one["balanceAfter"]["amount"]) for one in balance["entries"]["nodes"]] == [
        ("BROUGHT_FORWARD", "0.40", "0.00"),
        ("CARRIED_FORWARD", "-0.40", "-0.40"),
        ("BROUGHT_FORWARD", "0.20", "0.00"),
        ("CARRIED_FORWARD", "-0.20", "-0.20"),
    ]
    expected = [
        ("0.00", "0.00", "0.00", "0.00", "0.00"),
        ("0.20", "0.00", "0.20", "0.00", "0.00"),
        ("0.20", "0.00", "0.40", "0.20", "0.00"),
        ("10.00", "10.40", "0.00", "0.40", "0.00"),
    ]

    async def booked() -> bool:
        months = (await story.shop.data(SERIES))["billingSeries"]
        amounts = ("invoiced", "paid", "carriedForward", "broughtForward", "outstanding")
        return [tuple(month[name]["amount"] for name in amounts) for month in months] == expected

    await story.until(booked)


async def test_a_void_invoice_gives_back_what_it_was_to_collect_and_credit_settles_it(story: Story) -> None:
    await story.freeze("2026-01-01")
    await story.do("minimumChargeSet", amount=money(50))
    customer = await story.customer()
    line = {"description": "A stamp", "unitAmount": "0.30"}
    billed = {"customerId": customer, "currencyCode": "EUR"}
    await story.do("invoiceCreate", **billed, lines=[line], advance="CHARGE")
    await story.sees(
        customer,
        """
        balance -0.30 EUR
        INV-000001 PAID, 2026-01-01
          A stamp: 1 × 0.30 EUR = 0.30
          total 0.30 EUR, 0.30 carried forward
        """,
    )
    opened = await story.do("invoiceCreate", "invoice { id }", **billed, lines=[line], advance="OPEN")
    await story.sees(
        customer,
        """
        balance 0.00 EUR
        INV-000002 OPEN, 2026-01-01
          A stamp: 1 × 0.30 EUR = 0.30
          total 0.30 EUR, 0.30 brought forward, 0.60 due
        """,
    )
    await story.do("invoiceVoid", id=opened["invoice"]["id"], reason="sent twice")
    await story.sees(
        customer,
        """
        balance -0.30 EUR
        INV-000002 VOID, 2026-01-01 (sent twice)
          A stamp: 1 × 0.30 EUR = 0.30
          total 0.30 EUR, 0.30 brought forward
        """,
    )
    await story.do("customerBalanceAdjust", customerId=customer, amount=money(30), description="paid in cash")
    await story.sees(customer, "balance 0.00 EUR")
