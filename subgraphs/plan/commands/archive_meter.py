"""Archive a meter."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.plan.domain.meter import Meter
from subgraphs.plan.repository import MeterRepository

__all__ = ["archive_meter"]


async def archive_meter(meters: MeterRepository, id: str, context: CommandContext) -> Meter:
    """Sell nothing new by the meter; what is sold by it goes on. Repeating it changes nothing.

    Raises:
        NotFound: there is no such meter.
    """
    return await meters.update(id, context, lambda meter: meter.archive(context))
