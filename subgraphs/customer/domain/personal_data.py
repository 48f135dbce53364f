"""Which parts of stored events are personal data, and what stands in their place once it is erased."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from subgraphs.customer.domain.values import ERASED

__all__ = ["PERSONAL_DATA"]

Path = tuple[str, ...]

_PROFILE: Mapping[Path, Any] = {
    ("profile", "name"): ERASED,
    ("profile", "email"): None,
    ("profile", "address"): None,
    ("profile", "shipping_address"): None,
}

PERSONAL_DATA: Mapping[str, Mapping[Path, Any]] = MappingProxyType(
    {
        "CustomerCreated": {**_PROFILE, ("external_id",): None},
        "CustomerUpdated": _PROFILE,
        "TaxStatusChanged": {("status", "reason"): None, ("status", "tax_ids"): []},
        "PaymentMethodAttached": {("payment_method", "token"): ERASED, ("payment_method", "label"): ERASED},
        "BalanceEntryRecorded": {("entry", "description"): None},
        "WalletOpened": {("name",): ERASED},
        "WalletUpdated": {("name",): ERASED},
        "WalletToppedUp": {("grant", "description"): None},
    }
)
"""By event type, then by path in its data. Amounts, currencies, times and ids are the books, and stay."""
