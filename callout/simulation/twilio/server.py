"""The HTTP face: Twilio's REST under its own paths, and a few addresses of ours under /simulated.

aiohttp.web and not FastAPI: a carrier must be able to cut a connection and to never answer, which ASGI hides; the
webhooks need aiohttp's client in the same loop anyway; and nothing here may be checked before Twilio's own errors are.
"""

import asyncio
import socket
import struct
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Self

from aiohttp import hdrs, web

from callout.domain.errors import CalloutError
from callout.simulation.twilio.calls import Calls
from callout.simulation.twilio.errors import RefusedError
from callout.simulation.twilio.network import Network
from callout.simulation.twilio.options import Fault, HookFault, Options
from callout.simulation.twilio.page import page
from callout.simulation.twilio.records import VERSION
from callout.simulation.twilio.request import Form, call_order, is_loopback, one, text_order
from callout.simulation.twilio.texts import Texts
from callout.simulation.twilio.trouble import Bucket

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

BACKLOG = 1024
_ACCOUNT = f"/{VERSION}/Accounts/{{account}}"
_FOREVER = 24 * 3600.0
_CODES = {Fault.THROTTLED: 20429, Fault.UNAVAILABLE: 20503, Fault.BROKEN: 20500}


class CarrierServer:
    """A running carrier: `async with CarrierServer(options) as carrier`, then `carrier.url`."""

    def __init__(self, options: Options, port: int = 0, host: str = "127.0.0.1") -> None:
        """Port 0 takes a free one. Raises CalloutError for a host that is not this machine alone."""
        if not is_loopback(f"http://{host}"):
            raise CalloutError(f"模拟运营商只能在本机回环地址上提供服务，不能用 {host}；请用 127.0.0.1")
        self._host, self._port = host, port
        self._options = options
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        self.network = Network(self._options)
        self.texts, self.calls = Texts(self.network), Calls(self.network)
        self._bucket = Bucket(self._options.limits.requests)
        self._runner = web.AppRunner(self._app(), access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port, backlog=BACKLOG).start()
        except OSError:
            await self._runner.cleanup()
            raise CalloutError(f"端口 {self._port} 已被占用或不能使用，请换一个（--port）") from None
        self.url = f"http://{self._host}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner:
            await self._runner.cleanup()
        await self.network.hooks.close()

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[self._guard], client_max_size=64 * 1024)
        app.add_routes(
            [
                web.get(f"{_ACCOUNT}.json", self._account),
                web.post(f"{_ACCOUNT}/Messages.json", self._create_text),
                web.get(f"{_ACCOUNT}/Messages.json", self._list_texts),
                web.get(f"{_ACCOUNT}/Messages/{{sid}}.json", self._text),
                web.post(f"{_ACCOUNT}/Calls.json", self._create_call),
                web.get(f"{_ACCOUNT}/Calls.json", self._list_calls),
                web.get(f"{_ACCOUNT}/Calls/{{sid}}.json", self._call),
                web.post(f"{_ACCOUNT}/Calls/{{sid}}.json", self._update_call),
                web.get("/", self._page),
                web.get("/simulated/status", self._status),
                web.get("/simulated/phones", self._phones),
                web.post("/simulated/say", self._say),
                web.put("/simulated/troubles", self._troubles),
            ]
        )
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Everything that comes before the resource itself: outage, rate, credentials; and Twilio's error bodies."""
        if not request.path.startswith(f"/{VERSION}/"):
            return await handler(request)
        try:
            fault = self.network.trouble.outage()
            if fault is not None:
                return await self._fail(request, fault)
            if not self._bucket.take():
                raise RefusedError(20429)
            self._authenticate(request)
            return await self._answer(request, handler)
        except RefusedError as error:
            self.network.tally.count("refused", error.code)
            return web.json_response(error.body, status=error.status)

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except web.HTTPNotFound:
            raise RefusedError(20404, request.path) from None
        except web.HTTPMethodNotAllowed:
            raise RefusedError(20004) from None
        if self._options.latency:
            await asyncio.sleep(self._options.latency / 1000)
        return response

    def _authenticate(self, request: web.Request) -> None:
        wanted = b64encode(f"{self._options.account}:{self._options.token}".encode()).decode()
        if request.headers.get(hdrs.AUTHORIZATION, "") != f"Basic {wanted}":
            raise RefusedError(20003)
        if request.match_info.get("account", self._options.account) != self._options.account:
            raise RefusedError(20404, request.path)

    async def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        """End a request in a fault."""
        self.network.tally.count("request fault", fault.value)
        if fault in _CODES:
            raise RefusedError(_CODES[fault])
        if fault in (Fault.HANG, Fault.HANG_TAKEN):
            await asyncio.sleep(_FOREVER)
        elif request.transport is not None:
            plug = request.transport.get_extra_info("socket")
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.transport.abort()
        return web.Response()

    async def _create_text(self, request: web.Request) -> web.StreamResponse:
        form = await _form(request)
        return await self._create(request, form, lambda: self.texts.create(text_order(form, self._options)))

    async def _create_call(self, request: web.Request) -> web.StreamResponse:
        form = await _form(request)
        return await self._create(request, form, lambda: self.calls.create(call_order(form, self._options)))

    async def _create(self, request: web.Request, form: Form, take: Callable[[], Any]) -> web.StreamResponse:
        fault = self.network.trouble.request(one(form, "To"))
        if fault is not None and not fault.taken:
            return await self._fail(request, fault)
        taken = take()
        if fault is not None:
            return await self._fail(request, fault)
        return web.json_response(taken.shown(self._options.account), status=HTTPStatus.CREATED)

    async def _text(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self.texts.ledger.get(request.match_info["sid"]).shown(self._options.account))

    async def _call(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self.calls.ledger.get(request.match_info["sid"]).shown(self._options.account))

    async def _update_call(self, request: web.Request) -> web.StreamResponse:
        status = one(await _form(request), "Status")
        call = self.calls.hang_up(request.match_info["sid"], status)
        return web.json_response(call.shown(self._options.account))

    async def _list_texts(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self.texts.ledger.page(dict(request.query)))

    async def _list_calls(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self.calls.ledger.page(dict(request.query)))

    async def _account(self, _: web.Request) -> web.StreamResponse:
        account = self._options.account
        about = {"sid": account, "friendly_name": "simulated", "status": "active", "type": "Trial"}
        return web.json_response({**about, "uri": f"/{VERSION}/Accounts/{account}.json"})

    async def _page(self, _: web.Request) -> web.StreamResponse:
        return web.Response(text=page(self.network), content_type="text/html")

    async def _status(self, _: web.Request) -> web.StreamResponse:
        return web.json_response(dict(sorted(self.network.tally.counts.items())))

    async def _phones(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self.network.tally.journal(request.query.get("to", "")))

    async def _say(self, request: web.Request) -> web.StreamResponse:
        """A person sends a text: {"from", "to", "body"}."""
        said = await request.json()
        text = self.texts.say(str(said["from"]), str(said["body"]), str(said["to"]))
        return web.json_response(text.shown(self._options.account), status=HTTPStatus.CREATED)

    async def _troubles(self, request: web.Request) -> web.StreamResponse:
        """Other troubles from now on; what is not named stays. requests, hooks: shares by fault; outage: or null."""
        asked, now = await request.json(), self.network.trouble.now
        if "requests" in asked:
            now = replace(now, requests={Fault(name): float(share) for name, share in asked["requests"].items()})
        if "hooks" in asked:
            now = replace(now, hooks={HookFault(name): float(share) for name, share in asked["hooks"].items()})
        if "outage" in asked:
            now = replace(now, outage=Fault(asked["outage"]) if asked["outage"] else None)
        self.network.trouble.now = now
        return web.json_response({"requests": now.requests, "hooks": now.hooks, "outage": now.outage})


async def _form(request: web.Request) -> Form:
    given = await request.post()
    return {name: [str(value) for value in given.getall(name)] for name in given}
