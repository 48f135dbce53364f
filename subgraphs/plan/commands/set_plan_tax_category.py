"""Say how what a plan sells is taxed."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.plan.domain.plan import Plan
from subgraphs.plan.repository import PlanRepository

__all__ = ["set_plan_tax_category"]


async def set_plan_tax_category(plans: PlanRepository, id: str, tax_category: str | None, context: CommandContext) -> Plan:
    """Put what the plan sells into a tax category, None: into none, and return it. Repeating it changes nothing.

    Raises:
        NotFound: there is no such plan.
        InvalidInput: the category is not written as a code.
    """
    return await plans.update(id, context, lambda plan: plan.set_tax_category(tax_category))
