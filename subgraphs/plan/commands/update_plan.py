"""Change what a plan is called."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.plan.domain.plan import Plan
from subgraphs.plan.domain.values import Naming
from subgraphs.plan.repository import PlanRepository

__all__ = ["update_plan"]


async def update_plan(plans: PlanRepository, id: str, changes: Naming, context: CommandContext) -> Plan:
    """Call the plan something else. Lines that are drafted from then on bear the new name; what was billed keeps its own.

    Raises:
        NotFound: there is no such plan.
        InvalidInput: the name or the description is malformed.
    """

    def update(plan: Plan) -> None:
        plan.update(changes.get("name", plan.name), changes.get("description", plan.description))

    return await plans.update(id, context, update)
