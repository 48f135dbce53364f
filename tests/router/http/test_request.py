"""Reading GraphQL request parameters (GraphQL over HTTP, "Request")."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from router.errors import BadRequest, BatchingNotAllowed, BatchTooLarge
from router.http.request import GraphQLRequest, request_from_query_string, requests_from_body


def test_post_body_carries_all_parameters() -> None:
    body = b'{"query":"{a}","operationName":"A","variables":{"x":1},"extensions":{"y":2}}'
    assert requests_from_body(body, 1) == ([GraphQLRequest("{a}", "A", {"x": 1}, {"y": 2})], False)


def test_null_and_missing_optional_parameters_are_the_same() -> None:
    body = b'{"query":"{a}","operationName":null,"variables":null,"extensions":null}'
    assert requests_from_body(body, 1) == ([GraphQLRequest("{a}", None, {}, {})], False)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"NONSENSE",
        b'{"query":',
        b"7",
        b"{}",
        b'{"qeury":"{a}"}',
        b'{"query":7}',
        b'{"query":"{a}","variables":[7]}',
        b'{"query":"{a}","operationName":7}',
        b'{"query":"{a}","extensions":"x"}',
        b'{"documentId":7}',
        b'{"query":""}',
    ],
)
def test_malformed_body_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        requests_from_body(body, 1)


def test_persisted_query_needs_no_document() -> None:
    requests, _ = requests_from_body(b'{"extensions":{"persistedQuery":{"version":1}}}', 1)
    assert requests[0].query is None


def test_batches_are_off_unless_allowed() -> None:
    with pytest.raises(BatchingNotAllowed):
        requests_from_body(b'[{"query":"{a}"}]', 1)


def test_batch_is_bounded_and_not_empty() -> None:
    two = b'[{"query":"{a}"},{"query":"{b}"}]'
    requests, batched = requests_from_body(two, 2)
    assert batched
    assert [request.query for request in requests] == ["{a}", "{b}"]
    with pytest.raises(BatchTooLarge):
        requests_from_body(b'[{"query":"{a}"},{"query":"{b}"},{"query":"{c}"}]', 2)
    with pytest.raises(BadRequest):
        requests_from_body(b"[]", 2)


def test_query_string_carries_json_parameters() -> None:
    text = urlencode({"query": "query($i:Int){a(i:$i)}", "variables": '{"i":1}', "operationName": "", "extensions": ""})
    assert request_from_query_string(text.encode()) == GraphQLRequest("query($i:Int){a(i:$i)}", None, {"i": 1}, {})


@pytest.mark.parametrize("text", ["", "query={a}&query={b}", "query={a}&variables={", "query={a}&variables=[1]", "query=%FF"])
def test_malformed_query_string_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        request_from_query_string(text.encode())


def test_a_parameter_given_twice_is_named() -> None:
    with pytest.raises(BadRequest, match="'query' is given more than once"):
        request_from_query_string(b"variables={}&query={a}&query={b}")
