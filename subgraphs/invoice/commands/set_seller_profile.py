"""Set what invoices say of who bills."""

from subgraphs.invoice.domain.seller_profile import Seller, SellerProfile
from subgraphs.invoice.repository import SellerProfileRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["set_seller_profile"]


async def set_seller_profile(profiles: SellerProfileRepository, seller: Seller, context: CommandContext) -> SellerProfile:
    """Print this on invoices from now on; nothing happens when it is so already.

    Raises:
        InvalidInput: a text is empty or too long, or the country is no country code.
    """
    created = await profiles.create(SellerProfile.create(seller, context), context)
    return await profiles.update(created.id, context, lambda profile: profile.change(seller, context))
