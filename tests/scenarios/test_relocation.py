"""转移: the warning says who must be moved; each of them is followed until a named human lets them return."""

from typing import Any

import pytest

from callout.domain.alert import MsgType
from callout.domain.errors import CalloutError
from callout.domain.feedback import FeedbackKind, Report
from callout.domain.level import Hazard, Level
from callout.domain.relocation import RelocationKey, Word
from callout.pipeline import feedback, relocation
from callout.ports import Given
from tests.databases import Shelf
from tests.scenarios.demands import demanding
from tests.scenarios.field import BAIMA, COUNTY, DESK, GRID_1, GRID_2, JIANGKOU, SMS, Field
from tests.scenarios.moving import (
    FAR,
    HOME,
    HOUSE,
    LONE,
    OFFICER,
    items,
    listed,
    release,
    rows,
    site,
    states,
    tell,
    warned,
)

HALF_AN_HOUR, HOUR = 1800, 3600
LIFTED: dict[str, Any] = {
    "msg_type": MsgType.CANCEL, "references": ["示例-橙"], "identifier": "示例-解除",
    "headline": "武隆区气象台解除暴雨橙色预警",
}  # fmt: skip


@pytest.fixture
def shelf(sqlite_shelf: Shelf) -> Shelf:
    """What is decided here does not depend on the database; the whole story is told on both below."""
    return sqlite_shelf


def ask(field: Field, sites: list[str], officer: str) -> None:
    """A human asks about no warning."""
    field.app.store.write(lambda work: relocation.demand(work, COUNTY, (0, 0, "actual"), sites, officer))


def refuse(field: Field, ident: str, rev: int, run: str) -> None:
    """An officer enters a refusal seen in this revision and in this kind of run."""
    seen = [(RelocationKey(COUNTY, 1, ident), rev)]
    field.app.store.write(lambda work: relocation.refused(work, seen, Word(OFFICER), run))


def lift(field: Field, *areas: str) -> None:
    """A minute later the office lifts the warning."""
    field.wait(60)
    field.new()
    field.alert(areas=areas, **LIFTED)


@pytest.fixture
def baima(field: Field) -> Field:
    return warned(field)


def test_a_warning_opens_whom_the_list_names_and_nobody_else(baima: Field) -> None:
    """The level, the hazard and the township decide, in the commit that matches the rules; the others stay at home."""
    assert states(baima) == {HOME: "to_move", LONE: "to_move", HOUSE: "to_move"}
    assert [(r.post, r.people, r.shelter) for r in rows(baima).values()] == [
        (GRID_1, 69, "A1"), (GRID_2, 1, "A1"), (GRID_2, 4, "A1")
    ]  # fmt: skip
    assert {r.alert for r in baima.audit("relocation.demanded")} == {1}


@pytest.mark.parametrize("why", ["level", "hazard", "kind"])
def test_what_the_list_does_not_speak_of_moves_nobody(field: Field, why: str) -> None:
    listed(field)
    cases: dict[str, dict[str, Any]] = {
        "level": {"level": Level.YELLOW},
        "hazard": {"hazard": Hazard.FLASH_FLOOD},
        "kind": {"headline": "武隆区启动防汛Ⅱ级应急响应"},
    }
    field.alert(**cases[why])
    assert states(field) == {}


def test_a_county_without_a_list_moves_nobody(field: Field) -> None:
    field.alert()
    assert states(field) == {}


def test_a_reply_with_the_number_of_all_moves_the_one_that_the_person_keeps(baima: Field) -> None:
    baima.reply(GRID_1, "已转移69人")
    home = rows(baima)[HOME]
    assert (home.state, home.moved_people, home.next_at) == ("moved", 69, None)
    assert states(baima)[LONE] == "to_move"


def test_a_smaller_number_moves_a_part_and_the_clock_runs_on(baima: Field) -> None:
    """32 of 69 are away: the other 37 are still in danger, and an officer hears of it when the time is over."""
    baima.reply(GRID_1, "已转移32人")
    home = rows(baima)[HOME]
    assert (home.state, home.moved_people, home.next_at is None) == ("to_move", 32, False)
    baima.wait(HOUR)
    assert (GRID_1, f"{HOME} 69 人：限时已到，没有转移的消息") in items(baima)
    baima.reply(GRID_1, "已转移69人")
    assert states(baima)[HOME] == "moved"
    assert GRID_1 not in {post for post, _ in items(baima)}


def test_a_number_that_fits_no_list_is_given_to_an_officer(baima: Field) -> None:
    """One person keeps two households of 5 people; 4 of them moved may be either."""
    baima.reply(GRID_2, "已转移4人")
    assert states(baima)[LONE] == states(baima)[HOUSE] == "to_move"
    assert items(baima, "moved_unclear") == [(GRID_2, "报已转移 4 人，名下 2 处共 5 人，请核实是哪几处")]
    baima.reply(GRID_2, "已转移2户5人")
    assert {states(baima)[LONE], states(baima)[HOUSE]} == {"moved"}


def test_nobody_moved_is_a_number_too(baima: Field) -> None:
    baima.reply(GRID_2, "已转移0人")
    assert [rows(baima)[one].moved_people for one in (LONE, HOUSE)] == [0, 0]
    assert items(baima, "moved_unclear") == []


def test_whoever_is_not_away_in_time_is_an_item_each_with_the_person_to_ring(baima: Field) -> None:
    baima.wait(HALF_AN_HOUR)
    assert items(baima) == [(GRID_2, f"{LONE} 1 人：限时已到，没有转移的消息")]
    baima.wait(HALF_AN_HOUR)
    assert len(items(baima)) == 3
    assert {post for post, _ in items(baima)} == {GRID_1, GRID_2}


def test_refused_unreachable_and_gone_back_each_go_to_a_human(baima: Field) -> None:
    """The newest word closes the item of the one before: one open item for each place."""
    tell(baima, relocation.refused, LONE, by="示例·网格员", reason="不愿离家")
    tell(baima, relocation.unreachable, HOUSE)
    assert states(baima) == {HOME: "to_move", LONE: "refused", HOUSE: "unreachable"}
    assert sorted(note for _, note in items(baima)) == [f"{LONE} 1 人：拒绝转移", f"{HOUSE} 4 人：联系不上"]
    tell(baima, relocation.moved, LONE, HOUSE)
    assert items(baima) == []
    tell(baima, relocation.returned, HOUSE, reason="回家取物")
    assert states(baima)[HOUSE] == "returned"
    assert [note for _, note in items(baima)] == [f"{HOUSE} 4 人：擅自返回"]
    assert rows(baima)[HOUSE].moved_people == 0
    [entry] = baima.audit("relocation.returned")
    assert (entry.actor, entry.before, entry.after) == (OFFICER, "moved", "returned")


def test_neither_cancel_nor_expiry_lets_anybody_return(baima: Field) -> None:
    """And the all-clear does not say that it is over, because for those people it is not."""
    baima.reply(GRID_1, "已转移69人")
    lift(baima, BAIMA)
    text = baima.last(GRID_1, SMS).text
    assert "有变化，转移没有结束" in text
    assert "转移人员不得返回" in text
    assert "已解除" not in text
    assert states(baima)[HOME] == "moved"
    baima.wait(7 * HOUR)
    assert states(baima)[HOME] == "moved"


def test_once_a_named_human_lets_them_return_the_all_clear_is_plain(baima: Field) -> None:
    tell(baima, relocation.moved, HOME, LONE, HOUSE)
    release(baima, HOME, LONE, HOUSE)
    lift(baima, BAIMA)
    assert "已解除" in baima.last(GRID_1, SMS).text


def test_people_elsewhere_do_not_change_the_words_here(field: Field) -> None:
    listed(field, site(FAR, area=JIANGKOU, keeper=6, shelter="A2"))
    field.alert(identifier="示例-橙")
    for post in range(1, 7):
        field.reply(post, "全部收到")
    lift(field)
    assert "已解除" in field.last(GRID_1, SMS).text
    assert "转移没有结束" in field.last(6, SMS).text
    assert "转移没有结束" in field.last(DESK, SMS).text


def test_red_again_asks_anew_for_those_who_stayed_or_went_back(baima: Field) -> None:
    tell(baima, relocation.moved, HOME, HOUSE)
    tell(baima, relocation.returned, HOUSE)
    tell(baima, relocation.refused, LONE)
    baima.alert(Level.RED, areas=[BAIMA], identifier="示例-红", msg_type=MsgType.UPDATE, references=["示例-橙"])
    assert states(baima) == {HOME: "moved", LONE: "to_move", HOUSE: "to_move"}
    assert {rows(baima)[one].alert for one in (LONE, HOUSE)} == {2}
    assert items(baima) == []


def test_nobody_to_move_them_and_nowhere_to_go_is_on_the_list_at_once(field: Field) -> None:
    listed(field, site(keeper=0, shelter=""))
    field.alert(areas=[BAIMA])
    [(post, note)] = items(field)
    assert (post, note) == (0, f"{HOME} 69 人（不能行走 55 人）要转移：没有对接责任人，没有安置点")
    tell(field, relocation.moved, HOME, shelter="A1")
    assert items(field) == []


def test_a_shelter_that_is_full_is_said(field: Field) -> None:
    listed(field, capacity=50)
    field.alert(areas=[BAIMA])
    tell(field, relocation.moved, HOME)
    assert items(field, "shelter_full") == [(0, "安置点 A1 已有 69 人，容量 50 人")]


def test_a_later_word_may_lower_the_number_and_the_rest_is_to_move_again(baima: Field) -> None:
    tell(baima, relocation.moved, HOME)
    tell(baima, relocation.moved, HOME, people=60)
    home = rows(baima)[HOME]
    assert (home.state, home.moved_people, home.next_at) == ("to_move", 60, baima.clock.now() + HOUR * 1000)


def test_a_human_may_ask_without_a_warning(field: Field) -> None:
    """Bottom-up: the stream rises before any warning comes."""
    listed(field)
    ask(field, [HOUSE], OFFICER)
    row = rows(field)[HOUSE]
    assert (row.state, row.alert, row.episode, row.lane) == ("to_move", 0, 0, 0)
    for sites, officer in (([], OFFICER), (["示例没有"], OFFICER), ([HOUSE], " ")):
        with pytest.raises(CalloutError):
            ask(field, sites, officer)


def test_what_cannot_be_entered_is_refused_and_nothing_is_written(baima: Field) -> None:
    for act, sites, said in (
        (relocation.moved, (HOME, LONE), {"people": 3}),
        (relocation.moved, (HOME,), {"officer": " "}),
        (relocation.moved, (), {}),
        (relocation.returned, (HOME,), {}),
        (relocation.release, (HOME,), {}),
        (relocation.release, (HOME,), {"by": "示例·区长", "title": "副区长"}),
    ):
        with pytest.raises(CalloutError):
            tell(baima, act, *sites, **said)
    for run, rev, key in (("demo", 0, HOME), ("actual", 7, HOME), ("actual", 0, "示例没有")):
        with pytest.raises(CalloutError):
            refuse(baima, key, rev, run)
    assert states(baima) == {HOME: "to_move", LONE: "to_move", HOUSE: "to_move"}


def test_what_an_officer_enters_as_feedback_moves_them_too(field: Field) -> None:
    demanding(listed(field)).alert(areas=[BAIMA])
    field.reply(GRID_1, "收到")
    given = Given(COUNTY, 1, GRID_1, Report(FeedbackKind.MOVED, 69, 1), "human:1")
    field.app.store.write(lambda work: feedback.give(work, given, OFFICER))
    assert states(field)[HOME] == "moved"
    on_post = Given(COUNTY, 1, GRID_1, Report(FeedbackKind.ON_POST), "human:2")
    field.app.store.write(lambda work: feedback.give(work, on_post, OFFICER))
    assert states(field)[HOME] == "moved"
