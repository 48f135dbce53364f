"""Plan the next try to charge an invoice, and make it.

    a charge fails → the next retry is planned → its time comes → charged again → … → paid, or the campaign is exhausted

Every step looks at the invoice first, so it can be interrupted anywhere and done again, by any process.
"""

from typing import Protocol

from subgraphs.invoice.commands.settle_payment import PaymentProviders, settle_payment
from subgraphs.invoice.domain.dunning import DunningCampaign
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import PaymentMethod
from subgraphs.invoice.repository import InvoiceRepository, PaymentRepository
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.money import Money

__all__ = ["Campaigns", "ChargingStores", "DunningStores", "MinimumCharges", "charge_again", "plan_retry", "retry_invoice"]


class Campaigns(Protocol):
    """Knows the tenants' campaigns."""

    async def of(self, tenant: str, currency: str) -> DunningCampaign: ...


class MinimumCharges(Protocol):
    """Knows the least that is charged by itself."""

    async def of(self, tenant: str, currency: str, method: PaymentMethod | None) -> Money | None: ...


class DunningStores(Protocol):
    """What retries are planned and payments finished with."""

    @property
    def invoices(self) -> InvoiceRepository: ...
    @property
    def payments(self) -> PaymentRepository: ...
    @property
    def providers(self) -> PaymentProviders: ...
    @property
    def campaigns(self) -> Campaigns: ...


class ChargingStores(DunningStores, Protocol):
    """What invoices are charged again with, each charge of at least the minimum."""

    @property
    def minimum_charges(self) -> MinimumCharges: ...


async def plan_retry(stores: DunningStores, id: str, context: CommandContext, *, loaded: Invoice | None = None) -> Invoice:
    """Plan the next retry of an invoice whose charge failed, or note that there is no further one; else nothing happens.

    `loaded` is the invoice, where the caller has just loaded or changed it.

    Raises:
        NotFound: there is no such invoice.
    """
    invoice = loaded or await stores.invoices.get(context.tenant, id)
    if not invoice.awaits_plan:
        return invoice
    campaign = await stores.campaigns.of(context.tenant, invoice.currency)
    return await stores.invoices.update(id, context, lambda current: current.plan_retry(campaign, context), loaded=invoice)


async def retry_invoice(stores: ChargingStores, id: str, method: PaymentMethod | None, context: CommandContext) -> Invoice:
    """Make the retry that is due by `context.at`, with the customer's default payment method; nothing happens when none is.

    A retry that is known to be in vain is counted and not made. What is due below the minimum charge is carried forward.

    Raises:
        NotFound: there is no such invoice.
        TimeoutError: the provider did not answer; the payment is taken up again later.
    """
    payment_id = context.new_id("pay")
    currency = (await stores.invoices.get(context.tenant, id)).currency
    campaign = await stores.campaigns.of(context.tenant, currency)
    minimum = await stores.minimum_charges.of(context.tenant, currency, method)

    def retry(invoice: Invoice) -> None:
        if not invoice.retry_is_due(context.at):
            return
        in_vain = invoice.dunning.is_in_vain(method.id if method else None, invoice.amount_due)
        invoice.take_retry(in_vain, context)
        if in_vain:
            invoice.plan_retry(campaign, context)
        else:
            invoice.charge_or_carry(payment_id, method, minimum, context)

    retried = await stores.invoices.update(id, context, retry)
    settled = await settle_payment(stores.invoices, stores.payments, stores.providers, id, context, loaded=retried)
    return await plan_retry(stores, id, context, loaded=settled)


async def charge_again(
    stores: ChargingStores, id: str, method: PaymentMethod, context: CommandContext, *, renewed: bool = False
) -> Invoice:
    """Charge an invoice in arrears by a payment method that was not tried yet; nothing happens to others.

    One that is `renewed` counts as such where it was declined for good. Repeated with the same `context.write`, it is once.
    A retry that is planned stays planned: it is not needed when this succeeds.

    Raises:
        NotFound: there is no such invoice.
        TimeoutError: the provider did not answer; the payment is taken up again later.
    """
    payment_id = context.new_id("pay")

    was_made = await stores.payments.find(context.tenant, payment_id) is not None
    currency = (await stores.invoices.get(context.tenant, id)).currency
    minimum = await stores.minimum_charges.of(context.tenant, currency, method)

    def charge(invoice: Invoice) -> None:
        dunning = invoice.dunning
        untried = dunning.failed_method_id != method.id or (renewed and dunning.is_in_vain(method.id, invoice.amount_due))
        if invoice.is_in_arrears and untried and not was_made:
            invoice.charge_or_carry(payment_id, method, minimum, context)

    charged = await stores.invoices.update(id, context, charge)
    settled = await settle_payment(stores.invoices, stores.payments, stores.providers, id, context, loaded=charged)
    return await plan_retry(stores, id, context, loaded=settled)
