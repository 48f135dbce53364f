"""How a customer is taxed: tax ids, and whether tax is charged at all."""

from dataclasses import dataclass
from enum import StrEnum

from subgraphs.customer.domain.tax_ids import TaxIdType
from subgraphs.kit.domain.errors import InvalidInput, InvalidState

__all__ = ["TaxExemption", "TaxId", "TaxStatus", "checked_tax_status"]

TAX_IDS = 10


class TaxExemption(StrEnum):
    """Whether a customer is charged tax."""

    NONE = "NONE"
    EXEMPT = "EXEMPT"
    REVERSE_CHARGE = "REVERSE_CHARGE"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxId:
    """One tax id without separators. `country` is ISO 3166-1 alpha-2, or EU for numbers of the whole Union."""

    id: str
    type: TaxIdType
    value: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxStatus:
    """Everything an invoice must know to tax a customer; `reason` is printed where no tax is charged."""

    exemption: TaxExemption = TaxExemption.NONE
    reason: str | None = None
    tax_ids: tuple[TaxId, ...] = ()


def checked_tax_status(status: TaxStatus) -> TaxStatus:
    """Return `status` when its parts go together.

    Raises:
        InvalidInput: a reason is missing where tax is not charged, given where it is, or longer than 500 characters.
        InvalidState: tax is to be owed by the customer (reverse charge), who has no tax id; or there are too many tax ids.
    """
    charged = status.exemption is TaxExemption.NONE
    if charged and status.reason is not None:
        raise InvalidInput("a reason belongs to an exemption; leave it out where tax is charged", field=("reason",))
    if not charged and (status.reason is None or not 1 <= len(status.reason.strip()) <= 500):
        raise InvalidInput(f"{status.exemption.value} needs a reason of 1 to 500 characters", field=("reason",))
    if status.exemption is TaxExemption.REVERSE_CHARGE and not status.tax_ids:
        raise InvalidState("reverse charge is for businesses: the customer needs a tax id first")
    if len(status.tax_ids) > TAX_IDS:
        raise InvalidState(f"a customer has at most {TAX_IDS} tax ids; remove one first")
    return status
