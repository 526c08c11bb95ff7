"""The other end of the webhooks: hears them, checks every signature by the SDK, answers what the test says."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from aiohttp import web
from twilio.request_validator import RequestValidator

from callout.simulation.twilio.options import TOKEN

PATIENCE = 60.0
Answer = Callable[[Mapping[str, str]], str]


@dataclass(frozen=True, slots=True)
class Heard:
    path: str
    method: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    signed: bool
    """Whether the SDK accepts the signature for the address that the sender was given."""


class Ear:
    """`public`: the address under which it is known, where that is not its own."""

    def __init__(self, public: str = "") -> None:
        self.heard: list[Heard] = []
        self.answers: dict[str, Answer] = {}
        self.status = 200
        self._public = public
        self._news = asyncio.Condition()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._hear)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.inside = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.url = self._public or self.inside
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def at(self, path: str) -> list[Heard]:
        return [one for one in self.heard if one.path == path]

    async def wait(self, done: Callable[[], bool]) -> None:
        """Until `done`, looked at whenever something was heard."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(done)

    async def _hear(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        validator, signature = RequestValidator(TOKEN), request.headers.get("X-Twilio-Signature", "")
        signed = bool(validator.validate(f"{self.url}{request.raw_path}", form, signature))
        async with self._news:
            self.heard.append(Heard(request.path, request.method, dict(request.query), form, signed))
            self._news.notify_all()
        answer = self.answers.get(request.path)
        return web.Response(status=self.status, text=answer(form) if answer else "", content_type="text/xml")
