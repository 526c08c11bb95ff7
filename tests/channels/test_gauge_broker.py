"""Readings by MQTT from a real broker (Debian's mosquitto): kept together, hostile ones apart, a dead one told once."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest

from callout.domain.instant import MINUTE, later
from callout.domain.listening import GaugeBroker
from callout.pipeline.measure import Came, Taken
from callout.simulation.clock import VirtualClock
from callout.sources.gauge_broker import LONGEST_MESSAGE, GaugeListener
from callout.sources.http import Web
from callout.sources.readings import AT_MOST
from tests.channels.peers import free_port, program, running
from tests.sources.ear import START, Halfway

RUBBISH = (b"", b"{}", b"[", b"\xff\xfe", b"[" * 60_000, b"9" * (LONGEST_MESSAGE + 1), b'[{"gauge": "R1", "at": 1}]')
Broker = Callable[[], AbstractContextManager[object]]
Way = Callable[[str, bytes], Awaitable[None]]


class Book:
    """What was kept, as a store would: each reading once, those of strange gauges not at all."""

    def __init__(self) -> None:
        self.kept: list[Came] = []
        self.writes = self.failed = 0
        self.broken = False

    async def keep(self, came: Sequence[Came], origin: str) -> Taken:
        assert origin == "gauges:示例·自建站"
        if self.broken:
            self.failed += 1
            raise ConnectionAbortedError
        self.writes += 1
        good = [one for one in came if one.gauge.startswith("R")]
        new = [one for one in dict.fromkeys(good) if one not in self.kept]
        self.kept += new
        return Taken(len(new), len(good) - len(new), tuple(f"没有 {o.gauge}" for o in came if o not in good))


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def broker(tmp_path: Path, port: int) -> Broker:
    """Starts it, as often as the story wants, on the same port with the same memory."""
    mosquitto, config = program("mosquitto", "mosquitto", "/usr/sbin/mosquitto"), tmp_path / "mosquitto.conf"
    rights = tmp_path / "rights"
    rights.write_text("topic read gauges/#\ntopic write gauges/#\n")
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\nautosave_interval 1\nuser root\n"
        f"persistence_location {tmp_path}/\nacl_file {rights}\n"
    )
    return lambda: running([mosquitto, "-c", str(config)], tmp_path / "mosquitto.log", port)


class Line:
    """The listener under test, with its clock and its book."""

    def __init__(self, port: int, *topics: str, session: str = "") -> None:
        at = GaugeBroker("示例·自建站", "127.0.0.1", topics or ("gauges/#",), port, tls=False, session=session)
        self.clock, self.book = VirtualClock(START), Book()
        self.listener = GaugeListener(at, "", self.book.keep, self.clock, Halfway())

    @property
    def why(self) -> str:
        """What is told of a silence; empty before that."""
        hearing = self.listener.pulse.hearing()
        return hearing.why if hearing and hearing.silent else ""

    @property
    def gauges(self) -> list[str]:
        """Those that were kept since it is connected."""
        return [one.gauge for one in self.book.kept if one.gauge != "R0"]

    def wait(self) -> None:
        self.clock.advance(later(self.clock.now(), 30 * MINUTE))

    async def until(self, done: Callable[[], bool]) -> None:
        """Its beats, until the story is there; bounded by the test's own time."""
        web = Web()
        while not done():
            await self.listener.listen(web)
            await asyncio.sleep(0.01)

    async def connected(self, way: Way) -> None:
        """A reading comes through, so it has subscribed."""
        await self.hears(way, "R0")

    async def hears(self, way: Way, gauge: str) -> None:
        """Said again and again, until it is kept."""
        while gauge not in [one.gauge for one in self.book.kept]:
            await way("gauges/hello", reading(gauge))
            await self.listener.listen(Web())
            await asyncio.sleep(0.02)

    async def fails_to_keep(self, way: Way, gauge: str) -> None:
        """A reading comes, and the book cannot be written from now on."""
        self.book.broken = True
        await way("gauges/r1", reading(gauge))
        while not self.book.failed:
            await asyncio.sleep(0.01)


def reading(gauge: str, value: object = 1.5, at: str = "2026-08-02T23:10:00+08:00") -> bytes:
    return json.dumps({"gauge": gauge, "at": at, "value": value}).encode()


@asynccontextmanager
async def device(port: int) -> AsyncIterator[Way]:
    async with aiomqtt.Client("127.0.0.1", port) as client:

        async def publish(topic: str, body: bytes) -> None:
            await client.publish(topic, body, qos=1)

        yield publish


async def test_readings_come_each_once_and_what_is_none_harms_nobody(broker: Broker, port: int) -> None:
    line = Line(port)
    with broker():
        async with asyncio.timeout(60), line.listener.run(), device(port) as publish:
            await line.connected(publish)
            for body in RUBBISH:
                await publish("gauges/a", body)
            for body in (reading("R1"), reading("R1"), reading("X9"), b"[" + reading("R2") + b"]"):
                await publish("gauges/b/c", body)
            await line.until(lambda: len(line.gauges) == 2)
    assert line.gauges == ["R1", "R2"]
    heard = line.listener.pulse.hearing()
    assert heard is not None
    assert not heard.silent


async def test_a_broker_that_is_not_there_is_told_once_and_found_when_it_comes(broker: Broker, port: int) -> None:
    line = Line(port)
    async with asyncio.timeout(60), line.listener.run():
        line.wait()
        await line.until(lambda: line.why == "MQTT 连不上或断开了")
        silence = line.listener.pulse.hearing()
        assert silence is not None
        assert "测站来源“示例·自建站”" in silence.note
        line.listener.pulse.told(silence)
        assert line.listener.pulse.hearing() is None
        with broker():
            async with device(port) as publish:
                await line.connected(publish)
        again = line.listener.pulse.hearing()
        assert again is not None
        assert not again.silent


async def test_what_comes_while_we_are_away_waits_at_the_broker_under_our_name(broker: Broker, port: int) -> None:
    line = Line(port, session="callout-1")
    with broker():
        async with asyncio.timeout(60), device(port) as publish:
            async with line.listener.run():
                await line.connected(publish)
            await publish("gauges/r1", reading("R1"))
            async with line.listener.run():
                await line.until(lambda: line.gauges == ["R1"])


async def test_what_could_not_be_kept_is_tried_again(broker: Broker, port: int) -> None:
    line = Line(port)
    with broker():
        async with asyncio.timeout(60), line.listener.run(), device(port) as publish:
            await line.connected(publish)
            await line.fails_to_keep(publish, "R1")
            with pytest.raises(ConnectionAbortedError):
                await line.listener.listen(Web())
            line.book.broken = False
            await line.until(lambda: line.gauges == ["R1"])


async def test_a_crash_before_the_commit_loses_no_reading(broker: Broker, port: int) -> None:
    """The broker is thanked for a reading when it is on record; what was not comes again to the next process."""
    first, second = (Line(port, session="callout-1") for _ in range(2))
    with broker():
        async with asyncio.timeout(60), device(port) as publish:
            async with first.listener.run():
                await first.connected(publish)
                await first.fails_to_keep(publish, "R1")
            async with second.listener.run():
                await second.until(lambda: "R1" in second.gauges)
            async with (third := Line(port, session="callout-1")).listener.run():
                await third.connected(publish)
    assert second.gauges == ["R1"]
    assert third.gauges == [], "what was kept does not come again"


async def test_a_connection_that_breaks_between_coming_and_commit_loses_nothing(broker: Broker, port: int) -> None:
    line = Line(port, session="callout-1")
    async with asyncio.timeout(60), line.listener.run():
        with broker():
            async with device(port) as publish:
                await line.connected(publish)
                await line.fails_to_keep(publish, "R1")
        while not line.listener._failures:
            await asyncio.sleep(0.01)
        line.book.broken = False
        with broker():
            async with device(port) as publish:
                await line.until(lambda: "R1" in line.gauges)
                await line.hears(publish, "R2")
    assert line.gauges == ["R1", "R2"]


async def test_many_more_than_a_broker_sends_unthanked_come_all(broker: Broker, port: int) -> None:
    """mosquitto waits for thanks after twenty."""
    line, names = Line(port), [f"R{n}" for n in range(1, 301)]
    with broker():
        async with asyncio.timeout(60), line.listener.run(), device(port) as publish:
            await line.connected(publish)
            for name in names:
                await publish("gauges/a", reading(name))
            while len(line.gauges) < len(names):
                await asyncio.sleep(0.01)
    assert line.gauges == names


async def test_what_is_too_much_at_once_waits_until_there_is_room(port: int) -> None:
    line = Line(port)
    line.listener._waiting = [Came("R1", START, 1.0)] * AT_MOST
    coming = asyncio.create_task(line.listener._hear(reading("R2")))
    await asyncio.sleep(0)
    assert not coming.done()
    await line.listener.listen(Web())
    await coming
    await line.listener.listen(Web())
    assert line.gauges == ["R1", "R2"]


async def test_a_topic_that_we_may_not_read_is_silence(broker: Broker, port: int) -> None:
    """The broker grants the subscription and sends nothing."""
    line = Line(port, "secret/#")
    with broker():
        async with asyncio.timeout(60), line.listener.run(), device(port) as publish:
            await publish("gauges/r1", reading("R1"))
            await line.listener.listen(Web())
    line.wait()
    silence = line.listener.pulse.hearing()
    assert silence is not None
    assert silence.silent


async def test_a_wrong_password_says_so(tmp_path: Path, port: int) -> None:
    mosquitto, config = program("mosquitto", "mosquitto", "/usr/sbin/mosquitto"), tmp_path / "closed.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous false\n")
    line = Line(port)
    with running([mosquitto, "-c", str(config)], tmp_path / "closed.log", port):
        async with asyncio.timeout(60), line.listener.run():
            line.wait()
            await line.until(lambda: line.why == "MQTT 被拒绝，请检查用户、密码和主题的权限")
