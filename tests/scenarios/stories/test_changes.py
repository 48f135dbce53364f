"""Other plans, seats and add-ons, within a period, at its end and on a date: what is credited, charged, and when."""

import asyncio

from tests.testkit.story import Story

YEAR = {"unit": "YEAR", "count": 1}
PLANNED = """
query($id: ID!) { planSubscription(id: $id) {
  cancelAt pendingChanges { changeAt plan { name } } upcomingInvoices(first: 5) { billedAt total { amount } }
} }"""
MOVED = """
query($input: PriceMigrationPreviewInput!) { priceMigrationPreview(input: $input) {
  subscribers steps { nodes { refusal { message } change { now { total { amount } } next { total { amount } } } } }
} }"""
MIGRATION = "query($id: ID!) { priceMigration(id: $id) { status moved refused } }"


async def test_an_upgrade_costs_the_difference_for_the_rest_of_the_period_with_the_next_invoice(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer()
    starter, pro = await story.plan("Starter", flat=10000), await story.plan("Pro", flat=20000)
    id = await story.start(customer, starter)
    await story.sees(
        customer,
        """
        Starter: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000001 PAID, 2026-01-01
          Starter, 2026-01-01 to 2026-02-01: 100.00 EUR flat = 100.00
          total 100.00 EUR, 100.00 paid
        """,
    )
    await story.advance("2026-01-15")
    await story.change(id, priceId=pro)
    # 17 of 31 days are left: 100.00 × 17/31 = 54.8387…, 200.00 × 17/31 = 109.6774…; the first 14 days cost 100.00 − 54.84 = 45.16
    await story.sees(customer, "Pro: ACTIVE, 2026-01-01 to 2026-02-01, 54.84 on the next invoice")
    await story.advance("2026-02-01")
    await story.sees(
        customer,
        """
        Pro: ACTIVE, 2026-02-01 to 2026-03-01
        INV-000002 PAID, 2026-02-01
          Pro, 2026-02-01 to 2026-03-01: 200.00 EUR flat = 200.00
          Unused time of Starter, 2026-01-15 to 2026-02-01: -100.00 EUR × 17/31 = -54.84
          Remaining time of Pro, 2026-01-15 to 2026-02-01: 200.00 EUR × 17/31 = 109.68
          total 254.84 EUR, 254.84 paid
        """,
    )


async def test_up_down_and_up_again_in_one_period_costs_each_plan_for_its_days(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer()
    basic, pro = await story.plan("Basic", flat=3100), await story.plan("Pro", flat=6200)
    id = await story.start(customer, basic)
    await story.sees(
        customer,
        """
        Basic: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000001 PAID, 2026-01-01
          Basic, 2026-01-01 to 2026-02-01: 31.00 EUR flat = 31.00
          total 31.00 EUR, 31.00 paid
        """,
    )
    await story.advance("2026-01-11")
    await story.change(id, priceId=pro, proration="INVOICE_NOW")
    # 21 of 31 days: 1.00 a day comes back, 2.00 a day are charged
    await story.sees(
        customer,
        """
        Pro: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000002 PAID, 2026-01-11
          Unused time of Basic, 2026-01-11 to 2026-02-01: -31.00 EUR × 21/31 = -21.00
          Remaining time of Pro, 2026-01-11 to 2026-02-01: 62.00 EUR × 21/31 = 42.00
          total 21.00 EUR, 21.00 paid
        """,
    )
    await story.advance("2026-01-21")
    await story.change(id, priceId=basic, proration="INVOICE_NOW")
    # 11 days: −22.00 + 11.00; a credit is kept
    await story.sees(customer, "Basic: ACTIVE, 2026-01-01 to 2026-02-01, -11.00 on the next invoice")
    await story.advance("2026-01-26")
    await story.change(id, priceId=pro, proration="INVOICE_NOW")
    # 6 days: −11.00 − 6.00 + 12.00, still a credit
    await story.sees(customer, "Pro: ACTIVE, 2026-01-01 to 2026-02-01, -5.00 on the next invoice")
    await story.advance("2026-02-01")
    # January cost 10 × 1.00 + 10 × 2.00 + 5 × 1.00 + 6 × 2.00 = 47.00 = 31.00 + 21.00 − 5.00
    await story.sees(
        customer,
        """
        Pro: ACTIVE, 2026-02-01 to 2026-03-01
        INV-000003 PAID, 2026-02-01
          Pro, 2026-02-01 to 2026-03-01: 62.00 EUR flat = 62.00
          Unused time of Pro, 2026-01-21 to 2026-02-01: -62.00 EUR × 11/31 = -22.00
          Remaining time of Basic, 2026-01-21 to 2026-02-01: 31.00 EUR × 11/31 = 11.00
          Unused time of Basic, 2026-01-26 to 2026-02-01: -31.00 EUR × 6/31 = -6.00
          Remaining time of Pro, 2026-01-26 to 2026-02-01: 62.00 EUR × 6/31 = 12.00
          total 57.00 EUR, 57.00 paid
        """,
    )


async def test_a_change_by_seconds_counts_what_is_left_of_the_month_and_taken_back_gives_back_the_same(story: Story) -> None:
    await story.freeze("2026-04-01")
    customer = await story.customer()
    small, large = [await story.plan(name, flat=flat, proratedBy="SECOND") for name, flat in (("Small", 500), ("Large", 2000))]
    id = await story.start(customer, small)
    await story.sees(
        customer,
        """
        Small: ACTIVE, 2026-04-01 to 2026-05-01
        INV-000001 PAID, 2026-04-01
          Small, 2026-04-01 to 2026-05-01: 5.00 EUR flat = 5.00
          total 5.00 EUR, 5.00 paid
        """,
    )
    await story.advance("2026-04-02")
    await story.change(id, priceId=large, proration="INVOICE_NOW")
    # 29 of 30 days in seconds: 5.00 × 29/30 = 4.8333…, 20.00 × 29/30 = 19.3333…
    await story.sees(
        customer,
        """
        Large: ACTIVE, 2026-04-01 to 2026-05-01
        INV-000002 PAID, 2026-04-02
          Unused time of Small, 2026-04-02 to 2026-05-01: -5.00 EUR × 2505600/2592000 = -4.83
          Remaining time of Large, 2026-04-02 to 2026-05-01: 20.00 EUR × 2505600/2592000 = 19.33
          total 14.50 EUR, 14.50 paid
        """,
    )
    await story.change(id, priceId=small)
    await story.sees(customer, "Small: ACTIVE, 2026-04-01 to 2026-05-01, -14.50 on the next invoice")
    await story.advance("2026-05-01")
    # 5.00 do not use up the credit of 14.50
    await story.sees(
        customer,
        """
        Small: ACTIVE, 2026-05-01 to 2026-06-01, -9.50 on the next invoice
        INV-000003 PAID, 2026-05-01
          Small, 2026-05-01 to 2026-06-01: 5.00 EUR flat = 5.00
          Unused time of Large, 2026-04-02 to 2026-05-01: -20.00 EUR × 2505600/2592000 = -19.33
          Remaining time of Small, 2026-04-02 to 2026-05-01: 5.00 EUR × 2505600/2592000 = 4.83
          Credit kept for the next invoice, 2026-05-01 to 2026-06-01: 9.50 EUR of credit left = 9.50
          total 0.00 EUR
        """,
    )


async def test_a_change_at_the_end_of_the_period_is_taken_back_and_asked_for_again(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer()
    pro, basic = await story.plan("Pro", flat=6200), await story.plan("Basic", flat=3100)
    id = await story.start(customer, pro)
    await story.sees(
        customer,
        """
        Pro: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000001 PAID, 2026-01-01
          Pro, 2026-01-01 to 2026-02-01: 62.00 EUR flat = 62.00
          total 62.00 EUR, 62.00 paid
        """,
    )
    await story.change(id, priceId=basic, when="PERIOD_END")
    await story.sees(customer, "Pro: ACTIVE, 2026-01-01 to 2026-02-01, from 2026-02-01 Basic")
    await story.do("planSubscriptionUndoChange", id=id)
    await story.sees(customer, "Pro: ACTIVE, 2026-01-01 to 2026-02-01")
    await story.advance("2026-02-01")
    await story.sees(
        customer,
        """
        Pro: ACTIVE, 2026-02-01 to 2026-03-01
        INV-000002 PAID, 2026-02-01
          Pro, 2026-02-01 to 2026-03-01: 62.00 EUR flat = 62.00
          total 62.00 EUR, 62.00 paid
        """,
    )
    await story.change(id, priceId=basic, when="PERIOD_END")
    await story.advance("2026-03-01")
    await story.sees(
        customer,
        """
        Basic: ACTIVE, 2026-03-01 to 2026-04-01
        INV-000003 PAID, 2026-03-01
          Basic, 2026-03-01 to 2026-04-01: 31.00 EUR flat = 31.00
          total 31.00 EUR, 31.00 paid
        """,
    )


async def test_a_change_on_a_date_happens_and_is_billed_that_day(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer()
    basic, pro = await story.plan("Basic", flat=2800), await story.plan("Pro", flat=5600)
    id = await story.start(customer, basic)
    await story.sees(
        customer,
        """
        Basic: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000001 PAID, 2026-01-01
          Basic, 2026-01-01 to 2026-02-01: 28.00 EUR flat = 28.00
          total 28.00 EUR, 28.00 paid
        """,
    )
    await story.change(id, priceId=pro, when="DATE", at="2026-02-15T00:00:00Z", proration="INVOICE_NOW")
    await story.sees(customer, "Basic: ACTIVE, 2026-01-01 to 2026-02-01, from 2026-02-15 Pro")
    await story.advance("2026-03-01")
    # 14 of 28 days are left
    await story.sees(
        customer,
        """
        Pro: ACTIVE, 2026-03-01 to 2026-04-01
        INV-000002 PAID, 2026-02-01
          Basic, 2026-02-01 to 2026-03-01: 28.00 EUR flat = 28.00
          total 28.00 EUR, 28.00 paid
        INV-000003 PAID, 2026-02-15
          Unused time of Basic, 2026-02-15 to 2026-03-01: -28.00 EUR × 14/28 = -14.00
          Remaining time of Pro, 2026-02-15 to 2026-03-01: 56.00 EUR × 14/28 = 28.00
          total 14.00 EUR, 14.00 paid
        INV-000004 PAID, 2026-03-01
          Pro, 2026-03-01 to 2026-04-01: 56.00 EUR flat = 56.00
          total 56.00 EUR, 56.00 paid
        """,
    )


async def test_from_monthly_to_yearly_and_back_a_new_period_begins_at_once(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer()
    monthly, yearly = await story.plan("Monthly", flat=3100), await story.plan("Yearly", flat=36500, interval=YEAR)
    id = await story.start(customer, monthly)
    await story.sees(
        customer,
        """
        Monthly: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000001 PAID, 2026-01-01
          Monthly, 2026-01-01 to 2026-02-01: 31.00 EUR flat = 31.00
          total 31.00 EUR, 31.00 paid
        """,
    )
    await story.advance("2026-01-16")
    await story.change(id, priceId=yearly)
    # 16 of 31 days are left
    await story.sees(
        customer,
        """
        Yearly: ACTIVE, 2026-01-16 to 2027-01-16
        INV-000002 PAID, 2026-01-16
          Yearly, 2026-01-16 to 2027-01-16: 365.00 EUR flat = 365.00
          Unused time of Monthly, 2026-01-16 to 2026-02-01: -31.00 EUR × 16/31 = -16.00
          total 349.00 EUR, 349.00 paid
        """,
    )
    await story.advance("2026-07-01")
    await story.change(id, priceId=monthly)
    # From July to January 15 there are 184 + 15 = 199 of 365 days; 199.00 − 31.00 = 168.00 are for the months that follow.
    await story.sees(
        customer,
        """
        Monthly: ACTIVE, 2026-07-01 to 2026-08-01, -168.00 on the next invoice
        INV-000003 PAID, 2026-07-01
          Monthly, 2026-07-01 to 2026-08-01: 31.00 EUR flat = 31.00
          Unused time of Yearly, 2026-07-01 to 2027-01-16: -365.00 EUR × 199/365 = -199.00
          Credit kept for the next invoice, 2026-07-01 to 2026-08-01: 168.00 EUR of credit left = 168.00
          total 0.00 EUR
        """,
    )
    await story.advance("2026-08-01")
    await story.sees(
        customer,
        """
        Monthly: ACTIVE, 2026-08-01 to 2026-09-01, -137.00 on the next invoice
        INV-000004 PAID, 2026-08-01
          Monthly, 2026-08-01 to 2026-09-01: 31.00 EUR flat = 31.00
          Credit from the last invoice, 2026-07-01 to 2026-08-01: 168.00 EUR of credit left = -168.00
          Credit kept for the next invoice, 2026-08-01 to 2026-09-01: 137.00 EUR of credit left = 137.00
          total 0.00 EUR
        """,
    )


async def test_seats_come_and_go_billed_later_not_at_all_and_at_once(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer()
    id = await story.start(customer, await story.plan("Team", unitAmount="31.00"), quantity=2)
    await story.sees(
        customer,
        """
        Team × 2: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000001 PAID, 2026-01-01
          Team, 2026-01-01 to 2026-02-01: 2 × 31.00 EUR = 62.00
          total 62.00 EUR, 62.00 paid
        """,
    )
    await story.advance("2026-01-11")
    await story.change(id, quantity=5)
    # 21 days: −42.00 + 105.00
    await story.sees(customer, "Team × 5: ACTIVE, 2026-01-01 to 2026-02-01, 63.00 on the next invoice")
    await story.advance("2026-01-21")
    await story.change(id, quantity=3, proration="NONE")
    await story.sees(customer, "Team × 3: ACTIVE, 2026-01-01 to 2026-02-01, 63.00 on the next invoice")
    await story.advance("2026-01-26")
    await story.change(id, quantity=4, proration="INVOICE_NOW")
    # 6 days: 5 seats are what was billed, 1.00 a day each: −30.00 + 24.00
    await story.sees(
        customer,
        """
        Team × 4: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000002 PAID, 2026-01-26
          Unused time of Team, 2026-01-11 to 2026-02-01: -62.00 EUR × 21/31 = -42.00
          Remaining time of Team, 2026-01-11 to 2026-02-01: 155.00 EUR × 21/31 = 105.00
          Unused time of Team, 2026-01-26 to 2026-02-01: -155.00 EUR × 6/31 = -30.00
          Remaining time of Team, 2026-01-26 to 2026-02-01: 124.00 EUR × 6/31 = 24.00
          total 57.00 EUR, 57.00 paid
        """,
    )
    await story.advance("2026-02-01")
    await story.sees(
        customer,
        """
        Team × 4: ACTIVE, 2026-02-01 to 2026-03-01
        INV-000003 PAID, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 4 × 31.00 EUR = 124.00
          total 124.00 EUR, 124.00 paid
        """,
    )


async def test_add_ons_come_grow_and_go(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer()
    team, support = await story.plan("Team", flat=3100), await story.plan("Support", flat=6200)
    storage = await story.plan("Storage", unitAmount="3.10")
    id = await story.start(customer, team, addOns=[{"priceId": storage, "quantity": 2}])
    await story.sees(
        customer,
        """
        Team + Storage × 2: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000001 PAID, 2026-01-01
          Team, 2026-01-01 to 2026-02-01: 31.00 EUR flat = 31.00
          Storage, 2026-01-01 to 2026-02-01: 2 × 3.10 EUR = 6.20
          total 37.20 EUR, 37.20 paid
        """,
    )
    await story.advance("2026-01-11")
    wanted = [{"priceId": storage, "quantity": 5}, {"priceId": support}]
    await story.change(id, addOns=wanted, proration="INVOICE_NOW")
    # 21 of 31 days of 2 × 3.10, of 5 × 3.10 and of 62.00
    await story.sees(
        customer,
        """
        Team + Storage × 5 + Support: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000002 PAID, 2026-01-11
          Unused time of Storage, 2026-01-11 to 2026-02-01: -6.20 EUR × 21/31 = -4.20
          Remaining time of Storage, 2026-01-11 to 2026-02-01: 15.50 EUR × 21/31 = 10.50
          Remaining time of Support, 2026-01-11 to 2026-02-01: 62.00 EUR × 21/31 = 42.00
          total 48.30 EUR, 48.30 paid
        """,
    )
    await story.advance("2026-02-15")
    await story.change(id, addOns=wanted[:1])
    await story.sees(
        customer,
        """
        Team + Storage × 5: ACTIVE, 2026-02-01 to 2026-03-01, -31.00 on the next invoice
        INV-000003 PAID, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 31.00 EUR flat = 31.00
          Storage, 2026-02-01 to 2026-03-01: 5 × 3.10 EUR = 15.50
          Support, 2026-02-01 to 2026-03-01: 62.00 EUR flat = 62.00
          total 108.50 EUR, 108.50 paid
        """,
    )
    await story.advance("2026-03-01")
    await story.sees(
        customer,
        """
        Team + Storage × 5: ACTIVE, 2026-03-01 to 2026-04-01
        INV-000004 PAID, 2026-03-01
          Team, 2026-03-01 to 2026-04-01: 31.00 EUR flat = 31.00
          Storage, 2026-03-01 to 2026-04-01: 5 × 3.10 EUR = 15.50
          Unused time of Support, 2026-02-15 to 2026-03-01: -62.00 EUR × 14/28 = -31.00
          total 15.50 EUR, 15.50 paid
        """,
    )


async def test_one_seat_more_makes_all_seats_cheaper_by_volume_and_only_the_new_one_in_grades(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer()
    tiers = [{"upTo": "5", "unitAmount": "7"}, {"upTo": "10", "unitAmount": "6.50"}, {"unitAmount": "6"}]
    volume = await story.plan("Volume", model="VOLUME", tiers=tiers)
    graduated = await story.plan("Graduated", model="GRADUATED", tiers=tiers)
    id = await story.start(customer, volume, quantity=5)
    await story.sees(
        customer,
        """
        Volume × 5: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000001 PAID, 2026-01-01
          Volume, 2026-01-01 to 2026-02-01: 5 × 7.00 EUR = 35.00
          total 35.00 EUR, 35.00 paid
        """,
    )
    await story.advance("2026-01-16")
    await story.change(id, quantity=6)
    await story.change(id, priceId=graduated, quantity=25, when="PERIOD_END")
    # 16 of 31 days of 5 × 7 = 35.00 and of 6 × 6.50 = 39.00: 18.0645…, 20.1290…; by grades 5 × 7 + 5 × 6.50 + 15 × 6 = 157.50
    await story.advance("2026-02-01")
    await story.sees(
        customer,
        """
        Graduated × 25: ACTIVE, 2026-02-01 to 2026-03-01
        INV-000002 PAID, 2026-02-01
          Graduated, 2026-02-01 to 2026-03-01: 5 × 7.00 EUR + 5 × 6.50 EUR + 15 × 6.00 EUR = 157.50
          Unused time of Volume, 2026-01-16 to 2026-02-01: -35.00 EUR × 16/31 = -18.06
          Remaining time of Volume, 2026-01-16 to 2026-02-01: 39.00 EUR × 16/31 = 20.13
          total 159.57 EUR, 159.57 paid
        """,
    )


async def test_a_ramp_of_prices_ends_with_its_last_phase(story: Story) -> None:
    await story.freeze("2026-01-31")
    customer = await story.customer()
    intro, full = await story.plan("Intro", flat=1000), await story.plan("Full", flat=3000)
    id = await story.start(customer, intro)
    await story.sees(
        customer,
        """
        Intro: ACTIVE, 2026-01-31 to 2026-02-28
        INV-000001 PAID, 2026-01-31
          Intro, 2026-01-31 to 2026-02-28: 10.00 EUR flat = 10.00
          total 10.00 EUR, 10.00 paid
        """,
    )
    phases = [{"periods": 1}, {"priceId": full, "periods": 2}]
    await story.do("planSubscriptionSchedule", id=id, phases=phases, ending="CANCEL")
    told = (await story.shop.data(PLANNED, {"id": id}))["planSubscription"]
    assert told == {
        "cancelAt": "2026-05-31T00:00:00.000Z",
        "pendingChanges": [{"changeAt": "2026-03-31T00:00:00.000Z", "plan": {"name": "Full"}}],
        "upcomingInvoices": [
            {"billedAt": "2026-02-28T00:00:00.000Z", "total": {"amount": "10.00"}},
            {"billedAt": "2026-03-31T00:00:00.000Z", "total": {"amount": "30.00"}},
            {"billedAt": "2026-04-30T00:00:00.000Z", "total": {"amount": "30.00"}},
        ],
    }
    await story.advance("2026-07-01")
    await story.sees(
        customer,
        """
        Full: CANCELED, 2026-04-30 to 2026-05-31, ended 2026-05-31
        INV-000002 PAID, 2026-02-28
          Intro, 2026-02-28 to 2026-03-31: 10.00 EUR flat = 10.00
          total 10.00 EUR, 10.00 paid
        INV-000003 PAID, 2026-03-31
          Full, 2026-03-31 to 2026-04-30: 30.00 EUR flat = 30.00
          total 30.00 EUR, 30.00 paid
        INV-000004 PAID, 2026-04-30
          Full, 2026-04-30 to 2026-05-31: 30.00 EUR flat = 30.00
          total 30.00 EUR, 30.00 paid
        """,
    )


async def test_subscribers_of_an_old_price_move_to_the_new_one_with_their_periods(story: Story) -> None:
    await story.freeze("2026-01-01")
    first, second = await story.customer(), await story.customer()
    old = await story.plan("Team", flat=1900)
    [plan_id] = await story.plan_ids(old)
    await story.start(first, old)
    await story.sees(
        first,
        """
        Team: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000001 PAID, 2026-01-01
          Team, 2026-01-01 to 2026-02-01: 19.00 EUR flat = 19.00
          total 19.00 EUR, 19.00 paid
        """,
    )
    await story.start(second, old, billingDay=15)
    # 14 of the 31 days up to the 15th
    await story.sees(
        second,
        """
        Team: ACTIVE, 2026-01-01 to 2026-01-15
        INV-000002 PAID, 2026-01-01
          Team, 2026-01-01 to 2026-01-15: (19.00 EUR flat) × 14/31 = 8.58
          total 8.58 EUR, 8.58 paid
        """,
    )
    new = await story.price(plan_id, flat=2500)
    move = {"fromPriceId": old, "toPriceId": new}
    preview = (await story.shop.data(MOVED, {"input": move}))["priceMigrationPreview"]
    assert preview == {
        "subscribers": 2,
        "steps": {"nodes": [{"refusal": None, "change": {"now": None, "next": {"total": {"amount": "25.00"}}}}] * 2},
    }
    migration = await story.do("priceMigrationStart", "priceMigration { id }", **move)
    id = {"id": migration["priceMigration"]["id"]}

    async def moved() -> bool:
        return (await story.shop.data(MIGRATION, id))["priceMigration"] == {"status": "COMPLETED", "moved": 2, "refused": 0}

    await story.until(moved)
    await story.advance("2026-02-01")
    await story.sees(
        first,
        """
        Team: ACTIVE, 2026-02-01 to 2026-03-01
        INV-000004 PAID, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 25.00 EUR flat = 25.00
          total 25.00 EUR, 25.00 paid
        """,
    )
    await story.sees(
        second,
        """
        Team: ACTIVE, 2026-01-15 to 2026-02-15
        INV-000003 PAID, 2026-01-15
          Team, 2026-01-15 to 2026-02-15: 25.00 EUR flat = 25.00
          total 25.00 EUR, 25.00 paid
        """,
    )


async def test_what_is_billed_in_arrears_is_billed_for_the_time_it_was_had(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer()
    old, new = [await story.plan(name, flat=flat, billed="IN_ARREARS") for name, flat in (("Old", 10000), ("New", 20000))]
    id = await story.start(customer, old)
    await story.sees(
        customer,
        """
        Old: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000001 PAID, 2026-01-01
          total 0.00 EUR
        """,
    )
    await story.advance("2026-01-15")
    await story.change(id, priceId=new)
    await story.advance("2026-02-01")
    # 100.00 × 14/31 = 45.16 and 200.00 × 17/31 = 109.68
    await story.sees(
        customer,
        """
        New: ACTIVE, 2026-02-01 to 2026-03-01
        INV-000002 PAID, 2026-02-01
          New, 2026-01-15 to 2026-02-01: (200.00 EUR flat) × 17/31 = 109.68
          Used time of Old, 2026-01-01 to 2026-01-15: 100.00 EUR × 14/31 = 45.16
          total 154.84 EUR, 154.84 paid
        """,
    )
    await story.advance("2026-02-15")
    await story.cancel(id, when="NOW")
    await story.sees(
        customer,
        """
        New: CANCELED, 2026-02-01 to 2026-03-01, ended 2026-02-15
        INV-000003 PAID, 2026-02-15
          New, 2026-02-01 to 2026-02-15: (200.00 EUR flat) × 14/28 = 100.00
          total 100.00 EUR, 100.00 paid
        """,
    )


async def test_a_renamed_plan_is_billed_by_its_new_name_and_what_was_billed_keeps_its_own(story: Story) -> None:
    await story.freeze("2026-01-01")
    price, customer = await story.plan("Taem", flat=1900), await story.customer()
    id = await story.start(customer, price)
    await story.sees(
        customer,
        """
        Taem: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000001 PAID, 2026-01-01
          Taem, 2026-01-01 to 2026-02-01: 19.00 EUR flat = 19.00
          total 19.00 EUR, 19.00 paid
        """,
    )
    [plan_id] = await story.plan_ids(price)
    renamed = await story.do("planUpdate", "plan { name }", id=plan_id, name="Team")
    assert renamed["plan"] == {"name": "Team"}
    upcoming = "query($id: ID!) { planSubscription(id: $id) { upcomingInvoices { lines { description } } } }"
    async with asyncio.timeout(20):
        while True:
            [invoice] = (await story.shop.data(upcoming, {"id": id}))["planSubscription"]["upcomingInvoices"]
            if invoice["lines"] == [{"description": "Team"}]:
                break
            await asyncio.sleep(0.1)
    await story.advance("2026-02-01")
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-02-01 to 2026-03-01
        INV-000002 PAID, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 19.00 EUR flat = 19.00
          total 19.00 EUR, 19.00 paid
        """,
    )
    billed = "query($id: ID!) { customer(id: $id) { invoices(first: 5) { nodes { lines { description } } } } }"
    found = (await story.shop.data(billed, {"id": customer}))["customer"]["invoices"]["nodes"]
    assert [line["description"] for invoice in found for line in invoice["lines"]] == ["Team", "Taem"]
