"""Offices, loudspeakers and groups are told after the people who are called, once, and are never counted as called."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from callout.domain.alert import MsgType
from callout.domain.broadcast import Audience, CopyEvent
from callout.domain.instant import HOUR, MINUTE, SECOND, later
from callout.domain.level import Level
from callout.pipeline.broadcast import Broadcasting, acknowledged, run_once
from callout.ports import Outcome, Submission
from callout.ports.copies import CopyEndpoint, Leaflet
from callout.render.messages import Templates
from callout.settings import Settings
from callout.store import schema
from tests.scenarios.conftest import Opener
from tests.scenarios.field import COUNTY, Field, make_alert

B = schema.broadcast


@dataclass
class Horn:
    """A way that keeps what it is given, and fails as told."""

    verdict: Callable[[Leaflet], Submission] = lambda _: Submission(Outcome.ACCEPTED)
    got: list[Leaflet] = field(default_factory=list)

    async def submit(self, leaflet: Leaflet) -> Submission:
        self.got.append(leaflet)
        return self.verdict(leaflet)


def copying(story: Field, *horns: Horn, lowest: Level = Level.BLUE, real: bool = False) -> Broadcasting:
    endpoints = [CopyEndpoint(Audience(f"horn-{n}", frozenset(), lowest, real), one) for n, one in enumerate(horns)]
    words = Templates(Settings().templates)
    return Broadcasting(story.app.store, endpoints, words, story.clock, timeout=0.2)


def run(broadcasting: Broadcasting) -> int:
    return asyncio.run(run_once(broadcasting)).moved


def states(story: Field) -> list[tuple[str, str]]:
    return [(row.endpoint, row.state) for row in story.rows(select(B).order_by(B.c.endpoint))]


def test_a_loudspeaker_speaks_once_and_its_word_is_on_record(field: Field) -> None:
    horn = Horn()
    copies = copying(field, horn)
    field.alert(Level.ORANGE)
    called = field.phones.got[:]
    assert run(copies) > 0
    assert run(copies) == 0
    (leaflet,) = horn.got
    assert leaflet.id == f"{COUNTY}.1.horn-0"
    assert (leaflet.title, leaflet.level) == ("武隆区暴雨橙色预警", "orange")
    assert leaflet.text.startswith("【叫应】武隆区暴雨橙色预警（武隆区气象台8月2日10:00发布，至16:00）")
    assert leaflet.text.endswith("这是抄送，不用回复。")
    assert acknowledged(copies, leaflet.id, "horn-7")
    assert acknowledged(copies, leaflet.id, "horn-8")
    assert states(field) == [("horn-0", "acknowledged")]
    assert [row.event for row in field.audit("broadcast.opened", "broadcast.sending", "broadcast.accepted")] == [
        "broadcast.opened", "broadcast.sending", "broadcast.accepted",
    ]  # fmt: skip
    assert [row.detail for row in field.audit("broadcast.acknowledged")] == ["horn-7", "horn-8"]
    # Nobody was called by it, and nobody's answer is in it.
    assert field.phones.got == called
    assert field.rows(select(schema.answer)) == []


def test_people_are_called_first(field: Field) -> None:
    horn = Horn()
    copies = copying(field, horn)
    field.take_in(make_alert(field.clock.now(), Level.ORANGE), settle=False)
    asyncio.run(_only_plan(field))
    run(copies)
    assert horn.got == []  # opened, and waiting: people are still to be called
    field.settle()
    run(copies)
    assert len(horn.got) == 1


async def _only_plan(story: Field) -> None:
    await story.app.stages["plan"]()


def test_only_what_is_severe_enough_and_in_force(field: Field) -> None:
    horn = Horn()
    copies = copying(field, horn, lowest=Level.RED)
    field.alert(Level.ORANGE)
    run(copies)
    assert states(field) == []
    field.clock.advance(later(field.clock.now(), HOUR))
    field.alert(Level.RED, identifier="r1")
    run(copies)
    assert [one.level for one in horn.got] == ["red"]
    field.clock.advance(later(field.clock.now(), HOUR))
    field.alert(Level.RED, msg_type=MsgType.CANCEL, references=["r1"], identifier="c1")
    run(copies)
    assert len(horn.got) == 1  # a lifting is not copied


def test_a_refusal_is_tried_again_until_the_warning_ends(field: Field) -> None:
    horn = Horn(lambda _: Submission(Outcome.REFUSED, reason="+999500156000001 不通"))
    copies = copying(field, horn)
    field.alert(Level.ORANGE, hours=1)
    run(copies)
    assert run(copies) == 0  # not at once
    field.clock.advance(later(field.clock.now(), MINUTE))
    run(copies)
    assert [one.id for one in horn.got] == [f"{COUNTY}.1.horn-0"] * 2
    assert "+999" not in str(field.rows(select(B.c.reason)))
    field.clock.advance(later(field.clock.now(), HOUR))
    run(copies)
    assert (len(horn.got), states(field)) == (2, [("horn-0", "expired")])


@pytest.mark.parametrize("verdict", ["unknown", "raise", "hang"])
def test_a_copy_in_doubt_is_not_said_twice_but_may_still_be_acknowledged(field: Field, verdict: str) -> None:
    class Bad(Horn):
        async def submit(self, leaflet: Leaflet) -> Submission:
            await super().submit(leaflet)
            if verdict == "raise":
                raise OSError("reset")
            if verdict == "hang":
                await asyncio.Event().wait()
            return Submission(Outcome.UNKNOWN)

    bad, good = Bad(), Horn()
    copies = copying(field, bad, good)
    field.alert(Level.ORANGE)
    run(copies)
    field.clock.advance(later(field.clock.now(), 10 * MINUTE))
    run(copies)
    assert (len(bad.got), len(good.got)) == (1, 1)
    assert states(field) == [("horn-0", "unknown"), ("horn-1", "sent")]
    assert acknowledged(copies, bad.got[0].id, "horn-7")
    assert states(field)[0] == ("horn-0", "acknowledged")


def test_what_a_process_left_behind_when_it_died_is_in_doubt(field: Field) -> None:
    copies = copying(field, Horn())
    field.alert(Level.ORANGE)
    store = field.app.store
    new = store.read(lambda work: work.copies.missing([one.audience for one in copies.endpoints]))
    store.write(lambda work: work.copies.open(new))
    store.write(lambda work: work.copies.move(new, CopyEvent.SENDING))
    assert run(copies) == 0
    field.clock.advance(later(field.clock.now(), 61 * SECOND))
    assert run(copies) == 1
    assert states(field) == [("horn-0", "unknown")]


def test_what_is_no_copy_cannot_be_acknowledged(field: Field) -> None:
    copies = copying(field, Horn())
    field.alert(Level.ORANGE)
    for leaflet in ("", "x", f"{COUNTY}.1", f"{COUNTY}.x.horn-0", f"{COUNTY}.7.horn-0", f"{COUNTY}.{'9' * 30}.horn-0"):
        assert not acknowledged(copies, leaflet, "horn-7")
    run(copying(field, Horn(lambda _: Submission(Outcome.REFUSED))))
    assert not acknowledged(copies, f"{COUNTY}.1.horn-0", "horn-7")  # it has never been sent


def test_nothing_real_hears_of_what_is_not_real(open_county: Opener) -> None:
    for kind in ("demo", "drill", "rehearsal"):
        story, horn, trial = open_county(run=kind), Horn(), Horn()
        story.alert(Level.RED)
        run(copying(story, horn, real=True))
        run(copying(story, trial))
        assert horn.got == []
        assert trial.got[0].title.startswith("【")
