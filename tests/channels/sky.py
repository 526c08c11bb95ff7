"""Simulated clouds on loopback. Requests are read with the models of the official SDKs, so a parameter that those do
not know fails; answers and pushes are the samples of the providers' documentation."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.channels.peers import free_port

Answer = Callable[[str, dict[str, Any]], tuple[int, dict[str, Any]]]
"""Status and body for an action with its parameters."""
_COMMON = frozenset({"Action", "Format", "Version", "SignatureMethod", "AccessKeyId", "Timestamp", "Signature"})


class Sky:
    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.url = ""

    async def aliyun(self, request: web.Request) -> web.Response:
        assert "AK-demo" in request.headers["Authorization"]
        assert request.headers["x-acs-version"] == "2017-05-25"
        told = {**request.query, **await request.post()}
        return self._told(request.headers["x-acs-action"], {k: v for k, v in told.items() if k not in _COMMON})

    async def tencent(self, request: web.Request) -> web.Response:
        assert "SK-demo" in request.headers["Authorization"]
        return self._told(request.headers["X-TC-Action"], await request.json())

    def _told(self, action: str, params: dict[str, Any]) -> web.Response:
        self.asked.append((action, params))
        status, body = self.answer(action, params)
        # The official SDKs look for errors only under exactly this content type.
        return web.Response(body=json.dumps(body).encode(), status=status, headers={"Content-Type": "application/json"})


@asynccontextmanager
async def over(kind: str, answer: Answer) -> AsyncIterator[Sky]:
    sky, port = Sky(answer), free_port()
    app = web.Application()
    app.router.add_route("*", "/", getattr(sky, kind))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    sky.url = f"http://127.0.0.1:{port}"
    try:
        yield sky
    finally:
        await runner.cleanup()
