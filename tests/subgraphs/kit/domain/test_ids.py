"""Ids sort by time and can be derived."""

from datetime import UTC, datetime

from subgraphs.kit.domain.ids import derived_id, id_prefix, new_id

AT = datetime(2026, 1, 31, 12, 0, 0, 123000, tzinfo=UTC)
LATER = datetime(2026, 1, 31, 12, 0, 0, 124000, tzinfo=UTC)


def test_new_ids_differ_and_sort_by_time() -> None:
    first, second = new_id("cus", AT), new_id("cus", AT)
    assert first != second
    assert max(first, second) < new_id("cus", LATER)
    assert len(first) == len("cus_") + 26
    assert id_prefix(first) == "cus"


def test_derived_ids_follow_from_their_parts() -> None:
    assert derived_id("inv", AT, "sub_1", "0") == derived_id("inv", AT, "sub_1", "0")
    assert derived_id("inv", AT, "sub_1", "0") != derived_id("inv", AT, "sub_1", "1")
    assert derived_id("inv", AT, "a", "bc") != derived_id("inv", AT, "ab", "c")
    assert derived_id("inv", AT, "x")[:14] == new_id("inv", AT)[:14]  # the same instant leads both
