"""Payloads survive being kept."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import strawberry
from hypothesis import given
from hypothesis import strategies as st
from strawberry import UNSET

from subgraphs.kit.domain import money
from subgraphs.kit.domain.period import IntervalUnit
from subgraphs.kit.graphql.errors import UserError
from subgraphs.kit.graphql.scalars import BigInt, CurrencyCode, Money
from subgraphs.kit.graphql.snapshot import freeze, thaw
from subgraphs.plan.documents import PlanFeatureValue
from subgraphs.pricing.charge import Tier

values = st.recursive(
    st.none()
    | st.booleans()
    | st.text()
    | st.integers(-(2**63), 2**63 - 1)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.datetimes(timezones=st.just(UTC))
    | st.dates()
    | st.sampled_from(IntervalUnit)
    | st.just(UNSET)
    | st.builds(PlanFeatureValue, feature_id=st.text(), limit=st.none() | st.integers(0, 9))
    | st.builds(Tier, up_to=st.none() | st.decimals(0, 9), unit_amount=st.decimals(0, 9)),
    lambda inner: (
        st.lists(inner) | st.lists(inner).map(tuple) | st.builds(UserError, field=st.none(), message=st.text(), code=inner)
    ),
)


@given(values)
def test_what_is_thawed_equals_what_was_frozen(value: Any) -> None:
    thawed = thaw(freeze(value))
    assert thawed == value
    assert type(thawed) is type(value)


def test_money_keeps_all_its_digits() -> None:
    shown = Money.of(money.Money(2**63 - 1, "KWD"))
    assert thaw(freeze(shown)) == Money(
        minor_units=BigInt(2**63 - 1), currency_code=CurrencyCode("KWD"), amount=Decimal("9223372036854775.807")
    )


def test_equal_inputs_have_equal_bytes() -> None:
    def made() -> Any:
        return [UserError(field=["a"], message="m", code="c"), datetime(2026, 1, 1, tzinfo=UTC)]

    assert freeze(made()) == freeze(made())


def test_fields_that_are_resolved_are_not_kept() -> None:
    @strawberry.type
    class Shown:
        name: str

        @strawberry.field
        def greeting(self) -> str:
            return f"hello {self.name}"

    assert b"greeting" not in freeze(Shown(name="Ada"))


@pytest.mark.parametrize("name", ["os:system", "builtins:eval", "subgraphsx.kit:x"])
def test_only_types_of_the_subgraphs_are_made(name: str) -> None:
    with pytest.raises(TypeError, match="not a type of a subgraph"):
        thaw(b'{"$type": "%s", "fields": {}}' % name.encode())


def test_what_cannot_be_kept_is_a_mistake() -> None:
    @dataclass
    class Open:
        handle: object

    with pytest.raises(TypeError, match="object cannot be part of a payload"):
        freeze(Open(object()))
