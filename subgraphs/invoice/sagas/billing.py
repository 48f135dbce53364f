"""From an opened billing period to a charged invoice.

    billing-period-opened, adjustments-billed → draft → number → (invoice-credit-requested)
    billing-period-opened, consolidated → a draft of several, which consolidation.py finalises
    what is sent: invoice-credit-applied → it waits for its payment, and reminders.py for its due date
    invoice-credit-applied → charge what is left → (payment-succeeded …), or carry it forward → (invoice-carried-forward)
    plan-subscription-canceled, never active → void, or a credit note of what was paid, except fees
    plan-subscription-canceled, with a credit → a credit note of each invoice that it is of

Every step is done once however often the event comes: the invoice's id follows from subscription and period, its number and its
first payment belong to it for good. The two events may come in either order: a cancellation is noted before the invoice is looked
for, and the invoice is drafted before the note is, so that one of the two always sees the other.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from subgraphs.invoice.commands.collect_invoice import collect_invoice
from subgraphs.invoice.commands.create_credit_note import create_credit_note
from subgraphs.invoice.commands.credit_unused_time import credit_unused_time
from subgraphs.invoice.commands.draft_bill import AdjustmentsBilled, BillingPeriodOpened, adjustments_draft, period_draft
from subgraphs.invoice.commands.draft_invoice import draft_invoice
from subgraphs.invoice.commands.dun_invoice import plan_retry
from subgraphs.invoice.commands.finalize_invoice import finalize_invoice
from subgraphs.invoice.commands.place_bill import place_bill
from subgraphs.invoice.commands.settle_payment import settle_payment
from subgraphs.invoice.commands.void_invoice import void_invoice
from subgraphs.invoice.documents import PlanSubscriptionReplica
from subgraphs.invoice.domain.crediting import CreditRequest
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import Bill, BroughtForward, Charge, InvoiceDraft, InvoiceStatus
from subgraphs.invoice.replicas import CreditPart, PlanSubscriptionCanceled, replicate_plan_subscription_canceled
from subgraphs.invoice.sagas.consolidation import ConsolidationTimer
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidState, NotReady
from subgraphs.kit.domain.ids import derived_id
from subgraphs.kit.domain.money import Money
from subgraphs.kit.messaging.consumer import Received

__all__ = ["BillingSaga"]

ACTOR = "system:billing"
NEVER_USED = "The subscription ended before it was paid for."
# A subscription has one open invoice per period it could not pay; more than this at its first cancellation is impossible.
OPEN_INVOICES = 100


class Debt(msgspec.Struct, frozen=True, rename="camel"):
    """What the customer owed before, in minor units; the invoice that left it unpaid, where one did."""

    amount_minor: int
    invoice_id: str | None = None


class CreditApplied(msgspec.Struct, frozen=True, rename="camel"):
    """What invoice-credit-applied.v1 tells, as far as it matters here: minor units, `walletMinor` of `amountMinor` by wallets."""

    invoice_id: str
    currency: str
    amount_minor: int
    wallet_minor: int
    brought_forward: tuple[Debt, ...] = ()


class BillingSaga:
    """Bills subscriptions."""

    def __init__(self, services: InvoiceServices) -> None:
        self._services, self._consolidation = services, ConsolidationTimer(services)

    async def bill_period(self, received: Received) -> None:
        """Draft and finalise the period's invoice, to be charged; take up where an earlier try stopped.

        Where the customer's renewals are consolidated, it comes on the draft of the day instead. The first period never does: a
        subscription becomes active when it is paid.

        Raises:
            NotReady: the customer, whose country decides the taxes, is not known yet, or further renewals are awaited.
        """
        opened = msgspec.convert(received.event.data, BillingPeriodOpened)
        id = derived_id("inv", received.event.occurred_at, "period", opened.plan_subscription_id, str(opened.period_number))
        bill = Bill(plan_subscription_id=opened.plan_subscription_id, period_number=opened.period_number)
        group, drafted = None, await self._services.invoices.find(received.tenant, id)
        if opened.period_number > 0 and drafted is None:
            at, paid_by = received.event.occurred_at, opened.payment_method_id
            group = await self._services.groupings.group_of(
                received.tenant, bill, opened.customer_id, opened.currency, paid_by, at, opened.days_until_due
            )
        if group is None:
            await self._bill(received, drafted or id, period_draft(opened), opened.payment_method_id)
            return
        services, context = self._services, received.context(ACTOR)
        finalize_at = await services.groupings.finalize_at(received.tenant, opened.customer_id, received.event.occurred_at)
        invoice = await place_bill(services.invoices, services.taxes, group, bill, period_draft(opened), finalize_at, context)
        await self._consolidation.bill_placed(invoice)

    async def bill_adjustments(self, received: Received) -> None:
        """Draft and finalise the invoice of what changed within a period, to be charged; take up where an earlier try stopped.

        Raises:
            NotReady: the customer is not known yet.
        """
        billed = msgspec.convert(received.event.data, AdjustmentsBilled)
        id = derived_id("inv", received.event.occurred_at, "adjustments", billed.plan_subscription_id, str(billed.number))
        drafted = await self._services.invoices.find(received.tenant, id)
        await self._bill(received, drafted or id, adjustments_draft(billed), None)

    async def _bill(self, received: Received, invoice: Invoice | str, draft: InvoiceDraft, payment_method_id: str | None) -> None:
        """Go on with the invoice, or draft it under this id."""
        context, services = received.context(ACTOR), self._services
        subscription_id = draft.plan_subscription_id or ""
        if isinstance(invoice, str):
            if not draft.is_of_fees and await self._ended_unused(context.tenant, subscription_id) is not None:
                return
            taxed = await services.taxes.on(context.tenant, draft)
            invoice = await draft_invoice(services.invoices, invoice, taxed, context)
        charge = None if draft.is_sent else Charge(payment_method_id=payment_method_id)
        invoice = await finalize_invoice(
            services.invoices, services.numbers, services.billing_details, invoice.id, context, charge, loaded=invoice
        )
        ended = await self._ended_unused(context.tenant, subscription_id)
        if ended is not None:
            await self._take_back(invoice, context, refund=ended.credit_refund)

    async def apply_credit(self, received: Received) -> None:
        """Take over what the customer owed before and what credit pays, and charge the rest where that was wanted.

        What is left that is too little to charge is carried forward.

        Raises:
            NotReady: the payment method to charge is not known yet.
        """
        told = msgspec.convert(received.event.data, CreditApplied)
        context, services = received.context(ACTOR), self._services
        amount, from_wallets = (Money(minor, told.currency) for minor in (told.amount_minor, told.wallet_minor))
        brought_forward = tuple(
            [await self._brought_forward(context.tenant, debt, told.currency) for debt in told.brought_forward]
        )
        invoice = await services.invoices.update(
            told.invoice_id, context, lambda current: current.apply_credit(amount, from_wallets, context, brought_forward)
        )
        if invoice.status is InvoiceStatus.OPEN and invoice.charge is not None:
            await self._collect(invoice, invoice.charge, context)

    async def _brought_forward(self, tenant: str, debt: Debt, currency: str) -> BroughtForward:
        left_by = await self._services.invoices.find(tenant, debt.invoice_id) if debt.invoice_id else None
        number = left_by.number if left_by else None
        return BroughtForward(invoice_id=debt.invoice_id, number=number, amount=Money(debt.amount_minor, currency))

    async def void_unused(self, received: Received) -> None:
        """Void what is still open of a subscription that ended before it was ever active, and give back what was paid of it.

        Its first invoice may be PAID all the same: by a payment that it was not told of before it expired or was canceled.

        Raises:
            NotReady: a payment was begun meanwhile, or another credit note is not issued yet.
        """
        canceled = msgspec.convert(received.event.data, PlanSubscriptionCanceled)
        await replicate_plan_subscription_canceled(received)
        if canceled.ever_active:
            return
        context = received.context(ACTOR)
        id = canceled.plan_subscription_id
        subscription = {"plan_subscription_ids": id, "plan_subscription_id": id}
        for found in await self._services.reader.page(context.tenant, subscription, limit=OPEN_INVOICES):
            invoice = await self._services.invoices.get(context.tenant, found.id)
            await self._take_back(invoice, context, refund=canceled.credit_refund)

    async def credit_unused(self, received: Received) -> None:
        """Give back what was billed for time that a canceled subscription does not use, and credit that it did not use up.

        Each invoice that billed it has a credit note of its own.

        Raises:
            NotReady: an invoice is not there yet, or something is under way with it.
        """
        canceled = msgspec.convert(received.event.data, PlanSubscriptionCanceled)
        if canceled.credit_minor <= 0:
            return
        number, id = canceled.credit_period_number, canceled.plan_subscription_id
        of_period = CreditPart(amount_minor=canceled.credit_minor, after=canceled.canceled_at, period_number=number)
        for part in canceled.credits or (of_period,):
            write = f"unused/{id}"
            if part.adjustments_number is not None:
                write += f"/adjustments/{part.adjustments_number}"
            elif part.period_number != number:
                write += f"/{part.period_number}"
            await self._credit_part(part, id, canceled.credit_refund, replace(received.context(ACTOR), write=write))

    async def _credit_part(self, part: CreditPart, id: str, refund: bool, context: CommandContext) -> None:
        services = self._services
        if part.adjustments_number is not None:
            found = await self._invoice_of_adjustments(context, id, part.adjustments_number)
            name = f"the invoice of changes {part.adjustments_number} of {id!r}"
        else:
            found = await self._invoice_of(context, id, part.period_number)
            name = f"the invoice of period {part.period_number} of {id!r}"
        if found is None:
            raise NotReady(f"{name} is not there yet")
        if found.status is InvoiceStatus.DRAFT:
            if found.drafted.draft.finalize_at is None:  # drafted just now, or to take the place of a void one
                raise NotReady(f"invoice {found.id!r} is a draft: its unused time is credited when it is finalised")
            # A consolidated one, which does not wait any longer.
            await finalize_invoice(services.invoices, services.numbers, services.billing_details, found.id, context)
        unused = Money(part.amount_minor, found.currency)
        of_subscription = id if found.bills else None
        try:
            credited = await credit_unused_time(services, found.id, unused, refund, part.after, context, of_subscription)
        except InvalidState as error:
            raise NotReady(error.message) from error
        await plan_retry(services, credited.id, context, loaded=credited)

    async def _invoice_of(self, context: CommandContext, plan_subscription_id: str, period_number: int | None) -> Invoice | None:
        """Return the invoice that bills the period, of its own or consolidated; a void one only where none took its place."""
        own = {"plan_subscription_ids": plan_subscription_id, "period_number": period_number}
        consolidated = {"plan_subscription_ids": plan_subscription_id, "plan_subscription_id": None}

        def bills(invoice: Invoice) -> bool:
            periods = {bill.period_number for bill in invoice.bills if bill.plan_subscription_id == plan_subscription_id}
            return invoice.drafted.draft.period_number == period_number or period_number in periods

        return await self._first_that(bills, context.tenant, own, consolidated)

    async def _invoice_of_adjustments(self, context: CommandContext, plan_subscription_id: str, number: int) -> Invoice | None:
        """Return the invoice that bills these changes; a void one only where none took its place."""

        def bills(invoice: Invoice) -> bool:
            drafted = invoice.drafted
            # Drafts were not always told their number: their id follows from it.
            id = derived_id("inv", drafted.created_at, "adjustments", plan_subscription_id, str(number))
            return number == drafted.draft.adjustments_number or invoice.id == id

        where = {"plan_subscription_id": plan_subscription_id, "period_number": None}
        return await self._first_that(bills, context.tenant, where)

    async def _first_that(self, bills: Callable[[Invoice], bool], tenant: str, *wheres: Mapping[str, Any]) -> Invoice | None:
        void: Invoice | None = None
        for where in wheres:
            async for invoice in self._billing(tenant, where):
                if not bills(invoice):
                    continue
                if invoice.status is not InvoiceStatus.VOID:
                    return invoice
                void = void or invoice
        return void

    async def _billing(self, tenant: str, where: Mapping[str, Any]) -> AsyncIterator[Invoice]:
        """Yield the invoices that bill it, newest first."""
        after: str | None = None
        while found := await self._services.reader.page(tenant, where, limit=OPEN_INVOICES, after=after):
            for document in found:
                yield await self._services.invoices.get(tenant, document.id)
            if len(found) < OPEN_INVOICES:
                return
            after = found[-1].id

    async def _ended_unused(self, tenant: str, plan_subscription_id: str) -> PlanSubscriptionReplica | None:
        """Return what is known of the subscription's end, where it was never active."""
        ended = await self._services.plan_subscriptions.find(tenant, plan_subscription_id)
        return ended if ended is not None and not ended.ever_active else None

    async def _take_back(self, invoice: Invoice, context: CommandContext, *, refund: bool) -> None:
        services = self._services
        if invoice.drafted.draft.is_of_fees:
            return  # what was sold once, and billed by itself, is owed all the same
        if invoice.status is InvoiceStatus.DRAFT:
            return  # `bill_period` is not done with it and takes care
        # A charge that a crash left half done is finished first: the money may have moved.
        invoice = await settle_payment(
            services.invoices, services.payments, services.providers, invoice.id, context, loaded=invoice
        )
        open_, paid = invoice.status is InvoiceStatus.OPEN, invoice.status is InvoiceStatus.PAID
        try:
            if (open_ and invoice.amount_paid) or (paid and invoice.is_awaited):
                await self._give_back(invoice, context, refund=refund)
            elif open_:
                await void_invoice(
                    services.invoices,
                    services.payments,
                    services.providers,
                    invoice.id,
                    NEVER_USED,
                    context,
                )
        except InvalidState as error:
            raise NotReady(error.message) from error

    async def _give_back(self, invoice: Invoice, context: CommandContext, *, refund: bool) -> None:
        """Credit all that is left: what is due falls, and what was paid is the customer's, in the balance unless `refund`."""
        once = replace(context, write=f"never-used/{invoice.id}")
        noted = once.new_id("cn") in invoice.credit_note_ids  # then it is made sure that the note is issued
        if not noted and invoice.amount_credited == invoice.total:
            return
        request = CreditRequest(reason=NEVER_USED)
        if refund and not noted:
            terms = invoice.credit_terms(request)
            back = min(terms.balance, invoice.refundable)
            request = replace(request, refund=terms.refund + back, balance=terms.balance - back)
        await create_credit_note(self._services, invoice.id, request, once)

    async def _collect(self, invoice: Invoice, charge: Charge, context: CommandContext) -> None:
        services = self._services
        method = None
        if invoice.payment_count == 0:
            customer_id = invoice.drafted.draft.customer_id
            method = await services.payment_methods.find(context.tenant, customer_id, charge.payment_method_id)
        minimum = await services.minimum_charges.of(context.tenant, invoice.currency, method)
        collected = await collect_invoice(
            services.invoices,
            services.payments,
            services.providers,
            invoice.id,
            method,
            context,
            loaded=invoice,
            minimum=minimum,
        )
        await plan_retry(services, collected.id, context, loaded=collected)
