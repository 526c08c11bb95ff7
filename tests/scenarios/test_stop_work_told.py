"""semantics 5: an order is told to its objects; its end is proposed, looked at and decided, each by a named human."""

from dataclasses import replace

import pytest

from callout.domain.errors import CalloutError
from callout.domain.instant import MINUTE, later
from callout.domain.roster import NumberKind
from callout.pipeline import stop_work
from tests.scenarios.conftest import Opener
from tests.scenarios.field import BAIMA, NIGHT, SMS, VOICE, Field, number, person
from tests.scenarios.sites import (
    SCHOOL,
    SITE,
    SITE_2,
    decide,
    items,
    rows,
    seen,
    sites_and_a_school,
    states,
    warn,
    wish,
)


@pytest.fixture
def town(open_county: Opener) -> Field:
    """Everybody answers at once, so that only the 熔断 is left."""
    return open_county(roster=sites_and_a_school())


def ordered(town: Field, *codes: str, **say: object) -> None:
    decide(town, stop_work.order, seen(town, *codes), **say)


def test_an_order_is_told_to_its_objects_and_to_nobody_else(town: Field) -> None:
    warn(town)
    ordered(town, "停学", exceptions="寄宿学生就地安置")
    assert town.new() == [(SCHOOL, SMS)]
    text = town.last(SCHOOL, SMS).text
    assert text.startswith("【叫应】武隆区熔断决定：示例·白马镇学校立即停学。")
    assert "例外：寄宿学生就地安置。由副区长决定，没有通知不得恢复" in text
    [attempt] = [one for one in town.attempts() if one.notice.startswith("stop_ordered:")]
    assert attempt.state == "sent"


def test_an_order_for_later_says_from_when(town: Field) -> None:
    warn(town)
    ordered(town, "停学", effective_at=later(town.clock.now(), 90 * MINUTE))
    assert "示例·白马镇学校8月2日11:30起停学" in town.last(SCHOOL, SMS).text


def test_by_night_a_call_goes_with_the_text(open_county: Opener) -> None:
    town = open_county(NIGHT, sites_and_a_school())
    warn(town)
    ordered(town, "停学")
    assert sorted(town.new()) == [(SCHOOL, SMS), (SCHOOL, VOICE)]
    assert "武隆区预警叫应。熔断决定：示例·白马镇学校，立即停学。" in town.last(SCHOOL, VOICE).text


def test_the_deputy_is_told_where_the_holder_has_no_number_and_a_landline_is_rung(open_county: Opener) -> None:
    usual = sites_and_a_school()
    people = [one for one in usual.responders if one.id not in (SITE, SITE_2)]
    landline = replace(person(SITE_2), contacts=(number(SITE_2, NumberKind.LANDLINE),))
    posts = [replace(one, deputy=SCHOOL) if one.id == SITE else one for one in usual.posts]
    silent = replace(person(SITE), contacts=())
    town = open_county(roster=replace(usual, posts=tuple(posts), responders=(*people, silent, landline)))
    warn(town)
    ordered(town, "停工")
    assert sorted(town.new()) == [(SITE_2, VOICE), (SCHOOL, SMS)]


def test_an_object_that_nobody_can_be_told_at_is_work_for_a_human(open_county: Opener) -> None:
    """A school without a holder, and a bridge that the roster does not know; moot once the order is lifted."""
    usual = sites_and_a_school()
    posts = [replace(one, holder=None) if one.id == SCHOOL else one for one in usual.posts]
    town = open_county(roster=replace(usual, posts=tuple(posts)))
    warn(town)
    ordered(town, "停学")
    [item] = items(town, "stop_untold")
    assert (item.post, item.note) == (SCHOOL, "停学已决定执行，示例·白马镇学校没有可用号码，请电话或派人告知")
    wish(town)
    ordered(town, "断")
    assert [one.note.partition("，")[2] for one in items(town, "stop_untold") if not one.post] == [
        "“白马大桥”不在名册，请电话或派人告知"
    ] * 2
    decide(town, stop_work.lift, seen(town, "断"))
    told = [(one.post, "解除" in one.note) for one in items(town, "stop_untold")]
    assert sorted(told) == [(0, True), (0, True), (SCHOOL, False)]


def test_the_end_is_proposed_looked_at_and_decided_and_nothing_restarts_before(town: Field) -> None:
    warn(town)
    ordered(town, "停学")
    decide(town, stop_work.confirm, seen(town, "停学"), by="示例·校长", basis="已停课")
    town.new()
    decide(town, stop_work.propose_lift, seen(town, "停学"), basis="预警已解除")
    assert ("停学", BAIMA, "lift_proposed") in states(town)
    with pytest.raises(CalloutError, match="恢复前检查"):
        decide(town, stop_work.inspect, seen(town, "停学"), check=" ")
    decide(town, stop_work.inspect, seen(town, "停学"), check="校舍和边坡已查")
    assert ("停学", BAIMA, "inspected") in states(town)
    assert town.new() == []
    decide(town, stop_work.lift, seen(town, "停学"))
    assert ("停学", BAIMA, "lifted") in states(town)
    assert town.new() == [(SCHOOL, SMS)]
    assert "熔断解除：示例·白马镇学校即日起解除停学" in town.last(SCHOOL, SMS).text
    [row] = [one for one in rows(town) if one.code == "停学"]
    assert 0 not in (row.ordering, row.confirming, row.lifting, row.inspection, row.ending)


def test_an_end_that_is_refused_leaves_everything_stopped(town: Field) -> None:
    warn(town)
    ordered(town, "停学")
    with pytest.raises(CalloutError, match="已经决定执行"):
        decide(town, stop_work.propose_lift, seen(town, "停学"))
    decide(town, stop_work.confirm, seen(town, "停学"))
    decide(town, stop_work.propose_lift, seen(town, "停学"))
    with pytest.raises(CalloutError, match="理由"):
        decide(town, stop_work.refuse_lift, seen(town, "停学"), basis="")
    town.new()
    decide(town, stop_work.refuse_lift, seen(town, "停学"), basis="操场积水")
    assert ("停学", BAIMA, "confirmed") in states(town)
    assert town.new() == []
