"""What is taken off, what is put on top, and how it is rounded, in currencies with two, none and three decimals."""

from typing import Any

from tests.testkit.story import Story, money

BERLIN = {"line1": "Hauptstr. 1", "city": "Berlin", "country": "DE"}


async def coupon(story: Story, name: str, duration: str = "FOREVER", **terms: Any) -> str:
    made = await story.do("couponCreate", "coupon { id }", name=name, duration=duration, **terms)
    return str(made["coupon"]["id"])


async def test_euros_a_share_off_and_tax_on_top(story: Story) -> None:
    await story.freeze("2026-01-01")
    await story.do("taxRateAdd", name="VAT", percentage="19", country="DE")
    customer = await story.customer(address=BERLIN)
    quarter_off = await coupon(story, "Launch", "REPEATING", periods=2, percentOff="25")
    await story.start(customer, await story.plan("Team", unitAmount="12.50"), quantity=3, couponId=quarter_off)
    # 25 % of 37.50 are 9.375; 19 % of 28.12 are 5.3428
    await story.sees(
        customer,
        """
        Team × 3: ACTIVE, 2026-01-01 to 2026-02-01, Launch for 1 more
        INV-000001 PAID, 2026-01-01
          Team, 2026-01-01 to 2026-02-01: 3 × 12.50 EUR − 9.38 EUR (Launch, 25 %) = 28.12
          VAT 19 %: 5.34
          subtotal 28.12, tax 5.34, total 33.46 EUR, 33.46 paid
        """,
    )
    await story.advance("2026-03-01")
    # 19 % of 37.50 are 7.125
    await story.sees(
        customer,
        """
        Team × 3: ACTIVE, 2026-03-01 to 2026-04-01
        INV-000002 PAID, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 3 × 12.50 EUR − 9.38 EUR (Launch, 25 %) = 28.12
          VAT 19 %: 5.34
          subtotal 28.12, tax 5.34, total 33.46 EUR, 33.46 paid
        INV-000003 PAID, 2026-03-01
          Team, 2026-03-01 to 2026-04-01: 3 × 12.50 EUR = 37.50
          VAT 19 %: 7.13
          subtotal 37.50, tax 7.13, total 44.63 EUR, 44.63 paid
        """,
    )


async def test_yen_have_no_decimals_and_dinars_have_three(story: Story) -> None:
    await story.freeze("2026-01-01")
    await story.do("taxRateAdd", name="Consumption tax", percentage="10", country="JP")
    await story.do("taxRateAdd", name="VAT", percentage="5", country="KW")
    yen, dinars = (
        await story.plan("Yen", flat=1985, currencyCode="JPY"),
        await story.plan("Dinars", flat=12345, currencyCode="KWD"),
    )
    tokyo = await story.customer(currencyCode="JPY", address={"line1": "1", "city": "Tokyo", "country": "JP"})
    kuwait = await story.customer(currencyCode="KWD", address={"line1": "1", "city": "Kuwait", "country": "KW"})
    await story.start(tokyo, yen, couponId=await coupon(story, "Spring", percentOff="15"))
    # 15 % of 1985 are 297.75; 10 % of 1687 are 168.7
    await story.sees(
        tokyo,
        """
        Yen: ACTIVE, 2026-01-01 to 2026-02-01, Spring
        INV-000001 PAID, 2026-01-01
          Yen, 2026-01-01 to 2026-02-01: 1985 JPY flat − 298 JPY (Spring, 15 %) = 1687
          Consumption tax 10 %: 169
          subtotal 1687, tax 169, total 1856 JPY, 1856 paid
        """,
    )
    await story.start(kuwait, dinars, couponId=await coupon(story, "Welcome", "ONCE", amountOff=money(1500, "KWD")))
    # 5 % of 10.845 are 0.54225
    await story.sees(
        kuwait,
        """
        Dinars: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000002 PAID, 2026-01-01
          Dinars, 2026-01-01 to 2026-02-01: 12.345 KWD flat − 1.500 KWD (Welcome, 1.500 KWD) = 10.845
          VAT 5 %: 0.542
          subtotal 10.845, tax 0.542, total 11.387 KWD, 11.387 paid
        """,
    )


async def test_a_price_that_includes_its_tax_stays_what_it_is(story: Story) -> None:
    await story.freeze("2026-01-01")
    await story.do("taxRateAdd", name="VAT", percentage="20", country="GB", inclusive=True)
    london = {"line1": "1", "city": "London", "country": "GB"}
    customer, exempt = (
        await story.customer(currencyCode="GBP", address=london),
        await story.customer(currencyCode="GBP", address=london),
    )
    await story.do("taxExemptionSet", customerId=exempt, exemption="EXEMPT", reason="A charity")
    price = await story.plan("Team", flat=1200, currencyCode="GBP")
    await story.start(customer, price, couponId=await coupon(story, "Half", "ONCE", percentOff="50"))
    await story.advance("2026-02-01")
    # of 12.00, 12.00 − 12.00 / 1.2 = 2.00 are tax; of half of it, half
    await story.sees(
        customer,
        """
        Team: ACTIVE, 2026-02-01 to 2026-03-01
        INV-000001 PAID, 2026-01-01
          Team, 2026-01-01 to 2026-02-01: 12.00 GBP flat − 6.00 GBP (Half, 50 %) = 6.00
          VAT 20 % included: 1.00
          subtotal 5.00, tax 1.00, total 6.00 GBP, 6.00 paid
        INV-000002 PAID, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 12.00 GBP flat = 12.00
          VAT 20 % included: 2.00
          subtotal 10.00, tax 2.00, total 12.00 GBP, 12.00 paid
        """,
    )
    await story.start(exempt, price)
    await story.sees(
        exempt,
        """
        Team: ACTIVE, 2026-02-01 to 2026-03-01
        INV-000003 PAID, 2026-02-01 (EXEMPT)
          Team, 2026-02-01 to 2026-03-01: 12.00 GBP flat = 12.00
          total 12.00 GBP, 12.00 paid
        """,
    )


async def test_a_discount_goes_with_its_seats_when_they_change(story: Story) -> None:
    await story.freeze("2026-01-01")
    await story.do("taxRateAdd", name="VAT", percentage="19", country="DE")
    customer = await story.customer(address=BERLIN)
    id = await story.start(
        customer,
        await story.plan("Team", unitAmount="31.00"),
        quantity=2,
        couponId=await coupon(story, "Partner", percentOff="10"),
    )
    await story.sees(
        customer,
        """
        Team × 2: ACTIVE, 2026-01-01 to 2026-02-01, Partner
        INV-000001 PAID, 2026-01-01
          Team, 2026-01-01 to 2026-02-01: 2 × 31.00 EUR − 6.20 EUR (Partner, 10 %) = 55.80
          VAT 19 %: 10.60
          subtotal 55.80, tax 10.60, total 66.40 EUR, 66.40 paid
        """,
    )
    await story.advance("2026-01-11")
    await story.change(id, quantity=3, proration="INVOICE_NOW")
    # 90 % of 62.00 and of 93.00 for 21 of 31 days; 19 % of −37.80 are −7.182, of 56.70 they are 10.773
    await story.sees(
        customer,
        """
        Team × 3: ACTIVE, 2026-01-01 to 2026-02-01, Partner
        INV-000002 PAID, 2026-01-11
          Unused time of Team, 2026-01-11 to 2026-02-01: -55.80 EUR × 21/31 = -37.80
          Remaining time of Team, 2026-01-11 to 2026-02-01: 83.70 EUR × 21/31 = 56.70
          VAT 19 %: 3.59
          subtotal 18.90, tax 3.59, total 22.49 EUR, 22.49 paid
        """,
    )


async def test_two_tenths_off_are_19_percent_and_a_plans_own_discount_comes_first(story: Story) -> None:
    await story.freeze("2026-01-01")
    team, support = await story.plan("Team", flat=10000), await story.plan("Support", flat=5000)
    everything = await coupon(story, "Tenth", percentOff="10")
    of_team = await coupon(story, "Team tenth", percentOff="10", planIds=await story.plan_ids(team))
    customer = await story.customer()
    id = await story.start(customer, team, addOns=[{"priceId": support}], couponId=everything)
    await story.do("planSubscriptionDiscountAdd", id=id, couponId=of_team)
    await story.advance("2026-02-01")
    # 100.00 − 10.00 − 9.00 = 81.00, which is 19 % off
    await story.sees(
        customer,
        """
        Team + Support: ACTIVE, 2026-02-01 to 2026-03-01, Tenth, Team tenth
        INV-000001 PAID, 2026-01-01
          Team, 2026-01-01 to 2026-02-01: 100.00 EUR flat − 10.00 EUR (Tenth, 10 %) = 90.00
          Support, 2026-01-01 to 2026-02-01: 50.00 EUR flat − 5.00 EUR (Tenth, 10 %) = 45.00
          total 135.00 EUR, 135.00 paid
        INV-000002 PAID, 2026-02-01
          Team, 2026-02-01 to 2026-03-01: 100.00 EUR flat − 10.00 EUR (Team tenth, 10 %) − 9.00 EUR (Tenth, 10 %) = 81.00
          Support, 2026-02-01 to 2026-03-01: 50.00 EUR flat − 5.00 EUR (Tenth, 10 %) = 45.00
          total 126.00 EUR, 126.00 paid
        """,
    )


async def test_a_promotion_code_has_its_limits(story: Story) -> None:
    await story.freeze("2026-01-01")
    price = await story.plan("Team", flat=1000)
    half = await coupon(story, "Half", "ONCE", percentOff="50", oncePerCustomer=True)
    await story.do("promotionCodeCreate", couponId=half, code="TWICE", maxRedemptions=2)
    await story.all_hear_of("2026-01-01")
    await story.do("promotionCodeCreate", couponId=half, code="JANUARY", expiresAt="2026-01-31T00:00:00Z")
    first, second, third = [await story.customer() for _ in range(3)]
    bill = """
        Team: ACTIVE, 2026-01-01 to 2026-02-01
        INV-{number} PAID, 2026-01-01
          Team, 2026-01-01 to 2026-02-01: 10.00 EUR flat − 5.00 EUR (Half, 50 %) = 5.00
          total 5.00 EUR, 5.00 paid
        """
    await story.start(first, price, promotionCode="twice")
    await story.sees(first, bill.format(number="000001"))
    wanted = {"priceId": price, "promotionCode": "TWICE"}
    assert await story.refused("planSubscriptionStart", customerId=first, **wanted) == ["INVALID_STATE"]  # once per customer
    await story.start(second, price, promotionCode="TWICE")
    await story.sees(second, bill.format(number="000002"))
    assert await story.refused("planSubscriptionStart", customerId=third, **wanted) == ["INVALID_STATE"]  # used up
    await story.advance("2026-01-31")
    wanted["promotionCode"] = "JANUARY"
    assert await story.refused("planSubscriptionStart", customerId=third, **wanted) == ["INVALID_STATE"]  # over
    await story.start(third, price)
    await story.sees(
        third,
        """
        Team: ACTIVE, 2026-01-31 to 2026-02-28
        INV-000003 PAID, 2026-01-31
          Team, 2026-01-31 to 2026-02-28: 10.00 EUR flat = 10.00
          total 10.00 EUR, 10.00 paid
        """,
    )


async def test_tax_is_rounded_per_line_until_it_is_said_to_be_rounded_per_invoice(story: Story) -> None:
    await story.freeze("2026-01-01")
    await story.do("taxRateAdd", name="Sales tax", percentage="8.25", country="US")
    customer = await story.customer(currencyCode="USD", address={"line1": "1", "city": "Austin", "country": "US"})
    lines = [{"description": "Setup", "unitAmount": "197.00"}, {"description": "Training", "unitAmount": "49.00"}]
    await story.do("invoiceCreate", customerId=customer, currencyCode="USD", lines=lines)
    # 16.2525 and 4.0425 are rounded to 16.25 and 4.04
    await story.sees(
        customer,
        """
        INV-000001 PAID, 2026-01-01
          Setup: 1 × 197.00 USD = 197.00
          Training: 1 × 49.00 USD = 49.00
          Sales tax 8.25 %: 20.29
          subtotal 246.00, tax 20.29, total 266.29 USD, 266.29 paid
        """,
    )
    await story.do("taxRoundingSet", rounding="PER_INVOICE", roundingMode="HALF_UP")
    await story.do("invoiceCreate", customerId=customer, currencyCode="USD", lines=lines)
    # 20.295 is rounded to 20.30
    await story.sees(
        customer,
        """
        INV-000002 PAID, 2026-01-01
          Setup: 1 × 197.00 USD = 197.00
          Training: 1 × 49.00 USD = 49.00
          Sales tax 8.25 %: 20.30
          subtotal 246.00, tax 20.30, total 266.30 USD, 266.30 paid
        """,
    )


async def test_a_preview_is_the_invoice_with_its_taxes(story: Story) -> None:
    await story.freeze("2026-01-01")
    await story.do("taxRateAdd", name="VAT", percentage="19", country="DE")
    customer = await story.customer(address=BERLIN)
    id = await story.start(customer, await story.plan("Seats", unitAmount="31.00"))
    await story.sees(
        customer,
        """
        Seats: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000001 PAID, 2026-01-01
          Seats, 2026-01-01 to 2026-02-01: 1 × 31.00 EUR = 31.00
          VAT 19 %: 5.89
          subtotal 31.00, tax 5.89, total 36.89 EUR, 36.89 paid
        """,
    )
    await story.advance("2026-01-11")
    wanted = {"id": id, "quantity": 3, "proration": "INVOICE_NOW"}
    preview = (await story.shop.data(PREVIEW, {"input": wanted}))["planSubscriptionChangePreview"]
    assert (preview["now"]["total"]["amount"], preview["next"]["total"]["amount"]) == ("42.00", "93.00")
    assert preview["next"]["invoice"] == {"total": {"amount": "110.67"}, "tax": {"amount": "17.67"}}
    await story.change(**wanted)
    # 2 more seats for 21 of 31 days, and 19 % of it
    await story.sees(
        customer,
        """
        Seats × 3: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000002 PAID, 2026-01-11
          Unused time of Seats, 2026-01-11 to 2026-02-01: -31.00 EUR × 21/31 = -21.00
          Remaining time of Seats, 2026-01-11 to 2026-02-01: 93.00 EUR × 21/31 = 63.00
          VAT 19 %: 7.98
          subtotal 42.00, tax 7.98, total 49.98 EUR, 49.98 paid
        """,
    )
    made = (await story.shop.data(MADE, {"id": id}))["planSubscription"]["invoices"]["nodes"][0]
    assert made == preview["now"]["invoice"]


SHOWN = "subtotal { amount } tax { amount } total { amount } taxes { name amount { amount } } lines { description explanation }"
PREVIEW = f"""
query($input: PlanSubscriptionChangePreviewInput!) {{
  planSubscriptionChangePreview(input: $input) {{
    now {{ total {{ amount }} invoice {{ {SHOWN} }} }}
    next {{ total {{ amount }} invoice {{ total {{ amount }} tax {{ amount }} }} }}
  }}
}}"""
MADE = f"query($id: ID!) {{ planSubscription(id: $id) {{ invoices(first: 1) {{ nodes {{ {SHOWN} }} }} }} }}"
