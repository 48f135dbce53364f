"""The customer aggregate."""

from dataclasses import replace
from typing import ClassVar

from subgraphs.customer.domain.events import (
    CustomerArchived,
    CustomerCreated,
    CustomerUpdated,
    DefaultPaymentMethodChanged,
    PaymentMethodAttached,
    PaymentMethodDetached,
)
from subgraphs.customer.domain.values import CustomerProfile, CustomerStatus, PaymentMethod, checked_profile
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.currency import check_currency
from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.event import Event, EventCodec

__all__ = ["Customer"]

PAYMENT_METHODS = 20


class Customer(Aggregate):
    """Someone who is billed. The currency is fixed for life: amounts in another one need another customer."""

    kind: ClassVar[str] = "Customer"
    codec: ClassVar[EventCodec] = EventCodec(
        CustomerCreated,
        CustomerUpdated,
        CustomerArchived,
        PaymentMethodAttached,
        PaymentMethodDetached,
        DefaultPaymentMethodChanged,
    )

    created: CustomerCreated
    profile: CustomerProfile
    status: CustomerStatus
    payment_methods: tuple[PaymentMethod, ...]
    default_payment_method_id: str | None

    @classmethod
    def create(
        cls, id: str, profile: CustomerProfile, currency: str, external_id: str | None, context: CommandContext
    ) -> "Customer":
        """Return a new customer.

        Raises:
            InvalidInput: a part of the profile, the currency or the external id is malformed.
        """
        if external_id is not None and not 1 <= len(external_id) <= 200:
            raise InvalidInput("an external id has 1 to 200 characters", field=("externalId",))
        customer = cls(id, context.tenant)
        customer.record(
            CustomerCreated(
                profile=checked_profile(profile),
                currency=check_currency(currency),
                external_id=external_id,
                created_by=context.actor,
                created_at=context.at,
            )
        )
        return customer

    def update(self, profile: CustomerProfile) -> None:
        """Take over a changed profile; nothing happens when it is the same."""
        self._require_active()
        if checked_profile(profile) != self.profile:
            self.record(CustomerUpdated(profile=profile))

    def archive(self, context: CommandContext) -> None:
        """Stop new billing; what was billed stays. Archiving again changes nothing."""
        if self.status is CustomerStatus.ACTIVE:
            self.record(CustomerArchived(archived_at=context.at))

    def attach_payment_method(self, payment_method: PaymentMethod, *, default: bool) -> None:
        """Add a way to pay; the first one becomes the default in any case."""
        self._require_active()
        if any(known.id == payment_method.id for known in self.payment_methods):
            return
        if len(self.payment_methods) >= PAYMENT_METHODS:
            raise InvalidState(f"a customer has at most {PAYMENT_METHODS} payment methods; detach one first")
        self.record(PaymentMethodAttached(payment_method=payment_method))
        if default or self.default_payment_method_id is None:
            self.record(DefaultPaymentMethodChanged(payment_method_id=payment_method.id))

    def make_default(self, payment_method_id: str) -> None:
        """Charge this payment method from now on."""
        self._require_active()
        self._payment_method(payment_method_id)
        if payment_method_id != self.default_payment_method_id:
            self.record(DefaultPaymentMethodChanged(payment_method_id=payment_method_id))

    def detach_payment_method(self, payment_method_id: str) -> None:
        """Remove a way to pay; when it was the default, the oldest remaining one becomes it."""
        self._payment_method(payment_method_id)
        self.record(PaymentMethodDetached(payment_method_id=payment_method_id))
        if payment_method_id == self.default_payment_method_id:
            remaining = next(iter(self.payment_methods), None)
            self.record(DefaultPaymentMethodChanged(payment_method_id=remaining.id if remaining else None))

    def apply(self, event: Event) -> None:
        match event:
            case CustomerCreated():
                self.created = event
                self.profile = event.profile
                self.status = CustomerStatus.ACTIVE
                self.payment_methods = ()
                self.default_payment_method_id = None
            case CustomerUpdated():
                self.profile = event.profile
            case CustomerArchived():
                self.status = CustomerStatus.ARCHIVED
            case PaymentMethodAttached():
                self.payment_methods = (*self.payment_methods, event.payment_method)
            case PaymentMethodDetached():
                self.payment_methods = tuple(known for known in self.payment_methods if known.id != event.payment_method_id)
            case DefaultPaymentMethodChanged():
                self.default_payment_method_id = event.payment_method_id
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a customer")

    def changed_profile(self, **changes: object) -> CustomerProfile:
        """Return the profile with the given parts replaced."""
        return replace(self.profile, **changes)  # type: ignore[arg-type]

    def _payment_method(self, id: str) -> PaymentMethod:
        for known in self.payment_methods:
            if known.id == id:
                return known
        raise NotFound("PaymentMethod", id, field=("paymentMethodId",))

    def _require_active(self) -> None:
        if self.status is not CustomerStatus.ACTIVE:
            raise InvalidState(f"customer {self.id!r} is archived and cannot be changed")
