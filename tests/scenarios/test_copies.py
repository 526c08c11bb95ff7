"""Offices, loudspeakers and groups are told after the people who are called, once, and are never counted as called."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from callout.domain.alert import MsgType
from callout.domain.broadcast import Audience, CopyEvent
from callout.domain.instant import HOUR, MINUTE, SECOND, later
from callout.domain.level import Hazard, Level
from callout.pipeline.broadcast import Broadcasting, acknowledged, run_once
from callout.ports import Outcome, Submission
from callout.ports.copies import CopyEndpoint, Leaflet
from callout.render.messages import Templates
from callout.settings import Settings
from callout.sources.reading import read_xml
from callout.store import schema
from tests.scenarios.conftest import Opener
from tests.scenarios.field import BAIMA, COUNTY, JIANGKOU, Field, make_alert

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
    assert len(horn.got) == 1  # a Cancel that contradicts itself lifts nothing, and is not copied


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


def lift(story: Field, level: Level = Level.ORANGE, **more: object) -> None:
    """The Cancel comes in a minute later."""
    story.clock.advance(later(story.clock.now(), MINUTE))
    said = {"references": ["A"], "identifier": "C", "headline": f"武隆区气象台解除暴雨{level.zh}预警信号", **more}
    story.take_in(make_alert(story.clock.now(), level, msg_type=MsgType.CANCEL, **said))


def test_whoever_got_the_warning_is_told_of_its_end_once(field: Field) -> None:
    heard, deaf = Horn(), Horn(lambda _: Submission(Outcome.REFUSED))
    copies = copying(field, heard, deaf)
    field.alert(Level.ORANGE, identifier="A")
    run(copies)
    lift(field)
    called = field.phones.got[:]
    run(copies)
    assert run(copies) == 0
    warning, end = heard.got
    assert (warning.lifting, end.lifting, end.level) == (False, True, "")
    assert end.title == "武隆区暴雨橙色预警已解除"
    assert end.text == "【叫应】武隆区暴雨橙色预警已解除（武隆区气象台8月2日10:01）。这是抄送，不用回复。"
    assert read_xml(warning.documents[0].body).identifier == warning.id
    assert read_xml(end.documents[0].body).references == (warning.id,)
    assert [one.lifting for one in deaf.got] == [False]  # it never heard the warning
    assert field.phones.got == called
    lift(field, identifier="C2")
    run(copies)
    assert len(heard.got) == 2  # a second Cancel of the same says nothing new


def test_a_copy_in_doubt_counts_as_heard(field: Field) -> None:
    """A loudspeaker that may have warned must not be left with the warning."""
    horn = Horn(lambda one: Submission(Outcome.ACCEPTED if one.lifting else Outcome.UNKNOWN))
    copies = copying(field, horn)
    field.alert(Level.ORANGE, identifier="A")
    run(copies)
    lift(field)
    run(copies)
    assert [one.lifting for one in horn.got] == [False, True]


def test_the_end_names_what_still_holds(field: Field) -> None:
    """An all-clear must not send anybody home into another danger."""
    horn = Horn()
    copies = copying(field, horn)
    field.alert(Level.ORANGE, identifier="A")
    field.alert(Level.RED, identifier="mud", hazard=Hazard.LANDSLIDE, headline="武隆区发布地质灾害红色预警")
    run(copies)
    lift(field)
    run(copies)
    end = horn.got[-1]
    assert end.lifting
    assert "地质灾害红色仍生效，不得返回。" in end.text
    assert "暴雨橙色预警已解除" in end.text


def test_a_part_that_has_ended_is_not_told_as_the_whole(field: Field) -> None:
    """One township is safe, the other not: whoever hears 解除 would take it for theirs."""
    horn = Horn()
    copies = copying(field, horn)
    field.alert(Level.ORANGE, identifier="A", areas=[BAIMA, JIANGKOU])
    run(copies)
    lift(field, areas=[BAIMA])
    run(copies)
    assert [one.lifting for one in horn.got] == [False]
    lift(field, areas=[JIANGKOU], identifier="C2")
    run(copies)
    assert [one.lifting for one in horn.got] == [False, True]


def test_people_are_told_of_the_end_before_the_loudspeakers(field: Field) -> None:
    horn = Horn()
    copies = copying(field, horn)
    field.alert(Level.ORANGE, identifier="A")
    run(copies)
    field.clock.advance(later(field.clock.now(), MINUTE))
    end = make_alert(
        field.clock.now(), Level.ORANGE, msg_type=MsgType.CANCEL, references=["A"], identifier="C",
        headline="武隆区气象台解除暴雨橙色预警信号",
    )  # fmt: skip
    field.take_in(end, settle=False)
    for _ in range(3):
        asyncio.run(_only_plan(field))
    run(copies)
    assert [one.lifting for one in horn.got] == [False]
    field.settle()
    run(copies)
    assert [one.lifting for one in horn.got] == [False, True]


def test_a_warning_that_is_lifted_before_its_copy_went_out_is_not_copied(field: Field) -> None:
    """Nobody is warned of what is over, and nobody is told the end of what they never heard."""
    fate = [Outcome.REFUSED]
    horn = Horn(lambda _: Submission(fate[0]))
    copies = copying(field, horn)
    field.alert(Level.ORANGE, identifier="A")
    run(copies)
    lift(field)
    fate[0] = Outcome.ACCEPTED
    field.clock.advance(later(field.clock.now(), 2 * MINUTE))
    run(copies)
    assert (len(horn.got), states(field)) == (1, [("horn-0", "expired")])


def test_the_end_is_told_after_the_warning_has_run_out_and_not_hours_later(field: Field) -> None:
    horn, late = Horn(), Horn()
    copies = copying(field, horn)
    field.alert(Level.ORANGE, identifier="A", hours=1)
    run(copies)
    field.wait(HOUR // SECOND + 60)
    lift(field)
    run(copies)
    assert [one.lifting for one in horn.got] == [False, True]
    field.clock.advance(later(field.clock.now(), 3 * HOUR))
    run(copying(field, late))
    assert late.got == []
