"""A free time first: what happens at its end, and when the first payment fails."""

from tests.testkit.story import Story


async def test_a_trial_with_a_card_becomes_a_paid_period(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer()
    basic, pro = await story.plan("Basic", flat=3100), await story.plan("Pro", flat=6200)
    id = await story.start(customer, basic, trial={"days": 14})
    await story.sees(customer, "Basic: TRIALING, 2026-01-01 to 2026-01-15, trial until 2026-01-15")
    await story.change(id, priceId=pro)  # nothing was billed, so nothing is in proportion
    await story.sees(customer, "Pro: TRIALING, 2026-01-01 to 2026-01-15, trial until 2026-01-15")
    await story.advance("2026-02-15")
    await story.sees(
        customer,
        """
        Pro: ACTIVE, 2026-02-15 to 2026-03-15
        INV-000001 PAID, 2026-01-15
          Pro, 2026-01-15 to 2026-02-15: 62.00 EUR flat = 62.00
          total 62.00 EUR, 62.00 paid
        INV-000002 PAID, 2026-02-15
          Pro, 2026-02-15 to 2026-03-15: 62.00 EUR flat = 62.00
          total 62.00 EUR, 62.00 paid
        """,
    )


async def test_after_a_trial_periods_begin_on_the_billing_day(story: Story) -> None:
    await story.freeze("2026-01-08")
    customer = await story.customer()
    await story.start(customer, await story.plan("Team", flat=3100), trial={"days": 14}, billingDay=1)
    await story.advance("2026-02-01")
    # January 22 to 31 are 10 of 31 days
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-02-01 to 2026-03-01
        INV-000001 PAID, 2026-01-22
          Team, 2026-01-22 to 2026-02-01: (31.00 EUR flat) × 10/31 = 10.00
          total 10.00 EUR, 10.00 paid
        INV-000002 PAID, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 31.00 EUR flat = 31.00
          total 31.00 EUR, 31.00 paid
        """,
    )


async def test_a_trial_without_a_card_ends_pauses_or_is_billed_as_was_agreed(story: Story) -> None:
    await story.freeze("2026-01-01")
    price = await story.plan("Team", flat=3100)
    ending, pausing, billed = [await story.customer(card=None) for _ in range(3)]
    await story.start(ending, price, trial={"days": 14, "ending": "CANCEL"})
    paused = await story.start(pausing, price, trial={"days": 14, "ending": "PAUSE"})
    await story.start(billed, price, trial={"days": 14, "ending": "CREATE_INVOICE"})
    await story.advance("2026-01-15")
    await story.sees(
        ending,
        """
        Team: CANCELED, 2026-01-01 to 2026-01-15, ended 2026-01-15
          ended because: The trial ended without a payment method.
        """,
    )
    await story.sees(pausing, "Team: PAUSED, 2026-01-01 to 2026-01-15, paused 2026-01-15")
    await story.sees(
        billed,
        """
        Team: PAST_DUE, 2026-01-15 to 2026-02-15, no_payment_method
        INV-000001 OPEN, 2026-01-15
          Team, 2026-01-15 to 2026-02-15: 31.00 EUR flat = 31.00
          total 31.00 EUR, 31.00 due
          retried 0 ×, again 2026-01-16
        """,
    )
    await story.pay_by(billed, "sandbox_success")
    await story.sees(
        billed,
        """
        Team: ACTIVE, 2026-01-15 to 2026-02-15
        INV-000001 PAID, 2026-01-15
          Team, 2026-01-15 to 2026-02-15: 31.00 EUR flat = 31.00
          total 31.00 EUR, 31.00 paid
        """,
    )
    await story.advance("2026-01-20")
    await story.pay_by(pausing, "sandbox_success")
    await story.do("planSubscriptionResume", id=paused)
    # its periods are counted from here
    await story.sees(
        pausing,
        """
        Team: ACTIVE, 2026-01-20 to 2026-02-20
        INV-000002 PAID, 2026-01-20
          Team, 2026-01-20 to 2026-02-20: 31.00 EUR flat = 31.00
          total 31.00 EUR, 31.00 paid
        """,
    )


async def test_a_trial_that_is_canceled_is_never_billed(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer()
    id = await story.start(customer, await story.plan("Team", flat=3100), trial={"days": 14})
    await story.cancel(id, when="PERIOD_END")
    await story.sees(customer, "Team: TRIALING, 2026-01-01 to 2026-01-15, trial until 2026-01-15, ends 2026-01-15")
    await story.advance("2026-02-15")
    await story.sees(customer, "Team: CANCELED, 2026-01-01 to 2026-01-15, ended 2026-01-15")


async def test_a_first_payment_that_fails_can_be_made_within_23_hours(story: Story) -> None:
    await story.freeze("2026-01-01")
    price = await story.plan("Team", flat=3100)
    late, never = await story.customer(card="sandbox_declined"), await story.customer(card="sandbox_declined")
    await story.start(late, price)
    incomplete = """
        Team: INCOMPLETE, 2026-01-01 to 2026-02-01, card_declined
        INV-{number} OPEN, 2026-01-01
          Team, 2026-01-01 to 2026-02-01: 31.00 EUR flat = 31.00
          total 31.00 EUR, 31.00 due
        """
    await story.sees(late, incomplete.format(number="000001"))
    await story.start(never, price)
    await story.sees(never, incomplete.format(number="000002"))
    await story.advance("2026-01-01T22:00:00Z")
    await story.all_hear_of("2026-01-01T22")
    card, invoices = await story.pay_by(late, "sandbox_success"), await story.invoice_ids(late)
    await story.do("invoicePay", id=invoices["INV-000001"], paymentMethodId=card)
    await story.sees(
        late,
        """
        Team: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000001 PAID, 2026-01-01
          Team, 2026-01-01 to 2026-02-01: 31.00 EUR flat = 31.00
          total 31.00 EUR, 31.00 paid
        """,
    )
    await story.advance("2026-01-02")
    await story.sees(
        never,
        """
        Team: INCOMPLETE_EXPIRED, 2026-01-01 to 2026-02-01, card_declined, ended 2026-01-01T23:00
        INV-000002 VOID, 2026-01-01 (The subscription ended before it was paid for.)
          Team, 2026-01-01 to 2026-02-01: 31.00 EUR flat = 31.00
          total 31.00 EUR
        """,
    )
