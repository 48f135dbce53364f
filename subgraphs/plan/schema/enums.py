"""The catalogue's enums as the API names them; imported before types and inputs use them."""

import strawberry

from subgraphs.kit.domain.period import IntervalUnit
from subgraphs.plan.domain.values import PriceModel, State

__all__ = ["IntervalUnit", "PriceModel", "State"]

strawberry.enum(State, name="CatalogStatus", description="Whether something of the catalogue can be sold.")
strawberry.enum(PriceModel, description="How a quantity becomes an amount.")
strawberry.enum(IntervalUnit, description="The unit a billing interval is counted in.")
