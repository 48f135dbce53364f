"""From the aggregates to their documents."""

from subgraphs.invoice.documents import InvoiceDocument, InvoiceLineValue, PaymentDocument
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.payment import Payment
from subgraphs.invoice.domain.payment_provider import Declined
from subgraphs.invoice.domain.values import InvoiceLine
from subgraphs.kit.persistence.documents import DocumentProjection

__all__ = ["invoice_document", "invoice_projection", "payment_document", "payment_projection"]


def invoice_projection() -> DocumentProjection[Invoice, InvoiceDocument]:
    """Return the projection that keeps `invoices`."""
    return DocumentProjection(InvoiceDocument, invoice_document)


def payment_projection() -> DocumentProjection[Payment, PaymentDocument]:
    """Return the projection that keeps `payments`."""
    return DocumentProjection(PaymentDocument, payment_document)


def invoice_document(invoice: Invoice) -> InvoiceDocument:
    """Return what is read about an invoice in this state."""
    draft, pending = invoice.drafted.draft, invoice.pending_payment
    return InvoiceDocument(
        id=invoice.id,
        tenant=invoice.tenant,
        version=invoice.version,
        customer_id=draft.customer_id,
        plan_subscription_id=draft.plan_subscription_id,
        period_number=draft.period_number,
        status=invoice.status,
        number=invoice.number,
        currency=draft.currency,
        lines=[_line(line) for line in invoice.lines],
        total_minor=invoice.total.minor_units,
        amount_due_minor=invoice.amount_due.minor_units,
        amount_paid_minor=invoice.amount_paid.minor_units,
        pending_payment_id=pending.payment_id if pending else None,
        charging_since=invoice.recorded_at if pending and pending.operation else None,
        created_by=invoice.drafted.created_by,
        created_at=invoice.drafted.created_at,
        finalized_at=invoice.finalized_at,
        due_at=invoice.due_at,
        paid_at=invoice.paid_at,
        uncollectible_at=invoice.uncollectible_at,
        uncollectible_reason=invoice.uncollectible_reason,
        voided_at=invoice.voided_at,
        void_reason=invoice.void_reason,
    )


def _line(line: InvoiceLine) -> InvoiceLineValue:
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
        explanation=line.explanation,
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
        created_at=payment.started_at,
        settled_at=payment.settled_at,
    )
