"""The customer aggregate."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from subgraphs.customer.domain.events import (
    CustomerAbsorbed,
    CustomerArchived,
    CustomerCreated,
    CustomerErased,
    CustomerMerged,
    CustomerUnarchived,
    CustomerUpdated,
    DefaultPaymentMethodChanged,
    PaymentMethodAttached,
    PaymentMethodDetached,
    PaymentMethodExpiring,
    PaymentMethodExpiryChanged,
    TaxStatusChanged,
)
from subgraphs.customer.domain.tax_ids import TaxIdType, compact_tax_id
from subgraphs.customer.domain.tax_status import TaxExemption, TaxId, TaxStatus, checked_tax_status
from subgraphs.customer.domain.values import (
    ERASED_PROFILE,
    CustomerProfile,
    CustomerStatus,
    PaymentMethod,
    checked_profile,
)
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.currency import check_currency
from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.kit.domain.ids import derived_id

__all__ = ["Customer"]

PAYMENT_METHODS = 20
# How long before a card expires that is told, so that there is time for another one.
EXPIRY_NOTICE = timedelta(days=30)


class Customer(Aggregate):
    """Someone who is billed. The currency is fixed for life: amounts in another one need another customer."""

    kind: ClassVar[str] = "Customer"
    codec: ClassVar[EventCodec] = EventCodec(
        CustomerCreated,
        CustomerUpdated,
        CustomerArchived,
        CustomerUnarchived,
        CustomerMerged,
        CustomerAbsorbed,
        CustomerErased,
        TaxStatusChanged,
        PaymentMethodAttached,
        PaymentMethodDetached,
        PaymentMethodExpiryChanged,
        PaymentMethodExpiring,
        DefaultPaymentMethodChanged,
    )

    created: CustomerCreated
    profile: CustomerProfile
    status: CustomerStatus
    tax: TaxStatus
    payment_methods: tuple[PaymentMethod, ...]
    default_payment_method_id: str | None
    told_expiries: tuple[tuple[str, date], ...]
    merged_into_id: str | None
    merged_customer_ids: tuple[str, ...]

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

    def unarchive(self, context: CommandContext) -> None:
        """Let it be billed and changed again, as before it was archived; nothing happens when it is not archived.

        Raises:
            InvalidState: it was merged or erased, which is for good.
        """
        if self.status is CustomerStatus.ARCHIVED:
            self.record(CustomerUnarchived(unarchived_at=context.at))
        else:
            self._require_active()

    def add_tax_id(self, type: TaxIdType, value: str) -> None:
        """Add a tax id; one that the customer already has changes nothing.

        Raises:
            InvalidTaxId: no such tax id can exist.
        """
        self._require_active()
        compact, country = compact_tax_id(type, value)
        if any(known.type is type and known.value == compact for known in self.tax.tax_ids):
            return
        id = derived_id("txi", self.created.created_at, self.id, type.value, compact)
        added = TaxId(id=id, type=type, value=compact, country=country)
        self._change_tax_status(replace(self.tax, tax_ids=(*self.tax.tax_ids, added)))

    def remove_tax_id(self, tax_id_id: str) -> None:
        """Remove a tax id; refused for the last one of a customer to whom reverse charge applies."""
        self._require_active()
        remaining = tuple(known for known in self.tax.tax_ids if known.id != tax_id_id)
        if len(remaining) == len(self.tax.tax_ids):
            raise NotFound("TaxId", tax_id_id, field=("taxIdId",))
        self._change_tax_status(replace(self.tax, tax_ids=remaining))

    def set_tax_exemption(self, exemption: TaxExemption, reason: str | None) -> None:
        """Charge tax or not from now on; nothing happens when it is so already."""
        self._require_active()
        self._change_tax_status(replace(self.tax, exemption=exemption, reason=reason))

    def attach_payment_method(self, payment_method: PaymentMethod, *, default: bool) -> None:
        """Add a way to pay; the first one becomes the default in any case.

        One that is known becomes it only where that is wanted, and takes over another expiry.
        """
        self._require_active()
        known = next((known for known in self.payment_methods if known.id == payment_method.id), None)
        if known is not None:
            expires_on = payment_method.expires_on
            if expires_on is not None and expires_on != known.expires_on:
                self.record(PaymentMethodExpiryChanged(payment_method_id=known.id, expires_on=expires_on))
            if default:
                self.make_default(payment_method.id)
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

    @property
    def expiry_notice_at(self) -> datetime | None:
        """When it is next to be told that a payment method expires: the customer's midnight 30 days before the last day."""
        return min((self._notice_at(on) for _, on in self._untold_expiries()), default=None)

    def tell_expiring(self, context: CommandContext) -> None:
        """Tell of payment methods that expire soon, each once per expiry; nothing happens when there are none."""
        for payment_method_id, expires_on in self._untold_expiries():
            if self._notice_at(expires_on) <= context.at:
                self.record(PaymentMethodExpiring(payment_method_id=payment_method_id, expires_on=expires_on))

    def _untold_expiries(self) -> list[tuple[str, date]]:
        if self.status is not CustomerStatus.ACTIVE:
            return []
        known = [(method.id, method.expires_on) for method in self.payment_methods if method.expires_on is not None]
        return [(id, expires_on) for id, expires_on in known if (id, expires_on) not in self.told_expiries]

    def _notice_at(self, expires_on: date) -> datetime:
        midnight = datetime.combine(expires_on - EXPIRY_NOTICE, time(), ZoneInfo(self.profile.time_zone))
        return midnight.astimezone(UTC)

    def merge_into(self, target: "Customer", context: CommandContext) -> None:
        """Become an alias of `target`; merging again into the same one changes nothing. What moves there follows.

        Raises:
            InvalidInput: the two are the same, or billed in different currencies.
            InvalidState: one of them is not active, or together they have too much of something.
        """
        if self.merged_into_id == target.id:
            return
        if target.id == self.id:
            raise InvalidInput("a customer cannot be merged into itself", field=("intoId",))
        self._require_active()
        target._require_active()
        if self.created.currency != target.created.currency:
            raise InvalidInput(
                f"{self.id!r} is billed in {self.created.currency} and {target.id!r} in {target.created.currency}: "
                "a customer has one currency",
                field=("intoId",),
            )
        if len(target.payment_methods) + len(_missing_methods(target, self)) > PAYMENT_METHODS:
            raise InvalidState(f"together they have more than {PAYMENT_METHODS} payment methods; detach some first")
        checked_tax_status(_joined_tax_status(target, self))
        self.record(CustomerMerged(into_id=target.id, merged_at=context.at))

    def absorb(self, source: "Customer") -> None:
        """Take over payment methods and tax ids of a customer that became an alias of this one; again: nothing."""
        if source.id in self.merged_customer_ids or self.status is CustomerStatus.ERASED:
            return
        self.record(CustomerAbsorbed(customer_id=source.id))
        for method in _missing_methods(self, source):
            self.record(PaymentMethodAttached(payment_method=method))
        if self.default_payment_method_id is None and source.default_payment_method_id is not None:
            self.record(DefaultPaymentMethodChanged(payment_method_id=source.default_payment_method_id))
        joined = _joined_tax_status(self, source)
        if joined != self.tax:
            self.record(TaxStatusChanged(status=joined))

    def erase(self, context: CommandContext) -> None:
        """Forget who the customer is: name, addresses, ids and ways to pay. Erasing again changes nothing; nothing else follows.

        Raises:
            InvalidState: the customer is an alias; the one it was merged into is to be erased.
        """
        if self.merged_into_id is not None:
            raise InvalidState(f"customer {self.id!r} was merged into {self.merged_into_id!r}: erase that one")
        self.erase_alias(context)

    def erase_alias(self, context: CommandContext) -> None:
        """Forget who this customer is even if it is an alias, because the customer it stands for is erased."""
        if self.status is CustomerStatus.ERASED:
            return
        self.record(
            CustomerErased(
                erased_at=context.at,
                payment_method_ids=tuple(method.id for method in self.payment_methods),
                tax_exemption=self.tax.exemption,
                time_zone=self.profile.time_zone,
                language=self.profile.language,
            )
        )

    def apply(self, event: Event) -> None:
        match event:
            case CustomerCreated():
                self.created = event
                self.profile = event.profile
                self.status = CustomerStatus.ACTIVE
                self.tax = TaxStatus()
                self.payment_methods = ()
                self.default_payment_method_id = None
                self.told_expiries = ()
                self.merged_into_id = None
                self.merged_customer_ids = ()
            case CustomerUpdated():
                self.profile = event.profile
            case CustomerArchived():
                self.status = CustomerStatus.ARCHIVED
            case CustomerUnarchived():
                self.status = CustomerStatus.ACTIVE
            case TaxStatusChanged():
                self.tax = event.status
            case CustomerMerged():
                self.status = CustomerStatus.MERGED
                self.merged_into_id = event.into_id
            case CustomerAbsorbed():
                self.merged_customer_ids = (*self.merged_customer_ids, event.customer_id)
            case CustomerErased():
                self.status = CustomerStatus.ERASED
                self.profile = replace(ERASED_PROFILE, time_zone=event.time_zone, language=event.language)
                self.tax = TaxStatus(exemption=event.tax_exemption)
                self.payment_methods = ()
                self.default_payment_method_id = None
            case PaymentMethodAttached():
                self.payment_methods = (*self.payment_methods, event.payment_method)
            case PaymentMethodDetached():
                self.payment_methods = tuple(known for known in self.payment_methods if known.id != event.payment_method_id)
            case PaymentMethodExpiryChanged():
                self.payment_methods = tuple(
                    replace(known, expires_on=event.expires_on) if known.id == event.payment_method_id else known
                    for known in self.payment_methods
                )
            case PaymentMethodExpiring():
                self.told_expiries = (*self.told_expiries, (event.payment_method_id, event.expires_on))
            case DefaultPaymentMethodChanged():
                self.default_payment_method_id = event.payment_method_id
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a customer")

    def changed_profile(self, **changes: object) -> CustomerProfile:
        """Return the profile with the given parts replaced."""
        return replace(self.profile, **changes)  # type: ignore[arg-type]

    @property
    def external_id(self) -> str | None:
        """The tenant's own id of this customer."""
        return None if self.status is CustomerStatus.ERASED else self.created.external_id

    def _change_tax_status(self, status: TaxStatus) -> None:
        if checked_tax_status(status) != self.tax:
            self.record(TaxStatusChanged(status=status))

    def _payment_method(self, id: str) -> PaymentMethod:
        for known in self.payment_methods:
            if known.id == id:
                return known
        raise NotFound("PaymentMethod", id, field=("paymentMethodId",))

    def _require_active(self) -> None:
        match self.status:
            case CustomerStatus.ACTIVE:
                return
            case CustomerStatus.MERGED:
                raise InvalidState(f"customer {self.id!r} was merged into {self.merged_into_id!r}: change that one")
            case CustomerStatus.ERASED:
                raise InvalidState(f"personal data of customer {self.id!r} was erased; it cannot be changed")
        raise InvalidState(f"customer {self.id!r} is archived and cannot be changed")


def _missing_methods(target: Customer, source: Customer) -> tuple[PaymentMethod, ...]:
    known = {(method.provider, method.token) for method in target.payment_methods}
    return tuple(method for method in source.payment_methods if (method.provider, method.token) not in known)


def _joined_tax_status(target: Customer, source: Customer) -> TaxStatus:
    """Return the tax status of `target` with the tax ids of both; an exemption is not taken over, it was granted to one."""
    known = {(tax_id.type, tax_id.value) for tax_id in target.tax.tax_ids}
    further = tuple(tax_id for tax_id in source.tax.tax_ids if (tax_id.type, tax_id.value) not in known)
    return replace(target.tax, tax_ids=(*target.tax.tax_ids, *further))
