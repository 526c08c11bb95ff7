"""A small county to tell field stories in: real engine, real database, scripted phones, movable time.

Posts, by name: two townships (白马, 江口) with a leader each, under them villages; the county desk above all.
Every message that reaches a phone is kept, and a story must name all of them: `field.expect(...)`.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from callout.app import App, World, build
from callout.domain.abilities import Abilities
from callout.domain.alert import Alert, Area, CodeSystem, Geocode, Info, MsgType, Status
from callout.domain.errors import Refusal
from callout.domain.instant import BEIJING, HOUR, SECOND, Instant, instant, later
from callout.domain.ladder import ChannelKind
from callout.domain.level import Hazard, Level
from callout.domain.roster import ContactMethod, NumberKind, Post, Responder, Roster
from callout.pipeline.receive import Received, receive
from callout.pipeline.send import Claiming, Fleet
from callout.ports import Document, Inbound, InboundKind, Message, Outcome, Part, Reading, Submission, everywhere
from callout.settings import Settings
from callout.simulation.carrier import ABILITIES
from callout.simulation.clock import VirtualClock
from callout.simulation.ids import SeededIds
from callout.store import schema
from callout.store.database import Database
from tests.databases import new_database

COUNTY = "500156"
BAIMA, JIANGKOU = "stats:500156101", "stats:500156102"
COUNTY_AREA = f"gb2260:{COUNTY}"
SMS, VOICE = ChannelKind.SMS, ChannelKind.VOICE
DAY = instant(datetime(2026, 8, 2, 10, 0, tzinfo=BEIJING))
NIGHT = instant(datetime(2026, 8, 2, 23, 30, tzinfo=BEIJING))

Script = Callable[[Message], str]
"""What the provider does with a message: '' = accept it; 'unknown', 'lost', 'refused', 'raise'."""


def number(serial: int, kind: NumberKind = NumberKind.MOBILE) -> ContactMethod:
    """A synthetic number that cannot exist (country code 999 is unassigned)."""
    return ContactMethod(f"+999{COUNTY}{serial:07d}", kind)


@dataclass
class Phones:
    """The far end of the line: keeps what it was given, fails as told, and never answers by itself."""

    clock: VirtualClock
    script: Script = lambda _: ""
    got: list[tuple[Instant, Message]] = field(default_factory=list)
    hung_up: list[str] = field(default_factory=list)
    name: str = "scripted"
    able: Abilities = ABILITIES

    async def submit(self, message: Message) -> Submission:
        fate = self.script(message)
        if fate == "refused":
            return Submission(Outcome.REFUSED, reason=f"{message.e164} barred")
        if fate == "raise":
            raise TimeoutError
        if fate != "lost":
            self.got.append((self.clock.now(), message))
        return Submission(Outcome.UNKNOWN if fate in ("unknown", "lost") else Outcome.ACCEPTED, ref=message.attempt)

    def abilities(self, _: str) -> Abilities:
        return self.able

    async def hang_up(self, attempt: str, _: str) -> None:
        self.hung_up.append(attempt)


class AlertReader:
    """Hands alerts to the engine without a wire form: the document's bytes name an alert made by the story."""

    def __init__(self) -> None:
        self.alerts: dict[bytes, Alert] = {}

    def read(self, raw: bytes) -> Reading:
        if raw not in self.alerts:
            raise Refusal("没有这份文件")
        return Reading((Part(self.alerts[raw], raw),))

    def blank(self, raw: bytes) -> bytes:
        return raw


@dataclass
class Field:
    """One story. Use `alert`, `wait`, `reply`, `key`, `receipt`, and look at `callouts`, `human_calls`, `sent`."""

    app: App
    clock: VirtualClock
    phones: Phones
    reader: AlertReader
    events: int = 0
    seen: int = 0

    def alert(self, level: Level = Level.ORANGE, **more: Any) -> Received:
        """A warning comes in now; see `make_alert` for what can be said about it."""
        return self.take_in(make_alert(self.clock.now(), level, **more))

    def take_in(self, alert: Alert, settle: bool = True) -> Received:
        raw = f"{alert.identifier}/{len(self.reader.alerts)}".encode()
        self.reader.alerts[raw] = alert
        received = receive(self.app.intake, Document("story.xml", "story", raw))
        if settle:
            self.settle()
        return received

    def settle(self) -> None:
        asyncio.run(self.app.settle())

    def wait(self, seconds: float) -> None:
        """Let time pass, timer by timer, as the real metronome would."""
        until = later(self.clock.now(), int(seconds * SECOND))
        while (following := self.app.agenda().next_at()) is not None and following <= until:
            self.clock.advance(Instant(max(following, self.clock.now())))
            self.settle()
        self.clock.advance(until)

    def come(self, kind: InboundKind, body: str, attempt: str = "", e164: str = "", settle: bool = True) -> None:
        """Something comes back. Without `settle` it lies there, kept and not understood, until the next beat."""
        self.events += 1
        event = Inbound(f"event:{self.events}", kind, self.clock.now(), body, attempt, e164)
        if settle:
            self.app.take_in([event])
            self.settle()
        else:
            self.app.store.accept([event])

    def reply(self, serial: int, text: str, settle: bool = True) -> None:
        """A text message comes from the phone with this serial number."""
        self.come(InboundKind.REPLY, text, e164=number(serial).e164, settle=settle)

    def key(self, serial: int, digit: str) -> None:
        """The last call to this phone gets a key."""
        self.come(InboundKind.KEY, digit, attempt=self.last(serial, VOICE).attempt)

    def receipt(self, serial: int, word: str, channel: ChannelKind = SMS) -> None:
        """The provider tells something about the last message to this phone."""
        self.come(InboundKind.RECEIPT, word, attempt=self.last(serial, channel).attempt)

    def to(self, serial: int) -> list[tuple[Instant, Message]]:
        """Everything that this phone got."""
        return [(at, m) for at, m in self.phones.got if m.e164 == number(serial).e164]

    def last(self, serial: int, channel: ChannelKind) -> Message:
        return next(m for _, m in reversed(self.to(serial)) if m.channel is channel)

    def new(self) -> list[tuple[int, ChannelKind]]:
        """(phone serial, channel) of every message since the last look, in order: a story must expect all of them."""
        fresh = self.phones.got[self.seen :]
        self.seen = len(self.phones.got)
        return [(int(m.e164[-7:]), m.channel) for _, m in fresh]

    def rows(self, statement: Any) -> list[Row[Any]]:
        return self.app.database.read(lambda db: list(db.execute(statement).all()))

    def callout(self, post: int, alert: int = 1, round_: int = 0) -> Row[Any]:
        c = schema.callout
        [row] = self.rows(select(c).where(c.c.post == post, c.c.alert == alert, c.c.round == round_))
        return row

    def states(self, alert: int = 1) -> Mapping[int, str]:
        c = schema.callout
        return {r.post: r.state for r in self.rows(select(c).where(c.c.alert == alert, c.c.round == 0))}

    def human_calls(self, *states: str) -> list[tuple[int, str]]:
        """(post, kind) of the officer's items in these states (default: not closed)."""
        h = schema.human_call
        wanted = states or ("open", "claimed")
        found = self.rows(select(h).where(h.c.state.in_(wanted)).order_by(h.c.post, h.c.kind))
        return [(r.post, r.kind) for r in found]

    def audit(self, *events: str) -> list[Row[Any]]:
        a = schema.audit
        return self.rows(select(a).where(a.c.event.in_(events)).order_by(a.c.id))

    def attempts(self) -> list[Row[Any]]:
        t = schema.attempt
        return self.rows(select(t).order_by(t.c.claimed_at, t.c.id))


def make_alert(sent: Instant, level: Level | None = Level.ORANGE, **say: Any) -> Alert:
    """A 暴雨 alert for the county, valid for six hours.

    `say` may name identifier, areas (keys of townships), msg_type, references, hours (None = no expiry) and any field
    of Info.
    """
    areas, hours, references = say.pop("areas", ()), say.pop("hours", 6), tuple(say.pop("references", ()))
    identifier = say.pop("identifier", f"50015641600000_{sent}_{level}")
    msg_type, hazard = say.pop("msg_type", MsgType.ALERT), say.pop("hazard", Hazard.RAINSTORM)
    codes = [Geocode(CodeSystem(a.split(":")[0]), a.split(":")[1]) for a in areas]
    place = Area("武隆区", tuple(codes or [Geocode(CodeSystem.GB2260, COUNTY)]))
    headline = say.pop("headline", f"武隆区气象台发布暴雨{level.zh if level else ''}预警")
    info = Info(
        event="暴雨",
        hazard=hazard,
        level=level,
        areas=(place,),
        headline=headline,
        expires=None if hours is None else later(sent, int(hours * HOUR)),
        **say,
    )
    return Alert(identifier, "50015641600000", sent, Status.ACTUAL, msg_type, (info,), references)


def person(serial: int, *contacts: ContactMethod) -> Responder:
    """A synthetic person; without contacts, reachable on number(serial)."""
    return Responder(serial, f"示例·人员{serial}", contacts or (number(serial),))


DESK, LEADER_BAIMA, LEADER_JIANGKOU, GRID_1, GRID_2, GRID_3 = 1, 2, 3, 4, 5, 6
"""Post ids of the standard roster; the holder of post N is person N, reached on number(N)."""
DEPUTY = 14
"""Person who stands in for the holder of post GRID_1 (number 14)."""


def standard_roster(**changes: Any) -> Roster:
    """A desk, two township leaders and three grid members; `changes` replace parts of the Roster."""
    posts = (
        Post(DESK, COUNTY_AREA, "区应急值班室", "示例·区应急值班室", DESK),
        Post(LEADER_BAIMA, BAIMA, "党政主要负责人", "示例·白马镇党委书记", LEADER_BAIMA, superior=DESK),
        Post(LEADER_JIANGKOU, JIANGKOU, "党政主要负责人", "示例·江口镇党委书记", LEADER_JIANGKOU, superior=DESK),
        Post(GRID_1, BAIMA, "网格员", "示例·白马镇网格员一", GRID_1, deputy=DEPUTY, superior=LEADER_BAIMA),
        Post(GRID_2, BAIMA, "网格员", "示例·白马镇网格员二", GRID_2, superior=LEADER_BAIMA),
        Post(GRID_3, JIANGKOU, "网格员", "示例·江口镇网格员三", GRID_3, superior=LEADER_JIANGKOU),
    )
    people = tuple(person(n) for n in (1, 2, 3, 4, 5, 6, DEPUTY))
    return Roster(**{"version": "r1", "county": COUNTY, "posts": posts, "responders": people, **changes})


def open_field(
    where: Database | str, start: Instant = DAY, roster: Roster | None = None, run: str = "actual", **settings: Any
) -> Field:
    """A field on an empty database, or a new one at this address, with the sample rules and a roster in force."""
    database = new_database(where) if isinstance(where, str) else where
    clock = VirtualClock(start)
    phones = Phones(clock)
    world = World(clock, SeededIds(1), everywhere(phones), run)
    app = build(Settings(database_url=database.url, **settings), world, database)
    reader = AlertReader()
    app.intake = type(app.intake)(app.intake.store, reader, app.intake.counties, run)
    app.use_rules()
    app.use_roster(roster or standard_roster(), "示例·测试")
    return Field(app, clock, phones, reader)


def another(field: Field, owner: str = "another worker") -> Claiming:
    """With this a second worker claims what is due in the same county."""
    return Claiming(Fleet(everywhere(field.phones)), SeededIds(9), owner)
