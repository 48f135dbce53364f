"""Stripe's API as it was recorded: a local server that answers exchange by exchange, and checks every request in full."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from aiohttp import web

__all__ = ["RECORDED", "SECRET_KEY", "StripeReplay", "recorded_event", "replay"]

RECORDED = Path(__file__).parents[1] / "fixtures/stripe"
SECRET_KEY = "sk_test_51Recorded"


class StripeReplay:
    """The server: `url` is what the SDK is given as its base, `wrong` says which requests differed from what was recorded."""

    def __init__(self, exchanges: list[dict[str, Any]]) -> None:
        self.url, self.wrong = "", list[str]()
        self._left = list(exchanges)

    @property
    def left(self) -> int:
        """How many exchanges were not asked for yet."""
        return len(self._left)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        asked = await _shape(request)
        exchange = self._left.pop(0) if self._left else {"request": None, "response": {"status": 500, "body": {}}}
        if asked != exchange["request"]:
            self.wrong.append(f"asked {asked}, recorded is {exchange['request']}")
            return web.json_response({"error": {"type": "api_error", "message": "not as recorded"}}, status=500)
        response = exchange["response"]
        if "lost" in response:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if "silent" in response:
            await asyncio.Event().wait()
        if "torn" in response:
            return await _torn(request, json.dumps(response["body"]).encode())
        return web.json_response(response["body"], status=response["status"], headers={"request-id": "req_1"})


@contextlib.asynccontextmanager
async def replay(name: str) -> AsyncIterator[StripeReplay]:
    """Serve the recorded exchanges; at the end all must have been asked for, as they were recorded."""
    stripe = StripeReplay(json.loads((RECORDED / f"{name}.json").read_text()))
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", stripe.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        stripe.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield stripe
    finally:
        await runner.cleanup()
    assert stripe.wrong == []
    assert stripe.left == 0


def recorded_event(name: str) -> str:
    """Return the body of a recorded event."""
    return (RECORDED / "events" / f"{name}.json").read_text()


async def _shape(request: web.Request) -> dict[str, Any]:
    """Return all that a request asks, in the form that exchanges have."""
    assert request.headers["authorization"] == f"Bearer {SECRET_KEY}"
    shape: dict[str, Any] = {"method": request.method, "path": request.path}
    if request.query:
        shape["query"] = dict(request.query)
    if request.method == "POST":
        shape["form"] = dict(await request.post())
    if "idempotency-key" in request.headers:
        shape["idempotencyKey"] = request.headers["idempotency-key"]
    return shape


async def _torn(request: web.Request, body: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-type": "application/json", "content-length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    assert request.transport is not None
    request.transport.abort()
    return response
