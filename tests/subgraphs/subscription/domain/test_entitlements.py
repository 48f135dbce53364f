"""Where several plans include a feature, the most generous one counts."""

import pytest

from subgraphs.subscription.domain.entitlements import Entitlement, entitlement


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ([], Entitlement(granted=False, limit=None)),
        ([5], Entitlement(granted=True, limit=5)),
        ([0], Entitlement(granted=True, limit=0)),
        ([5, 10, 7], Entitlement(granted=True, limit=10)),
        ([5, None], Entitlement(granted=True, limit=None)),
    ],
)
def test_the_most_generous_plan_counts(limits: list[int | None], expected: Entitlement) -> None:
    assert entitlement(limits) == expected
