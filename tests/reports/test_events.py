"""Events for other platforms: in order, signed, at least once, from where it stopped, and with nobody's name."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import Connection

from callout.channels import copy_email
from callout.domain.errors import CalloutError, RuleError
from callout.domain.instant import HOUR, SECOND, Instant, later
from callout.reports.events import BEGINNING, Wanted, cursor_of, cursor_text, events
from callout.rulebook.outlets import OutletEntry, read_outlets
from callout.store import schema
from callout.store.transaction import Event, Ledger
from callout.web.outlets import SIGNATURE, TIMESTAMP, Outlet, outlets, signature
from tests.reports.world import COUNTY, T0, World

SECRET = "示例密钥"


@dataclass
class Hands:
    """A clock that the story moves."""

    at: Instant = T0

    def now(self) -> Instant:
        return self.at


@dataclass
class Platform:
    """A city platform: checks the signature, and answers what the story says."""

    answers: list[int] = field(default_factory=list)
    got: list[dict[str, object]] = field(default_factory=list)
    tries: int = 0

    async def take(self, request: web.Request) -> web.Response:
        self.tries += 1
        body = await request.read()
        assert request.headers[SIGNATURE] == signature(SECRET, request.headers[TIMESTAMP], body)
        status = self.answers.pop(0) if self.answers else 200
        if status < 300:
            self.got += json.loads(body)["events"]
        return web.Response(status=status, headers={"Location": "/elsewhere"} if 300 <= status < 400 else {})

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_post("/in", self.take)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/in"
        finally:
            await runner.cleanup()


def note(world: World, *details: str, event: str = "callout.noted") -> None:
    def write(db: Connection) -> None:
        for detail in details:
            Ledger(db, T0).note(Event(event, "示例值班员"), 1, COUNTY, detail, 3)

    world.run(write)


def outlet(world: World, url: str, home: Path, clock: Hands) -> Outlet:
    return Outlet(
        OutletEntry("city", url, "KEY", home / "cursor", frozenset(), frozenset()), SECRET, world.database, clock
    )


def numbers(platform: Platform) -> list[object]:
    return [event["cursor"] for event in platform.got]


def test_events_come_in_order_and_go_on_from_a_cursor(either: World) -> None:
    either.alert()
    either.put(schema.county, county=COUNTY, name="示例区", roster="v1")
    note(either, "a", "b", "c")
    every = either.database.read(lambda db: events(db, BEGINNING))
    assert len(every.events) >= 3
    places = [cursor_of(str(event["cursor"])) for event in every.events]
    assert places == sorted(places)
    rest = either.database.read(lambda db: events(db, places[-2]))
    assert [event["cursor"] for event in rest.events] == [cursor_text(places[-1])]
    last = rest.events[0]
    assert (last["event"], last["county"]) == ("callout.noted", COUNTY)
    assert (last["alert"]["identifier"], last["post"]["title"]) == ("示例-1", "示例3村书记")
    two = either.database.read(lambda db: events(db, places[0], limit=2))
    assert (len(two.events), two.more) == (2, True)


def test_an_event_names_nobody(either: World) -> None:
    either.alert()
    note(either, "示例人3 的号码是 +999000000003")
    told = json.dumps(either.database.read(lambda db: events(db, BEGINNING)).events, ensure_ascii=False)
    assert "callout.noted" in told
    for secret in ("示例人", "+999", "示例值班员"):
        assert secret not in told


def test_only_what_was_asked_for_comes_and_the_cursor_passes_the_rest(world: World) -> None:
    note(world, "a")
    note(world, "b", event="human_call.opened")
    note(world, "c")
    found = world.database.read(lambda db: events(db, BEGINNING, Wanted({"human_call"}, {COUNTY})))
    assert [event["event"] for event in found.events] == ["human_call.opened"]
    again = world.database.read(lambda db: events(db, found.cursor))
    assert again.events == ()


@pytest.mark.parametrize("text", ["x", "1", "1-", "-1-2", "1-2-3", "1-2; DROP"])
def test_a_place_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(CalloutError, match="不是事件的位置"):
        cursor_of(text)


def test_what_a_platform_does_not_take_comes_again_later_and_nothing_overtakes_it(world: World, tmp_path: Path) -> None:
    clock, platform = Hands(), Platform(answers=[503, 302, 200])
    note(world, "a")

    async def story() -> None:
        async with platform.open() as url:
            one = outlet(world, url, tmp_path, clock)
            assert await one.run_once() == 0
            note(world, "b")
            assert (await one.run_once(), platform.tries) == (0, 1), "it rests first"
            clock.at = later(clock.at, SECOND)
            assert (await one.run_once(), platform.tries) == (0, 2), "a redirection is no thanks"
            clock.at = later(clock.at, SECOND)
            assert platform.tries == 2
            clock.at = later(clock.at, SECOND)
            assert await one.run_once() > 0
            assert await one.run_once() == 0

    asyncio.run(story())
    assert numbers(platform) == sorted(numbers(platform), key=lambda text: cursor_of(str(text)))
    assert len(set(numbers(platform))) == len(platform.got)
    assert platform.tries == 3


def test_after_a_restart_it_goes_on_where_it_stopped(world: World, tmp_path: Path) -> None:
    clock, platform = Hands(), Platform()
    note(world, "a")

    async def story() -> None:
        async with platform.open() as url:
            await outlet(world, url, tmp_path, clock).run_once()
            before = len(platform.got)
            note(world, "b")
            await outlet(world, url, tmp_path, clock).run_once()
            assert len(platform.got) == before + 1

    asyncio.run(story())
    assert cursor_of((tmp_path / "cursor").read_text().strip()) == cursor_of(str(platform.got[-1]["cursor"]))


def test_a_crash_before_the_place_was_kept_brings_the_events_again(world: World, tmp_path: Path) -> None:
    clock, platform = Hands(), Platform()
    note(world, "a")

    async def story() -> None:
        async with platform.open() as url:
            await outlet(world, url, tmp_path, clock).run_once()
            (tmp_path / "cursor").unlink()
            await outlet(world, url, tmp_path, clock).run_once()

    asyncio.run(story())
    half = len(platform.got) // 2
    assert platform.got[:half] == platform.got[half:]


def test_a_platform_that_is_not_there_is_no_error(world: World, tmp_path: Path) -> None:
    note(world, "a")
    assert asyncio.run(outlet(world, "http://127.0.0.1:9/in", tmp_path, Hands()).run_once()) == 0
    assert not (tmp_path / "cursor").exists()


def email() -> type:
    return copy_email.Config


def entry(tmp_path: Path, url: str) -> OutletEntry:
    return OutletEntry("city", url, "CITY_KEY", tmp_path / "c", frozenset(), frozenset())


@pytest.mark.parametrize(
    ("url", "live", "key", "sentence"),
    [("https://city.example/in", False, "k", "没有 CALLOUT_LIVE=1"),
     ("http://city.example/in", True, "k", "必须是 https"),
     ("http://127.0.0.1/in", False, "", "CITY_KEY")],
)  # fmt: skip
def test_nothing_leaves_that_may_not(world: World, url: str, live: bool, key: str, sentence: str) -> None:
    with pytest.raises(CalloutError, match=sentence):
        outlets([entry(Path("nowhere"), url)], {"CITY_KEY": key} if key else {}, world.database, Hands(), live=live)


def test_the_file_is_read_and_mistakes_have_a_line(tmp_path: Path) -> None:
    file = tmp_path / "outlets.yaml"
    good = (
        "outlets:\n  - {name: city, url: 'https://city.example/in', secret_env: CITY_KEY, cursor: data/city.cursor}\n"
    )
    file.write_text(good, encoding="utf-8")
    assert [one.name for one in read_outlets(file, email).outlets] == ["city"]
    file.write_text(good.replace("secret_env", "secrets_env"), encoding="utf-8")
    with pytest.raises(RuleError, match=r"outlets\.yaml"):
        read_outlets(file, email)
    file.write_text(good + good.partition("\n")[2], encoding="utf-8")
    with pytest.raises(RuleError, match="写了两次"):
        read_outlets(file, email)
    mail = (
        "checkpoint_mail:\n  every_hours: 12\n  settings: {host: 127.0.0.1, sender: a@b.example, to: [c@d.example]}\n"
    )
    file.write_text(mail, encoding="utf-8")
    found = read_outlets(file, email).mail
    assert found is not None
    assert (found.every, found.config.to) == (12 * HOUR, ("c@d.example",))
    file.write_text(mail.replace("sender: a@b.example, ", ""), encoding="utf-8")
    with pytest.raises(RuleError, match="sender"):
        read_outlets(file, email)
