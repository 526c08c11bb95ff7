"""Ladders: frozen when they open, resolved to people and numbers at each claim, one call for one superior."""

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from callout.domain.instant import BEIJING, HOUR, MINUTE, Instant, instant, later
from callout.domain.level import Hazard, Level
from callout.domain.roster import Responder, Shift
from callout.pipeline.send import Sender
from tests.scenarios.baima import CALL, TEXT, changed, only, post
from tests.scenarios.conftest import Opener
from tests.scenarios.field import (
    BAIMA,
    DAY,
    DEPUTY,
    GRID_1,
    GRID_2,
    LEADER_BAIMA,
    NIGHT,
    Field,
    make_alert,
    number,
    person,
    standard_roster,
)

OTHER_PHONE = 104


def with_numbers(*serials: int) -> tuple[Responder, ...]:
    """The standard people, GRID_1 with these numbers."""
    return tuple(person(GRID_1, *map(number, serials)) if p.id == GRID_1 else p for p in standard_roster().responders)


def evening(hour: int, minute: int, second: int = 0) -> Instant:
    return instant(datetime(2026, 8, 2, hour, minute, second, tzinfo=BEIJING))


def rosters_of(field: Field, of: int) -> list[str]:
    return [a.roster for a in field.attempts() if a.responder == of]


def test_rules_put_in_force_during_the_run_do_not_change_an_open_ladder(field: Field, tmp_path: Path) -> None:
    """Steps and delays are frozen at opening; the next warning goes by the new ones."""
    only(field, GRID_1)
    rules = shutil.copytree(field.app.settings.rules, tmp_path / "rules")
    slow = rules / "ladders.yaml"
    slow.write_text(slow.read_text("utf-8").replace("wait: 90秒", "wait: 9分钟"), "utf-8")
    field.app.settings = field.app.settings.model_copy(update={"rules": rules})
    field.app.use_rules()
    field.wait(90)
    assert field.new() == [(GRID_1, CALL)]
    field.key(GRID_1, "1")
    only(field, GRID_1, hazard=Hazard.LANDSLIDE)
    field.wait(9 * 60 - 1)
    assert field.new() == []
    field.wait(1)
    assert field.new() == [(GRID_1, CALL)]


def test_a_new_number_is_used_from_the_next_step_on_and_the_attempt_names_its_roster(field: Field) -> None:
    """Numbers are looked up when a step is claimed."""
    only(field, GRID_1)
    field.app.use_roster(standard_roster(version="r2", responders=with_numbers(OTHER_PHONE)), "示例")
    field.wait(90)
    assert field.new() == [(OTHER_PHONE, CALL)]
    assert rosters_of(field, GRID_1) == ["r1", "r2"]


def test_a_new_holder_is_called_from_the_next_step_on(field: Field) -> None:
    """So is the person: who left the post is not called again."""
    only(field, GRID_1)
    field.app.use_roster(changed("r2", post(GRID_1, holder=6)), "示例")
    field.wait(90)
    assert field.new() == [(6, CALL)]


def test_a_post_that_is_gone_from_the_roster_is_left_to_a_human(field: Field) -> None:
    """Nobody can be called for it any more, and nobody forgets it."""
    only(field, GRID_1)
    rest = tuple(p for p in standard_roster().posts if p.id != GRID_1)
    field.app.use_roster(standard_roster(version="r2", posts=rest), "示例")
    field.wait(90)
    assert (field.new(), field.human_calls()) == ([], [(GRID_1, "exhausted")])


def test_who_is_on_shift_is_called_in_the_holders_place(open_county: Opener) -> None:
    """The shift that runs when the step is claimed: after the change of shift the next one is called."""
    change = later(DAY, MINUTE)
    shifts = (Shift(GRID_1, 6, Instant(DAY - HOUR), change), Shift(GRID_1, 3, change, later(DAY, HOUR)))
    field = open_county(roster=standard_roster(shifts=shifts))
    field.alert(Level.ORANGE, areas=[BAIMA])
    assert (6, TEXT) in field.new()
    field.wait(90)
    called = field.new()
    assert (3, CALL) in called
    assert {6, GRID_1}.isdisjoint(serial for serial, _ in called)


def test_a_deputy_who_is_the_silent_person_is_passed_over(open_county: Opener) -> None:
    """Nobody is called twice under two titles."""
    field = open_county(roster=changed("r1", post(GRID_1, deputy=GRID_1)))
    only(field, GRID_1)
    field.wait(180)
    assert field.new() == [(GRID_1, CALL), (LEADER_BAIMA, CALL)]


def test_a_superior_who_is_the_silent_person_is_passed_over(open_county: Opener) -> None:
    """The ladder ends, and a human goes on."""
    field = open_county(roster=changed("r1", post(LEADER_BAIMA, holder=GRID_2)))
    only(field, LEADER_BAIMA, GRID_2)
    field.wait(180)
    assert LEADER_BAIMA not in {serial for serial, _ in field.new()}
    assert (GRID_2, "exhausted") in field.human_calls()


@pytest.mark.parametrize("word", ["busy", "no_reply", "switched_off"])
def test_a_call_that_provably_reached_nobody_moves_the_ladder_on_at_once(field: Field, word: str) -> None:
    """No time is lost on a phone that nobody holds."""
    only(field, GRID_1)
    field.wait(90)
    field.receipt(GRID_1, word, CALL)
    assert field.new() == [(GRID_1, CALL), (DEPUTY, CALL)]


def test_a_dead_number_is_not_tried_again(open_county: Opener) -> None:
    """空号: the next number at once, in this ladder and in every later one."""
    field = open_county(roster=standard_roster(responders=with_numbers(GRID_1, OTHER_PHONE)))
    only(field, GRID_1)
    field.receipt(GRID_1, "dead")
    assert field.new() == [(OTHER_PHONE, CALL)]
    field.key(OTHER_PHONE, "1")
    only(field, GRID_1, hazard=Hazard.LANDSLIDE)
    assert [m.text for _, m in field.to(GRID_1) if "地质灾害" in m.text] == []
    assert "地质灾害" in field.to(OTHER_PHONE)[-1][1].text


@pytest.mark.parametrize(("level", "first"), [(Level.ORANGE, CALL), (Level.RED, CALL), (Level.YELLOW, TEXT)])
def test_the_night_begins_with_a_call_for_orange_and_red(open_county: Opener, level: Level, first: str) -> None:
    """A text wakes nobody."""
    field = open_county(start=NIGHT)
    field.alert(level, areas=[BAIMA])
    assert {channel for _, channel in field.new()} == {first}


def test_day_or_night_is_decided_when_each_step_is_due(open_county: Opener) -> None:
    """A ladder that begins at 22:00 begins with a call and texts second."""
    field = open_county(start=evening(22, 0))
    only(field, GRID_1)
    field.wait(90)
    assert [m.channel for _, m in field.to(GRID_1)] == [CALL, TEXT]


def test_a_minute_before_night_the_first_step_is_a_text(open_county: Opener) -> None:
    field = open_county(start=evening(21, 59))
    only(field, GRID_1)
    assert [m.channel for _, m in field.to(GRID_1)] == [TEXT]


def test_where_night_falls_between_two_steps_a_text_is_followed_by_a_call(open_county: Opener) -> None:
    """At 21:59 a text by day; at 22:00:30 the night's text would be the second in a row: one number, so it rings."""
    field = open_county(start=evening(21, 59))
    only(field, GRID_1)
    field.wait(90)
    assert field.new() == [(GRID_1, CALL)]


def test_the_last_night_call_is_followed_by_the_mornings_step(open_county: Opener) -> None:
    """05:59 rings as at night, 06:00 as by day."""
    field = open_county(start=evening(5, 59))
    only(field, GRID_1)
    field.wait(90)
    assert ([m.channel for _, m in field.to(GRID_1)], len(field.new())) == ([CALL, CALL], 1)


def test_two_silent_people_under_one_superior_are_one_call_that_names_both(open_county: Opener) -> None:
    """The answer counts for each of them."""
    field = open_county(roster=changed("r1", post(GRID_1, deputy=None)))
    only(field, GRID_1, GRID_2)
    field.wait(180)
    assert field.new() == [(GRID_1, CALL), (GRID_2, CALL), (LEADER_BAIMA, CALL)]
    words = field.last(LEADER_BAIMA, CALL).text
    assert "网格员一" in words
    assert "网格员二" in words
    field.key(LEADER_BAIMA, "1")
    assert {field.callout(p).grade for p in (GRID_1, GRID_2)} == {"proxy"}


def failing_call(field: Field, after: float) -> None:
    """GRID_1's call is known to have failed `after` seconds into the ladder; GRID_2's silence lasts until 180."""
    only(field, GRID_1, GRID_2)
    field.wait(after)
    field.new()
    field.receipt(GRID_1, "no_reply", CALL)


def test_silence_that_ends_within_a_minute_before_the_same_superior_is_put_together(open_county: Opener) -> None:
    """Who would be named 60 seconds later is named now."""
    field = open_county(roster=changed("r1", post(GRID_1, deputy=None)))
    failing_call(field, after=120)
    assert field.new() == [(LEADER_BAIMA, CALL)]
    assert "网格员二" in field.last(LEADER_BAIMA, CALL).text


def test_silence_that_ends_more_than_a_minute_apart_is_not_put_together(open_county: Opener) -> None:
    """Nobody's own time to answer is cut by more than that."""
    field = open_county(roster=changed("r1", post(GRID_1, deputy=None)))
    failing_call(field, after=119)
    assert field.new() == [(LEADER_BAIMA, CALL)]
    assert "网格员二" not in field.last(LEADER_BAIMA, CALL).text
    field.wait(61)
    assert field.new() == [(LEADER_BAIMA, CALL)]


def test_the_own_second_step_is_never_cut_short_for_a_bundle(open_county: Opener) -> None:
    """A person of the same superior who is still to be rung keeps the full wait."""
    field = open_county(roster=changed("r1", post(GRID_1, deputy=None)))
    only(field, GRID_1, GRID_2)
    field.receipt(GRID_1, "dead")
    assert field.new() == [(LEADER_BAIMA, CALL)]
    assert "网格员二" not in field.last(LEADER_BAIMA, CALL).text


def test_one_person_with_two_posts_gets_one_message_that_lists_both(open_county: Opener) -> None:
    """One text, both titles."""
    field = open_county(roster=changed("r1", post(GRID_2, holder=GRID_1)))
    field.alert(Level.ORANGE, areas=[BAIMA])
    [(_, message)] = field.to(GRID_1)
    assert "示例·白马镇网格员一、示例·白马镇网格员二" in message.text


def test_after_the_last_silence_a_human_takes_over(field: Field) -> None:
    """Person twice, deputy, superior; each has the full wait, then the officer."""
    only(field, GRID_1)
    field.wait(90 + 90 + 120 + 119)
    assert (field.new(), field.human_calls()) == ([(GRID_1, CALL), (DEPUTY, CALL), (LEADER_BAIMA, CALL)], [])
    field.wait(1)
    assert field.human_calls() == [(GRID_1, "exhausted")]


def test_red_is_claimed_before_blue(field: Field) -> None:
    """One free line, blue came first: every red call goes out before it."""
    field.app.sender = Sender(replace(field.app.sender.sending, slots=1))
    field.take_in(make_alert(DAY, Level.BLUE, hazard=Hazard.LANDSLIDE, areas=[BAIMA]), settle=False)
    field.take_in(make_alert(DAY, Level.RED, areas=[BAIMA]), settle=False)
    field.settle()
    colours = ["红色" in m.text for _, m in field.phones.got]
    assert colours == [True, True, True, True, False]


def test_the_wait_counts_from_the_moment_the_provider_took_the_message(field: Field) -> None:
    """A slow gateway does not eat the time to answer."""

    def slow(_: object) -> str:
        field.clock.advance(later(field.clock.now(), 10_000))
        return ""

    only(field, GRID_1)
    field.clock.advance(later(field.clock.now(), 90_000))
    field.phones.script = slow
    field.settle()
    field.phones.script = lambda _: ""
    field.new()
    field.wait(90 - 1)
    assert field.new() == []
    field.wait(1)
    assert field.new() == [(DEPUTY, CALL)]
