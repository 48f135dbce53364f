"""From the aggregates to their documents."""

from decimal import Decimal

from subgraphs.invoice.documents import (
    AddressPart,
    BroughtForwardValue,
    CreditNoteDocument,
    CreditNoteLineValue,
    CustomerTaxRatesDocument,
    DisputeDocument,
    DunningCampaignValue,
    DunningConfigurationDocument,
    InvoiceDocument,
    InvoiceGroupingDocument,
    InvoiceLineValue,
    LineDiscountValue,
    LineTaxValue,
    PaymentDocument,
    SellerProfileDocument,
    TaxConfigurationDocument,
    TaxRateValue,
)
from subgraphs.invoice.domain.credit_note import CreditNote
from subgraphs.invoice.domain.customer_tax_rates import CustomerTaxRates
from subgraphs.invoice.domain.dispute import Dispute, DisputeStatus
from subgraphs.invoice.domain.dunning_configuration import DunningConfiguration
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.invoice_grouping import DEFAULT_GROUPING, InvoiceGrouping
from subgraphs.invoice.domain.payment import Payment
from subgraphs.invoice.domain.payment_provider import Declined
from subgraphs.invoice.domain.seller_profile import SellerProfile
from subgraphs.invoice.domain.tax_configuration import TaxConfiguration, TaxRate
from subgraphs.invoice.domain.values import InvoiceDraft, InvoiceLine, InvoiceStatus
from subgraphs.kit.domain.money import Money
from subgraphs.kit.persistence.documents import DocumentProjection
from subgraphs.pricing.tax import TaxRule

__all__ = [
    "credit_note_document",
    "credit_note_projection",
    "dispute_document",
    "dispute_projection",
    "dunning_configuration_document",
    "dunning_configuration_projection",
    "invoice_document",
    "customer_tax_rates_document",
    "customer_tax_rates_projection",
    "invoice_grouping_document",
    "invoice_grouping_projection",
    "invoice_projection",
    "payment_document",
    "payment_projection",
    "seller_profile_document",
    "seller_profile_projection",
    "tax_configuration_document",
    "tax_configuration_projection",
    "tax_rates",
    "tax_rule",
]


def invoice_projection() -> DocumentProjection[Invoice, InvoiceDocument]:
    """Return the projection that keeps `invoices`."""
    return DocumentProjection(InvoiceDocument, invoice_document)


def payment_projection() -> DocumentProjection[Payment, PaymentDocument]:
    """Return the projection that keeps `payments`."""
    return DocumentProjection(PaymentDocument, payment_document)


def credit_note_projection() -> DocumentProjection[CreditNote, CreditNoteDocument]:
    """Return the projection that keeps `credit_notes`."""
    return DocumentProjection(CreditNoteDocument, credit_note_document)


def seller_profile_projection() -> DocumentProjection[SellerProfile, SellerProfileDocument]:
    """Return the projection that keeps `seller_profiles`."""
    return DocumentProjection(SellerProfileDocument, seller_profile_document)


def seller_profile_document(profile: SellerProfile) -> SellerProfileDocument:
    """Return what is read about a seller profile in this state."""
    seller, address = profile.seller, profile.seller.address
    return SellerProfileDocument(
        id=profile.id,
        tenant=profile.tenant,
        version=profile.version,
        name=seller.name,
        address=AddressPart(
            line1=address.line1,
            line2=address.line2,
            city=address.city,
            region=address.region,
            postal_code=address.postal_code,
            country=address.country,
        ),
        tax_id=seller.tax_id,
        registration_number=seller.registration_number,
        email=seller.email,
        footer=seller.footer,
    )


def dunning_configuration_projection() -> DocumentProjection[DunningConfiguration, DunningConfigurationDocument]:
    """Return the projection that keeps `dunning_configurations`."""
    return DocumentProjection(DunningConfigurationDocument, dunning_configuration_document)


def dunning_configuration_document(configuration: DunningConfiguration) -> DunningConfigurationDocument:
    """Return what is read about a dunning configuration in this state."""
    return DunningConfigurationDocument(
        id=configuration.id,
        tenant=configuration.tenant,
        version=configuration.version,
        campaigns=[
            DunningCampaignValue(currency=currency, retry_after_days=list(one.retry_after_days), action=one.action)
            for currency, one in sorted(configuration.campaigns.items())
        ],
        minimum_charges={currency: one.minor_units for currency, one in sorted(configuration.minimum_charges.items())},
    )


def customer_tax_rates_projection() -> DocumentProjection[CustomerTaxRates, CustomerTaxRatesDocument]:
    """Return the projection that keeps `customer_tax_rates`."""
    return DocumentProjection(CustomerTaxRatesDocument, customer_tax_rates_document)


def customer_tax_rates_document(own: CustomerTaxRates) -> CustomerTaxRatesDocument:
    """Return what is read about a customer's own tax rates in this state."""
    return CustomerTaxRatesDocument(
        id=own.id, tenant=own.tenant, version=own.version, customer_id=own.customer_id, rate_ids=list(own.rate_ids)
    )


def invoice_grouping_projection() -> DocumentProjection[InvoiceGrouping, InvoiceGroupingDocument]:
    """Return the projection that keeps `invoice_groupings`."""
    return DocumentProjection(InvoiceGroupingDocument, invoice_grouping_document)


def invoice_grouping_document(grouping: InvoiceGrouping) -> InvoiceGroupingDocument:
    """Return what is read about an invoice grouping in this state."""
    return InvoiceGroupingDocument(
        id=grouping.id,
        tenant=grouping.tenant,
        version=grouping.version,
        customer_id=grouping.customer_id,
        consolidate=grouping.grouping.consolidate if grouping.grouping else None,
        draft_minutes=(grouping.grouping or DEFAULT_GROUPING).draft_minutes,
    )


def invoice_document(invoice: Invoice) -> InvoiceDocument:
    """Return what is read about an invoice in this state."""
    draft, pending = invoice.drafted.draft, invoice.pending_payment
    return InvoiceDocument(
        id=invoice.id,
        tenant=invoice.tenant,
        version=invoice.version,
        customer_id=draft.customer_id,
        plan_subscription_id=draft.plan_subscription_id,
        plan_subscription_ids=_subscriptions(draft),
        period_number=draft.period_number,
        status=invoice.status,
        number=invoice.number,
        currency=draft.currency,
        lines=[_line(line, credit) for line, credit in zip(invoice.lines, invoice.line_credits, strict=True)],
        total_minor=invoice.total.minor_units,
        tax_minor=invoice.tax.minor_units,
        tax_exemption=draft.tax_exemption.kind if draft.tax_exemption else None,
        tax_exemption_reason=draft.tax_exemption.reason if draft.tax_exemption else None,
        amount_due_minor=invoice.amount_due.minor_units,
        amount_paid_minor=invoice.amount_paid.minor_units,
        credit_applied_minor=invoice.credit_applied.minor_units,
        credit_from_wallets_minor=invoice.credit_from_wallets.minor_units,
        brought_forward=[
            BroughtForwardValue(invoice_id=part.invoice_id, number=part.number, amount_minor=part.amount.minor_units)
            for part in invoice.brought_forward
        ],
        carried_forward_minor=invoice.amount_carried_forward.minor_units,
        awaits_credit=invoice.awaits_credit,
        amount_credited_minor=invoice.amount_credited.minor_units,
        amount_refunded_minor=invoice.amount_refunded.minor_units,
        replaces=draft.replaces,
        finalize_at=draft.finalize_at if invoice.status is InvoiceStatus.DRAFT else None,
        bill_to_profile=invoice.bill_to.profile if invoice.bill_to else None,
        bill_to_tax_status=invoice.bill_to.tax_status if invoice.bill_to else None,
        retry_at=invoice.dunning.retry_at if invoice.is_in_arrears else None,
        retries=invoice.dunning.retry_number - (invoice.dunning.retry_at is not None),
        in_arrears=invoice.is_in_arrears,
        collection_method=draft.collection_method,
        days_until_due=draft.days_until_due,
        remind_at=invoice.remind_at,
        pending_payment_id=pending.payment_id if pending else None,
        charging_since=invoice.recorded_at if _is_unfinished(invoice) else None,
        created_by=invoice.drafted.created_by,
        created_at=invoice.drafted.created_at,
        finalized_at=invoice.finalized_at,
        due_at=invoice.due_at,
        paid_at=invoice.paid_at,
        uncollectible_at=invoice.uncollectible_at,
        uncollectible_reason=invoice.uncollectible_reason,
        voided_at=invoice.voided_at,
        void_reason=invoice.void_reason,
        deleted_at=invoice.deleted_at,
        deletion_reason=invoice.deletion_reason,
    )


def _is_unfinished(invoice: Invoice) -> bool:
    under_way = invoice.pending_payment is not None and invoice.pending_payment.operation is not None
    return under_way or invoice.pending_credit_note is not None or invoice.awaits_plan


def _subscriptions(draft: InvoiceDraft) -> list[str]:
    own = [draft.plan_subscription_id] if draft.plan_subscription_id else []
    return list(dict.fromkeys([*own, *(bill.plan_subscription_id for bill in draft.bills)]))


def _line(line: InvoiceLine, credited: Money) -> InvoiceLineValue:
    return InvoiceLineValue(
        description=line.description,
        price_id=line.price_id,
        plan_id=line.plan_id,
        period_start=line.period.start if line.period else None,
        period_end=line.period.end if line.period else None,
        quantity=line.quantity,
        model=line.model,
        unit_amount=None if line.unit_amount is None else f"{line.unit_amount:f}",
        flat_amount_minor=line.flat_amount.minor_units if line.flat_amount is not None else None,
        amount_minor=line.amount.minor_units,
        credited_minor=credited.minor_units,
        explanation=line.explanation,
        usage=None if line.usage is None else f"{line.usage:f}",
        plan_subscription_id=line.plan_subscription_id,
        discounts=[
            LineDiscountValue(coupon_id=off.coupon_id, name=off.name, amount_minor=off.amount.minor_units)
            for off in line.discounts
        ],
        taxes=[
            LineTaxValue(
                rate_id=tax.rate_id,
                name=tax.name,
                percentage=f"{tax.percentage:f}",
                inclusive=tax.inclusive,
                country=tax.country,
                amount_minor=tax.amount.minor_units,
                region=tax.region,
            )
            for tax in line.taxes
        ],
    )


def payment_document(payment: Payment) -> PaymentDocument:
    """Return what is read about a payment in this state."""
    failure = payment.outcome if isinstance(payment.outcome, Declined) else None
    return PaymentDocument(
        id=payment.id,
        tenant=payment.tenant,
        version=payment.version,
        invoice_id=payment.subject.invoice_id,
        customer_id=payment.subject.customer_id,
        status=payment.status,
        amount_minor=payment.subject.amount.minor_units,
        currency=payment.subject.amount.currency,
        payment_method_id=payment.method.id if payment.method else None,
        payment_method_label=payment.method.label if payment.method else None,
        failure_code=failure.code if failure else None,
        failure_message=failure.message if failure else None,
        provider=payment.method.provider if payment.method else None,
        amount_refunded_minor=payment.refunded.minor_units,
        amount_lost_minor=payment.lost.minor_units,
        reference=payment.received.reference if payment.received else None,
        received_at=payment.received.received_at if payment.received else None,
        created_at=payment.started_at,
        settled_at=payment.settled_at,
    )


def dispute_projection() -> DocumentProjection[Dispute, DisputeDocument]:
    """Return the projection that keeps `disputes`."""
    return DocumentProjection(DisputeDocument, dispute_document)


def dispute_document(dispute: Dispute) -> DisputeDocument:
    """Return what is read about a dispute in this state."""
    subject = dispute.subject
    return DisputeDocument(
        id=dispute.id,
        tenant=dispute.tenant,
        version=dispute.version,
        payment_id=subject.payment_id,
        invoice_id=subject.invoice_id,
        customer_id=subject.customer_id,
        provider=subject.provider,
        reference=subject.reference,
        status=dispute.status,
        reason=subject.reason,
        amount_minor=subject.amount.minor_units,
        currency=subject.amount.currency,
        evidence_due_at=dispute.evidence_due_at,
        look_at=dispute.evidence_due_at if dispute.status is DisputeStatus.NEEDS_EVIDENCE else None,
        submitted_at=dispute.submitted_at,
        opened_at=dispute.opened_at,
        closed_at=dispute.closed_at,
    )


def credit_note_document(note: CreditNote) -> CreditNoteDocument:
    """Return what is read about a credit note in this state."""
    terms, issued = note.terms, note.issued
    return CreditNoteDocument(
        id=note.id,
        tenant=note.tenant,
        version=note.version,
        invoice_id=terms.invoice_id,
        invoice_number=terms.invoice_number,
        customer_id=terms.customer_id,
        status=note.status,
        number=issued.number if issued else None,
        currency=terms.amount.currency,
        reason=terms.reason,
        lines=[
            CreditNoteLineValue(
                line_number=line.line_number,
                description=line.description,
                amount_minor=line.amount.minor_units,
                tax_minor=line.tax.minor_units,
            )
            for line in terms.lines
        ],
        amount_minor=terms.amount.minor_units,
        from_due_minor=terms.from_due.minor_units,
        refund_minor=(issued.refunded if issued else terms.refund).minor_units,
        out_of_band_minor=terms.out_of_band.minor_units,
        balance_minor=(issued.balance if issued else terms.balance).minor_units,
        refund_failure_code=issued.refund_failure_code if issued else None,
        refund_failure_message=issued.refund_failure_message if issued else None,
        created_by=note.requested.requested_by,
        created_at=note.requested.requested_at,
        issued_at=issued.issued_at if issued else None,
    )


def tax_configuration_projection() -> DocumentProjection[TaxConfiguration, TaxConfigurationDocument]:
    """Return the projection that keeps `tax_configurations`."""
    return DocumentProjection(TaxConfigurationDocument, tax_configuration_document)


def tax_configuration_document(configuration: TaxConfiguration) -> TaxConfigurationDocument:
    """Return what is read about a tax configuration in this state."""
    return TaxConfigurationDocument(
        id=configuration.id,
        tenant=configuration.tenant,
        version=configuration.version,
        rounding=configuration.rule.rounding,
        mode=configuration.rule.mode,
        rates=[
            TaxRateValue(
                id=rate.id,
                name=rate.name,
                percentage=f"{rate.percentage:f}",
                inclusive=rate.inclusive,
                country=rate.country,
                category=rate.category,
                exemption_reason=rate.exemption_reason,
                region=rate.region,
                tax_category=rate.tax_category,
            )
            for rate in configuration.rates
        ],
    )


def tax_rates(document: TaxConfigurationDocument) -> tuple[TaxRate, ...]:
    """Return the rates that the document shows."""
    return tuple(
        TaxRate(
            id=rate.id,
            name=rate.name,
            percentage=Decimal(rate.percentage),
            inclusive=rate.inclusive,
            country=rate.country,
            category=rate.category,
            exemption_reason=rate.exemption_reason,
            region=rate.region,
            tax_category=rate.tax_category,
        )
        for rate in document.rates
    )


def tax_rule(document: TaxConfigurationDocument) -> TaxRule:
    """Return how the document says taxes are rounded."""
    return TaxRule(rounding=document.rounding, mode=document.mode)
