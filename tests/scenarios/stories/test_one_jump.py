"""A clock that jumps over months comes to what the months would have come to."""

from tests.testkit.story import Story, money


async def test_one_jump_over_four_months_ends_with_the_campaign_and_bills_nothing_after_it(story: Story) -> None:
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
    await story.advance("2026-05-01")
    # Declined on February 1, retried on the 2nd, 4th, 6th and 8th: canceled then, so that March, April and May are not billed.
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


async def test_when_the_clock_is_there_all_that_follows_has_happened(story: Story) -> None:
    await story.do("dunningCampaignSet", currencyCode="EUR", retryAfterDays=[40], action="CANCEL")
    await story.freeze("2026-01-01")
    customer = await story.customer()
    adjusted = {"customerId": customer, "amount": money(7000), "description": "Welcome"}
    await story.do("customerBalanceAdjust", **adjusted)
    await story.start(customer, await story.plan("Team", flat=3000))
    await story.pay_by(customer, "sandbox_declined")
    await story.advance("2026-04-10")
    # Looked at once: 70.00 of credit pay January, February and 10.00 of March. What is left of March is declined, and so is all
    # of April on its first day. The only retry of March is 40 days after its first one, on April 10, and ends it.
    blocks = await story.account(customer)
    assert blocks == [
        "Team: CANCELED, 2026-04-01 to 2026-05-01, card_declined, ended 2026-04-10\n"
        "  ended because: Invoice INV-000003 could not be charged, nor by 1 retries.",
        "balance 0.00 EUR",
        "INV-000001 PAID, 2026-01-01\n  Team, 2026-01-01 to 2026-02-01: 30.00 EUR flat = 30.00\n"
        "  total 30.00 EUR, 30.00 by balance",
        "INV-000002 PAID, 2026-02-01\n  Team, 2026-02-01 to 2026-03-01: 30.00 EUR flat = 30.00\n"
        "  total 30.00 EUR, 30.00 by balance",
        "INV-000003 OPEN, 2026-03-01\n  Team, 2026-03-01 to 2026-04-01: 30.00 EUR flat = 30.00\n"
        "  total 30.00 EUR, 10.00 by balance, 20.00 due\n  retried 1 ×",
        "INV-000004 OPEN, 2026-04-01\n  Team, 2026-04-01 to 2026-05-01: 30.00 EUR flat = 30.00\n"
        "  total 30.00 EUR, 30.00 due\n  retried 0 ×, again 2026-05-11",
    ]
