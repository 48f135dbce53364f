"""From the customer aggregate to its document."""

from dataclasses import asdict

from subgraphs.customer.documents import AddressValue, CustomerDocument, PaymentMethodValue, TaxIdValue
from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.values import Address
from subgraphs.kit.persistence.documents import DocumentProjection

__all__ = ["customer_document", "customer_projection"]


def customer_projection() -> DocumentProjection[Customer, CustomerDocument]:
    """Return the projection that keeps `customers`."""
    return DocumentProjection(CustomerDocument, customer_document)


def customer_document(customer: Customer) -> CustomerDocument:
    """Return what is read about a customer in this state."""
    profile, tax = customer.profile, customer.tax
    return CustomerDocument(
        id=customer.id,
        tenant=customer.tenant,
        version=customer.version,
        name=profile.name,
        name_lower=profile.name.lower(),
        email=profile.email,
        currency=customer.created.currency,
        time_zone=profile.time_zone,
        language=profile.language,
        address=_address(profile.address),
        shipping_address=_address(profile.shipping_address),
        tax_ids=[TaxIdValue(**asdict(tax_id)) for tax_id in tax.tax_ids],
        tax_exemption=tax.exemption,
        tax_exemption_reason=tax.reason,
        external_id=customer.external_id,
        status=customer.status,
        payment_methods=[
            PaymentMethodValue(
                id=method.id,
                provider=method.provider,
                label=method.label,
                expires_on=method.expires_on.isoformat() if method.expires_on else None,
            )
            for method in customer.payment_methods
        ],
        expiry_notice_at=customer.expiry_notice_at,
        default_payment_method_id=customer.default_payment_method_id,
        merged_into_id=customer.merged_into_id,
        merged_customer_ids=list(customer.merged_customer_ids),
        created_by=customer.created.created_by,
        created_at=customer.created.created_at,
    )


def _address(address: Address | None) -> AddressValue | None:
    return AddressValue(**asdict(address)) if address else None
