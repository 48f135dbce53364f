"""What commands need to know of other subgraphs' entities."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, TypedDict

import msgspec

from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.period import Interval
from subgraphs.pricing.charge import NO_DETAILS, ChargeDetails, PriceModel
from subgraphs.subscription.documents import CustomerReplica, MeterReplica, PlanReplica, PriceReplica
from subgraphs.subscription.domain.fees import OneTimePrice
from subgraphs.subscription.domain.values import LONGEST_LIST, Item, SubscribedPrice

__all__ = ["KnownFacts", "WantedItem", "known_price", "sold_items", "sold_one_time_price", "sold_price"]


class KnownFacts(Protocol):
    """What is known of other subgraphs' entities; each call waits a moment for what may just have been created."""

    async def customer(self, tenant: str, id: str) -> CustomerReplica | None: ...
    async def price(self, tenant: str, id: str) -> PriceReplica | None: ...
    async def plan(self, tenant: str, id: str) -> PlanReplica | None: ...
    async def meter(self, tenant: str, id: str) -> MeterReplica | None: ...
    async def on_test_clock(self, tenant: str) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedItem:
    """A price that is to be added on, and how many units of it."""

    price_id: str
    quantity: int = 1


async def sold_items(
    known: KnownFacts,
    tenant: str,
    wanted: Sequence[WantedItem],
    current: Sequence[Item] = (),
    within: tuple[str, ...] = (),
) -> tuple[Item, ...]:
    """Return what is to be added on. The price of a `current` item goes on as it is, whether it is sold any more or not.

    Errors name fields `within` a part of the input.

    Raises:
        As `sold_price`.
        InvalidInput: there are too many.
    """
    if len(wanted) > LONGEST_LIST:
        raise InvalidInput(f"a subscription has at most {LONGEST_LIST} add-ons", field=(*within, "addOns"))
    prices = {item.price.price_id: item.price for item in current}
    found = []
    for number, item in enumerate(wanted):
        field = (*within, "addOns", str(number), "priceId")
        price = prices.get(item.price_id) or await sold_price(known, tenant, item.price_id, field)
        found.append(Item(price=price, quantity=item.quantity))
    return tuple(found)


async def sold_price(known: KnownFacts, tenant: str, id: str, field: tuple[str, ...] = ("priceId",)) -> SubscribedPrice:
    """Return the price version as it can be subscribed to now; `field` is the input field named in errors.

    Raises:
        NotFound: there is no such price.
        InvalidInput: it is billed once, or it bills transactions, and no meter counts them.
        InvalidState: it or its plan is archived.
    """
    price, plan_name = await _sold(known, tenant, id, field)
    meter = await known.meter(tenant, price.meter_id) if price.meter_id is not None else None
    subscribed = _subscribed(price, field, plan_name, meter.name if meter is not None else None)
    if subscribed.charge.model.is_of_transactions and subscribed.meter_id is None:
        raise InvalidInput(
            f"price {id!r} is {subscribed.model}: it bills transactions, which a quantity does not tell and a meter counts",
            field=field,
        )
    return subscribed


async def known_price(known: KnownFacts, tenant: str, id: str, field: tuple[str, ...] = ("priceId",)) -> SubscribedPrice:
    """Return the price version, whether it is sold any more or not; `field` is the input field named in errors.

    Raises:
        NotFound: there is no such price.
        InvalidInput: it is billed once.
    """
    price = await _price(known, tenant, id, field)
    return _subscribed(price, field, price.plan_name)


async def sold_one_time_price(known: KnownFacts, tenant: str, id: str, field: tuple[str, ...] = ("priceId",)) -> OneTimePrice:
    """Return the one-time price version as it can be sold now; `field` is the input field named in errors.

    Raises:
        NotFound: there is no such price.
        InvalidInput: it recurs.
        InvalidState: it or its plan is archived.
    """
    price, plan_name = await _sold(known, tenant, id, field)
    if price.interval_unit is not None:
        raise InvalidInput(
            f"price {id!r} is billed every {price.interval_count} {price.interval_unit.value}: a fee has a ONE_TIME price; what "
            "recurs is an add-on",
            field=field,
        )
    return OneTimePrice(**_version(price, plan_name))


async def _sold(known: KnownFacts, tenant: str, id: str, field: tuple[str, ...]) -> tuple[PriceReplica, str | None]:
    """Return the price and what its plan is called now."""
    price = await _price(known, tenant, id, field)
    assert price.plan_id is not None  # noqa: S101  set in the same write as all of a price
    plan = await known.plan(tenant, price.plan_id)
    if price.archived or (plan is not None and plan.archived):
        raise InvalidState(f"price {id!r} or its plan is archived and not sold any more", field=field)
    return price, (plan.name if plan is not None else None) or price.plan_name


async def _price(known: KnownFacts, tenant: str, id: str, field: tuple[str, ...]) -> PriceReplica:
    price = await known.price(tenant, id)
    if price is None or price.plan_id is None:
        raise NotFound("Price", id, field=field)
    return price


def _subscribed(
    price: PriceReplica, field: tuple[str, ...], plan_name: str | None, meter_name: str | None = None
) -> SubscribedPrice:
    if price.interval_unit is None:
        raise InvalidInput(f"price {price.id!r} is billed once, and nobody subscribes to it: sell it as a fee", field=field)
    assert price.interval_count is not None  # noqa: S101  set in the same write
    return SubscribedPrice(
        **_version(price, plan_name),
        interval=Interval(price.interval_unit, price.interval_count),
        meter_id=price.meter_id,
        meter_name=meter_name,
    )


class _Version(TypedDict):
    price_id: str
    plan_id: str
    plan_name: str
    currency: str
    model: str
    flat_amount_minor: int | None
    unit_amount: Decimal | None
    details: ChargeDetails


def _version(price: PriceReplica, plan_name: str | None) -> _Version:
    """Return what there is of every price version."""
    assert price.plan_id is not None  # noqa: S101  whoever calls has checked that the price has arrived
    assert plan_name is not None  # noqa: S101  set in the same write, as is all that follows
    assert price.currency is not None  # noqa: S101
    assert price.model is not None  # noqa: S101
    return _Version(
        price_id=price.id,
        plan_id=price.plan_id,
        plan_name=plan_name,
        currency=price.currency,
        model=PriceModel(price.model).value,
        flat_amount_minor=price.flat_amount_minor,
        unit_amount=None if price.unit_amount is None else Decimal(price.unit_amount),
        details=msgspec.convert(price.details, ChargeDetails) if price.details else NO_DETAILS,
    )
