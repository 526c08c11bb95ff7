"""What waits for a human is itself a callout: the desk is rung until somebody takes it."""

from dataclasses import replace

import pytest

from callout.domain.callout import lane_of
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.instant import HOUR, later
from callout.domain.level import Hazard, Level
from callout.domain.roster import Post, Roster, Shift
from callout.pipeline import attend
from callout.pipeline.attend import ItemKey
from tests.scenarios.conftest import Opener
from tests.scenarios.field import (
    COUNTY,
    COUNTY_AREA,
    DAY,
    DESK,
    NIGHT,
    VOICE,
    Field,
    number,
    person,
    standard_roster,
)

OFFICE_ABOVE = 7
"""Post of the next office, held by person 7."""
OFFICER, SECOND_PHONE, SUPERVISOR = 16, 17, 15
"""The officer on shift (two phones) and 带班领导, by number."""
WHO = "示例值班员"
NO_RULE: ItemKey = (COUNTY, 1, 0, "no_rule", COUNTY_AREA)
"""The item that a heat warning leaves: no rule speaks of it, so nobody but a human can act."""


def desk_roster() -> Roster:
    """The standard county with an officer on shift at the desk, a deputy of the desk and an office above it."""
    usual = standard_roster()
    desk = replace(usual.posts[0], deputy=SUPERVISOR, superior=OFFICE_ABOVE)
    above = Post(OFFICE_ABOVE, COUNTY_AREA, "市应急值班室", "示例·市应急值班室", OFFICE_ABOVE)
    people = (person(OFFICER, number(OFFICER), number(SECOND_PHONE)), person(SUPERVISOR), person(OFFICE_ABOVE))
    shift = Shift(DESK, OFFICER, later(DAY, -HOUR), later(DAY, 24 * HOUR))
    return replace(
        usual, posts=(desk, *usual.posts[1:], above), responders=(*usual.responders, *people), shifts=(shift,)
    )


@pytest.fixture
def office(open_county: Opener) -> Field:
    return open_county(roster=desk_roster())


def claim(field: Field, item: ItemKey = NO_RULE) -> None:
    field.app.store.write(lambda work: attend.claim(work, item, WHO))


def rung_after(field: Field, seconds: int) -> None:
    """The officer is rung after so many seconds, and nobody before."""
    field.wait(seconds - 1)
    assert field.new() == []
    field.wait(1)
    assert field.new() == [(OFFICER, VOICE)]


def test_an_item_that_nobody_takes_in_two_minutes_rings_the_officer_on_shift(office: Field) -> None:
    """Orange and below: two minutes of patience, then the phone of whoever is on shift, not of the usual holder."""
    office.alert(hazard=Hazard.HAIL)
    rung_after(office, 120)


def test_red_is_given_one_minute(office: Field) -> None:
    """What waits because of a red alert rings after one minute."""
    office.alert(Level.RED, hazard=Hazard.HAIL)
    rung_after(office, 60)


def test_at_night_the_desk_is_rung_no_later(open_county: Opener) -> None:
    """The night changes nothing: a phone call after the same two minutes."""
    night = open_county(NIGHT, desk_roster())
    night.alert(hazard=Hazard.HAIL)
    night.wait(120)
    assert night.new() == [(OFFICER, VOICE)]


def test_a_silent_officer_is_followed_by_the_supervisor_and_the_next_office(office: Field) -> None:
    """The desk has a ladder of its own: both phones of the officer, 带班领导, then the office above, and again."""
    office.alert(hazard=Hazard.HAIL)
    office.wait(120 + 3 * 60)
    assert office.new() == [(OFFICER, VOICE), (SECOND_PHONE, VOICE), (SUPERVISOR, VOICE), (OFFICE_ABOVE, VOICE)]
    assert "值班室" in office.last(SUPERVISOR, VOICE).text
    office.wait(60 + 120)
    assert office.new() == [(OFFICER, VOICE)]


def test_an_item_that_somebody_has_taken_rings_nobody(office: Field) -> None:
    """A named officer works on it, so the desk stays quiet, for as long as it takes."""
    office.alert(hazard=Hazard.HAIL)
    office.wait(60)
    claim(office)
    office.wait(3600)
    assert office.new() == []
    assert office.human_calls("claimed") == [(0, "no_rule")]


def test_an_item_given_back_is_unclaimed_again(office: Field) -> None:
    """Giving an item back starts the patience anew."""
    office.alert(hazard=Hazard.HAIL)
    claim(office)
    office.wait(3600)
    office.app.store.write(lambda work: attend.release(work, NO_RULE, WHO))
    rung_after(office, 120)


def test_nobody_else_is_woken_once_the_item_is_taken(office: Field) -> None:
    """The ring of the desk ends with the claim: neither the second phone nor 带班领导 is called after it."""
    office.alert(hazard=Hazard.HAIL)
    office.wait(130)
    assert office.new() == [(OFFICER, VOICE)]
    claim(office)
    office.wait(3600)
    assert office.new() == []
    assert office.callout(DESK, round_=1).state == "superseded"


def test_the_ring_goes_on_while_another_item_lies_unclaimed(office: Field) -> None:
    """Taking one of two items does not silence the desk."""
    office.alert(hazard=Hazard.HAIL)
    office.alert(Level.BLUE, hazard=Hazard.HAIL)
    office.wait(130)
    claim(office)
    office.wait(60)
    assert office.new() == [(OFFICER, VOICE), (SECOND_PHONE, VOICE)]


def test_who_answers_for_the_desk_and_takes_nothing_is_followed_by_the_next(office: Field) -> None:
    """收到 from the desk ends that ring only: what nobody takes goes to 带班领导, then to the next office."""
    office.alert(hazard=Hazard.HAIL)
    office.wait(125)
    office.key(OFFICER, "1")
    assert office.callout(DESK, round_=1).state == "answered"
    office.wait(114)
    assert office.new() == [(OFFICER, VOICE)]
    office.wait(1)
    assert office.new() == [(SUPERVISOR, VOICE)]
    office.key(SUPERVISOR, "1")
    office.wait(120)
    assert office.new() == [(OFFICE_ABOVE, VOICE)]
    assert office.human_calls("open") == [(0, "no_rule")]


def test_a_desk_that_cannot_come_is_followed_at_once_and_is_no_item_of_its_own(office: Field) -> None:
    office.alert(hazard=Hazard.HAIL)
    office.wait(120)
    office.key(OFFICER, "2")
    assert office.new() == [(OFFICER, VOICE), (SUPERVISOR, VOICE)]
    assert office.human_calls() == [(0, "no_rule")]


def all_know(office: Field, level: Level = Level.ORANGE) -> None:
    """Officer, 带班领导 and next office have each said 收到 about the same item, and nobody has taken it."""
    patience = 60 if level is Level.RED else 120
    office.alert(level, hazard=Hazard.HAIL)
    for who in (OFFICER, SUPERVISOR, OFFICE_ABOVE):
        office.wait(patience)
        assert office.new() == [(who, VOICE)]
        office.key(who, "1")


@pytest.mark.parametrize(("level", "rests"), [(Level.ORANGE, 600), (Level.RED, 300)])
def test_what_all_know_of_rests_and_then_rings_again(office: Field, level: Level, rests: int) -> None:
    """Nobody is rung every two minutes about what they have confirmed; but what nobody takes is not forgotten."""
    all_know(office, level)
    patience = rests // 5
    rung_after(office, patience + rests)
    office.key(OFFICER, "1")
    office.wait(patience)
    assert office.new() == [(SUPERVISOR, VOICE)]
    assert "county.desk_knows" in {entry.event for entry in office.audit("county.desk_knows")}


def others(field: Field, many: int) -> list[ItemKey]:
    """So many more items, all of which the desk knows of when `all_know` is over."""
    items = [NewHumanCall(COUNTY, 0, 0, HumanCallKind.CONFLICT, f"示例{at}") for at in range(many)]
    field.app.store.write(lambda work: work.humans.open(items, lane_of(Level.BLUE)))
    return [(COUNTY, 0, 0, "conflict", item.about) for item in items]


def close(field: Field, item: ItemKey) -> None:
    claim(field, item)
    field.app.store.write(lambda work: attend.close(work, item, WHO, "示例：已处置"))


def test_while_the_list_is_worked_on_nobody_is_rung_about_what_all_know(office: Field) -> None:
    """Who closes one item after the other is not called away from it, nor is 带班领导 woken each quarter hour."""
    known = others(office, 6)
    all_know(office)
    for item in known:
        office.wait(540)
        close(office, item)
        assert office.new() == []
    assert office.human_calls("open") == [(0, "no_rule")]
    assert "county.desk_at_work" in {entry.event for entry in office.audit("county.desk_at_work")}


def test_when_nobody_has_closed_anything_for_ten_minutes_all_are_rung_again(office: Field) -> None:
    [known] = others(office, 1)
    all_know(office)
    office.wait(600)
    close(office, known)
    rung_after(office, 600)


def test_what_has_lain_for_an_hour_is_told_anew_however_much_is_done(office: Field) -> None:
    known = others(office, 8)
    all_know(office)
    for item in known:
        office.wait(400)
        close(office, item)
    rung_after(office, 400)


def test_what_comes_while_the_desk_rests_rings_as_ever(office: Field) -> None:
    all_know(office)
    office.wait(180)
    assert office.new() == []
    office.alert(Level.BLUE, hazard=Hazard.HAIL)
    rung_after(office, 120)


def test_what_has_come_since_begins_with_the_officer_again(office: Field) -> None:
    """The officer took what the ring was about; another item is no reason to wake 带班领导 at once."""
    office.alert(hazard=Hazard.HAIL)
    office.wait(125)
    office.key(OFFICER, "1")
    claim(office)
    office.alert(Level.BLUE, hazard=Hazard.HAIL)
    office.wait(120)
    assert office.new() == [(OFFICER, VOICE), (OFFICER, VOICE)]


def test_a_silent_supervisor_is_followed_by_the_next_office(office: Field) -> None:
    """The ring that began with 带班领导 climbs as any other."""
    office.alert(hazard=Hazard.HAIL)
    office.wait(125)
    office.key(OFFICER, "1")
    office.wait(115 + 60)
    assert office.new() == [(OFFICER, VOICE), (SUPERVISOR, VOICE), (OFFICE_ABOVE, VOICE)]


def test_the_call_to_the_desk_does_not_end_with_the_alert(office: Field) -> None:
    """Work for a human outlives the alert, so a gateway gets no validity that has passed."""
    office.alert(hazard=Hazard.HAIL, hours=-1)
    assert office.human_calls() == [(0, "late_alert")]
    office.wait(120)
    assert [m.expires_at for _, m in office.to(OFFICER)] == [None]
