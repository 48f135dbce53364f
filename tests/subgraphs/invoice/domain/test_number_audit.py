"""A gap or a double in a series is found, whatever order the numbers come in."""

from collections import Counter
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subgraphs.invoice.domain.number_audit import LARGEST, SHOWN, NumberAudit, NumberTally
from subgraphs.invoice.domain.numbering import format_number


def audited(*numbers: int | str) -> NumberAudit:
    tally = NumberTally("INV")
    for number in numbers:
        tally.add(number if isinstance(number, str) else format_number("INV", number))
    return tally.result()


def test_a_whole_series_is_complete() -> None:
    found = audited(3, 1, 2, 4)
    assert (found.is_complete, found.first, found.last, found.count) == (True, 1, 4, 4)
    nothing = audited()
    assert (nothing.is_complete, nothing.first, nothing.last, nothing.count) == (True, None, None, 0)


@pytest.mark.parametrize(
    ("numbers", "missing", "duplicates"),
    [
        ((1, 2, 4), (3,), ()),
        ((2, 3), (1,), ()),  # a series begins at 1
        ((1, 2, 2, 3), (), (2,)),
        ((1, 2, 2, 4), (3,), (2,)),  # as many as there should be, and wrong all the same
        ((1, 1, 1), (), (1,)),
    ],
)
def test_gaps_and_doubles_are_named(numbers: tuple[int, ...], missing: tuple[int, ...], duplicates: tuple[int, ...]) -> None:
    found = audited(*numbers)
    assert (found.is_complete, found.missing, found.duplicates) == (False, missing, duplicates)


@pytest.mark.parametrize(
    "text", ["CN-000001", "INV-0", "INV-", "INV-1a", "INV-٣", "000001", f"INV-{LARGEST + 1}", "INV-" + "9" * 40]
)
def test_a_number_of_another_kind_is_foreign(text: str) -> None:
    found = audited(1, text)
    assert (found.is_complete, found.foreign, found.count, found.missing_count) == (False, (text,), 1, 0)


def test_longer_numbers_follow_shorter_ones() -> None:
    found = audited(*range(999_990, 1_000_011))
    assert (found.first, found.last, found.missing_count) == (999_990, 1_000_010, 999_989)
    assert found.missing == tuple(range(1, SHOWN + 1))


@settings(deadline=None)
@given(st.lists(st.integers(1, 400), max_size=300))
def test_it_says_what_counting_says(numbers: list[int]) -> None:
    found, counted, last = audited(*numbers), Counter(numbers), max(numbers, default=0)
    missing = [number for number in range(1, last + 1) if number not in counted]
    twice = sorted(number for number, times in counted.items() if times > 1)
    assert (found.count, found.missing_count, found.duplicate_count) == (len(numbers), len(missing), len(twice))
    assert (found.missing, found.duplicates) == (tuple(islice(missing, SHOWN)), tuple(twice[:SHOWN]))
    assert found.is_complete is (sorted(numbers) == list(range(1, last + 1)))
