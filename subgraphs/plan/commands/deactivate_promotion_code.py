"""Deactivate a promotion code."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.plan.domain.promotion_code import PromotionCode
from subgraphs.plan.repository import PromotionCodeRepository

__all__ = ["deactivate_promotion_code"]


async def deactivate_promotion_code(codes: PromotionCodeRepository, id: str, context: CommandContext) -> PromotionCode:
    """Accept the code no longer. Repeating it changes nothing.

    Raises:
        NotFound: there is no such code.
    """
    return await codes.update(id, context, lambda code: code.deactivate(context))
