"""From the objects of a Stripe export to records. Pure; docs/import.md has the same mapping as a table.

An export is what the API or the CLI prints (`stripe customers list`), of any API version since 2020.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from tributary.importing.records import Kind, Record, skipped
from tributary.importing.stripe_catalogue import plan_record, price_record, product_record
from tributary.importing.stripe_customers import customer_record
from tributary.importing.stripe_subscriptions import subscription_record
from tributary.importing.stripe_values import StripeOptions

__all__ = ["KINDS", "stripe_record"]

KINDS = MappingProxyType(
    {
        "customer": (Kind.CUSTOMER,),
        "product": (Kind.PRODUCT, Kind.PLAN),
        "price": (Kind.PRICE,),
        "subscription": (Kind.SUBSCRIPTION,),
    }
)
"""What becomes of an object, by its `object`."""


def stripe_record(kind: Kind, object: Mapping[str, Any], options: StripeOptions, now: datetime) -> Record:
    """Return what the object becomes as a record of this kind.

    Raises:
        Problem: it is refused or skipped.
    """
    if object.get("deleted"):
        raise skipped("DELETED", "it was deleted at Stripe")
    match kind:
        case Kind.CUSTOMER:
            return customer_record(object, options)
        case Kind.PRODUCT:
            return product_record(object)
        case Kind.PLAN:
            return plan_record(object)
        case Kind.PRICE:
            return price_record(object)
        case Kind.SUBSCRIPTION:
            return subscription_record(object, options, now)
