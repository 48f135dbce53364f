"""Other terms as they are asked for: what is named is looked up, what is left out stays as it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from subgraphs.subscription.commands.known_facts import KnownFacts, WantedItem, sold_items, sold_price
from subgraphs.subscription.domain.values import Item, SubscribedPrice, Terms

__all__ = ["Offer", "offered"]


@dataclass(frozen=True, slots=True)
class Offer:
    """What is to be different; None stays as it is."""

    price: SubscribedPrice | None
    quantity: int | None
    add_ons: tuple[Item, ...] | None

    def applied_to(self, terms: Terms) -> Terms:
        """Return the terms with what is different."""
        return Terms(
            price=self.price or terms.price,
            quantity=terms.quantity if self.quantity is None else self.quantity,
            add_ons=terms.add_ons if self.add_ons is None else self.add_ons,
        )


async def offered(
    known: KnownFacts,
    tenant: str,
    current: Terms,
    *,
    price_id: str | None,
    quantity: int | None,
    add_ons: Sequence[WantedItem] | None,
    within: tuple[str, ...] = (),
) -> Offer:
    """Return what is asked for. A price that is subscribed to goes on as it is, whether it is sold any more or not.

    Raises:
        As `sold_items`; fields are named `within` a part of the input.
    """
    price, items = None, None
    if price_id == current.price.price_id:
        price = current.price
    elif price_id is not None:
        price = await sold_price(known, tenant, price_id, (*within, "priceId"))
    if add_ons is not None:
        items = await sold_items(known, tenant, add_ons, current.add_ons, within)
    return Offer(price, quantity, items)
