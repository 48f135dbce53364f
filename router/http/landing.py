"""A page for a developer who opens the endpoint in a browser: how to call it, without loading anything from elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from html import escape
from typing import Any

from router.http.response import send_response

__all__ = ["send_landing"]

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

POLICY = b"default-src 'none'; style-src 'unsafe-inline'"


async def send_landing(send: Send, url: str) -> None:
    """Send the page; `url` is the endpoint's."""
    await send_response(
        send,
        200,
        b"text/html; charset=utf-8",
        PAGE.format(url=escape(url)).encode(),
        [(b"content-security-policy", POLICY), (b"cache-control", b"no-store")],
    )


PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Federation router</title>
<style>body {{ font: 16px/1.5 system-ui; max-width: 46rem; margin: 4rem auto }} pre {{ background: #eee; padding: 1rem;
white-space: pre-wrap }}</style>
<h1>Federation router</h1>
<p>This endpoint speaks <a href="https://graphql.github.io/graphql-over-http/">GraphQL over HTTP</a>,
graphql-transport-ws, server-sent events and multipart subscriptions.</p>
<pre>curl {url} -H 'content-type: application/json' -H 'authorization: Bearer TOKEN' \\
  -d '{{"query": "{{ __typename }}"}}'</pre>
<p>With <code>x-query-plan: 1</code> the answer carries its query plan in <code>extensions.queryPlan</code>.</p>
</html>
"""
