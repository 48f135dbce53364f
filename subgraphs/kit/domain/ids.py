"""Identifiers: a type prefix and 26 Crockford base-32 characters, e.g. `cus_01KAT3Y6M8Q2V5R7W9X1Z3B5D7`.

New ids are ULIDs: 48 bits of milliseconds, then 80 random bits, so that they sort by creation time.
"""

import hashlib
import secrets
from datetime import datetime

__all__ = ["derived_id", "earliest_id", "id_prefix", "new_id"]

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id(prefix: str, at: datetime) -> str:
    """Return a fresh id of the kind `prefix` whose order follows `at` (to the millisecond)."""
    return f"{prefix}_{_encode((_milliseconds(at) << 80) | secrets.randbits(80))}"


def derived_id(prefix: str, at: datetime, *parts: str) -> str:
    """Return the one id that belongs to `parts`; the same `at` and parts always give the same id.

    Makes creation idempotent: a handler that runs twice asks for the same id twice.
    """
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return f"{prefix}_{_encode((_milliseconds(at) << 80) | int.from_bytes(digest[:10], 'big'))}"


def earliest_id(prefix: str, at: datetime) -> str:
    """Return the lowest id of the kind `prefix` of this millisecond: what was made before `at` has a lower one."""
    return f"{prefix}_{_encode(_milliseconds(at) << 80)}"


def id_prefix(id: str) -> str:
    """Return the kind part of an id, `cus` for `cus_01…`; empty when it has none."""
    return id.rpartition("_")[0]


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000) & ((1 << 48) - 1)


def _encode(value: int) -> str:
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -5, -5))
