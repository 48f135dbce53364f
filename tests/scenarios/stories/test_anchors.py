"""When billing periods begin and end, over short months, leap years and time zones, and what parts of them cost."""

from tests.testkit.story import Story


async def test_the_31st_is_clamped_in_a_leap_february_and_comes_back(story: Story) -> None:
    await story.freeze("2028-01-31")
    customer = await story.customer()
    await story.start(customer, await story.plan("Team", flat=5000))
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2028-01-31 to 2028-02-29
        INV-000001 PAID, 2028-01-31
          Team, 2028-01-31 to 2028-02-29: 50.00 EUR flat = 50.00
          total 50.00 EUR, 50.00 paid
        """,
    )
    await story.advance("2028-05-01")
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2028-04-30 to 2028-05-31
        INV-000002 PAID, 2028-02-29
          Team, 2028-02-29 to 2028-03-31: 50.00 EUR flat = 50.00
          total 50.00 EUR, 50.00 paid
        INV-000003 PAID, 2028-03-31
          Team, 2028-03-31 to 2028-04-30: 50.00 EUR flat = 50.00
          total 50.00 EUR, 50.00 paid
        INV-000004 PAID, 2028-04-30
          Team, 2028-04-30 to 2028-05-31: 50.00 EUR flat = 50.00
          total 50.00 EUR, 50.00 paid
        """,
    )


async def test_the_30th_is_clamped_in_a_common_february_only(story: Story) -> None:
    await story.freeze("2027-01-30")
    customer = await story.customer()
    await story.start(customer, await story.plan("Team", flat=5000))
    await story.advance("2027-04-01")
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2027-03-30 to 2027-04-30
        INV-000001 PAID, 2027-01-30
          Team, 2027-01-30 to 2027-02-28: 50.00 EUR flat = 50.00
          total 50.00 EUR, 50.00 paid
        INV-000002 PAID, 2027-02-28
          Team, 2027-02-28 to 2027-03-30: 50.00 EUR flat = 50.00
          total 50.00 EUR, 50.00 paid
        INV-000003 PAID, 2027-03-30
          Team, 2027-03-30 to 2027-04-30: 50.00 EUR flat = 50.00
          total 50.00 EUR, 50.00 paid
        """,
    )


async def test_a_year_from_a_leap_day_ends_on_the_28th_until_the_next_leap_day(story: Story) -> None:
    await story.freeze("2024-02-29")
    customer = await story.customer()
    await story.start(customer, await story.plan("Team", flat=36500, interval={"unit": "YEAR", "count": 1}))
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2024-02-29 to 2025-02-28
        INV-000001 PAID, 2024-02-29
          Team, 2024-02-29 to 2025-02-28: 365.00 EUR flat = 365.00
          total 365.00 EUR, 365.00 paid
        """,
    )
    await story.advance("2026-02-28")
    await story.advance("2028-02-29")
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2028-02-29 to 2029-02-28
        INV-000002 PAID, 2025-02-28
          Team, 2025-02-28 to 2026-02-28: 365.00 EUR flat = 365.00
          total 365.00 EUR, 365.00 paid
        INV-000003 PAID, 2026-02-28
          Team, 2026-02-28 to 2027-02-28: 365.00 EUR flat = 365.00
          total 365.00 EUR, 365.00 paid
        INV-000004 PAID, 2027-02-28
          Team, 2027-02-28 to 2028-02-29: 365.00 EUR flat = 365.00
          total 365.00 EUR, 365.00 paid
        INV-000005 PAID, 2028-02-29
          Team, 2028-02-29 to 2029-02-28: 365.00 EUR flat = 365.00
          total 365.00 EUR, 365.00 paid
        """,
    )


async def test_billed_on_the_first_the_first_period_is_billed_in_proportion(story: Story) -> None:
    await story.freeze("2026-08-10")
    customer = await story.customer(currencyCode="USD")
    await story.start(customer, await story.plan("Team", flat=5000, currencyCode="USD"), billingDay=1)
    # August 10 to 31 are 22 of 31 days: 50.00 × 22/31 = 35.4838…
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-08-10 to 2026-09-01
        INV-000001 PAID, 2026-08-10
          Team, 2026-08-10 to 2026-09-01: (50.00 USD flat) × 22/31 = 35.48
          total 35.48 USD, 35.48 paid
        """,
    )
    await story.advance("2026-09-01")
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-09-01 to 2026-10-01
        INV-000002 PAID, 2026-09-01
          Team, 2026-09-01 to 2026-10-01: 50.00 USD flat = 50.00
          total 50.00 USD, 50.00 paid
        """,
    )


async def test_billed_on_the_31st_in_berlin_periods_begin_at_its_midnights_in_winter_and_summer(story: Story) -> None:
    await story.freeze("2026-03-15T10:00:00Z")
    customer = await story.customer(timeZone="Europe/Berlin")
    await story.start(customer, await story.plan("Team", flat=3100), billingDay=31)
    # The natural period is February 28 to March 31, 31 days, of which March 15 to 30 are 16; summer time begins on March 29.
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-03-15T10:00 to 2026-03-30T22:00
        INV-000001 PAID, 2026-03-15T10:00
          Team, 2026-03-15T10:00 to 2026-03-30T22:00: (31.00 EUR flat) × 16/31 = 16.00
          total 16.00 EUR, 16.00 paid
        """,
    )
    await story.advance("2026-04-30")
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-04-29T22:00 to 2026-05-30T22:00
        INV-000002 PAID, 2026-03-30T22:00
          Team, 2026-03-30T22:00 to 2026-04-29T22:00: 31.00 EUR flat = 31.00
          total 31.00 EUR, 31.00 paid
        INV-000003 PAID, 2026-04-29T22:00
          Team, 2026-04-29T22:00 to 2026-05-30T22:00: 31.00 EUR flat = 31.00
          total 31.00 EUR, 31.00 paid
        """,
    )


async def test_billed_on_mondays_the_first_week_is_what_is_left_of_it(story: Story) -> None:
    await story.freeze("2026-01-07")  # a Wednesday
    customer = await story.customer()
    await story.start(customer, await story.plan("Box", flat=999, interval={"unit": "WEEK", "count": 1}), billingDay=1)
    await story.advance("2026-01-12")
    # Wednesday to Sunday: 9.99 × 5/7 = 7.1357…
    await story.sees(
        customer,
        """
        Box: ACTIVE, 2026-01-12 to 2026-01-19
        INV-000001 PAID, 2026-01-07
          Box, 2026-01-07 to 2026-01-12: (9.99 EUR flat) × 5/7 = 7.14
          total 7.14 EUR, 7.14 paid
        INV-000002 PAID, 2026-01-12
          Box, 2026-01-12 to 2026-01-19: 9.99 EUR flat = 9.99
          total 9.99 EUR, 9.99 paid
        """,
    )


async def test_a_backdated_start_is_billed_period_by_period_up_to_now(story: Story) -> None:
    await story.freeze("2026-03-10")
    price = await story.plan("Team", flat=5000)
    since_january, since_february = await story.customer(), await story.customer()
    await story.start(since_january, price, startsAt="2026-01-15T00:00:00Z", billingDay=1)
    # January 15 to 31 are 17 of 31 days: 50.00 × 17/31 = 27.4193…
    await story.sees(
        since_january,
        """
        Team: ACTIVE, 2026-03-01 to 2026-04-01
        INV-000001 PAID, 2026-03-10
          Team, 2026-01-15 to 2026-02-01: (50.00 EUR flat) × 17/31 = 27.42
          total 27.42 EUR, 27.42 paid
        INV-000002 PAID, 2026-03-10
          Team, 2026-02-01 to 2026-03-01: 50.00 EUR flat = 50.00
          total 50.00 EUR, 50.00 paid
        INV-000003 PAID, 2026-03-10
          Team, 2026-03-01 to 2026-04-01: 50.00 EUR flat = 50.00
          total 50.00 EUR, 50.00 paid
        """,
    )
    await story.start(since_february, price, startsAt="2026-02-15T00:00:00Z", billingDay=1)
    # February 15 to 28 are 14 of 28 days: half
    await story.sees(
        since_february,
        """
        Team: ACTIVE, 2026-03-01 to 2026-04-01
        INV-000004 PAID, 2026-03-10
          Team, 2026-02-15 to 2026-03-01: (50.00 EUR flat) × 14/28 = 25.00
          total 25.00 EUR, 25.00 paid
        INV-000005 PAID, 2026-03-10
          Team, 2026-03-01 to 2026-04-01: 50.00 EUR flat = 50.00
          total 50.00 EUR, 50.00 paid
        """,
    )


async def test_a_start_that_lies_ahead_is_billed_when_it_comes(story: Story) -> None:
    await story.freeze("2026-01-10")
    customer = await story.customer()
    await story.start(customer, await story.plan("Team", flat=5000), startsAt="2026-02-14T00:00:00Z")
    await story.sees(customer, "Team: SCHEDULED, 2026-01-10 to 2026-02-14")
    await story.advance("2026-03-14")
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-03-14 to 2026-04-14
        INV-000001 PAID, 2026-02-14
          Team, 2026-02-14 to 2026-03-14: 50.00 EUR flat = 50.00
          total 50.00 EUR, 50.00 paid
        INV-000002 PAID, 2026-03-14
          Team, 2026-03-14 to 2026-04-14: 50.00 EUR flat = 50.00
          total 50.00 EUR, 50.00 paid
        """,
    )
