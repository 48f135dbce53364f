"""From the customer aggregate to its document."""

from dataclasses import asdict

from subgraphs.customer.documents import AddressValue, CustomerDocument, PaymentMethodValue
from subgraphs.customer.domain.customer import Customer
from subgraphs.kit.persistence.documents import DocumentProjection

__all__ = ["customer_document", "customer_projection"]


def customer_projection() -> DocumentProjection[Customer, CustomerDocument]:
    """Return the projection that keeps `customers`."""
    return DocumentProjection(CustomerDocument, customer_document)


def customer_document(customer: Customer) -> CustomerDocument:
    """Return what is read about a customer in this state."""
    profile, address = customer.profile, customer.profile.address
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
        address=AddressValue(**asdict(address)) if address else None,
        external_id=customer.created.external_id,
        status=customer.status,
        payment_methods=[
            PaymentMethodValue(id=method.id, provider=method.provider, label=method.label) for method in customer.payment_methods
        ],
        default_payment_method_id=customer.default_payment_method_id,
        created_by=customer.created.created_by,
        created_at=customer.created.created_at,
    )
