"""A broker whose topics carry readings of gauges: MQTT 3.1.1, which every broker speaks."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiomqtt
from aiomqtt import MqttCodeError, MqttError

from callout.domain.errors import Refusal
from callout.domain.instant import SECOND
from callout.domain.listening import GaugeBroker, asked_again
from callout.pipeline.measure import Came
from callout.ports import Clock, Random
from callout.ports.ending import ended
from callout.sources.gauge_lines import Keep, Keeping
from callout.sources.http import Web
from callout.sources.pulse import Pulse
from callout.sources.readings import AT_MOST, read_any

LONGEST_MESSAGE = 64 * 1024
"""Bytes."""
TOGETHER = 0.05
"""Seconds for more to come before all is kept in one write, which looks at all thresholds."""
_TURNED_AWAY = frozenset({4, 5, 128, 134, 135})
"""Bad user or password, not authorized, subscription refused."""
_LOG = logging.getLogger("callout.sources.gauges")


class GaugeListener:
    """Listens all the time. What has come is kept at once, all of it together, and the broker is thanked for it only
    when it is on record: what a crash catches in between comes again."""

    def __init__(self, endpoint: GaugeBroker, password: str, keep: Keep, clock: Clock, random: Random) -> None:
        self.endpoint = endpoint
        self.pulse = Pulse(endpoint, clock, random)
        self._keeping = Keeping(endpoint.name, keep)
        self._password, self._clock, self._random = password, clock, random
        self._waiting: list[Came] = []
        self._owed: list[tuple[aiomqtt.Client, int]] = []
        """Messages to thank for when what waits is on record, by their ids."""
        self._come, self._room, self._saving = asyncio.Event(), asyncio.Event(), asyncio.Lock()
        self._why = ""
        """What went wrong since `listen` last looked."""
        self._failures = 0

    async def listen(self, web: Web) -> None:  # noqa: ARG002 - the broker's connection is its own
        """Keep what could not be kept when it came. Raises nothing for what the broker does."""
        await self._save()
        why, self._why = self._why, ""
        if why:
            self.pulse.bad(why)

    async def _save(self) -> None:
        async with self._saving:
            came, owed = self._waiting[:], self._owed[:]
            if came:
                self._why = await self._keeping.all(came)
                if not self._why:
                    self.pulse.good()
            del self._waiting[: len(came)], self._owed[: len(owed)]
            for client, message in owed:
                paho = client._client  # aiomqtt shows no other way to it
                if paho.is_connected():
                    paho.ack(message, 1)
            self._room.set()

    async def _save_on(self) -> None:
        while await self._come.wait():
            await asyncio.sleep(TOGETHER)
            self._come.clear()
            with suppress(Exception):  # `listen` tries again, and tells
                await self._save()

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Connected, as far as the network lets it, while the context is open."""
        tasks = [asyncio.create_task(self._stay_connected()), asyncio.create_task(self._save_on())]
        try:
            yield
        finally:
            await ended(tasks)

    async def _stay_connected(self) -> None:
        while True:
            try:
                await self._connected()
            except MqttError as error:
                self._failures += 1
                self._why = _reason(error)
                if self._failures & (self._failures - 1) == 0:
                    _LOG.warning("%s：%s，第 %d 次，稍后重连", self.endpoint.name, self._why, self._failures)
            now = self._clock.now()
            again = asked_again(now, SECOND, max(1, self._failures), self._random.fraction())
            await asyncio.sleep((again - now) / SECOND)

    async def _connected(self) -> None:
        async with self._client() as client:
            for topic in self.endpoint.topics:
                granted = await client.subscribe(topic, qos=1)
                refused = [code for code in map(_code, granted) if code in _TURNED_AWAY]
                if refused:
                    raise MqttCodeError(refused[0], topic)
            self._failures = 0
            async for message in client.messages:
                await self._hear(message.payload if isinstance(message.payload, bytes) else b"")
                self._owed += [(client, message.mid)] if message.qos else []
                self._come.set()

    def _client(self) -> aiomqtt.Client:
        at = self.endpoint
        client = aiomqtt.Client(
            at.host,
            at.port,
            username=at.user or None,
            password=self._password or None,
            identifier=at.session or None,
            clean_session=not at.session,
            max_queued_incoming_messages=AT_MOST,
            tls_params=aiomqtt.TLSParameters() if at.tls else None,
        )
        client._client.manual_ack_set(on=True)
        return client

    async def _hear(self, body: bytes) -> None:
        """One message; what cannot be read harms no other."""
        try:
            if len(body) > LONGEST_MESSAGE:
                raise Refusal(f"一条消息超过 {LONGEST_MESSAGE // 1024} KiB。")
            came = read_any(body)
        except Refusal as refusal:
            self._why = str(refusal).rstrip("。")
            return
        while self._waiting and len(self._waiting) + len(came) > AT_MOST:
            self._room.clear()
            await self._room.wait()
        self._waiting += came


def _reason(error: MqttError) -> str:
    """Without anything that the broker said."""
    code = _code(error.rc) if isinstance(error, MqttCodeError) else 0
    return "MQTT 被拒绝，请检查用户、密码和主题的权限" if code in _TURNED_AWAY else "MQTT 连不上或断开了"


def _code(given: object) -> int:
    """A reason code, whether as a number or as MQTT 5 says it."""
    value = getattr(given, "value", given)
    return value if isinstance(value, int) else 0
