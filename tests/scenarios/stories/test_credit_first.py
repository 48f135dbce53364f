"""Prepaid wallets and the balance pay before the card does, in their order, as long as they last."""

from typing import Any

from tests.testkit.story import Story, money


async def wallet(story: Story, customer: str, name: str, minor_units: int, **terms: Any) -> str:
    """Return the id of a wallet with so much in it."""
    made = await story.do("walletCreate", "wallet { id }", customerId=customer, name=name, **terms)
    id = str(made["wallet"]["id"])
    await story.do("walletTopUp", walletId=id, amount=money(minor_units))
    return id


async def test_wallets_by_priority_then_the_balance_then_the_card(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer()
    await wallet(story, customer, "Later", 1000, priority=20)
    await wallet(story, customer, "First", 2500, priority=10)
    await story.do("customerBalanceAdjust", customerId=customer, amount=money(700))
    await story.start(customer, await story.plan("Team", flat=3000))
    # 25.00 of the first wallet and 5.00 of the other
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-01-01 to 2026-02-01
        balance 7.00 EUR
        wallet First: 0.00 EUR
        wallet Later: 5.00 EUR
        INV-000001 PAID, 2026-01-01
          Team, 2026-01-01 to 2026-02-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 30.00 by wallets
        """,
    )
    await story.advance("2026-02-01")
    # 5.00 + 7.00 + 18.00
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-02-01 to 2026-03-01
        balance 0.00 EUR
        wallet Later: 0.00 EUR
        INV-000002 PAID, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 5.00 by wallets, 7.00 by balance, 18.00 paid
        """,
    )


async def test_what_is_in_a_wallet_expires_and_pays_nothing_more(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer()
    await story.all_hear_of("2026-01-01")
    await wallet(story, customer, "Welcome", 5000, expiresAt="2026-02-15T00:00:00Z")
    await story.start(customer, await story.plan("Team", flat=2000))
    await story.advance("2026-02-01")
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-02-01 to 2026-03-01
        wallet Welcome: 10.00 EUR
        INV-000001 PAID, 2026-01-01
          Team, 2026-01-01 to 2026-02-01: 20.00 EUR flat = 20.00
          total 20.00 EUR, 20.00 by wallets
        INV-000002 PAID, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 20.00 EUR flat = 20.00
          total 20.00 EUR, 20.00 by wallets
        """,
    )
    await story.advance("2026-03-01")
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-03-01 to 2026-04-01
        wallet Welcome: 0.00 EUR
        INV-000003 PAID, 2026-03-01
          Team, 2026-03-01 to 2026-04-01: 20.00 EUR flat = 20.00
          total 20.00 EUR, 20.00 paid
        """,
    )
    query = """query($id: ID!) { customer(id: $id) { wallets(first: 1) { nodes { entries(first: 5) { nodes {
      kind amount { amount } balanceAfter { amount } } } } } } }"""
    [found] = (await story.shop.data(query, {"id": customer}))["customer"]["wallets"]["nodes"]
    assert [(one["kind"], one["amount"]["amount"], one["balanceAfter"]["amount"]) for one in found["entries"]["nodes"]] == [
        ("EXPIRY", "-10.00", "0.00"),
        ("SPEND", "-20.00", "10.00"),
        ("SPEND", "-20.00", "30.00"),
        ("TOP_UP", "50.00", "50.00"),
    ]


async def test_a_declined_card_leaves_what_credit_paid_and_is_asked_only_for_the_rest(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer()
    await story.start(customer, await story.plan("Team", flat=3000))
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000001 PAID, 2026-01-01
          Team, 2026-01-01 to 2026-02-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 30.00 paid
        """,
    )
    await story.pay_by(customer, "sandbox_declined")
    await wallet(story, customer, "Prepaid", 1250)
    await story.advance("2026-02-01")
    await story.sees(
        customer,
        """
        Team: PAST_DUE, 2026-02-01 to 2026-03-01, card_declined
        wallet Prepaid: 0.00 EUR
        INV-000002 OPEN, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 12.50 by wallets, 17.50 due
          retried 0 ×, again 2026-02-02
        """,
    )
    await story.pay_by(customer, "sandbox_success")
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-02-01 to 2026-03-01
        INV-000002 PAID, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 12.50 by wallets, 17.50 paid
        """,
    )
