"""Decodes HTTP content codings (RFC 9110, section 8.4), never to more than a limit."""

from __future__ import annotations

import zlib

import brotli  # type: ignore[import-untyped]

from router.execute.failures import MalformedResponse, ResponseTooLarge

__all__ = ["ACCEPT_ENCODING", "decoded"]

ACCEPT_ENCODING = "gzip, br"
# zlib: a gzip or zlib header is detected.
GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


def decoded(body: bytes, coding: str, max_bytes: int) -> bytes:
    """Return the content.

    Raises:
        ResponseTooLarge, MalformedResponse
    """
    if coding in {"", "identity"} or not body:
        return body
    try:
        if coding in {"gzip", "x-gzip", "deflate"}:
            return _inflated(body, max_bytes)
        if coding == "br":
            return _unbrotlied(body, max_bytes)
    except (zlib.error, brotli.error) as error:
        raise MalformedResponse("the answer's content cannot be decoded") from error
    raise MalformedResponse("the answer has an unknown content coding")


def _inflated(body: bytes, max_bytes: int) -> bytes:
    decompressor = zlib.decompressobj(GZIP_OR_ZLIB)
    content = decompressor.decompress(body, max_bytes + 1)
    if len(content) > max_bytes:
        raise ResponseTooLarge("the answer is too large")
    if not decompressor.eof:
        raise MalformedResponse("the answer's content is incomplete")
    return content


def _unbrotlied(body: bytes, max_bytes: int) -> bytes:
    decompressor = brotli.Decompressor()
    parts, size = [], 0
    data = body
    while not decompressor.is_finished():
        part = decompressor.process(data, output_buffer_limit=max_bytes + 1 - size)
        data = b""
        size += len(part)
        if size > max_bytes:
            raise ResponseTooLarge("the answer is too large")
        if not part and decompressor.can_accept_more_data():
            raise MalformedResponse("the answer's content is incomplete")
        parts.append(part)
    return b"".join(parts)
