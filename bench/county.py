"""武隆 with a synthetic roster on the virtual clock, and one orange warning for all of it, at ten in the morning."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from callout.app import App, World, build
from callout.domain.instant import BEIJING, HOUR, SECOND, Instant, Millis, beijing, instant, later
from callout.domain.pace import Portions
from callout.domain.rule import Rulebook
from callout.ports import Document, everywhere
from callout.rulebook.roster import roster_sample
from callout.settings import Settings
from callout.simulation.carrier import Carrier
from callout.simulation.clock import VirtualClock
from callout.simulation.ids import SeededIds

SEED, CODE = 1, "500156"
OPENS = instant(datetime(2026, 8, 2, 10, tzinfo=BEIJING))
LASTS: Millis = 6 * HOUR
EXPIRES = later(OPENS, LASTS)


@dataclass(frozen=True, slots=True)
class Bench:
    """One engine, ready to be measured."""

    app: App
    clock: VirtualClock
    carrier: Carrier


@contextmanager
def opened(url: str, beat: Millis = SECOND) -> Iterator[Bench]:
    """An engine on this database, whatever is in it, that looks once a beat."""
    clock = VirtualClock(OPENS)
    carrier = Carrier(clock, SEED)
    portions = Portions(beat / SECOND, window=200)
    world = World(clock, SeededIds(SEED), everywhere(carrier), "rehearsal", portions=portions)
    app = build(Settings(database_url=url), world)
    try:
        yield Bench(app, clock, carrier)
    finally:
        app.close()


def load(app: App, people: int) -> None:
    """Put the county's rules and a roster of `people` persons in force."""
    settle(app, app.use_rules(), people)


def settle(app: App, rulebook: Rulebook, people: int) -> None:
    """Put a roster of `people` persons of a county in force, whose rules are."""
    app.use_roster(roster_sample(rulebook.county, people, SEED, rulebook), "示例·压测")


def warning(sent: Instant = OPENS) -> Document:
    """The orange rainstorm warning for the whole county, for six hours."""
    text = _WARNING.format(sent=_time(sent), expires=_time(later(sent, LASTS)))
    return Document("orange.xml", "bench", text.encode())


def _time(at: Instant) -> str:
    return beijing(at, "%Y-%m-%d %H:%M:%S+08:00")


_WARNING = """<?xml version="1.0" encoding="UTF-8"?>
<alert>
    <identifier>50015641600000_20260802100000</identifier>
    <sender>武隆区气象局</sender>
    <senderCode>50015641600000</senderCode>
    <sendTime>{sent}</sendTime>
    <status>Actual</status>
    <msgType>Alert</msgType>
    <scope>Public</scope>
    <code/>
    <secClassification>None</secClassification>
    <note/>
    <references></references>
    <info>
        <language>zh-CN</language>
        <eventType>11B03</eventType>
        <urgency>Unknown</urgency>
        <severity>Orange</severity>
        <certainty>Unknown</certainty>
        <effective>{sent}</effective>
        <onset/>
        <expires>{expires}</expires>
        <senderName>示例（合成）</senderName>
        <headline>武隆区气象台发布暴雨橙色预警[II级/较重]</headline>
        <description>合成示例文字。</description>
        <instruction>按预案转移危险区人员。（合成示例文字）</instruction>
        <web/>
        <area>
            <areaDesc>武隆区</areaDesc>
            <polygon/>
            <circle/>
            <geocode>500156000000</geocode>
        </area>
    </info>
</alert>
"""
