"""A card that stops working: when it is tried again, and what becomes of the subscription."""

from tests.testkit.story import Story

PAID_JANUARY = """
    Team: ACTIVE, 2026-01-01 to 2026-02-01
    INV-000001 PAID, 2026-01-01
      Team, 2026-01-01 to 2026-02-01: 30.00 EUR flat = 30.00
      total 30.00 EUR, 30.00 paid
    """
TRIED = """
query($id: ID!) {
  planSubscription(id: $id) { invoices(first: 1) { nodes { payments(first: 10) { nodes { status failureCode createdAt } } } } }
}"""


async def tries(story: Story, id: str) -> list[tuple[str, str, str]]:
    """Return when the last invoice was charged, oldest first, and what came of it."""
    [invoice] = (await story.shop.data(TRIED, {"id": id}))["planSubscription"]["invoices"]["nodes"]
    return [
        (payment["createdAt"][:10], payment["status"], payment["failureCode"] or "")
        for payment in reversed(invoice["payments"]["nodes"])
    ]


async def subscribed(story: Story) -> tuple[str, str]:
    """Return a customer who paid for January, and the plan subscription to 30.00 EUR a month."""
    await story.freeze("2026-01-01")
    customer = await story.customer()
    id = await story.start(customer, await story.plan("Team", flat=3000))
    await story.sees(customer, PAID_JANUARY)
    return customer, id


async def test_after_two_retries_a_new_card_pays_and_the_retries_are_over(story: Story) -> None:
    customer, id = await subscribed(story)
    await story.pay_by(customer, "sandbox_declined")
    await story.advance("2026-02-01")
    open_invoice = """
        Team: PAST_DUE, 2026-02-01 to 2026-03-01, card_declined
        INV-000002 OPEN, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 30.00 due
          retried 0 ×, again 2026-02-02
        """
    await story.sees(customer, open_invoice)
    await story.advance("2026-02-04T12:00:00Z")
    # tried again 1 and 3 days after February 1, next after 5
    await story.sees(
        customer,
        """
        INV-000002 OPEN, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 30.00 due
          retried 2 ×, again 2026-02-06
        """,
    )
    await story.all_hear_of("2026-02-04T12")
    await story.pay_by(customer, "sandbox_success")
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-02-01 to 2026-03-01
        INV-000002 PAID, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 30.00 paid
          retried 2 ×
        """,
    )
    assert await tries(story, id) == [
        ("2026-02-01", "FAILED", "card_declined"),
        ("2026-02-02", "FAILED", "card_declined"),
        ("2026-02-04", "FAILED", "card_declined"),
        ("2026-02-04", "SUCCEEDED", ""),
    ]
    await story.advance("2026-03-01")
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-03-01 to 2026-04-01
        INV-000003 PAID, 2026-03-01
          Team, 2026-03-01 to 2026-04-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 30.00 paid
        """,
    )


async def test_after_the_last_retry_it_is_canceled_and_the_debt_stays(story: Story) -> None:
    customer, id = await subscribed(story)
    await story.pay_by(customer, "sandbox_declined")
    await story.advance("2026-02-08")
    # retried on the 2nd, 4th, 6th and 8th
    await story.sees(
        customer,
        """
        Team: CANCELED, 2026-02-01 to 2026-03-01, card_declined, ended 2026-02-08
          ended because: Invoice INV-000002 could not be charged, nor by 4 retries.
        INV-000002 OPEN, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 30.00 due
          retried 4 ×
        """,
    )
    await story.advance("2026-04-01")
    await story.all_hear_of("2026-04-01")
    # Nothing more was billed. A new card still pays what is owed, and brings nothing back.
    await story.pay_by(customer, "sandbox_success")
    await story.sees(
        customer,
        """
        INV-000002 PAID, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 30.00 paid
          retried 4 ×
        """,
    )
    assert (await tries(story, id))[-1] == ("2026-04-01", "SUCCEEDED", "")


async def test_unpaid_it_bills_nothing_until_another_card_pays_and_then_the_rest_of_the_period(story: Story) -> None:
    await story.do("dunningCampaignSet", currencyCode="EUR", retryAfterDays=[2, 4], action="MARK_UNPAID")
    customer, _ = await subscribed(story)
    await story.pay_by(customer, "sandbox_declined")
    await story.advance("2026-02-01")
    await story.sees(
        customer,
        """
        Team: PAST_DUE, 2026-02-01 to 2026-03-01, card_declined
        INV-000002 OPEN, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 30.00 due
          retried 0 ×, again 2026-02-03
        """,
    )
    await story.advance("2026-02-10")
    await story.sees(
        customer,
        """
        Team: UNPAID, 2026-02-01 to 2026-03-01, card_declined
        INV-000002 OPEN, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 30.00 due
          retried 2 ×
        """,
    )
    await story.advance("2026-03-17")
    await story.all_hear_of("2026-03-17")
    await story.pay_by(customer, "sandbox_success")
    # February is paid; of March 15 of 31 days are left: 30.00 × 15/31 = 14.516…
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-03-17 to 2026-04-01
        INV-000002 PAID, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 30.00 paid
          retried 2 ×
        INV-000003 PAID, 2026-03-17
          Team, 2026-03-17 to 2026-04-01: (30.00 EUR flat) × 15/31 = 14.52
          total 14.52 EUR, 14.52 paid
        """,
    )


async def test_a_card_declined_for_good_is_not_charged_again_but_a_new_one_is(story: Story) -> None:
    customer, id = await subscribed(story)
    await story.pay_by(customer, "sandbox_lost_card")
    await story.advance("2026-02-01")
    await story.sees(
        customer,
        """
        Team: PAST_DUE, 2026-02-01 to 2026-03-01, lost_card
        INV-000002 OPEN, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 30.00 due
          retried 0 ×, again 2026-02-02
        """,
    )
    await story.advance("2026-02-05")
    await story.sees(
        customer,
        """
        INV-000002 OPEN, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 30.00 due
          retried 2 ×, again 2026-02-06
        """,
    )
    assert await tries(story, id) == [("2026-02-01", "FAILED", "lost_card")]
    await story.all_hear_of("2026-02-05")
    await story.pay_by(customer, "sandbox_success")
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-02-01 to 2026-03-01
        INV-000002 PAID, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 30.00 paid
          retried 2 ×
        """,
    )
    assert (await tries(story, id))[1:] == [("2026-02-05", "SUCCEEDED", "")]


async def test_left_past_due_it_goes_on_and_a_new_card_pays_every_month_that_is_owed(story: Story) -> None:
    await story.do("dunningCampaignSet", currencyCode="EUR", retryAfterDays=[], action="LEAVE_PAST_DUE")
    customer, _ = await subscribed(story)
    await story.pay_by(customer, "sandbox_declined")
    await story.advance("2026-03-01")
    await story.sees(
        customer,
        """
        Team: PAST_DUE, 2026-03-01 to 2026-04-01, card_declined
        INV-000002 OPEN, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 30.00 due
        INV-000003 OPEN, 2026-03-01
          Team, 2026-03-01 to 2026-04-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 30.00 due
        """,
    )
    await story.pay_by(customer, "sandbox_success")
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-03-01 to 2026-04-01
        INV-000002 PAID, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 30.00 paid
        INV-000003 PAID, 2026-03-01
          Team, 2026-03-01 to 2026-04-01: 30.00 EUR flat = 30.00
          total 30.00 EUR, 30.00 paid
        """,
    )
