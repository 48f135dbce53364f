"""Automatic persisted queries and trusted documents."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from router.errors import (
    BadRequest,
    DocumentNotTrusted,
    PersistedQueryMismatch,
    PersistedQueryNotFound,
    PersistedQueryNotSupported,
)
from router.http.persisted_queries import PersistedQueries, load_trusted_documents
from router.http.request import GraphQLRequest

DOCUMENT = "{ a }"
HASH = sha256(DOCUMENT.encode()).hexdigest()


def request(query: str | None, digest: Any = None, document_id: str | None = None) -> GraphQLRequest:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}} if digest is not None else {}
    return GraphQLRequest(query, None, {}, extensions, document_id)


def test_document_is_registered_once_and_then_known_by_hash() -> None:
    persisted = PersistedQueries(automatic=True, cache_size=10)
    with pytest.raises(PersistedQueryNotFound):
        persisted.resolve(request(None, HASH))
    assert persisted.resolve(request(DOCUMENT, HASH)) == DOCUMENT
    assert persisted.resolve(request(None, HASH)) == DOCUMENT


def test_wrong_hash_registers_nothing() -> None:
    persisted = PersistedQueries(automatic=True, cache_size=10)
    with pytest.raises(PersistedQueryMismatch):
        persisted.resolve(request("{ b }", HASH))
    with pytest.raises(PersistedQueryNotFound):
        persisted.resolve(request(None, HASH))


def test_registered_documents_are_bounded() -> None:
    persisted = PersistedQueries(automatic=True, cache_size=2)
    for number in range(3):
        document = f"{{ a{number} }}"
        persisted.resolve(request(document, sha256(document.encode()).hexdigest()))
    with pytest.raises(PersistedQueryNotFound):
        persisted.resolve(request(None, sha256(b"{ a0 }").hexdigest()))


def test_switched_off_is_not_supported() -> None:
    with pytest.raises(PersistedQueryNotSupported):
        PersistedQueries(automatic=False, cache_size=10).resolve(request(None, HASH))


@pytest.mark.parametrize("digest", ["short", 7, ["x"]])
def test_malformed_extension_is_refused(digest: Any) -> None:
    with pytest.raises(BadRequest):
        PersistedQueries(automatic=True, cache_size=10).resolve(request(None, digest))


def test_trusted_document_is_found_by_id_hash_or_text() -> None:
    persisted = PersistedQueries(automatic=True, cache_size=10, trusted={HASH: DOCUMENT})
    assert persisted.resolve(request(None, document_id=HASH)) == DOCUMENT
    assert persisted.resolve(request(None, document_id=f"sha256:{HASH}")) == DOCUMENT
    assert persisted.resolve(request(None, HASH)) == DOCUMENT
    assert persisted.resolve(request(DOCUMENT)) == DOCUMENT


@pytest.mark.parametrize(
    "refused",
    [
        request("{ b }"),
        request("{ b }", sha256(b"{ b }").hexdigest()),
        request(None, document_id="unknown"),
        request("{ b }", document_id=HASH),
    ],
)
def test_any_other_document_is_not_trusted(refused: GraphQLRequest) -> None:
    with pytest.raises(DocumentNotTrusted):
        PersistedQueries(automatic=True, cache_size=10, trusted={HASH: DOCUMENT}).resolve(refused)


def test_manifest_is_read_in_both_forms(tmp_path: Path) -> None:
    plain, apollo = tmp_path / "plain.json", tmp_path / "apollo.json"
    plain.write_text('{"sha256:abc": "{ a }"}')
    apollo.write_text('{"format":"apollo-persisted-query-manifest","operations":[{"id":"abc","body":"{ a }"}]}')
    assert load_trusted_documents(plain) == load_trusted_documents(apollo) == {"abc": "{ a }"}
    for text in (
        '["{ a }"]',
        "{",
        '{"operations": [{"id": "abc"}]}',
        '{"operations": [1]}',
        '{"operations": [{"id": 1, "body": "{ a }"}]}',
    ):
        plain.write_text(text)
        with pytest.raises(ValueError, match="not a manifest"):
            load_trusted_documents(plain)
