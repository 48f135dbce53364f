"""Set which tax rates a customer bears, whatever is charged where it is."""

from collections.abc import Sequence

from subgraphs.invoice.domain.customer_tax_rates import CustomerTaxRates
from subgraphs.invoice.domain.tax_configuration import TaxConfiguration, checked_rate_ids
from subgraphs.invoice.repository import CustomerTaxRatesRepository, TaxConfigurationRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["set_customer_tax_rates"]


async def set_customer_tax_rates(
    own: CustomerTaxRatesRepository,
    taxes: TaxConfigurationRepository,
    customer_id: str,
    rate_ids: Sequence[str],
    context: CommandContext,
) -> CustomerTaxRates:
    """Let the customer bear these rates from now on, none: those of where it is; return it.

    Raises:
        NotFound: the tenant has no such rate.
        InvalidInput: there are too many.
    """
    named: tuple[str, ...] = ()
    if rate_ids:
        configured = await taxes.find(context.tenant, TaxConfiguration.id_of(context.tenant))
        known = {rate.id for rate in configured.rates} if configured else set()
        named = checked_rate_ids(rate_ids, known, ("taxRateIds",))
    created = await own.create(CustomerTaxRates.create(customer_id, named, context), context)
    return await own.update(created.id, context, lambda current: current.change(named, context))
