"""Whether records can be written: asked of the very code that will decide it. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from subgraphs.customer.domain.tax_ids import TaxIdType, compact_tax_id
from subgraphs.customer.domain.tax_status import TaxExemption
from subgraphs.customer.domain.values import Address, CustomerProfile, checked_profile
from subgraphs.kit.domain.codes import checked_code
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.currency import check_currency
from subgraphs.kit.domain.errors import DomainError
from subgraphs.plan.domain.values import (
    PriceModel,
    PriceTerms,
    checked_description,
    checked_external_id,
    checked_name,
    checked_terms,
)
from subgraphs.pricing.charge import ChargeDetails, Granularity, Tier
from subgraphs.pricing.collection import collection_method
from subgraphs.subscription.commands.start_plan_subscription import Trial, WantedStart, drafted_start
from subgraphs.subscription.domain.values import Item, Pause, SubscribedPrice, Terms, TrialEnding
from tributary.importing import records
from tributary.importing.records import (
    CustomerRecord,
    PlanRecord,
    PriceRecord,
    Problem,
    ProductRecord,
    Record,
    SubscriptionRecord,
    refused,
)

__all__ = ["KnownPrice", "check_record", "check_start"]


@dataclass(frozen=True, slots=True)
class KnownPrice:
    """What is known of a price that is subscribed to: `terms` None for one that only the server has."""

    currency: str
    terms: PriceTerms | None = None


def check_record(record: Record) -> PriceTerms | None:
    """Check everything that a record says by itself; return the terms of a price.

    Raises:
        Problem: the code that creates it would refuse it.
    """
    return _checked(lambda: _check(record))


def check_start(record: SubscriptionRecord, prices: Mapping[str, PriceTerms], zone: str, now: datetime) -> None:
    """Check that a subscription could start as it was, with prices by the source's ids and on the customer's calendar.

    Raises:
        Problem: `planSubscriptionStart` would refuse it.
    """
    items = [Item(price=_subscribed(item.price_id, prices[item.price_id]), quantity=item.quantity) for item in record.items]
    first, *add_ons = items
    trial = record.trial
    wanted = WantedStart(
        customer_id=record.customer_id,
        price_id=first.price.price_id,
        quantity=first.quantity,
        trial=Trial(ending=TrialEnding(trial.ending), ends_at=trial.at) if trial else None,
        starts_at=record.starts_at,
        billing_anchor=record.billing_anchor,
        paid_through=record.paid_through,
        cancel_at=record.cancel_at,
        pause=Pause(record.resumes_at) if record.paused else None,
        external_id=record.id,
        collection_method=collection_method(record.days_until_due),
        days_until_due=record.days_until_due,
    )
    terms = Terms(price=first.price, quantity=first.quantity, add_ons=tuple(add_ons))
    context = CommandContext(tenant="import", actor="import", request_id="import", at=now)
    _checked(lambda: drafted_start("psub_import", wanted, terms, zone, context))


def _check(record: Record) -> PriceTerms | None:
    checked_external_id(record.id)
    match record:
        case CustomerRecord():
            _check_customer(record)
        case ProductRecord():
            checked_name(record.name)
            checked_description(record.description)
        case PlanRecord():
            checked_code(record.code)
            checked_name(record.name)
        case PriceRecord():
            check_currency(record.currency)
            return checked_terms(_terms(record))
        case SubscriptionRecord():
            if record.trial is not None and record.trial.ending not in TrialEnding.__members__:
                raise refused("VALUE_UNKNOWN", f"a trial's ending is {', '.join(TrialEnding)}, not {record.trial.ending}")
    return None


def _check_customer(record: CustomerRecord) -> None:
    check_currency(record.currency)
    checked_profile(
        CustomerProfile(
            name=record.name,
            email=record.email,
            time_zone=record.time_zone,
            language=record.language,
            address=_address(record.address),
            shipping_address=_address(record.shipping_address),
        )
    )
    for type, value in record.tax_ids:
        if type not in TaxIdType.__members__:
            raise refused("TAX_ID_UNKNOWN", f"tax ids of type {type} are not known: leave it out, or use one of TaxIdType")
        compact_tax_id(TaxIdType[type], value)
    if record.tax_exemption not in TaxExemption.__members__:
        raise refused("TAX_EXEMPTION_UNKNOWN", f"a tax exemption is {', '.join(TaxExemption)}, not {record.tax_exemption}")
    if record.tax_exemption == "REVERSE_CHARGE" and not record.tax_ids:
        raise refused("TAX_ID_MISSING", "who owes the tax itself needs a tax id: give it one, and import it again")
    if record.tax_exemption != "NONE" and not record.tax_exemption_reason:
        raise refused("TAX_EXEMPTION_REASON_MISSING", "say why no tax is charged, in tax_exemption_reason: invoices print it")


def _terms(record: PriceRecord) -> PriceTerms:
    if record.prorated_by not in Granularity.__members__:
        raise refused("VALUE_UNKNOWN", f"a price is prorated by {' or '.join(Granularity)}, not {record.prorated_by}")
    return PriceTerms(
        currency=record.currency,
        model=PriceModel(record.model),
        flat_amount_minor=record.flat_amount_minor,
        unit_amount=record.unit_amount,
        interval=record.interval,
        details=ChargeDetails(
            package_size=record.package_size,
            tiers=tuple(
                Tier(up_to=tier.up_to, unit_amount=tier.unit_amount or Decimal(0), flat_amount_minor=tier.flat_amount_minor)
                for tier in record.tiers
            ),
            prorated_by=Granularity(record.prorated_by),
        ),
    )


def _subscribed(id: str, terms: PriceTerms) -> SubscribedPrice:
    if terms.interval is None:
        raise refused("PRICE_ONE_TIME", f"price {id!r} is billed once, and nobody subscribes to it: leave it out, it was billed")
    return SubscribedPrice(
        price_id=id,
        plan_id=id,
        plan_name=id,
        currency=terms.currency,
        model=terms.model.value,
        flat_amount_minor=terms.flat_amount_minor,
        unit_amount=terms.unit_amount,
        interval=terms.interval,
        details=terms.details,
    )


def _address(address: records.Address | None) -> Address | None:
    if address is None:
        return None
    return Address(
        line1=address.line1,
        line2=address.line2,
        city=address.city,
        postal_code=address.postal_code,
        region=address.region,
        country=address.country,
    )


def _checked(check: Callable[[], object]) -> PriceTerms | None:
    try:
        found = check()
    except DomainError as error:
        field = ".".join(error.field)
        raise Problem(error.code, f"{field}: {error.message}" if field else error.message) from error
    return found if isinstance(found, PriceTerms) else None
