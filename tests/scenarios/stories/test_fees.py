"""What is sold once: with the first invoice, in between, at once, at the end, and without any subscription."""

from typing import Any

from tests.testkit.story import Story

BERLIN = {"line1": "Hauptstr. 1", "city": "Berlin", "country": "DE"}
UPCOMING = """
query($id: ID!) { planSubscription(id: $id) { pendingFees { quantity amount { amount } plan { name } } upcomingInvoices {
  lines { description explanation period { start } } invoice { total { amount } lines { description period { start } } } } } }"""
PREVIEW = """
query($input: PlanSubscriptionStartPreviewInput!) { planSubscriptionStartPreview(input: $input) { invoices {
  invoice { total { amount } lines { explanation } } } } }"""
SCHEDULES = """
query($id: ID!) { customer(id: $id) { invoices(first: 10) { nodes {
  number revenueSchedule { period { start } recognised { amount } } } } } }"""
MRR = "{ mrrMovements { nodes { kind amount { amount } } } }"


async def once(story: Story, name: str, **terms: Any) -> str:
    """Return the id of a one-time price of a new plan."""
    return await story.plan(name, type="ONE_TIME", interval=None, **terms)


async def test_a_set_up_fee_a_router_and_an_onboarding_day(story: Story) -> None:
    await story.freeze("2026-01-01")
    await story.do("taxRateAdd", name="VAT", percentage="19", country="DE")
    customer = await story.customer(address=BERLIN)
    team, set_up = await story.plan("Team", unitAmount="31.00"), await once(story, "Set-up", flat=9900)
    router, day = await once(story, "Router", unitAmount="49.905"), await once(story, "Onboarding day", flat=80000)
    half_off = (await story.do("couponCreate", "coupon { id }", name="Launch", duration="FOREVER", percentOff="50"))["coupon"]
    wanted = {"quantity": 2, "fees": [{"priceId": set_up}], "couponId": half_off["id"], "billingDay": 16}

    preview = await story.shop.data(PREVIEW, {"input": {"customerId": customer, "priceId": team, **wanted}})
    assert preview["planSubscriptionStartPreview"]["invoices"][0] == {
        "invoice": {
            "total": {"amount": "135.66"},
            "lines": [
                {"explanation": "(2 × 31.00 EUR) × 15/31 − 15.00 EUR (Launch, 50 %)"},
                {"explanation": "99.00 EUR flat"},
            ],
        }
    }
    id = await story.start(customer, team, **wanted)
    # the plan for 15 of 31 days, half off; the fee neither: 15.00 + 99.00, and 19 % of each: 2.85 + 18.81
    await story.sees(
        customer,
        """
        Team × 2: ACTIVE, 2026-01-01 to 2026-01-16, Launch
        INV-000001 PAID, 2026-01-01
          Team, 2026-01-01 to 2026-01-16: (2 × 31.00 EUR) × 15/31 − 15.00 EUR (Launch, 50 %) = 15.00
          Set-up: 99.00 EUR flat = 99.00
          VAT 19 %: 21.66
          subtotal 114.00, tax 21.66, total 135.66 EUR, 135.66 paid
        """,
    )

    await story.advance("2026-01-10")
    await story.do("planSubscriptionFeeAdd", id=id, priceId=day)
    await story.do("planSubscriptionFeeAdd", id=id, priceId=router, quantity=3, when="NOW", idempotencyKey="router")
    await story.do("planSubscriptionFeeAdd", id=id, priceId=router, quantity=3, when="NOW", idempotencyKey="router")
    # 3 × 49.905 = 149.715; 19 % of 149.72 are 28.4468
    await story.sees(
        customer,
        """
        Team × 2: ACTIVE, 2026-01-01 to 2026-01-16, 800.00 on the next invoice, Launch
        INV-000002 PAID, 2026-01-10
          Router: 3 × 49.905 EUR = 149.72
          VAT 19 %: 28.45
          subtotal 149.72, tax 28.45, total 178.17 EUR, 178.17 paid
        """,
    )
    shown = (await story.shop.data(UPCOMING, {"id": id}))["planSubscription"]
    assert shown == {
        "pendingFees": [{"quantity": 1, "amount": {"amount": "800.00"}, "plan": {"name": "Onboarding day"}}],
        "upcomingInvoices": [
            {
                "lines": [
                    {
                        "description": "Team",
                        "explanation": "2 × 31.00 EUR − 31.00 EUR (Launch, 50 %)",
                        "period": {"start": "2026-01-16T00:00:00.000Z"},
                    },
                    {"description": "Onboarding day", "explanation": "800.00 EUR flat", "period": None},
                ],
                "invoice": {
                    "total": {"amount": "988.89"},
                    "lines": [
                        {"description": "Team", "period": {"start": "2026-01-16T00:00:00.000Z"}},
                        {"description": "Onboarding day", "period": None},
                    ],
                },
            }
        ],
    }

    await story.advance("2026-01-20")
    # 31.00 + 800.00; 5.89 + 152.00
    await story.sees(
        customer,
        """
        Team × 2: ACTIVE, 2026-01-16 to 2026-02-16, Launch
        INV-000003 PAID, 2026-01-16
          Team, 2026-01-16 to 2026-02-16: 2 × 31.00 EUR − 31.00 EUR (Launch, 50 %) = 31.00
          Onboarding day: 800.00 EUR flat = 800.00
          VAT 19 %: 157.89
          subtotal 831.00, tax 157.89, total 988.89 EUR, 988.89 paid
        """,
    )

    await story.do("planSubscriptionFeeAdd", id=id, priceId=router)
    await story.do("planSubscriptionFeeAdd", id=id, priceId=day)
    [_, withdrawn] = (await story.shop.data("query($id: ID!) { planSubscription(id: $id) { pendingFees { id } } }", {"id": id}))[
        "planSubscription"
    ]["pendingFees"]
    await story.do("planSubscriptionFeeRemove", id=id, feeId=withdrawn["id"])
    await story.cancel(id, when="NOW", unusedTime="CREDIT")
    # 49.905 and 19 % of 49.91, 9.4829; January 20 to February 15 are 27 of 31 days of 31.00, and 19 % of 27.00 are 5.13
    await story.sees(
        customer,
        """
        Team × 2: CANCELED, 2026-01-16 to 2026-02-16, ended 2026-01-20, Launch
        balance 32.13 EUR
        INV-000003 PAID, 2026-01-16
          Team, 2026-01-16 to 2026-02-16: 2 × 31.00 EUR − 31.00 EUR (Launch, 50 %) = 31.00
          Onboarding day: 800.00 EUR flat = 800.00
          VAT 19 %: 157.89
          subtotal 831.00, tax 157.89, total 988.89 EUR, 988.89 paid, 32.13 credited
          CN-000001 ISSUED, 2026-01-20 (Unused time after the cancellation.)
            line 1 27.00 (tax 5.13); 32.13 = 32.13 to the balance
        INV-000004 PAID, 2026-01-20
          Router: 1 × 49.905 EUR = 49.91
          VAT 19 %: 9.48
          subtotal 49.91, tax 9.48, total 59.39 EUR, 59.39 paid
        """,
    )
    nodes = (await story.shop.data(SCHEDULES, {"id": customer}))["customer"]["invoices"]["nodes"]
    months = {
        node["number"]: [(one["period"]["start"][:7], one["recognised"]["amount"]) for one in node["revenueSchedule"]]
        for node in nodes
    }
    assert months == {
        "INV-000001": [("2026-01", "114.00")],
        "INV-000002": [("2026-01", "149.72")],
        "INV-000003": [("2026-01", "804.00")],  # 800.00 at once, and 4 of 31 days; the rest of the period was credited
        "INV-000004": [("2026-01", "49.91")],
    }
    moved = [(node["kind"], node["amount"]["amount"]) for node in (await story.shop.data(MRR))["mrrMovements"]["nodes"]]
    assert moved == [("CHURN", "-31.00"), ("NEW", "31.00")]  # of the plan alone, half off


async def test_a_trial_bills_hardware_at_once_and_the_set_up_after_it(story: Story) -> None:
    await story.freeze("2026-01-01")
    staying, leaving = await story.customer(), await story.customer()
    team, set_up, router = (
        await story.plan("Team", flat=3100),
        await once(story, "Set-up", flat=9900),
        await once(story, "Router", flat=4900),
    )
    fees = [{"priceId": set_up}, {"priceId": router, "when": "NOW"}]
    await story.start(staying, team, trial={"days": 14}, fees=fees)
    await story.sees(
        staying,
        """
        Team: TRIALING, 2026-01-01 to 2026-01-15, trial until 2026-01-15, 99.00 on the next invoice
        INV-000001 PAID, 2026-01-01
          Router: 49.00 EUR flat = 49.00
          total 49.00 EUR, 49.00 paid
        """,
    )
    id = await story.start(leaving, team, trial={"days": 14}, fees=fees)
    await story.cancel(id, when="NOW")
    await story.advance("2026-01-15")
    await story.sees(
        staying,
        """
        Team: ACTIVE, 2026-01-15 to 2026-02-15
        INV-000003 PAID, 2026-01-15
          Team, 2026-01-15 to 2026-02-15: 31.00 EUR flat = 31.00
          Set-up: 99.00 EUR flat = 99.00
          total 130.00 EUR, 130.00 paid
        """,
    )
    await story.sees(
        leaving,
        """
        Team: CANCELED, 2026-01-01 to 2026-01-15, ended 2026-01-01
        INV-000002 PAID, 2026-01-01
          Router: 49.00 EUR flat = 49.00
          total 49.00 EUR, 49.00 paid
        """,
    )


async def test_a_customer_without_a_subscription_buys_from_the_catalogue(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer()
    router, team = await once(story, "Router", unitAmount="49.905"), await story.plan("Team", flat=3100)
    lines = [{"priceId": router, "quantity": 3}, {"priceId": router, "description": "Spare router"}]
    await story.do("invoiceCreate", customerId=customer, currencyCode="EUR", lines=lines)
    await story.sees(
        customer,
        """
        INV-000001 PAID, 2026-01-01
          Router: 3 × 49.905 EUR = 149.72
          Spare router: 1 × 49.905 EUR = 49.91
          total 199.63 EUR, 199.63 paid
        """,
    )
    recurring = {"customerId": customer, "currencyCode": "EUR", "lines": [{"priceId": team}]}
    assert await story.refused("invoiceCreate", **recurring) == ["INVALID_INPUT"]
    assert await story.refused("planSubscriptionStart", customerId=customer, priceId=router) == ["INVALID_INPUT"]
    assert await story.refused("planSubscriptionStart", customerId=customer, priceId=team, fees=[{"priceId": team}]) == [
        "INVALID_INPUT"
    ]
