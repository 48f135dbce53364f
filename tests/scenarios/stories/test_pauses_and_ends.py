"""Pausing, and the ways to end: now, with the period, on a date, with the rest of the period given back."""

from tests.testkit.story import Story, money

JANUARY = """
    Team: ACTIVE, 2026-01-01 to 2026-02-01
    INV-000001 PAID, 2026-01-01
      Team, 2026-01-01 to 2026-02-01: 31.00 EUR flat = 31.00
      total 31.00 EUR, 31.00 paid
    """


async def subscribed(story: Story) -> tuple[str, str]:
    """Return a customer who paid for January, and the plan subscription to 31.00 EUR a month."""
    await story.freeze("2026-01-01")
    customer = await story.customer()
    id = await story.start(customer, await story.plan("Team", flat=3100))
    await story.sees(customer, JANUARY)
    return customer, id


async def test_a_pause_across_a_renewal_bills_the_rest_of_the_period_in_which_it_ends(story: Story) -> None:
    customer, id = await subscribed(story)
    await story.advance("2026-01-11")
    await story.do("planSubscriptionPause", id=id, resumesAt="2026-02-11T00:00:00Z")
    await story.sees(customer, "Team: PAUSED, 2026-01-01 to 2026-02-01, paused 2026-01-11, resumes 2026-02-11")
    await story.advance("2026-03-01")
    # February 11 to 28 are 18 of 28 days: 31.00 × 18/28 = 19.928…
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-03-01 to 2026-04-01
        INV-000002 PAID, 2026-02-11
          Team, 2026-02-11 to 2026-03-01: (31.00 EUR flat) × 18/28 = 19.93
          total 19.93 EUR, 19.93 paid
        INV-000003 PAID, 2026-03-01
          Team, 2026-03-01 to 2026-04-01: 31.00 EUR flat = 31.00
          total 31.00 EUR, 31.00 paid
        """,
    )


async def test_a_pause_within_a_paid_period_bills_nothing_and_moves_nothing(story: Story) -> None:
    customer, id = await subscribed(story)
    await story.advance("2026-01-11")
    await story.do("planSubscriptionPause", id=id)
    await story.sees(customer, "Team: PAUSED, 2026-01-01 to 2026-02-01, paused 2026-01-11")
    await story.advance("2026-01-21")
    await story.do("planSubscriptionResume", id=id)
    await story.sees(customer, "Team: ACTIVE, 2026-01-01 to 2026-02-01")
    await story.advance("2026-02-01")
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-02-01 to 2026-03-01
        INV-000002 PAID, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 31.00 EUR flat = 31.00
          total 31.00 EUR, 31.00 paid
        """,
    )


async def test_canceled_now_the_rest_goes_to_the_balance_which_pays_the_next_subscription(story: Story) -> None:
    await story.freeze("2026-01-01")
    await story.do("taxRateAdd", name="VAT", percentage="19", country="DE")
    customer = await story.customer(address={"line1": "Hauptstr. 1", "city": "Berlin", "country": "DE"})
    team, basic = await story.plan("Team", flat=3100), await story.plan("Basic", flat=1000)
    id = await story.start(customer, team)
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000001 PAID, 2026-01-01
          Team, 2026-01-01 to 2026-02-01: 31.00 EUR flat = 31.00
          VAT 19 %: 5.89
          subtotal 31.00, tax 5.89, total 36.89 EUR, 36.89 paid
        """,
    )
    await story.advance("2026-01-11")
    await story.cancel(id, when="NOW", unusedTime="CREDIT", reason="switching")
    # 21 of 31 days: 21.00, and 19 % of it
    await story.sees(
        customer,
        """
        Team: CANCELED, 2026-01-01 to 2026-02-01, ended 2026-01-11
          ended because: switching
        balance 24.99 EUR
        INV-000001 PAID, 2026-01-01
          Team, 2026-01-01 to 2026-02-01: 31.00 EUR flat = 31.00
          VAT 19 %: 5.89
          subtotal 31.00, tax 5.89, total 36.89 EUR, 36.89 paid, 24.99 credited
          CN-000001 ISSUED, 2026-01-11 (Unused time after the cancellation.)
            line 1 21.00 (tax 3.99); 24.99 = 24.99 to the balance
        """,
    )
    await story.start(customer, basic)
    await story.advance("2026-03-11")
    # 11.90 a month: 24.99 − 11.90 − 11.90 = 1.19 are left for the third
    await story.sees(
        customer,
        """
        Basic: ACTIVE, 2026-03-11 to 2026-04-11
        balance 0.00 EUR
        INV-000002 PAID, 2026-01-11
          Basic, 2026-01-11 to 2026-02-11: 10.00 EUR flat = 10.00
          VAT 19 %: 1.90
          subtotal 10.00, tax 1.90, total 11.90 EUR, 11.90 by balance
        INV-000003 PAID, 2026-02-11
          Basic, 2026-02-11 to 2026-03-11: 10.00 EUR flat = 10.00
          VAT 19 %: 1.90
          subtotal 10.00, tax 1.90, total 11.90 EUR, 11.90 by balance
        INV-000004 PAID, 2026-03-11
          Basic, 2026-03-11 to 2026-04-11: 10.00 EUR flat = 10.00
          VAT 19 %: 1.90
          subtotal 10.00, tax 1.90, total 11.90 EUR, 1.19 by balance, 10.71 paid
        """,
    )


async def test_canceled_now_the_rest_is_refunded_as_far_as_a_card_paid_it(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer()
    await story.do("customerBalanceAdjust", customerId=customer, amount=money(2000))
    id = await story.start(customer, await story.plan("Team", flat=3100))
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-01-01 to 2026-02-01
        balance 0.00 EUR
        INV-000001 PAID, 2026-01-01
          Team, 2026-01-01 to 2026-02-01: 31.00 EUR flat = 31.00
          total 31.00 EUR, 20.00 by balance, 11.00 paid
        """,
    )
    await story.advance("2026-01-11")
    await story.cancel(id, when="NOW", unusedTime="REFUND")
    # 21 of 31 days are 21.00; the card paid 11.00 of them
    await story.sees(
        customer,
        """
        Team: CANCELED, 2026-01-01 to 2026-02-01, ended 2026-01-11
        balance 10.00 EUR
        INV-000001 PAID, 2026-01-01
          Team, 2026-01-01 to 2026-02-01: 31.00 EUR flat = 31.00
          total 31.00 EUR, 20.00 by balance, 11.00 paid, 21.00 credited, 11.00 refunded
          CN-000001 ISSUED, 2026-01-11 (Unused time after the cancellation.)
            line 1 21.00; 21.00 = 11.00 refunded + 10.00 to the balance
        """,
    )


async def test_canceled_after_an_upgrade_what_is_pending_is_given_back_with_the_rest(story: Story) -> None:
    customer, id = await subscribed(story)
    await story.advance("2026-01-11")
    await story.change(id, priceId=await story.plan("Pro", flat=6200))
    # 21 days: −21.00 + 42.00 are for the next invoice, which never comes
    await story.sees(customer, "Pro: ACTIVE, 2026-01-01 to 2026-02-01, 21.00 on the next invoice")
    await story.advance("2026-01-21")
    await story.cancel(id, when="NOW", unusedTime="CREDIT")
    # 11 days of Pro are 22.00; 21.00 of its price were not billed: what was paid is 31.00 for 10 × 1.00 + 10 × 2.00
    await story.sees(
        customer,
        """
        Pro: CANCELED, 2026-01-01 to 2026-02-01, ended 2026-01-21
        balance 1.00 EUR
        INV-000001 PAID, 2026-01-01
          Team, 2026-01-01 to 2026-02-01: 31.00 EUR flat = 31.00
          total 31.00 EUR, 31.00 paid, 1.00 credited
          CN-000001 ISSUED, 2026-01-21 (Unused time after the cancellation.)
            line 1 1.00; 1.00 = 1.00 to the balance
        """,
    )


async def test_an_end_with_the_period_is_taken_back_and_asked_for_again(story: Story) -> None:
    customer, id = await subscribed(story)
    await story.cancel(id, when="PERIOD_END")
    await story.sees(customer, "Team: ACTIVE, 2026-01-01 to 2026-02-01, ends 2026-02-01")
    await story.do("planSubscriptionUndoCancellation", id=id)
    await story.sees(customer, "Team: ACTIVE, 2026-01-01 to 2026-02-01")
    await story.advance("2026-02-01")
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-02-01 to 2026-03-01
        INV-000002 PAID, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 31.00 EUR flat = 31.00
          total 31.00 EUR, 31.00 paid
        """,
    )
    await story.cancel(id, when="PERIOD_END")
    await story.advance("2026-04-01")
    await story.sees(customer, "Team: CANCELED, 2026-02-01 to 2026-03-01, ended 2026-03-01")
    assert await story.refused("planSubscriptionChange", id=id, quantity=2) == ["INVALID_STATE"]


async def test_an_end_on_a_date_gives_nothing_back(story: Story) -> None:
    customer, id = await subscribed(story)
    await story.cancel(id, when="DATE", at="2026-02-15T12:00:00Z")
    await story.sees(customer, "Team: ACTIVE, 2026-01-01 to 2026-02-01, ends 2026-02-15T12:00")
    await story.advance("2026-03-01")
    await story.sees(
        customer,
        """
        Team: CANCELED, 2026-02-01 to 2026-03-01, ended 2026-02-15T12:00
        INV-000002 PAID, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 31.00 EUR flat = 31.00
          total 31.00 EUR, 31.00 paid
        """,
    )
