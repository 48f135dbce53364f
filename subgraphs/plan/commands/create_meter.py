"""Create a meter."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.persistence.claims import ClaimStore
from subgraphs.kit.persistence.named import create_named
from subgraphs.plan.domain.meter import Meter
from subgraphs.plan.repository import MeterRepository
from subgraphs.pricing.usage import Aggregation

__all__ = ["create_meter"]


async def create_meter(
    meters: MeterRepository, claims: ClaimStore, code: str, name: str, aggregation: Aggregation, context: CommandContext
) -> Meter:
    """Create a meter and return it.

    Raises:
        InvalidInput: the code or name is malformed.
        AlreadyExists: another meter of the tenant has this code.
    """

    def build(id: str) -> Meter:
        return Meter.create(id, code, name, aggregation, context)

    return await create_named(meters, claims, "meter_code", code, context.new_id("mtr"), build, context, field=("code",))
