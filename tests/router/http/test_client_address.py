"""The client's address behind proxies."""

from __future__ import annotations

import pytest

from router.http.client_address import client_address


@pytest.mark.parametrize(
    ("forwarded", "hops", "expected"),
    [
        (None, 0, "10.0.0.1"),
        (b"1.1.1.1", 0, "10.0.0.1"),  # without a trusted proxy the header is whatever a client wrote
        (b"1.1.1.1", 1, "1.1.1.1"),
        (b"9.9.9.9, 1.1.1.1", 1, "1.1.1.1"),
        (b"9.9.9.9, 1.1.1.1, 2.2.2.2", 2, "1.1.1.1"),
        (b"1.1.1.1", 2, "10.0.0.1"),
        (None, 2, "10.0.0.1"),
    ],
)
def test_address_is_the_last_that_cannot_be_forged(forwarded: bytes | None, hops: int, expected: str) -> None:
    headers = {b"x-forwarded-for": forwarded} if forwarded is not None else {}
    assert client_address({"client": ("10.0.0.1", 1234)}, headers, hops) == expected
