"""The county of the kill -9 drill (合成): fourteen posts, the people behind the phones, and four documents.

Everything here is decided by the number alone, so that a process that starts anew finds the same world.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from callout.domain.instant import BEIJING, MINUTE, SECOND, Instant, Millis, instant, later
from callout.domain.ladder import ChannelKind
from callout.domain.roster import ContactMethod, NumberKind, Post, Responder, Roster
from callout.ports import InboundKind, Outcome

COUNTY = "500156"
COUNTY_AREA, BAIMA, JIANGKOU = f"gb2260:{COUNTY}", "stats:500156101", "stats:500156102"
SMS, VOICE = ChannelKind.SMS, ChannelKind.VOICE
START = instant(datetime(2026, 8, 2, 10, 0, tzinfo=BEIJING))
CHUNK = 4
"""Posts per plan transaction: the red alert needs several."""
OFFICER = "示例·值班员"
ATTENDS_AFTER: Millis = 90 * SECOND
"""When an item has lain open for so long the officer takes it; the desk of a red alert has been rung by then."""

DEPUTY = 20
"""Person who stands in for post N is DEPUTY + N."""


def number(serial: int) -> str:
    """A synthetic number that cannot exist (country code 999 is unassigned)."""
    return f"+999{COUNTY}{serial:07d}"


def serial(e164: str) -> int:
    """The person that a number of ours reaches."""
    return int(e164[-7:])


def _posts() -> tuple[Post, ...]:
    desk, baima, jiangkou = 1, 3, 10
    grid = [
        (4, BAIMA, baima),
        (5, BAIMA, baima),
        (6, BAIMA, baima),
        (7, BAIMA, baima),
        (8, BAIMA, baima),
        (11, JIANGKOU, jiangkou),
        (12, JIANGKOU, jiangkou),
        (13, JIANGKOU, jiangkou),
        (14, JIANGKOU, jiangkou),
    ]
    deputies = {4, 6}
    return (
        Post(desk, COUNTY_AREA, "区应急值班室", "示例·区应急值班室", desk),
        Post(2, COUNTY_AREA, "分管区领导", "示例·分管区领导", 2),
        Post(baima, BAIMA, "党政主要负责人", "示例·白马镇党委书记", baima, superior=desk),
        Post(9, BAIMA, "村(社区)书记", "示例·白马镇某村书记", None, superior=baima),
        Post(jiangkou, JIANGKOU, "党政主要负责人", "示例·江口镇党委书记", jiangkou, superior=desk),
        *(
            Post(n, area, "网格员", f"示例·网格员{n}", n, DEPUTY + n if n in deputies else None, boss)
            for n, area, boss in grid
        ),
    )


def roster() -> Roster:
    """The roster in force."""
    posts = _posts()
    serials = [n for post in posts for n in (post.holder, post.deputy) if n is not None]
    people = tuple(Responder(n, f"示例·人员{n}", (ContactMethod(number(n), NumberKind.MOBILE),)) for n in serials)
    return Roster("r1", COUNTY, posts, people)


@dataclass(frozen=True, slots=True)
class Reaction:
    """What comes back `after` a message or call began."""

    after: Millis
    kind: InboundKind
    body: str


def _text(seconds: int, body: str) -> Reaction:
    return Reaction(seconds * SECOND, InboundKind.REPLY, body)


def _key(seconds: int, digit: str) -> Reaction:
    return Reaction(seconds * SECOND, InboundKind.KEY, digit)


def _receipt(seconds: int, word: str) -> Reaction:
    return Reaction(seconds * SECOND, InboundKind.RECEIPT, word)


YES = ("收到", "1")
_PROMPT: Mapping[ChannelKind, tuple[Reaction, ...]] = {SMS: (_text(40, "收到"),), VOICE: (_key(20, "1"),)}
_HABITS: Mapping[tuple[int, ChannelKind], tuple[Reaction, ...]] = {
    (2, SMS): (_text(100, "收到"),),  # the answer comes while the call of the next step rings
    (2, VOICE): (_key(50, "1"),),
    (4, SMS): (_receipt(10, "delivered"),),  # silent: deputy and superior are called in turn
    (4, VOICE): (_receipt(30, "no_reply"),),
    (DEPUTY + 4, VOICE): (),
    (DEPUTY + 6, VOICE): (_key(40, "1"),),  # later than a lease: whoever was killed after this call makes it again
    (5, SMS): (),  # wakes by a call only
    (6, SMS): (_text(30, "无法到岗"),),
    (7, SMS): (_text(20, "在哪里"), _text(80, "收到")),
    (7, VOICE): (_key(50, "1"),),
    (10, SMS): (),  # the superior of a township whom nobody reaches
    (10, VOICE): (_receipt(30, "no_reply"),),
    (11, SMS): (),  # silent, as is the superior: a human must go on
    (11, VOICE): (_receipt(30, "no_reply"),),
    (12, SMS): (_receipt(10, "dead"),),
    (12, VOICE): (_receipt(10, "dead"),),
}
"""Who does anything but answer promptly."""
_FATES: Mapping[tuple[int, ChannelKind], Outcome] = {
    (8, SMS): Outcome.UNKNOWN,
    (13, SMS): Outcome.REFUSED,
}
TIMES_OUT = (14, SMS)
"""The submit to this person never comes back, and nothing leaves."""


def reactions(to: int, channel: ChannelKind) -> tuple[Reaction, ...]:
    """All that follows one message or call to this person."""
    return _HABITS.get((to, channel), _PROMPT[channel])


def fate(to: int, channel: ChannelKind) -> Outcome:
    """What the provider says about a submit; it refuses or takes, and of what it is unsure about it has taken."""
    return _FATES.get((to, channel), Outcome.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A document and when it comes in."""

    name: str
    at: Instant
    xml: str


_XML = """<?xml version="1.0" encoding="UTF-8"?>
<!-- 合成：演练用自编来文，不是真实预警。 -->
<alert>
  <identifier>50015641600000_{number}</identifier><sender>示例区气象局</sender><senderCode>50015641600000</senderCode>
  <sendTime>{sent}</sendTime><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>
  <info>
    <language>zh-CN</language><eventType>{kind}</eventType><severity>{severity}</severity>
    <effective>{sent}</effective><expires>{expires}</expires><senderName>示例员甲</senderName>
    <headline>武隆区气象台发布{headline}预警</headline><description>合成</description>
    <area><areaDesc>{area}</areaDesc><geocode>{code}</geocode></area>
  </info>
</alert>
"""


def _written(at: Instant) -> str:
    return f"{datetime.fromtimestamp(at / SECOND, BEIJING):%Y-%m-%d %H:%M:%S+08:00}"


def documents() -> tuple[Incoming, ...]:
    """Red; the same once more; orange of another hazard for one township, which ends amid the ladders; blue."""
    both = ("500156101000,500156102000", "武隆区白马镇,武隆区江口镇")
    red = _document(START, 12 * MINUTE, "11B03", ("Red", "暴雨红色"), both)
    second, third = later(START, 2 * MINUTE), later(START, 5 * MINUTE)
    orange = _document(second, 2 * MINUTE, "11A07", ("Orange", "地质灾害气象风险橙色"), both)
    blue = _document(third, 2 * MINUTE, "11A07", ("Blue", "地质灾害气象风险蓝色"), both)
    return (
        Incoming("1.xml", START, red),
        Incoming("2.xml", second, red),
        Incoming("3.xml", second, orange),
        Incoming("4.xml", third, blue),
    )


def _document(sent: Instant, lasts: Millis, kind: str, level: tuple[str, str], area: tuple[str, str]) -> str:
    (severity, headline), (code, name) = level, area
    return _XML.format(
        sent=_written(sent),
        number=f"{datetime.fromtimestamp(sent / SECOND, BEIJING):%Y%m%d%H%M%S}",
        expires=_written(later(sent, lasts)),
        kind=kind,
        severity=severity,
        headline=headline,
        code=code,
        area=name,
    )


_RULES = (
    "county.yaml",
    "ladders.yaml",
    f"areas/{COUNTY}.yaml",
    "townships/500156101-白马镇.yaml",
    "townships/500156102-江口镇.yaml",
)
"""Of the sample rules, those that the alerts touch: a county that is read in a tenth of the time."""


def lay_out(folder: Path, rules: Path) -> None:
    """Put the documents where they wait for their time, the empty inbox beside them, and what is needed of `rules`."""
    for name in ("outgoing", "inbox", "rules/areas", "rules/townships", "rules/industries"):
        (folder / name).mkdir(mode=0o750, parents=True)
    for name in _RULES:
        shutil.copyfile(rules / name, folder / "rules" / name)
    for one in documents():
        (folder / "outgoing" / one.name).write_text(one.xml, encoding="utf-8")
