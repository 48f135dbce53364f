"""What other subgraphs are told of customers."""

from dataclasses import asdict, replace
from datetime import date
from typing import Any

import pytest

from subgraphs.customer.domain import events
from subgraphs.customer.domain.balance import CustomerBalance
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.tax_ids import TaxIdType
from subgraphs.customer.domain.tax_status import TaxExemption, TaxId, TaxStatus
from subgraphs.customer.domain.values import Address, CustomerProfile, PaymentMethod
from subgraphs.customer.domain.wallet import Wallet
from subgraphs.customer.domain.wallet_events import GrantSource
from subgraphs.customer.published import json_schemas, publish
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.money import Money
from subgraphs.kit.persistence.commit import Commit, StoredEvent
from tests.testkit.memory import AT, context

ADDRESS = Address(line1="Torstr. 1", city="Berlin", country="DE")
PROFILE = CustomerProfile(name="Hooli", email="a@b.example", time_zone="Europe/Berlin", language="de", address=ADDRESS)
TOLD = {
    "customerId": "cus_1",
    "name": "Hooli",
    "email": "a@b.example",
    "timeZone": "Europe/Berlin",
    "language": "de",
}
METHOD = PaymentMethod(id="pm_1", provider="sandbox", token="sandbox_success", label="Visa")


def told_by(aggregate: type[Aggregate], id: str, *happened: Event) -> list[tuple[str, dict[str, Any]]]:
    commit = Commit(
        tenant="acme",
        kind=aggregate.kind,
        aggregate_id=id,
        version=1,
        events=tuple(StoredEvent(*aggregate.codec.encode(event)) for event in happened),
        context=context(),
        recorded_at=AT,
    )
    return [(event.type, event.data) for event in publish(commit)]


def told(*happened: Event) -> list[tuple[str, dict[str, Any]]]:
    return told_by(Customer, "cus_1", *happened)


def test_a_profile_is_told_with_its_address() -> None:
    created = events.CustomerCreated(profile=PROFILE, currency="EUR", external_id="crm-1", created_by="cli_1", created_at=AT)
    [(first, data), (second, changed)] = told(created, events.CustomerUpdated(profile=PROFILE))
    assert (first, second) == ("customer-created.v1", "customer-updated.v1")
    address = data.pop("address")
    assert {address["line1"], address["city"], address["country"]} == {"Torstr. 1", "Berlin", "DE"}
    assert len(address) == len(asdict(ADDRESS))
    assert data == TOLD | {"currency": "EUR", "externalId": "crm-1", "shippingAddress": None}
    assert changed == TOLD | {"address": address, "shippingAddress": None}


def test_a_tax_status_is_told_as_a_whole() -> None:
    held = TaxId(id="txi_1", type=TaxIdType.EU_VAT, value="DE136695976", country="DE")
    status = TaxStatus(exemption=TaxExemption.REVERSE_CHARGE, reason="Art. 196", tax_ids=(held,))
    [(type, data)] = told(events.TaxStatusChanged(status=status))
    assert type == "customer-tax-status-changed.v1"
    assert data == {
        "customerId": "cus_1",
        "exemption": "REVERSE_CHARGE",
        "reason": "Art. 196",
        "taxIds": ({"taxIdId": "txi_1", "type": "eu_vat", "value": "DE136695976", "country": "DE"},),
    }


def test_a_merged_customer_is_told_as_an_alias_that_is_not_billed() -> None:
    assert told(events.CustomerMerged(into_id="cus_2", merged_at=AT)) == [
        ("customer-merged.v1", {"customerId": "cus_1", "intoCustomerId": "cus_2"}),
        ("customer-archived.v1", {"customerId": "cus_1"}),
    ]


def test_an_erasure_overwrites_what_earlier_events_told() -> None:
    erased = events.CustomerErased(
        erased_at=AT, payment_method_ids=("pm_1",), tax_exemption=TaxExemption.EXEMPT, time_zone="UTC", language="de"
    )
    assert [(type, {key: value for key, value in data.items() if key != "customerId"}) for type, data in told(erased)] == [
        (
            "customer-updated.v1",
            {
                "name": "[erased]",
                "email": None,
                "timeZone": "UTC",
                "language": "de",
                "address": None,
                "shippingAddress": None,
            },
        ),
        ("customer-tax-status-changed.v1", {"exemption": "EXEMPT", "reason": None, "taxIds": ()}),
        ("payment-method-detached.v1", {"paymentMethodId": "pm_1"}),
        ("default-payment-method-changed.v1", {"paymentMethodId": None}),
        ("customer-archived.v1", {}),
        ("customer-erased.v1", {}),
    ]


def test_an_entry_of_a_balance_is_told_without_its_description() -> None:
    balance = CustomerBalance.open("bal_1", "cus_1", "EUR", context())
    balance.adjust(Money(700, "EUR"), "for Ada", allow_negative=False, context=context())
    assert told_by(CustomerBalance, "bal_1", *balance.unsaved) == [
        (
            "customer-balance-changed.v1",
            {
                "customerId": "cus_1",
                "balanceId": "bal_1",
                "entryId": balance.entries[0].id,
                "number": 1,
                "kind": "ADJUSTMENT",
                "currency": "EUR",
                "amountMinor": 700,
                "balanceMinor": 700,
                "reference": None,
            },
        )
    ]


def test_a_wallets_entries_are_told_with_the_grants_they_are_made_of() -> None:
    wallet = Wallet.open("wal_1", "cus_1", "EUR", "Ada's", 7, None, context())
    wallet.top_up(Money(500, "EUR"), GrantSource.PURCHASED, None, "for Ada", context())
    wallet.spend(Money(300, "EUR"), "inv_1", context())
    [grant] = wallet.grants
    topped_up, spent = wallet.entries
    entry = {"customerId": "cus_1", "walletId": "wal_1", "currency": "EUR"}
    assert told_by(Wallet, "wal_1", *wallet.unsaved) == [
        (
            "wallet-opened.v1",
            {"walletId": "wal_1", "customerId": "cus_1", "currency": "EUR", "priority": 7, "expiresAt": None},
        ),
        (
            "wallet-balance-changed.v1",
            entry
            | {
                "entryId": topped_up.id,
                "number": 1,
                "kind": "TOP_UP",
                "amountMinor": 500,
                "balanceMinor": 500,
                "reference": grant,
                "parts": ({"grantId": grant, "amountMinor": 500},),
            },
        ),
        (
            "wallet-balance-changed.v1",
            entry
            | {
                "entryId": spent.id,
                "number": 2,
                "kind": "SPEND",
                "amountMinor": -300,
                "balanceMinor": 200,
                "reference": "inv_1",
                "parts": ({"grantId": grant, "amountMinor": 300},),
            },
        ),
    ]


@pytest.mark.parametrize(
    ("event", "type", "data"),
    [
        (events.CustomerArchived(archived_at=AT), "customer-archived.v1", {}),
        (events.CustomerUnarchived(unarchived_at=AT), "customer-unarchived.v1", {}),
        (
            events.PaymentMethodAttached(payment_method=METHOD),
            "payment-method-attached.v1",
            {"paymentMethodId": "pm_1", "provider": "sandbox", "token": "sandbox_success", "label": "Visa", "expiresOn": None},
        ),
        (
            events.PaymentMethodAttached(payment_method=replace(METHOD, expires_on=date(2027, 8, 31))),
            "payment-method-attached.v1",
            {
                "paymentMethodId": "pm_1",
                "provider": "sandbox",
                "token": "sandbox_success",
                "label": "Visa",
                "expiresOn": "2027-08-31",
            },
        ),
        (
            events.PaymentMethodExpiryChanged(payment_method_id="pm_1", expires_on=date(2027, 8, 31)),
            "payment-method-expiry-changed.v1",
            {"paymentMethodId": "pm_1", "expiresOn": "2027-08-31"},
        ),
        (
            events.PaymentMethodExpiring(payment_method_id="pm_1", expires_on=date(2027, 8, 31)),
            "payment-method-expiring.v1",
            {"paymentMethodId": "pm_1", "expiresOn": "2027-08-31"},
        ),
        (events.PaymentMethodDetached(payment_method_id="pm_1"), "payment-method-detached.v1", {"paymentMethodId": "pm_1"}),
        (
            events.DefaultPaymentMethodChanged(payment_method_id=None),
            "default-payment-method-changed.v1",
            {"paymentMethodId": None},
        ),
    ],
)
def test_each_event_is_told_with_its_contract(event: Event, type: str, data: dict[str, Any]) -> None:
    assert told(event) == [(type, {"customerId": "cus_1", **data})]


def test_every_event_told_has_a_schema_that_requires_what_is_told() -> None:
    created = events.CustomerCreated(profile=PROFILE, currency="EUR", external_id=None, created_by="cli_1", created_at=AT)
    for type, data in told(created, events.CustomerUpdated(profile=PROFILE), events.CustomerArchived(archived_at=AT)):
        assert set(json_schemas()[type]["required"]) <= set(data)
