"""Documents known by an id: automatic persisted queries, and a manifest of the only documents that are trusted."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import orjson

from router.errors import (
    BadRequest,
    DocumentNotTrusted,
    PersistedQueryMismatch,
    PersistedQueryNotFound,
    PersistedQueryNotSupported,
)
from router.http.lru import Lru
from router.http.request import GraphQLRequest

__all__ = ["PersistedQueries", "load_trusted_documents"]

# The average length of a registered document that the cache is dimensioned for, in characters.
TYPICAL_DOCUMENT = 4096


class PersistedQueries:
    """Resolves a request to its document's source text.

    With `trusted` documents, nothing else is answered: a request names a document by `documentId`, or by the
    `persistedQuery` extension's hash, or sends exactly the text of one.
    """

    def __init__(self, *, automatic: bool, cache_size: int, trusted: Mapping[str, str] | None = None) -> None:
        self._automatic = automatic
        self._registered: Lru[str, str] = Lru(cache_size, cache_size * TYPICAL_DOCUMENT)
        self._trusted = trusted
        self._trusted_texts = frozenset(trusted.values()) if trusted is not None else frozenset()

    def resolve(self, request: GraphQLRequest) -> str:
        """Return the document of a request.

        Raises:
            PersistedQueryNotFound, PersistedQueryNotSupported, PersistedQueryMismatch, DocumentNotTrusted, BadRequest
        """
        if self._trusted is not None:
            return self._resolve_trusted(request, self._trusted)
        if "persistedQuery" in request.extensions:
            return self._resolve_automatic(request)
        if request.query is None:
            raise DocumentNotTrusted("Trusted documents are not configured: send the document as 'query'.")
        return request.query

    def _resolve_trusted(self, request: GraphQLRequest, trusted: Mapping[str, str]) -> str:
        document_id = request.document_id
        if document_id is None and "persistedQuery" in request.extensions:
            document_id = _hash_of(request)
        if document_id is None:
            if request.query in self._trusted_texts:
                return request.query or ""
            raise DocumentNotTrusted("Only trusted documents are answered.")
        document = trusted.get(document_id.removeprefix("sha256:"))
        if document is None:
            raise DocumentNotTrusted("No trusted document has this id.")
        if request.query is not None and request.query != document:
            raise DocumentNotTrusted("The document sent is not the trusted document of this id.")
        return document

    def _resolve_automatic(self, request: GraphQLRequest) -> str:
        if not self._automatic:
            raise PersistedQueryNotSupported
        expected = _hash_of(request)
        if request.query is None:
            document = self._registered.get(expected)
            if document is None:
                raise PersistedQueryNotFound
            return document
        if sha256(request.query.encode()).hexdigest() != expected:
            raise PersistedQueryMismatch("The provided sha256Hash does not match the query.")
        self._registered.put(expected, request.query, len(request.query))
        return request.query


def load_trusted_documents(path: Path) -> dict[str, str]:
    """Return the documents of a manifest: a JSON object of id → document, or Apollo's persisted query manifest.

    Raises:
        ValueError: the file is neither.
        OSError: it cannot be read.
    """
    refusal = ValueError(f"{path} is not a manifest of trusted documents: a JSON object of id to document.")
    try:
        manifest = orjson.loads(path.read_bytes())
        if isinstance(manifest, dict) and isinstance(manifest.get("operations"), list):
            manifest = {entry["id"]: entry["body"] for entry in manifest["operations"]}
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise refusal from error
    if not isinstance(manifest, dict) or not all(isinstance(text, str) for text in (*manifest, *manifest.values())):
        raise refusal
    return {document_id.removeprefix("sha256:"): text for document_id, text in manifest.items()}


def _hash_of(request: GraphQLRequest) -> str:
    persisted = request.extensions["persistedQuery"]
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        raise BadRequest("The extension 'persistedQuery' must be an object with version 1.")
    value = persisted.get("sha256Hash")
    if not isinstance(value, str) or len(value) != 64:
        raise BadRequest("The extension 'persistedQuery' must carry a 'sha256Hash' of 64 hexadecimal digits.")
    return value.lower()
