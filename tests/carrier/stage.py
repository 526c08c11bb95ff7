"""One carrier, one SDK client, one ear: what most stories need."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from callout.simulation.people import Temperament
from callout.simulation.twilio.options import Options
from callout.simulation.twilio.server import CarrierServer
from tests.carrier import sdk
from tests.carrier.ear import Ear
from tests.simulation.phones import DAY, TEXT, number

SENDER = "+99900000000001"
PROMPT, SLEEPER, OFF, SILENT, DEAD, NONSENSE, REFUSER, BUSY, HASTY = (number(n) for n in range(1, 10))
CAST = {
    PROMPT: Temperament.PROMPT,
    SLEEPER: Temperament.SLEEPER,
    OFF: Temperament.NIGHT_OFF,
    SILENT: Temperament.SILENT,
    DEAD: Temperament.DEAD,
    NONSENSE: Temperament.NONSENSE,
    REFUSER: Temperament.REFUSER,
    BUSY: Temperament.BUSY,
    HASTY: Temperament.HASTY,
}
SPEED = 400.0


@dataclass(slots=True)
class Stage:
    carrier: CarrierServer
    client: Any
    ear: Ear

    async def text(self, to: str, body: str = TEXT, **more: Any) -> Any:
        """Messages.create, told back under /status."""
        told = {"status_callback": f"{self.ear.url}/status?attempt=500156.abc", **more}
        sender = {} if "messaging_service_sid" in more else {"from_": SENDER}
        return await self.client.messages.create_async(to=to, body=body, **sender, **told)

    async def call(self, to: str, **more: Any) -> Any:
        """Calls.create, every event told back under /call, the words asked for under /voice."""
        events = ["initiated", "ringing", "answered", "completed"]
        told = {"status_callback": f"{self.ear.url}/call", "status_callback_event": events}
        words = {} if "twiml" in more else {"url": f"{self.ear.url}/voice?attempt=500156.abc"}
        return await self.client.calls.create_async(to=to, from_=SENDER, **{**told, **words, **more})

    def told(self, sid: str) -> list[str]:
        """The statuses of a message or call in the order in which they were heard."""
        names = (("MessageSid", "MessageStatus"), ("CallSid", "CallStatus"))
        return [
            one.form[status]
            for one in self.ear.heard
            for name, status in names
            if one.path in ("/status", "/call") and one.form.get(name) == sid
        ]

    async def until(self, sid: str, status: str) -> None:
        await self.ear.wait(lambda: status in self.told(sid))

    @property
    def counts(self) -> Mapping[str, int]:
        return self.carrier.network.tally.counts


@asynccontextmanager
async def staged(public: str = "", **more: Any) -> AsyncIterator[Stage]:
    async with Ear(public) as ear:
        reach = {public: ear.inside} if public else {}
        options = Options(speed=SPEED, start=DAY, cast=CAST, inbound=f"{ear.url}/sms", reach=reach)
        async with CarrierServer(replace(options, **more)) as carrier, sdk.client(carrier.url) as client:
            yield Stage(carrier, client, ear)


def play(story: Callable[[Stage], Coroutine[Any, Any, None]], public: str = "", **more: Any) -> None:
    """Run one story on a fresh stage; every webhook of it must have been signed."""

    async def run() -> None:
        async with asyncio.timeout(60), staged(public, **more) as stage:
            await story(stage)
            assert all(one.signed for one in stage.ear.heard)

    asyncio.run(run())
