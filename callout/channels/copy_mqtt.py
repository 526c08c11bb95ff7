"""Copies to loudspeakers by MQTT 5: never retained, gone when the warning is over, acknowledged by each device."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiomqtt
from aiomqtt import Client, MqttError, ProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from callout.domain.here import host_is_here
from callout.domain.instant import SECOND, beijing
from callout.ports import Outcome, Refusal, Submission
from callout.ports.copies import CopySetup, CopyWay, Leaflet
from callout.ports.ending import ended

_LOG = logging.getLogger("callout.channels.mqtt")
_PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)
_LONGEST = 1000
"""Characters of a device's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The broker, and the topics: the leaflet goes to `topic`, devices answer on `topic`/ack."""

    host: str
    topic: str
    port: int = 8883
    user: str = ""
    password_env: str = ""
    tls: bool = True
    longest_pause_seconds: float = 30.0

    def __post_init__(self) -> None:
        """Refuse what could never work."""
        if not self.topic or any(mark in self.topic for mark in "#+ "):
            raise ValueError("topic 不能为空，也不能含 #、+ 和空格。")
        if not self.tls and not host_is_here(self.host):
            raise ValueError("tls 只有对本机才能关掉。")

    @property
    def real(self) -> bool:
        """Whether the broker is another machine than this one."""
        return not host_is_here(self.host)


def way(setup: CopySetup) -> CopyWay:
    """The way; it connects when it runs."""
    return _Mqtt(setup)


class _Mqtt:
    def __init__(self, setup: CopySetup) -> None:
        self._name = setup.name
        self._config: Config = setup.config
        self._password = setup.secrets.get("password", "")
        self._acknowledged = setup.acknowledged
        self._client: Client | None = None

    async def submit(self, leaflet: Leaflet) -> Submission:
        """Publish, and wait until the broker has it (QoS 1)."""
        if self._client is None:
            return Submission(Outcome.REFUSED, reason="MQTT 未连接", kind=Refusal.DOWN)
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.MessageExpiryInterval = max(1, (leaflet.expires_at - leaflet.at) // SECOND)
        told = {
            "id": leaflet.id,
            "title": leaflet.title,
            "text": leaflet.text,
            "kind": "lifting" if leaflet.lifting else "warning",
            "level": leaflet.level,
            "expires": beijing(leaflet.expires_at, "%Y-%m-%dT%H:%M:%S+08:00"),
        }
        body = json.dumps(told, ensure_ascii=False).encode()
        try:
            await self._client.publish(self._config.topic, body, qos=1, retain=False, properties=properties)
        except MqttError as error:
            return Submission(Outcome.UNKNOWN, reason=type(error).__name__)
        return Submission(Outcome.ACCEPTED, ref=leaflet.id)

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Connected, as far as the network lets it, while the context is open."""
        staying = asyncio.create_task(self._stay_connected())
        try:
            yield
        finally:
            self._client = None
            await ended([staying])

    async def _stay_connected(self) -> None:
        failures = 0
        while True:
            try:
                await self._connected()
            except MqttError as error:
                failures = 0 if self._client else failures
                _LOG.warning("%s：MQTT 连接断开（%s），稍后重连", self._name, error)
            self._client = None
            pause = _PAUSES[min(failures, len(_PAUSES) - 1)]
            failures += 1
            await asyncio.sleep(min(pause, self._config.longest_pause_seconds))

    async def _connected(self) -> None:
        async with self._connection() as client:
            await client.subscribe(f"{self._config.topic}/ack", qos=1)
            self._client = client
            async for message in client.messages:
                await self._heard(bytes(message.payload) if isinstance(message.payload, bytes) else b"")

    def _connection(self) -> Client:
        config = self._config
        return Client(
            config.host,
            config.port,
            username=config.user or None,
            password=self._password or None,
            protocol=ProtocolVersion.V5,
            tls_params=aiomqtt.TLSParameters() if config.tls else None,
        )

    async def _heard(self, body: bytes) -> None:
        try:
            told = json.loads(body)
            leaflet, device = str(told["id"]), str(told.get("device", ""))
        except (ValueError, TypeError, KeyError):
            return
        if len(leaflet) + len(device) > _LONGEST:
            return
        try:
            await self._acknowledged(leaflet, device)
        except Exception:
            _LOG.exception("%s：设备的回执没有存下", self._name)
