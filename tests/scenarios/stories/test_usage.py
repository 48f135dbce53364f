"""Usage: billed when its period has ended, whenever it was told."""

from tests.testkit.story import Story, money

RECORD = """
mutation($input: UsageRecordBatchInput!) { usageRecordBatch(input: $input) { recorded duplicates userErrors { field } } }"""

STANDS = """
query($id: ID!, $customer: ID!) {
  planSubscription(id: $id) { commitment { committed { amount } billed { amount } remaining { amount } endsAt } }
  entitlement(customerId: $customer, feature: "calls") { limit balance { used remaining allows(amount: "500") } }
}"""


async def test_a_base_fee_usage_and_a_promotion_code_on_one_invoice(story: Story) -> None:
    await story.freeze("2026-01-01")
    meter = (await story.do("meterCreate", "meter { id }", code="calls", name="API calls", aggregation="SUM"))["meter"]["id"]
    base, calls = await story.plan("Base", flat=5000), await story.plan("Calls", unitAmount="0.002", meterId=meter)
    plans = await story.plan_ids(base)
    coupon = await story.do(
        "couponCreate", "coupon { id }", name="Launch", percentOff="20", duration="REPEATING", periods=2, planIds=plans
    )
    code = await story.do(
        "promotionCodeCreate",
        "promotionCode { code coupon { name plans { name } } }",
        couponId=coupon["coupon"]["id"],
        code="launch-2026",
    )
    assert code["promotionCode"] == {"code": "LAUNCH-2026", "coupon": {"name": "Launch", "plans": [{"name": "Base"}]}}
    customer = await story.customer()
    id = await story.start(customer, base, addOns=[{"priceId": calls}], promotionCode="Launch-2026")
    await story.sees(
        customer,
        """
        Base + Calls: ACTIVE, 2026-01-01 to 2026-02-01, Launch for 1 more
        INV-000001 PAID, 2026-01-01
          Base, 2026-01-01 to 2026-02-01: 50.00 EUR flat − 10.00 EUR (Launch, 20 %) = 40.00
          total 40.00 EUR, 40.00 paid
        """,
    )
    await story.advance("2026-01-20")
    await story.use(id, "calls", *((f"e{number}", "2026-01-10", "1000.5") for number in range(3)))
    events = [
        {"id": "e0", "planSubscriptionId": id, "meter": "calls", "value": "1000.5", "at": "2026-01-10T00:00:00Z"},
        {"id": "wrong", "planSubscriptionId": id, "meter": "nothing"},
    ]
    batch = (await story.shop.data(RECORD, {"input": {"events": events}}))["usageRecordBatch"]
    assert batch == {"recorded": 0, "duplicates": 1, "userErrors": [{"field": ["input", "events", "1", "meter"]}]}
    usage = "query($id: ID!) { planSubscription(id: $id) { usage { quantity amount { amount } price { meter { code } } } } }"
    assert (await story.shop.data(usage, {"id": id}))["planSubscription"]["usage"] == [
        {"quantity": "3001.5", "amount": {"amount": "6.00"}, "price": {"meter": {"code": "calls"}}}
    ]
    await story.advance("2026-02-01")
    # 50.00 − 20 % for February, 3001.5 × 0.002 = 6.003 for January
    await story.sees(
        customer,
        """
        Base + Calls: ACTIVE, 2026-02-01 to 2026-03-01
        INV-000002 PAID, 2026-02-01
          Base, 2026-02-01 to 2026-03-01: 50.00 EUR flat − 10.00 EUR (Launch, 20 %) = 40.00
          API calls (Calls) (3001.5 used), 2026-01-01 to 2026-02-01: 3001.5 × 0.002 EUR = 6.00
          total 46.00 EUR, 46.00 paid
        """,
    )


async def test_what_comes_late_or_is_withdrawn_is_settled_with_the_next_invoice(story: Story) -> None:
    await story.freeze("2026-01-01")
    meter = (await story.do("meterCreate", "meter { id }", code="calls", name="API calls", aggregation="SUM"))["meter"]["id"]
    base, calls = await story.plan("Base", flat=5000), await story.plan("Calls", unitAmount="0.01", meterId=meter)
    customer = await story.customer()
    id = await story.start(customer, base, addOns=[{"priceId": calls}])
    await story.sees(
        customer,
        """
        Base + Calls: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000001 PAID, 2026-01-01
          Base, 2026-01-01 to 2026-02-01: 50.00 EUR flat = 50.00
          total 50.00 EUR, 50.00 paid
        """,
    )
    await story.advance("2026-01-31")
    await story.use(id, "calls", ("a", "2026-01-10", "600"), ("b", "2026-01-20", "400"))
    await story.advance("2026-02-05")
    await story.sees(
        customer,
        """
        Base + Calls: ACTIVE, 2026-02-01 to 2026-03-01
        INV-000002 PAID, 2026-02-01
          Base, 2026-02-01 to 2026-03-01: 50.00 EUR flat = 50.00
          API calls (Calls) (1000 used), 2026-01-01 to 2026-02-01: 1000 × 0.01 EUR = 10.00
          total 60.00 EUR, 60.00 paid
        """,
    )
    await story.use(id, "calls", ("late", "2026-01-31T23:59:59Z", "250"), ("new", "2026-02-02", "100"))
    await story.do("usageWithdraw", id="b")
    await story.advance("2026-03-01")
    # of January 600 + 250 = 850 remain, 8.50; 10.00 were billed
    await story.sees(
        customer,
        """
        Base + Calls: ACTIVE, 2026-03-01 to 2026-04-01
        INV-000003 PAID, 2026-03-01
          Base, 2026-03-01 to 2026-04-01: 50.00 EUR flat = 50.00
          API calls (Calls) (100 used), 2026-02-01 to 2026-03-01: 100 × 0.01 EUR = 1.00
          Late usage of API calls (Calls), 2026-01-01 to 2026-02-01: 850 × 0.01 EUR − 10.00 EUR billed = -1.50
          total 49.50 EUR, 49.50 paid
        """,
    )
    too_late = {"id": "z", "planSubscriptionId": id, "meter": "calls", "value": "1", "at": "2026-01-24T23:59:59Z"}
    assert await story.refused("usageRecord", event=too_late) == ["INVALID_INPUT"]


async def test_what_was_used_until_the_cancellation_is_billed_by_a_last_invoice(story: Story) -> None:
    await story.freeze("2026-01-01")
    meter = (await story.do("meterCreate", "meter { id }", code="calls", name="API calls", aggregation="COUNT"))["meter"]["id"]
    package = await story.plan("Calls", model="PACKAGE", unitAmount="5", packageSize="2", free={"units": "1"}, meterId=meter)
    tenth = await story.do("couponCreate", "coupon { id }", name="Partner", percentOff="10", duration="FOREVER")
    base, customer = await story.plan("Base", flat=3100), await story.customer()
    id = await story.start(customer, base, addOns=[{"priceId": package}], couponId=tenth["coupon"]["id"])
    await story.sees(
        customer,
        """
        Base + Calls: ACTIVE, 2026-01-01 to 2026-02-01, Partner
        INV-000001 PAID, 2026-01-01
          Base, 2026-01-01 to 2026-02-01: 31.00 EUR flat − 3.10 EUR (Partner, 10 %) = 27.90
          total 27.90 EUR, 27.90 paid
        """,
    )
    await story.advance("2026-01-20T18:00:00Z")
    await story.use(id, "calls", *((f"e{number}", f"2026-01-20T17:59:{number:02}Z", "1") for number in range(4)))
    await story.cancel(id, when="NOW", reason="too dear")
    # 4 calls on the last day, one of them free: 2 packages of 2 are begun
    await story.sees(
        customer,
        """
        Base + Calls: CANCELED, 2026-01-01 to 2026-02-01, ended 2026-01-20T18:00, Partner
          ended because: too dear
        INV-000002 PAID, 2026-01-20T18:00
          API calls (Calls) (4 used), 2026-01-01 to 2026-01-20T18:00: 2 × 5.00 EUR per 2 (1 of 4 free) − 1.00 EUR (Partner, 10 %) = 9.00
          total 9.00 EUR, 9.00 paid
        """,  # noqa: E501
    )


async def test_usage_on_the_last_day_is_billed_when_it_ends_with_its_period(story: Story) -> None:
    await story.freeze("2026-01-01")
    meter = (await story.do("meterCreate", "meter { id }", code="gb", name="Traffic", aggregation="SUM"))["meter"]["id"]
    tiers = [{"upTo": "10", "unitAmount": "1"}, {"unitAmount": "0.50"}]
    traffic = await story.plan("Traffic", model="GRADUATED", tiers=tiers, meterId=meter)
    base, customer = await story.plan("Base", flat=3100), await story.customer()
    id = await story.start(customer, base, addOns=[{"priceId": traffic}])
    await story.sees(
        customer,
        """
        Base + Traffic: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000001 PAID, 2026-01-01
          Base, 2026-01-01 to 2026-02-01: 31.00 EUR flat = 31.00
          total 31.00 EUR, 31.00 paid
        """,
    )
    await story.cancel(id, when="PERIOD_END")
    await story.advance("2026-01-31T23:59:59Z")
    await story.use(id, "gb", ("a", "2026-01-02", "8"), ("b", "2026-01-31T23:59:58Z", "4.5"))
    await story.advance("2026-02-01")
    # 12.5 of it: 10 × 1.00 + 2.5 × 0.50
    await story.sees(
        customer,
        """
        Base + Traffic: CANCELED, 2026-01-01 to 2026-02-01, ended 2026-02-01
        INV-000002 PAID, 2026-02-01
          Traffic (12.5 used), 2026-01-01 to 2026-02-01: 10 × 1.00 EUR + 2.5 × 0.50 EUR = 11.25
          total 11.25 EUR, 11.25 paid
        """,
    )


async def test_a_marketplace_is_billed_by_what_it_turns_over(story: Story) -> None:
    await story.freeze("2026-01-01")
    calls, payments = [
        (await story.do("meterCreate", "meter { id }", code=code, name=code, aggregation=aggregation))["meter"]["id"]
        for code, aggregation in (("calls", "SUM"), ("payments", "TRANSACTIONS"))
    ]
    base = await story.plan("Base", flat=5000, minimumCommitment={"amount": money(20_000), "periods": 2})
    per_call = await story.plan("Calls", unitAmount="0.01", meterId=calls, usageThresholds={"amounts": [money(1000)]})
    share = await story.plan(
        "Pay",
        model="PERCENTAGE",
        meterId=payments,
        transactions={"ratePercent": "1.2", "fee": money(10)},
        free={"transactions": 3, "amount": money(50_000)},
    )
    [plan_id] = await story.plan_ids(base)
    feature = (await story.do("featureCreate", "feature { id }", code="calls", name="Calls"))["feature"]["id"]
    await story.do("planFeatureSet", planId=plan_id, featureId=feature, limit=2000, meterId=calls)
    customer = await story.customer()
    id = await story.start(customer, base, addOns=[{"priceId": per_call}, {"priceId": share}])
    await story.sees(
        customer,
        """
        Base + Calls + Pay: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000001 PAID, 2026-01-01
          Base, 2026-01-01 to 2026-02-01: 50.00 EUR flat = 50.00
          total 50.00 EUR, 50.00 paid
        """,
    )

    await story.advance("2026-01-20")
    paid = [("05", "200"), ("06", "100"), ("07", "100"), ("08", "50")]
    await story.use(id, "payments", *((f"paid on {day}", f"2026-01-{day}", value) for day, value in paid))
    await story.use(id, "calls", ("many calls", "2026-01-10", "1500"))
    # 1500 × 0.01 has reached 10.00, and is billed at once
    await story.sees(
        customer,
        """
        INV-000002 PAID, 2026-01-20
          Usage of Calls that reached 10.00 EUR, 2026-01-01 to 2026-01-20T00:00:00.001Z: 1500 × 0.01 EUR = 15.00
          total 15.00 EUR, 15.00 paid
        """,
    )
    stands = await story.shop.data(STANDS, {"id": id, "customer": customer})
    assert stands["entitlement"] == {"limit": 2000, "balance": {"used": "1500", "remaining": "500", "allows": True}}
    assert stands["planSubscription"]["commitment"] == {
        "committed": {"amount": "200.00"},
        "billed": {"amount": "50.00"},
        "remaining": {"amount": "150.00"},
        "endsAt": "2026-03-01T00:00:00.000Z",
    }
    await story.use(id, "calls", ("more calls", "2026-01-19", "100"))

    await story.advance("2026-02-01")
    # 1600 × 0.01, of which 15.00 was billed; of the payments three are free, and 50 × 1.2 % + 0.10 = 0.70
    await story.sees(
        customer,
        """
        Base + Calls + Pay: ACTIVE, 2026-02-01 to 2026-03-01
        INV-000003 PAID, 2026-02-01
          Base, 2026-02-01 to 2026-03-01: 50.00 EUR flat = 50.00
          Calls (1600 used), 2026-01-01 to 2026-02-01: 1600 × 0.01 EUR = 16.00
          payments (Pay) (450 used), 2026-01-01 to 2026-02-01: 1.2 % of 450.00 EUR and 0.10 EUR each in 4 transactions, 3 of them free = 0.70
          Usage of Calls billed before, 2026-01-01 to 2026-02-01: −15.00 EUR billed at thresholds = -15.00
          total 51.70 EUR, 51.70 paid
        """,  # noqa: E501
    )

    await story.advance("2026-03-01")
    # 200.00 were committed to: 2 × 50.00, 16.00 and 0.70 were billed, and 83.30 is missing
    await story.sees(
        customer,
        """
        Base + Calls + Pay: ACTIVE, 2026-03-01 to 2026-04-01
        INV-000004 PAID, 2026-03-01
          Base, 2026-03-01 to 2026-04-01: 50.00 EUR flat = 50.00
          Calls (0 used), 2026-02-01 to 2026-03-01: 0 × 0.01 EUR = 0.00
          payments (Pay) (0 used), 2026-02-01 to 2026-03-01: 1.2 % of 0.00 EUR and 0.10 EUR each in 0 transactions = 0.00
          Minimum commitment of Base, 2026-01-01 to 2026-03-01: 200.00 EUR committed − 116.70 EUR billed = 83.30
          total 133.30 EUR, 133.30 paid
        """,
    )
