"""Taxes on what subscriptions are billed, by what events told of the customer; on real stores."""

from base64 import urlsafe_b64encode
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from subgraphs.invoice.commands.configure_taxes import add_tax_rate, remove_tax_rate, set_tax_rounding
from subgraphs.invoice.commands.draft_bill import draft_of_bill
from subgraphs.invoice.commands.set_customer_tax_rates import set_customer_tax_rates
from subgraphs.invoice.documents import InvoiceDocument
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.errors import NotFound, NotReady
from subgraphs.kit.messaging.consumer import Received
from subgraphs.pricing.tax import TaxRounding, TaxRule
from tests.testkit.invoicing import FLAT_ITEM, SEAT_ITEM, deliver, period_opened
from tests.testkit.memory import context
from tests.testkit.received import received


def told(type: str, sequence: int, **data: Any) -> Received:
    return received(type, {"customerId": "cus_1", **data}, aggregate_id="cus_1", sequence=sequence)


def created(country: str | None) -> Received:
    address = {"line1": "Hauptstr. 1", "city": "Berlin", "country": country} if country else None
    return told("customer-created.v1", 1, name="Hooli", email=None, currency="EUR", address=address)


async def billed(services: InvoiceServices, *events: Received) -> InvoiceDocument:
    """Tell these events of the customer, then bill 19.00 + 37.50; return the invoice."""
    await deliver(services, *events, period_opened())
    [invoice] = await services.reader.page("acme", {}, limit=10)
    return invoice


@pytest.fixture
async def vat(services: InvoiceServices) -> str:
    """A tax of 8.25 % in Germany; its id."""
    _, rate = await add_tax_rate(services.tax_configurations, "VAT", Decimal("8.25"), False, "DE", context())
    return rate.id


async def test_a_period_is_billed_with_the_taxes_of_the_customers_country(services: InvoiceServices, vat: str) -> None:
    invoice = await billed(services, created("DE"))
    # 19.00 * 0.0825 = 1.5675, 37.50 * 0.0825 = 3.09375: 1.57 + 3.09
    assert (invoice.tax_minor, invoice.total_minor, invoice.amount_due_minor) == (466, 6116, 6116)
    assert [[(tax.rate_id, tax.percentage, tax.amount_minor) for tax in line.taxes] for line in invoice.lines] == [
        [(vat, "8.25", 157)],
        [(vat, "8.25", 309)],
    ]


async def test_the_whole_invoice_is_charged(services: InvoiceServices, vat: str) -> None:
    method = {"paymentMethodId": "pm_1", "provider": "sandbox", "token": "sandbox_success", "label": "Visa"}
    default = told("default-payment-method-changed.v1", 3, paymentMethodId="pm_1")
    invoice = await billed(services, created("DE"), told("payment-method-attached.v1", 2, **method), default)
    assert (invoice.status, invoice.amount_paid_minor) == ("PAID", 6116)


async def test_an_update_of_the_address_decides(services: InvoiceServices, vat: str) -> None:
    moved = told("customer-updated.v1", 2, name="Hooli", email=None, address={"line1": "x", "city": "y", "country": "FR"})
    assert (await billed(services, created("DE"), moved)).tax_minor == 0


@pytest.mark.parametrize(
    ("region", "tax"),
    # 19.00 and 37.50: * 0.05 = 0.95 and 1.875; * 0.09975 = 1.89525 and 3.740625
    [("QC", 95 + 190 + 188 + 374), ("Québec", 95 + 190 + 188 + 374), ("Ontario", 95 + 188), (None, 95 + 188)],
)
async def test_the_region_of_the_address_decides(services: InvoiceServices, region: str | None, tax: int) -> None:
    await add_tax_rate(services.tax_configurations, "GST", Decimal("5"), False, "CA", context())
    await add_tax_rate(services.tax_configurations, "QST", Decimal("9.975"), False, "CA", context(), region="CA-QC")
    address = {"line1": "1 rue X", "city": "Montréal", "region": region, "country": "CA"}
    invoice = await billed(services, told("customer-created.v1", 1, name="Hooli", email=None, currency="EUR", address=address))
    assert (invoice.tax_minor, invoice.total_minor) == (tax, 5650 + tax)
    places = [(told.name, told.region) for told in invoice.lines[0].taxes]
    assert places == ([("GST", None), ("QST", "CA-QC")] if tax > 283 else [("GST", None)])


async def german_rates(services: InvoiceServices) -> None:
    """19 % on everything but what is reduced, which bears 7 %."""
    await add_tax_rate(services.tax_configurations, "VAT", Decimal("19"), False, "DE", context())
    await add_tax_rate(services.tax_configurations, "VAT", Decimal("7"), False, "DE", context(), tax_category="reduced")


def categorised(plan_id: str, category: str | None, sequence: int = 2) -> Received:
    data = {"planId": plan_id, "taxCategory": category}
    return received("plan-tax-category-set.v1", data, aggregate_id=plan_id, sequence=sequence)


SEATS_OF_ANOTHER_PLAN = {**SEAT_ITEM, "planId": "plan_2"}


async def test_what_plans_of_different_tax_categories_bill_bears_different_rates(services: InvoiceServices) -> None:
    await german_rates(services)
    await deliver(services, categorised("plan_1", "reduced", 3), categorised("plan_1", "other"), categorised("plan_2", None))
    opened = period_opened(items=(FLAT_ITEM, SEATS_OF_ANOTHER_PLAN))
    bill = urlsafe_b64encode(msgspec.json.encode({"type": "billing-period-opened.v1", "data": opened.event.data})).decode()
    await deliver(services, created("DE"), opened)
    [invoice] = await services.reader.page("acme", {}, limit=10)
    # 19.00 * 0.07 = 1.33 and 37.50 * 0.19 = 7.125
    borne = [[(tax.percentage, tax.amount_minor) for tax in line.taxes] for line in invoice.lines]
    assert (borne, invoice.tax_minor, invoice.total_minor) == ([[("7", 133)], [("19", 713)]], 846, 6496)
    preview = await services.taxes.on("acme", draft_of_bill(bill))
    assert preview.lines == (await services.invoices.get("acme", invoice.id)).lines


async def test_a_customers_own_rates_win_over_those_of_its_country_until_they_are_taken_away(services: InvoiceServices) -> None:
    await german_rates(services)
    _, own = await add_tax_rate(services.tax_configurations, "USt", Decimal("20"), False, "AT", context())
    await deliver(services, created("DE"))
    for number, (rate_ids, tax) in enumerate(
        # 19.00 and 37.50: * 0.20 = 3.80 and 7.50; * 0.19 = 3.61 and 7.125
        [([own.id], 380 + 750), ([], 361 + 713)]
    ):
        await set_customer_tax_rates(services.customer_tax_rates, services.tax_configurations, "cus_1", rate_ids, context())
        await deliver(services, period_opened(number))
        [invoice] = await services.reader.page("acme", {"period_number": number}, limit=2)
        assert invoice.tax_minor == tax
        bill = msgspec.json.encode({"type": "billing-period-opened.v1", "data": period_opened(number).event.data})
        preview = await services.taxes.on("acme", draft_of_bill(urlsafe_b64encode(bill).decode()))
        assert preview.lines == (await services.invoices.get("acme", invoice.id)).lines


async def test_a_customers_own_rates_that_were_removed_count_no_more(services: InvoiceServices) -> None:
    await german_rates(services)
    taxes = services.tax_configurations
    _, own = await add_tax_rate(taxes, "USt", Decimal("20"), False, "AT", context())
    await set_customer_tax_rates(services.customer_tax_rates, taxes, "cus_1", [own.id], context())
    await remove_tax_rate(taxes, own.id, context())
    assert (await billed(services, created("DE"))).tax_minor == 361 + 713
    with pytest.raises(NotFound) as refused:
        await set_customer_tax_rates(services.customer_tax_rates, taxes, "cus_1", [own.id], context())
    assert refused.value.field == ("taxRateIds",)


async def test_a_tax_category_of_another_tenant_is_not_known(services: InvoiceServices) -> None:
    await german_rates(services)
    rival = {"planId": "plan_1", "taxCategory": "reduced"}
    await deliver(services, received("plan-tax-category-set.v1", rival, aggregate_id="plan_1", sequence=2, tenant="rival"))
    assert (await billed(services, created("DE"))).tax_minor == 361 + 713  # 19.00 and 37.50 * 0.19 = 7.125


@pytest.mark.parametrize("country", ["FR", None])
async def test_elsewhere_there_is_no_tax(services: InvoiceServices, vat: str, country: str | None) -> None:
    invoice = await billed(services, created(country))
    assert (invoice.tax_minor, invoice.total_minor, invoice.tax_exemption) == (0, 5650, None)


async def test_an_exempt_customer_pays_no_tax_and_the_invoice_says_why(services: InvoiceServices, vat: str) -> None:
    status = told("customer-tax-status-changed.v1", 2, exemption="REVERSE_CHARGE", reason="EU business", taxIds=[])
    invoice = await billed(services, created("DE"), status)
    assert (invoice.tax_minor, invoice.total_minor) == (0, 5650)
    assert (invoice.tax_exemption, invoice.tax_exemption_reason) == ("REVERSE_CHARGE", "EU business")


@pytest.mark.parametrize("country", ["FR", None])
async def test_an_exemption_is_told_where_the_tenant_has_no_rate(
    services: InvoiceServices, vat: str, country: str | None
) -> None:
    status = told("customer-tax-status-changed.v1", 2, exemption="REVERSE_CHARGE", reason="Art. 196", taxIds=[])
    invoice = await billed(services, created(country), status)
    assert (invoice.tax_minor, invoice.tax_exemption, invoice.tax_exemption_reason) == (0, "REVERSE_CHARGE", "Art. 196")


async def test_an_exemption_is_told_of_a_tenant_without_any_rate(services: InvoiceServices) -> None:
    status = told("customer-tax-status-changed.v1", 2, exemption="EXEMPT", reason="charity", taxIds=[])
    invoice = await billed(services, created("DE"), status)
    assert (invoice.tax_minor, invoice.tax_exemption, invoice.tax_exemption_reason) == (0, "EXEMPT", "charity")


async def test_a_tenant_without_any_rate_waits_for_no_customer(services: InvoiceServices) -> None:
    with pytest.raises(NotReady):  # its way to pay is waited for, once there is an invoice
        await deliver(services, period_opened())
    [invoice] = await services.reader.page("acme", {}, limit=10)
    assert (invoice.total_minor, invoice.tax_exemption) == (5650, None)


async def test_an_exemption_that_ended_counts_no_more_in_any_order(services: InvoiceServices, vat: str) -> None:
    exempt = told("customer-tax-status-changed.v1", 2, exemption="EXEMPT", reason=None, taxIds=[])
    ended = told("customer-tax-status-changed.v1", 3, exemption="NONE", reason=None, taxIds=[])
    invoice = await billed(services, ended, exempt, created("DE"))
    assert (invoice.tax_minor, invoice.tax_exemption) == (466, None)


async def test_a_tenants_rounding_is_used(services: InvoiceServices, vat: str) -> None:
    await set_tax_rounding(services.tax_configurations, TaxRule(rounding=TaxRounding.PER_INVOICE), context())
    assert (await billed(services, created("DE"))).tax_minor == 466  # 56.50 * 0.0825 = 4.66125


async def test_taxes_wait_for_the_customer(services: InvoiceServices, vat: str) -> None:
    with pytest.raises(NotReady, match="'cus_1' has not arrived"):
        await deliver(services, period_opened())
    assert await services.reader.page("acme", {}, limit=10) == []


async def test_an_invoice_keeps_the_taxes_it_was_drafted_with(services: InvoiceServices, vat: str) -> None:
    await billed(services, created("DE"))
    await add_tax_rate(services.tax_configurations, "Levy", Decimal("1"), False, "DE", context())
    assert (await billed(services)).tax_minor == 466


async def test_another_tenants_taxes_are_not_charged(services: InvoiceServices) -> None:
    await add_tax_rate(services.tax_configurations, "VAT", Decimal("19"), False, "DE", context("rival"))
    assert (await billed(services, created("DE"))).tax_minor == 0
