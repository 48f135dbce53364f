"""Personal data in events is stored sealed, and is noise once the customer's key is destroyed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from subgraphs.customer.domain.balance import CustomerBalance
from subgraphs.customer.domain.balance_events import BalanceEntry, BalanceEntryKind, BalanceEntryRecorded, BalanceOpened
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.errors import PersonalDataUnreadable
from subgraphs.customer.domain.events import (
    CustomerArchived,
    CustomerCreated,
    CustomerUpdated,
    PaymentMethodAttached,
    TaxStatusChanged,
)
from subgraphs.customer.domain.personal_data import PERSONAL_DATA
from subgraphs.customer.domain.tax_ids import TaxIdType
from subgraphs.customer.domain.tax_status import TaxExemption, TaxId, TaxStatus
from subgraphs.customer.domain.values import Address, CustomerProfile, PaymentMethod
from subgraphs.customer.domain.wallet import Wallet
from subgraphs.customer.domain.wallet_events import Grant, GrantSource, WalletOpened, WalletToppedUp, WalletUpdated
from subgraphs.customer.personal_data_keys import InMemoryPersonalDataKeys, MongoPersonalDataKeys, PersonalDataKeys
from subgraphs.customer.sealed_events import SealedEventLog
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.kit.persistence.commit import Commit, StoredEvent
from subgraphs.kit.persistence.event_store import InMemoryEventStore
from subgraphs.kit.persistence.mongo import connect
from subgraphs.kit.settings import Settings
from tests.testkit.memory import AT, context

HOME = Address(line1="Secretstr. 1", city="Secrettown", country="DE", postal_code="SECRET")
PROFILE = CustomerProfile(
    name="Secret Ada", email="secret@ada.example", time_zone="Europe/Berlin", language="de", address=HOME, shipping_address=HOME
)
HELD = TaxId(id="txi_1", type=TaxIdType.EU_VAT, value="SECRET136695976", country="DE")
CUSTOMER_EVENTS: tuple[Event, ...] = (
    CustomerCreated(profile=PROFILE, currency="EUR", external_id="secret-1", created_by="client_1", created_at=AT),
    CustomerUpdated(profile=PROFILE),
    TaxStatusChanged(status=TaxStatus(exemption=TaxExemption.EXEMPT, reason="secret reason", tax_ids=(HELD,))),
    PaymentMethodAttached(payment_method=PaymentMethod(id="pm_1", provider="sandbox", token="secret_token", label="Secret 42")),
)
ENTRY = BalanceEntry(
    id="ble_1",
    number=1,
    kind=BalanceEntryKind.ADJUSTMENT,
    amount=700,
    balance_after=700,
    reference=None,
    description="for secret Ada",
    recorded_at=AT,
    recorded_by="client_1",
)
BALANCE_EVENTS: tuple[Event, ...] = (
    BalanceOpened(customer_id="cus_1", currency="EUR"),
    BalanceEntryRecorded(customer_id="cus_1", currency="EUR", entry=ENTRY),
)
GRANT = Grant(id="grt_1", amount=5, source=GrantSource.PURCHASED, expires_at=None, description="Secret Ada's", granted_at=AT)
WALLET_EVENTS: tuple[Event, ...] = (
    WalletOpened(customer_id="cus_1", currency="EUR", name="Secret Ada's", priority=1, expires_at=None, opened_at=AT),
    WalletUpdated(customer_id="cus_1", name="Secret wallet", priority=2),
    WalletToppedUp(customer_id="cus_1", grant=GRANT),
)


def commit(kind: str, id: str, codec: EventCodec, events: tuple[Event, ...]) -> Commit:
    return Commit(
        tenant="acme",
        kind=kind,
        aggregate_id=id,
        version=1,
        events=tuple(StoredEvent(*codec.encode(event)) for event in events),
        context=replace(context(), reason="as secret Ada asked"),
        recorded_at=AT,
    )


COMMITS = (
    commit("Customer", "cus_1", Customer.codec, CUSTOMER_EVENTS),
    commit("CustomerBalance", "bal_1", CustomerBalance.codec, BALANCE_EVENTS),
    commit("Wallet", "wal_1", Wallet.codec, WALLET_EVENTS),
)


class Sealed:
    def __init__(self) -> None:
        self.stored, self.keys = InMemoryEventStore(), InMemoryPersonalDataKeys()
        self.log = SealedEventLog(self.stored, self.keys)


@pytest.fixture
async def sealed() -> Sealed:
    sealed = Sealed()
    for one in COMMITS:
        await sealed.log.append(one)
    return sealed


def data(commits: list[Commit]) -> list[dict[str, Any]]:
    return [event.data for commit in commits for event in commit.events]


def same(one: Any, other: Any) -> bool:
    """Compare as stored values: lists and tuples are the same there."""
    return msgspec.json.encode(one, enc_hook=str) == msgspec.json.encode(other, enc_hook=str)


async def test_nothing_personal_is_stored_in_the_clear_and_everything_is_read_back(sealed: Sealed) -> None:
    assert b"secret" not in repr(sorted(sealed.stored.commits.items())).lower().encode()
    for one in COMMITS:
        loaded = await sealed.log.load("acme", one.kind, one.aggregate_id)
        assert same(data(loaded), data([one]))
        assert [found.context for found in loaded] == [one.context]
    assert same(data(await sealed.log.undispatched(10)), data(list(COMMITS)))


def test_every_personal_text_of_these_events_is_named() -> None:
    types = {event.type for commit in COMMITS for event in commit.events}
    assert types - {"BalanceOpened"} == set(PERSONAL_DATA)


async def test_without_the_key_only_the_books_are_left(sealed: Sealed) -> None:
    await sealed.keys.destroy("acme", "cus_1")
    commits = await sealed.log.undispatched(10)
    assert [found.context.reason for found in commits] == [None] * 3
    everything = data(commits)
    assert "secret" not in repr(everything).lower()
    created, updated, tax, method, _, entry, opened, renamed, granted = everything
    profile = {
        "name": "[erased]",
        "email": None,
        "time_zone": "Europe/Berlin",
        "language": "de",
        "address": None,
        "shipping_address": None,
    }
    assert created == {
        "profile": profile,
        "currency": "EUR",
        "external_id": None,
        "created_by": "client_1",
        "created_at": AT,
    }
    assert updated == {"profile": profile}
    assert tax == {"status": {"exemption": "EXEMPT", "reason": None, "tax_ids": []}}
    erased = {"id": "pm_1", "provider": "sandbox", "token": "[erased]", "label": "[erased]", "expires_on": None}
    assert method == {"payment_method": erased}
    assert (entry["entry"]["amount"], entry["entry"]["description"]) == (700, None)
    assert (opened["name"], renamed["name"], renamed["priority"]) == ("[erased]", "[erased]", 2)
    assert (granted["grant"]["amount"], granted["grant"]["description"]) == (5, None)
    for one in COMMITS:  # what is left is still understood
        codec = {"Customer": Customer.codec, "CustomerBalance": CustomerBalance.codec, "Wallet": Wallet.codec}[one.kind]
        for found in (await sealed.log.load("acme", one.kind, one.aggregate_id))[0].events:
            codec.decode(found.type, found.data)


async def test_what_comes_after_the_key_was_destroyed_is_stored_without_personal_data() -> None:
    sealed = Sealed()
    await sealed.keys.destroy("acme", "cus_1")
    for one in COMMITS:
        await sealed.log.append(one)
    assert "secret" not in repr(data(list(sealed.stored.commits.values()))).lower()
    assert same(data(await sealed.log.undispatched(10)), data(list(sealed.stored.commits.values())))


async def test_each_customer_and_tenant_has_a_key_of_its_own(sealed: Sealed) -> None:
    await sealed.log.append(commit("Customer", "cus_2", Customer.codec, CUSTOMER_EVENTS))
    await sealed.keys.destroy("acme", "cus_1")
    await sealed.keys.destroy("rival", "cus_2")
    [other] = await sealed.log.load("acme", "Customer", "cus_2")
    assert other.events[0].data["profile"]["name"] == "Secret Ada"


async def test_a_sealed_value_cannot_be_moved_to_another_event(sealed: Sealed) -> None:
    [stored] = await sealed.stored.load("acme", "Customer", "cus_1")
    created, updated = stored.events[:2]
    updated.data["profile"]["name"] = created.data["profile"]["name"]
    with pytest.raises(PersonalDataUnreadable) as refused:
        await sealed.log.load("acme", "Customer", "cus_1")
    assert (refused.value.customer_id, refused.value.place) == ("cus_1", "acme/Customer/cus_1/0000000001#1")


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.parametrize("one", COMMITS, ids=lambda one: one.kind)
async def test_what_a_lost_or_other_key_sealed_is_neither_read_as_erased_nor_written_over(
    sealed: Sealed, one: Commit, lost: bool
) -> None:
    right = sealed.keys.keys.pop(("acme", "cus_1"))
    if not lost:
        sealed.keys.keys["acme", "cus_1"] = AESGCM.generate_key(256)
    with pytest.raises(PersonalDataUnreadable, match=r"'cus_1'.*acme/"):
        await sealed.log.load("acme", one.kind, one.aggregate_id)
    if lost:
        with pytest.raises(PersonalDataUnreadable):
            await sealed.log.append(replace(one, version=2))
        assert sealed.keys.keys == {}
        assert len(sealed.stored.commits) == 3
    sealed.keys.keys["acme", "cus_1"] = right
    assert same(data(await sealed.log.load("acme", one.kind, one.aggregate_id)), data([one]))


async def test_no_key_is_made_for_a_new_wallet_of_a_customer_whose_key_is_lost() -> None:
    sealed = Sealed()
    await sealed.log.append(COMMITS[0])
    sealed.keys.keys.clear()
    with pytest.raises(PersonalDataUnreadable):
        await sealed.log.append(COMMITS[2])
    assert sealed.keys.keys == {}


async def test_a_customer_from_before_sealing_gets_a_key_with_the_next_write(sealed: Sealed) -> None:
    old = replace(commit("Customer", "cus_old", Customer.codec, CUSTOMER_EVENTS), context=context())
    await sealed.stored.append(old)
    new = replace(commit("Customer", "cus_old", Customer.codec, CUSTOMER_EVENTS[1:]), version=2)
    await sealed.log.append(new)
    assert same(data(await sealed.log.load("acme", "Customer", "cus_old")), data([old, new]))
    assert ("acme", "cus_old") in sealed.keys.keys


async def test_what_cannot_be_read_waits_and_the_others_are_sent(sealed: Sealed) -> None:
    for id in ("cus_2", "cus_3"):
        await sealed.log.append(replace(commit("Customer", id, Customer.codec, CUSTOMER_EVENTS), recorded_at=AT + timedelta(1)))
    # Nothing personal is in it, and it must not overtake what is before it in the stream.
    archived = StoredEvent(*Customer.codec.encode(CustomerArchived(archived_at=AT)))
    await sealed.log.append(replace(COMMITS[0], version=2, events=(archived,), context=context(), recorded_at=AT + timedelta(2)))
    right = sealed.keys.keys.pop(("acme", "cus_1"))
    for limit, ids in ((1, ["cus_2"]), (2, ["cus_2", "cus_3"]), (10, ["cus_2", "cus_3"])):
        assert [one.aggregate_id for one in await sealed.log.undispatched(limit)] == ids
    sealed.keys.keys["acme", "cus_1"] = right
    assert [(one.aggregate_id, one.version) for one in await sealed.log.undispatched(10)] == [
        ("cus_1", 1),
        ("bal_1", 1),
        ("wal_1", 1),
        ("cus_2", 1),
        ("cus_3", 1),
        ("cus_1", 2),
    ]


async def test_dispatching_keeps_what_is_stored_sealed(sealed: Sealed) -> None:
    commits = await sealed.log.undispatched(10)
    await sealed.log.mark_dispatched([one.dispatched("0-1") for one in commits])
    assert await sealed.log.undispatched(10) == []
    assert "secret" not in repr(data(list(sealed.stored.commits.values()))).lower()
    assert await sealed.log.undispatch_after("0-0") == 3
    assert same(data(await sealed.log.undispatched(10)), data(list(COMMITS)))


@pytest.mark.parametrize("real", [False, True])
async def test_a_destroyed_key_is_not_made_again(real: bool, request: pytest.FixtureRequest) -> None:
    async def check(keys: PersonalDataKeys) -> None:
        key = await keys.obtain("acme", "cus_1")
        assert key is not None
        assert len(key) == 32
        assert await keys.obtain("acme", "cus_1") == key
        other = await keys.obtain("acme", "cus_2")
        assert await keys.find("acme", ["cus_1", "cus_2", "cus_none"]) == {"cus_1": key, "cus_2": other}
        assert await keys.find("rival", ["cus_1"]) == {}
        for _ in range(2):
            await keys.destroy("acme", "cus_1")
        assert await keys.obtain("acme", "cus_1") is None
        assert await keys.find("acme", ["cus_1", "cus_2"]) == {"cus_1": None, "cus_2": other}
        await keys.destroy("acme", "cus_never")
        assert await keys.obtain("acme", "cus_never") is None

    if not real:
        await check(InMemoryPersonalDataKeys())
        return
    settings: Settings = request.getfixturevalue("settings")
    async with connect(settings, "customer") as database:
        await check(MongoPersonalDataKeys(database))
