"""What charts have in common: their arguments and their enum."""

from datetime import datetime
from typing import Annotated

import strawberry

from subgraphs.kit.domain.series import MOST_POINTS, SeriesInterval
from subgraphs.kit.graphql.enums import described_enum
from subgraphs.kit.graphql.scalars import CurrencyCode

__all__ = ["SeriesCurrency", "SeriesFrom", "SeriesInterval", "SeriesTo", "SeriesUnit"]

described_enum(
    SeriesInterval,
    {
        "DAY": "A day.",
        "WEEK": "A week, from Monday.",
        "MONTH": "A month of the calendar.",
    },
    description="What one point of a chart stands for, on the calendar of UTC.",
)

SeriesFrom = Annotated[
    datetime,
    strawberry.argument(name="from", description="From when: the first point is the whole interval that this instant lies in."),
]
SeriesTo = Annotated[
    datetime,
    strawberry.argument(
        name="to", description=f"Until when, exclusive; the last point is a whole interval, too. At most {MOST_POINTS} points."
    ),
]
SeriesUnit = Annotated[SeriesInterval, strawberry.argument(name="interval", description="What one point stands for.")]
SeriesCurrency = Annotated[CurrencyCode, strawberry.argument(name="currency", description="In which currency.")]
