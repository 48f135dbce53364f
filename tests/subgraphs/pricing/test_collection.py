"""Payment terms."""

import pytest

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.pricing.collection import CollectionMethod, collection_method, payment_term

CHARGED, SENT = CollectionMethod.CHARGE_AUTOMATICALLY, CollectionMethod.SEND_INVOICE


@pytest.mark.parametrize(("method", "days"), [(CHARGED, None), (SENT, 0), (SENT, 365)])
def test_a_term_belongs_to_its_method(method: CollectionMethod, days: int | None) -> None:
    assert payment_term(method, days) == days
    assert collection_method(days) is method


@pytest.mark.parametrize(
    ("method", "days", "message"),
    [
        (CHARGED, 30, "charged automatically has no daysUntilDue"),
        (SENT, None, "SEND_INVOICE needs daysUntilDue"),
        (SENT, -1, "within 0 to 365 days"),
        (SENT, 366, "within 0 to 365 days"),
    ],
)
def test_other_terms_are_refused(method: CollectionMethod, days: int | None, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as refused:
        payment_term(method, days)
    assert refused.value.field == ("daysUntilDue",)
