"""Archive a plan."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.plan.domain.plan import Plan
from subgraphs.plan.repository import PlanRepository

__all__ = ["archive_plan"]


async def archive_plan(plans: PlanRepository, id: str, context: CommandContext) -> Plan:
    """Sell the plan no longer; who has it keeps it. Repeating it changes nothing.

    Raises:
        NotFound: there is no such plan.
    """
    return await plans.update(id, context, lambda plan: plan.archive(context))
