"""Positions in a stream are compared as numbers, whichever way they are written."""

from subgraphs.kit.messaging.positions import padded, parsed, unpadded

NINE, TEN = "00000000000000000009-00000000000000000007", "00000000000000000010-00000000000000000000"


def test_the_order_of_padded_texts_is_that_of_the_stream() -> None:
    assert (padded("9-7"), padded(b"10-0")) == (NINE, TEN)
    assert padded("9-7") < padded("10-0")
    assert parsed("9-7") < parsed(b"9-10") < parsed(TEN)


def test_what_was_padded_is_written_as_redis_does() -> None:
    assert [unpadded(parsed(entry)) for entry in (NINE, TEN, b"5-3")] == ["9-7", "10-0", "5-3"]
