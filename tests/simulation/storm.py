"""What a seed makes happen: a small county, its rosters, the documents that come in and when, and how often what fails.

Everything is drawn once, before the world begins, so that a seed tells the same story on both databases.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from random import Random

from callout.domain.instant import BEIJING, MINUTE, SECOND, Instant, instant, later
from callout.domain.ladder import ChannelKind
from callout.domain.level import Level
from callout.domain.roster import Roster
from callout.simulation.people import Temperament
from tests.drills import county

BEGINS = tuple(
    instant(datetime(2026, 8, 2, *at, tzinfo=BEIJING)) for at in ((10, 0), (10, 0), (23, 30), (21, 57), (5, 58))
)
"""By day, by night, and across the hours at which day and night change."""
FAULTS_END = 900.0
"""Seconds after which nothing new fails: from then on everything must come to its end."""


class Fault(StrEnum):
    """What can go wrong."""

    CRASH_BEFORE_COMMIT = "crash before commit"
    CRASH_AFTER_COMMIT = "crash after commit"
    CRASH_AT_AWAIT = "crash at an await"
    COMMIT_LOST = "commit never arrived"
    REPLY_LOST = "commit done, reply lost"
    REPLY_LATE = "commit done, reply late"
    PAUSE = "process paused"
    PAUSE_AT_AWAIT = "process paused at an await"
    CLOCK = "clock jumped"
    DATABASE = "database restarted"
    PROVIDER = "provider down"
    ACCEPT_TIMEOUT = "accepted, then timed out"
    ANSWER_5XX = "taken or not, 5xx"
    REFUSED = "refused"
    CUT = "connection cut before the bytes"
    SLOW = "provider slow"
    TWICE = "callback twice"
    LOST = "callback lost"
    REORDERED = "callback late"
    ROSTER = "roster edited"


AT_COMMIT = (
    Fault.CRASH_BEFORE_COMMIT,
    Fault.CRASH_AFTER_COMMIT,
    Fault.COMMIT_LOST,
    Fault.REPLY_LOST,
    Fault.REPLY_LATE,
    Fault.PAUSE,
)
AT_AWAIT = (Fault.CRASH_AT_AWAIT, Fault.PAUSE_AT_AWAIT, Fault.CLOCK)
AT_SUBMIT = (Fault.ACCEPT_TIMEOUT, Fault.ANSWER_5XX, Fault.REFUSED, Fault.CUT, Fault.SLOW)
AT_CALLBACK = (Fault.TWICE, Fault.LOST, Fault.REORDERED)


@dataclass(frozen=True, slots=True)
class Post:
    """A document and when it reaches which processes."""

    at: float
    """Seconds after the beginning."""
    name: str
    xml: bytes
    everywhere: bool
    """Every process gets it, each from its own folder."""


@dataclass(frozen=True, slots=True)
class Storm:
    """All that a seed has drawn."""

    seed: int
    begins: Instant
    processes: int
    rates: dict[Fault, float]
    """Chance of each fault where it can happen; missing = never in this story."""
    posts: tuple[Post, ...]
    rosters: tuple[tuple[float, Roster], ...]
    outages: tuple[tuple[Fault, float, float], ...]
    """Database or provider away from … for so many seconds."""
    gone: ChannelKind | None = None
    """Its gateway is away from the beginning for `GONE` seconds, while another one carries the other channel."""


def draw(seed: int) -> Storm:
    """The storm of a seed."""
    chance = Random(f"storm:{seed}")
    begins = chance.choice(BEGINS)
    rates = _rates(chance)
    return Storm(
        seed,
        begins,
        chance.choice((1, 2, 2, 3)),
        rates,
        _posts(chance, begins),
        _rosters(chance) if Fault.ROSTER in rates else (),
        _outages(chance, rates),
    )


def _rates(chance: Random) -> dict[Fault, float]:
    """Some stories are calm, some have one kind of trouble, some have everything."""
    kinds = list(Fault)
    mood = chance.random()
    if mood < 0.05:
        return {}
    chosen = chance.sample(kinds, 1 if mood < 0.2 else chance.randint(2, len(kinds)))
    at_commit, at_await = chance.choice((0.004, 0.01, 0.03)), chance.choice((0.0005, 0.002, 0.005))
    outside = chance.choice((0.05, 0.15, 0.3))
    return {
        kind: at_commit if kind in AT_COMMIT else at_await if kind in AT_AWAIT else outside
        for kind in kinds
        if kind in chosen
    }


def _outages(chance: Random, rates: dict[Fault, float]) -> tuple[tuple[Fault, float, float], ...]:
    found = []
    for kind, longest in ((Fault.DATABASE, 60.0), (Fault.PROVIDER, 240.0)):
        if kind in rates:
            many = chance.randint(1, 3)
            found += [(kind, chance.uniform(0, 600), chance.uniform(0.5, longest)) for _ in range(many)]
    return tuple(found)


TEMPERAMENTS = (
    *[Temperament.PROMPT] * 5,
    *[Temperament.SILENT] * 3,
    *(t for t in Temperament if t not in (Temperament.PROMPT, Temperament.SILENT)),
)
"""Harder people than a real county has: ladders shall run."""


def _rosters(chance: Random) -> tuple[tuple[float, Roster], ...]:
    """Edits while it runs: a holder leaves, another takes over, a post is gone, a post is new."""
    made, roster = [], county.roster()
    for nth in range(chance.randint(1, 2)):
        posts = list(roster.posts)
        at = chance.randrange(2, len(posts))
        holder = chance.choice((None, chance.choice([p.id for p in roster.responders])))
        posts[at] = replace(posts[at], holder=holder)
        if chance.random() < 0.3:
            gone = posts.pop(chance.randrange(5, len(posts))).id
            posts = [replace(p, superior=None) if p.superior == gone else p for p in posts]
        roster = replace(roster, version=f"r{nth + 2}", posts=tuple(posts))
        made.append((chance.uniform(20, 400), roster))
    return tuple(sorted(made, key=lambda one: one[0]))


_XML = """<?xml version="1.0" encoding="UTF-8"?>
<alert>
  <identifier>{identifier}</identifier><sender>示例区气象局</sender><senderCode>50015641600000</senderCode>
  <sendTime>{sent}</sendTime><status>Actual</status><msgType>{kind}</msgType><scope>Public</scope>
  <references>{references}</references>
  <info>
    <language>zh-CN</language><eventType>{hazard}</eventType><severity>{severity}</severity>
    <effective>{sent}</effective><expires>{expires}</expires><senderName>示例员甲</senderName>
    <headline>武隆区气象台{headline}预警</headline><description>合成</description>
    <area><areaDesc>{place}</areaDesc><geocode>{codes}</geocode></area>
  </info>
</alert>
"""
_TOWNS = (("500156101000", "武隆区白马镇"), ("500156102000", "武隆区江口镇"))
_HAZARDS = (("11B03", "暴雨"), ("11A07", "地质灾害气象风险"))


@dataclass(frozen=True, slots=True)
class _Says:
    """One message before it is written."""

    hazard: int
    kind: str
    level: Level | None
    towns: tuple[tuple[str, str], ...]
    sent: Instant
    first: str
    """The identifier that it refers to."""
    lasts: int


def _posts(chance: Random, begins: Instant) -> tuple[Post, ...]:
    """One or two events, each with messages that follow: repeated, raised, lowered, lifted; some twice, some late."""
    posts: list[Post] = []
    for event in range(chance.choice((1, 1, 2))):
        hazard = event if chance.random() < 0.8 else 0
        at = chance.uniform(0, 1) if not event else chance.uniform(30, 300)
        first, level = "", chance.choice((Level.RED, Level.RED, Level.ORANGE, Level.ORANGE, Level.YELLOW, Level.BLUE))
        for nth in range(chance.choice((1, 2, 2, 3, 4))):
            sent = Instant((later(begins, int(at * SECOND)) // SECOND + event) * SECOND)
            kind = "Alert" if not nth else "Cancel" if chance.random() < 0.35 else "Update"
            level = _next_level(chance, level) if kind == "Update" else level
            towns = _TOWNS if chance.random() < 0.75 else (chance.choice(_TOWNS),)
            says = _Says(hazard, kind, level, towns, sent, first, chance.randint(2, 14) * MINUTE)
            first = first or _identifier(says)
            posts += _deliveries(chance, at, _write(says, named=chance.random() < 0.5), f"{event}{nth}")
            at += chance.choice((chance.uniform(2, 20), chance.uniform(20, 240)))
    return tuple(sorted(posts, key=lambda post: post.at))


def _next_level(chance: Random, level: Level) -> Level:
    up = [one for one in Level if one.rank > level.rank]
    down = [one for one in Level if one.rank < level.rank]
    return chance.choice([level, *up[:1] * 3, *up[-1:], *down[:1]])


def _deliveries(chance: Random, at: float, xml: bytes, name: str) -> list[Post]:
    lag = chance.choice((0.0, chance.uniform(0, 5), chance.uniform(0, 90)))
    posts = [Post(at + lag, f"{name}.xml", xml, chance.random() < 0.3)]
    if chance.random() < 0.2:
        posts.append(Post(at + lag + chance.uniform(0, 60), f"{name}-again.xml", xml, everywhere=False))
    return posts


def _identifier(says: _Says) -> str:
    return f"50015641600000_{_moment(says.sent):%Y%m%d%H%M%S}_{says.hazard}{'AUC'.index(says.kind[0])}"


def _moment(at: Instant) -> datetime:
    return datetime.fromtimestamp(at / SECOND, BEIJING)


def _write(says: _Says, *, named: bool) -> bytes:
    code, hazard = _HAZARDS[says.hazard]
    level = says.level or Level.RED
    colour = level.zh if says.kind != "Cancel" or named else ""
    text = _XML.format(
        identifier=_identifier(says),
        sent=f"{_moment(says.sent):%Y-%m-%d %H:%M:%S+08:00}",
        expires=f"{_moment(later(says.sent, says.lasts)):%Y-%m-%d %H:%M:%S+08:00}",
        kind=says.kind,
        references=says.first,
        hazard=code,
        severity=level.value.capitalize(),
        headline=f"{'解除' if says.kind == 'Cancel' else '发布'}{hazard}{colour}",
        place=",".join(name for _, name in says.towns),
        codes=",".join(code for code, _ in says.towns),
    )
    return text.encode()
