"""Invoices without a subscription, and what becomes of them: credited, voided and replaced, given up, read as they were."""

from typing import Any

from tests.testkit.story import Story, money

BERLIN = {"line1": "Hauptstr. 1", "city": "Berlin", "country": "DE"}
LINES = [
    {"description": "Setup", "unitAmount": "100.00"},
    {"description": "Training", "unitAmount": "33.33", "quantity": 3},
]


async def bill(story: Story, customer: str, **terms: Any) -> str:
    """Return the id of an invoice, by default of 100.00 and 3 × 33.33 EUR that is charged at once."""
    made = await story.do(
        "invoiceCreate", "invoice { id }", **{"customerId": customer, "currencyCode": "EUR", "lines": LINES, **terms}
    )
    return str(made["invoice"]["id"])


def line(number: int, minor_units: int) -> dict[str, Any]:
    return {"lineNumber": number, "amount": money(minor_units)}


async def test_credit_notes_take_an_invoice_back_until_nothing_is_left(story: Story) -> None:
    await story.freeze("2026-01-01")
    await story.do("taxRateAdd", name="VAT", percentage="19", country="DE")
    customer = await story.customer(address=BERLIN)
    invoice = await bill(story, customer)
    # 19 % of 100.00 and of 99.99, which are 18.9981
    await story.sees(
        customer,
        """
        INV-000001 PAID, 2026-01-01
          Setup: 1 × 100.00 EUR = 100.00
          Training: 3 × 33.33 EUR = 99.99
          VAT 19 %: 38.00
          subtotal 199.99, tax 38.00, total 237.99 EUR, 237.99 paid
        """,
    )
    await story.do("creditNoteCreate", invoiceId=invoice, reason="late", lines=[line(2, 3333)], refund=money(3966))
    # a third of the training: 33.33 + 6.3327
    await story.sees(
        customer,
        """
        INV-000001 PAID, 2026-01-01
          Setup: 1 × 100.00 EUR = 100.00
          Training: 3 × 33.33 EUR = 99.99
          VAT 19 %: 38.00
          subtotal 199.99, tax 38.00, total 237.99 EUR, 237.99 paid, 39.66 credited, 39.66 refunded
          CN-000001 ISSUED, 2026-01-01 (late)
            line 2 33.33 (tax 6.33); 39.66 = 39.66 refunded
        """,
    )
    note = {"invoiceId": invoice, "reason": "half of the setup", "lines": [line(1, 5000)]}
    await story.do("creditNoteCreate", **note, refund=money(1950), balance=money(4000))
    # 50.00 + 9.50, split as asked
    await story.sees(
        customer,
        """
        balance 40.00 EUR
        INV-000001 PAID, 2026-01-01
          Setup: 1 × 100.00 EUR = 100.00
          Training: 3 × 33.33 EUR = 99.99
          VAT 19 %: 38.00
          subtotal 199.99, tax 38.00, total 237.99 EUR, 237.99 paid, 99.16 credited, 59.16 refunded
          CN-000001 ISSUED, 2026-01-01 (late)
            line 2 33.33 (tax 6.33); 39.66 = 39.66 refunded
          CN-000002 ISSUED, 2026-01-01 (half of the setup)
            line 1 50.00 (tax 9.50); 59.50 = 19.50 refunded + 40.00 to the balance
        """,
    )
    too_much = await story.refused("creditNoteCreate", invoiceId=invoice, reason="x", lines=[line(2, 6667)])
    assert too_much == ["INVALID_INPUT"]  # 66.66 are left of it
    await story.do("creditNoteCreate", invoiceId=invoice, reason="all of it")
    # what is left: 50.00 + 66.66, and 38.00 − 6.33 − 9.50 = 22.17 of tax
    await story.sees(
        customer,
        """
        balance 178.83 EUR
        INV-000001 PAID, 2026-01-01
          Setup: 1 × 100.00 EUR = 100.00
          Training: 3 × 33.33 EUR = 99.99
          VAT 19 %: 38.00
          subtotal 199.99, tax 38.00, total 237.99 EUR, 237.99 paid, 237.99 credited, 59.16 refunded
          CN-000001 ISSUED, 2026-01-01 (late)
            line 2 33.33 (tax 6.33); 39.66 = 39.66 refunded
          CN-000002 ISSUED, 2026-01-01 (half of the setup)
            line 1 50.00 (tax 9.50); 59.50 = 19.50 refunded + 40.00 to the balance
          CN-000003 ISSUED, 2026-01-01 (all of it)
            line 1 50.00 (tax 9.50), line 2 66.66 (tax 12.67); 138.83 = 138.83 to the balance
        """,
    )
    assert await story.refused("creditNoteCreate", invoiceId=invoice, reason="more") == ["INVALID_STATE"]


async def test_a_credit_note_on_an_open_invoice_lowers_what_is_due_before_anything_is_given_back(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer()
    invoice = await bill(story, customer, advance="OPEN", daysUntilDue=30)
    await story.sees(
        customer,
        """
        INV-000001 OPEN, 2026-01-01, due 2026-01-31
          Setup: 1 × 100.00 EUR = 100.00
          Training: 3 × 33.33 EUR = 99.99
          total 199.99 EUR, 199.99 due
        """,
    )
    await story.do("creditNoteCreate", invoiceId=invoice, reason="no setup", lines=[line(1, 10000)])
    await story.do("invoicePay", id=invoice)
    await story.sees(
        customer,
        """
        INV-000001 PAID, 2026-01-01, due 2026-01-31
          Setup: 1 × 100.00 EUR = 100.00
          Training: 3 × 33.33 EUR = 99.99
          total 199.99 EUR, 99.99 paid, 100.00 credited
          CN-000001 ISSUED, 2026-01-01 (no setup)
            line 1 100.00; 100.00 = 100.00 off what is due
        """,
    )
    await story.do("creditNoteCreate", invoiceId=invoice, reason="no training", refund=money(9999))
    await story.sees(
        customer,
        """
        INV-000001 PAID, 2026-01-01, due 2026-01-31
          Setup: 1 × 100.00 EUR = 100.00
          Training: 3 × 33.33 EUR = 99.99
          total 199.99 EUR, 99.99 paid, 199.99 credited, 99.99 refunded
          CN-000001 ISSUED, 2026-01-01 (no setup)
            line 1 100.00; 100.00 = 100.00 off what is due
          CN-000002 ISSUED, 2026-01-01 (no training)
            line 2 99.99; 99.99 = 99.99 refunded
        """,
    )


async def test_a_refund_that_the_bank_declines_goes_to_the_balance(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer(card="sandbox_unrefundable")
    invoice = await bill(story, customer, lines=LINES[:1])
    await story.sees(
        customer,
        """
        INV-000001 PAID, 2026-01-01
          Setup: 1 × 100.00 EUR = 100.00
          total 100.00 EUR, 100.00 paid
        """,
    )
    await story.do("creditNoteCreate", invoiceId=invoice, reason="broken", refund=money(10000))
    await story.sees(
        customer,
        """
        balance 100.00 EUR
        INV-000001 PAID, 2026-01-01
          Setup: 1 × 100.00 EUR = 100.00
          total 100.00 EUR, 100.00 paid, 100.00 credited
          CN-000001 ISSUED, 2026-01-01, refund_declined (broken)
            line 1 100.00; 100.00 = 100.00 to the balance
        """,
    )


async def test_a_void_invoice_gives_its_credit_back_and_is_replaced_with_the_taxes_of_now(story: Story) -> None:
    await story.freeze("2026-01-01")
    rate = await story.do("taxRateAdd", "taxRateId", name="VAT", percentage="7", country="DE")
    customer = await story.customer(address=BERLIN)
    await story.do("customerBalanceAdjust", customerId=customer, amount=money(1000))
    wrong = await bill(story, customer, advance="OPEN", lines=LINES[:1])
    await story.sees(
        customer,
        """
        balance 0.00 EUR
        INV-000001 OPEN, 2026-01-01
          Setup: 1 × 100.00 EUR = 100.00
          VAT 7 %: 7.00
          subtotal 100.00, tax 7.00, total 107.00 EUR, 10.00 by balance, 97.00 due
        """,
    )
    await story.do("taxRateRemove", id=rate["taxRateId"])
    await story.do("taxRateAdd", name="VAT", percentage="19", country="DE")
    await story.do("invoiceVoid", id=wrong, reason="wrong rate", replace=True)
    await story.sees(
        customer,
        """
        balance 10.00 EUR
        INV-000001 VOID, 2026-01-01 (wrong rate)
          Setup: 1 × 100.00 EUR = 100.00
          VAT 7 %: 7.00
          subtotal 100.00, tax 7.00, total 107.00 EUR, 10.00 by balance
        draft DRAFT, replaces INV-000001
          Setup: 1 × 100.00 EUR = 100.00
          VAT 19 %: 19.00
          subtotal 100.00, tax 19.00, total 119.00 EUR, 119.00 due
        """,
    )
    query = "query($id: ID!) { invoice(id: $id) { replacedBy { id } } }"
    right = (await story.shop.data(query, {"id": wrong}))["invoice"]["replacedBy"]["id"]
    await story.do("invoiceFinalize", id=right)
    await story.sees(
        customer,
        """
        balance 0.00 EUR
        INV-000002 OPEN, 2026-01-01, replaces INV-000001
          Setup: 1 × 100.00 EUR = 100.00
          VAT 19 %: 19.00
          subtotal 100.00, tax 19.00, total 119.00 EUR, 10.00 by balance, 109.00 due
        """,
    )
    await story.do("invoicePay", id=right)
    await story.sees(
        customer,
        """
        INV-000002 PAID, 2026-01-01, replaces INV-000001
          Setup: 1 × 100.00 EUR = 100.00
          VAT 19 %: 19.00
          subtotal 100.00, tax 19.00, total 119.00 EUR, 10.00 by balance, 109.00 paid
        """,
    )
    assert await story.refused("invoiceVoid", id=right, reason="too late") == ["INVALID_STATE"]


async def test_what_was_given_up_can_still_be_paid(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer(card="sandbox_declined")
    invoice = await bill(story, customer, lines=LINES[:1], advance="OPEN")
    await story.sees(
        customer,
        """
        INV-000001 OPEN, 2026-01-01
          Setup: 1 × 100.00 EUR = 100.00
          total 100.00 EUR, 100.00 due
        """,
    )
    await story.do("invoiceMarkUncollectible", id=invoice, reason="bankrupt")
    await story.sees(
        customer,
        """
        INV-000001 UNCOLLECTIBLE, 2026-01-01 (bankrupt)
          Setup: 1 × 100.00 EUR = 100.00
          total 100.00 EUR, 100.00 due
        """,
    )
    card = await story.pay_by(customer, "sandbox_success")
    await story.do("invoicePay", id=invoice, paymentMethodId=card)
    await story.sees(
        customer,
        """
        INV-000001 PAID, 2026-01-01 (bankrupt)
          Setup: 1 × 100.00 EUR = 100.00
          total 100.00 EUR, 100.00 paid
        """,
    )


async def test_what_is_owed_is_told_by_its_age(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer()
    for days, amount in ((0, "10.00"), (40, "20.00"), (100, "40.00")):
        terms = {"advance": "OPEN", "daysUntilDue": days, "lines": [{"description": "Work", "unitAmount": amount}]}
        await bill(story, customer, **terms)
    await story.advance("2026-03-12")
    await story.all_hear_of("2026-03-12")
    # due on January 1, 70 days ago; on February 10, 30 days ago; and on April 11
    query = "{ agedReceivables { currencyCode total { amount } byAge { age invoices amount { amount } } } }"
    [found] = (await story.shop.data(query))["agedReceivables"]
    assert {one["age"]: (one["invoices"], one["amount"]["amount"]) for one in found["byAge"] if one["invoices"]} == {
        "DUE_LATER": (1, "40.00"),
        "DAYS_0_TO_30": (1, "20.00"),
        "DAYS_61_TO_90": (1, "10.00"),
    }
    assert (found["currencyCode"], found["total"]["amount"]) == ("EUR", "70.00")


AS_OF = """
query($subscription: ID!, $invoice: ID!, $at: DateTime!) {
  planSubscription(id: $subscription, asOf: $at) { status quantity plan { name } currentPeriod { start end } }
  invoice(id: $invoice, asOf: $at) { status amountDue { amount } amountPaid { amount } }
}"""


async def test_the_past_is_read_as_it_was_known_then(story: Story) -> None:
    await story.freeze("2026-01-01")
    customer = await story.customer()
    basic, pro = await story.plan("Basic", unitAmount="10.00"), await story.plan("Pro", unitAmount="20.00")
    id = await story.start(customer, basic, quantity=2)
    await story.sees(
        customer,
        """
        Basic × 2: ACTIVE, 2026-01-01 to 2026-02-01
        INV-000001 PAID, 2026-01-01
          Basic, 2026-01-01 to 2026-02-01: 2 × 10.00 EUR = 20.00
          total 20.00 EUR, 20.00 paid
        """,
    )
    invoice = await bill(story, customer, lines=LINES[:1], advance="OPEN")
    await story.sees(
        customer,
        """
        INV-000002 OPEN, 2026-01-01
          Setup: 1 × 100.00 EUR = 100.00
          total 100.00 EUR, 100.00 due
        """,
    )
    await story.advance("2026-01-11")
    await story.all_hear_of("2026-01-11")
    await story.change(id, priceId=pro, quantity=3, proration="NONE")
    await story.do("invoicePay", id=invoice)
    await story.advance("2026-02-10")
    await story.all_hear_of("2026-02-10")

    async def known(at: str) -> dict[str, Any]:
        return await story.shop.data(AS_OF, {"subscription": id, "invoice": invoice, "at": at})

    january = {"start": "2026-01-01T00:00:00.000Z", "end": "2026-02-01T00:00:00.000Z"}
    february = {"start": "2026-02-01T00:00:00.000Z", "end": "2026-03-01T00:00:00.000Z"}
    owed = {"status": "OPEN", "amountDue": {"amount": "100.00"}, "amountPaid": {"amount": "0.00"}}
    paid = {"status": "PAID", "amountDue": {"amount": "0.00"}, "amountPaid": {"amount": "100.00"}}
    before = {"status": "ACTIVE", "quantity": 2, "plan": {"name": "Basic"}, "currentPeriod": january}
    after = {"status": "ACTIVE", "quantity": 3, "plan": {"name": "Pro"}, "currentPeriod": january}
    assert await known("2026-01-10T23:59:59Z") == {"planSubscription": before, "invoice": owed}
    assert await known("2026-01-11T00:00:00Z") == {"planSubscription": after, "invoice": paid}
    assert await known("2026-02-05T00:00:00Z") == {
        "planSubscription": {**after, "currentPeriod": february},
        "invoice": paid,
    }
    assert await known("2025-12-31T23:59:59Z") == {"planSubscription": None, "invoice": None}
