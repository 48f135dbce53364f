"""The address that a request came from, behind a known number of proxies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["client_address"]


def client_address(scope: Mapping[str, Any], headers: Mapping[bytes, bytes], trusted_proxy_hops: int) -> str:
    """Return the client's address: the connection's, or what the outermost trusted proxy saw.

    Each of our proxies appends the address it was called from to `X-Forwarded-For`, so the entry counted from
    the right is the last that a client cannot forge.
    """
    client = scope.get("client")
    peer = str(client[0]) if client else "unknown"
    forwarded = headers.get(b"x-forwarded-for")
    if trusted_proxy_hops == 0 or forwarded is None:
        return peer
    addresses = [entry.strip() for entry in forwarded.decode("latin-1").split(",")]
    return addresses[-trusted_proxy_hops] if len(addresses) >= trusted_proxy_hops else peer
