"""What the objects of a 熔断 answer: read, shown as said by them, and never the word from the site."""

from dataclasses import replace
from typing import Any

import pytest

from callout.cli.stop_list import Filter, as_json, chosen, places, show
from callout.domain.instant import MINUTE
from callout.domain.stop_reply import StopWord, read_stop_reply
from callout.domain.stop_work import IN_FORCE
from callout.domain.user import Scope, ScopeKind
from callout.pipeline import stop_work
from callout.reports.stop_board import stop_lines
from callout.reports.stop_told import Object, posts_told
from callout.store import schema
from tests.scenarios.conftest import Opener
from tests.scenarios.field import COUNTY, GRID_1, Field
from tests.scenarios.sites import SCHOOL, SITE, decide, items, seen, sites_and_a_school, states, warn


@pytest.fixture
def town(open_county: Opener) -> Field:
    return open_county(roster=sites_and_a_school())


def ordered(town: Field, *codes: str) -> None:
    warn(town)
    decide(town, stop_work.order, seen(town, *codes))
    town.wait(60)


def said(town: Field, post: int) -> Object:
    lines = town.app.database.read(lambda db: stop_lines(db, Scope(ScopeKind.COUNTY, COUNTY), town.clock.now()))
    [one] = [each for line in lines for each in line.objects if each.post == post]
    return replace(one, told="")


def on_the_screen(town: Field) -> list[dict[str, Any]]:
    """What is in force, shown as the command does; the same for programs."""
    db, where = town.app.database, places(town.app.rulebooks, COUNTY)
    rows = db.read(lambda db: chosen(db, where, Filter(states=tuple(IN_FORCE))))
    told = db.read(lambda db: posts_told(db, [COUNTY]))
    show(rows, told, where, town.clock.now())
    return as_json(rows, told, where)


def test_stopped_is_shown_and_the_word_from_the_site_is_still_waited_for(
    town: Field, capsys: pytest.CaptureFixture[str]
) -> None:
    ordered(town, "停学")
    assert "落实后请回复“已停”，停不了请回复“未停”" in town.to(SCHOOL)[-1][1].text
    town.reply(SCHOOL, "已停课。")
    it = said(town, SCHOOL)
    assert (it.said, it.said_at, it.stopped) == ("已停", town.clock.now(), True)
    [shown] = on_the_screen(town)
    assert "对象：示例·白马镇学校 回复“已停” 08-02 10:01，不算现场确认" in capsys.readouterr().out
    assert [(one["post"], one["said"], one["reached"]) for one in shown["told"]] == [(SCHOOL, "已停", True)]
    assert states(town)[0][2] == "ordered"
    assert town.human_calls("open") == [] or (SCHOOL, "asked") not in town.human_calls("open")
    town.wait(31 * MINUTE / 1000)
    assert len(items(town, "stop_unconfirmed")) == 1
    [entry] = town.audit("stop_word.said")
    assert entry.actor == "phone"
    assert "已停" not in entry.detail


def test_not_stopped_goes_to_a_human_with_what_was_said(town: Field) -> None:
    ordered(town, "停工")
    town.reply(SITE, "停不了")
    assert said(town, SITE).stopped is False
    [item] = items(town, "asked")
    assert (item.post, item.note.startswith("story") or bool(item.note)) == (SITE, True)
    town.reply(SITE, "已停工")
    assert said(town, SITE).said == "已停"
    assert [r.word for r in town.rows(schema.stop_word.select())] == ["not_stopped", "stopped"]


def test_received_says_that_it_was_read_and_counts_for_the_warnings_as_ever(town: Field) -> None:
    ordered(town, "停学")
    town.reply(SCHOOL, "收到")
    assert (said(town, SCHOOL).said, said(town, SCHOOL).stopped) == ("收到", None)
    town.reply(SCHOOL, "已停")
    town.reply(SCHOOL, "收到")
    assert said(town, SCHOOL).said == "已停"


def test_other_words_strangers_and_words_after_the_lift_are_read_as_any_reply(town: Field) -> None:
    ordered(town, "停学")
    town.reply(GRID_1, "已停")  # was told of no 熔断
    town.reply(SCHOOL, "已停课但还有学生在校")
    assert town.rows(schema.stop_word.select()) == []
    decide(town, stop_work.lift, seen(town, "停学"))
    town.reply(SCHOOL, "未停")
    assert town.rows(schema.stop_word.select()) == []


def test_an_answer_that_comes_too_soon_is_none_to_this_order(town: Field) -> None:
    warn(town)
    decide(town, stop_work.order, seen(town, "停学"))
    town.reply(SCHOOL, "已停")
    assert town.rows(schema.stop_word.select()) == []


@pytest.mark.parametrize(("text", "word"), [
    ("已停", StopWord.STOPPED), (" 已 停工！", StopWord.STOPPED), ("全部已停", StopWord.STOPPED),
    ("已停產", None), ("没停", StopWord.NOT_STOPPED), ("还没有停工", StopWord.NOT_STOPPED),
    ("停不了", StopWord.NOT_STOPPED),
    ("1", StopWord.READ), ("收到", StopWord.READ), ("没收到", None), ("已停吗？", None),
    ("已停，1人受伤", None), ("", None),
])  # fmt: skip
def test_the_table_is_closed(text: str, word: StopWord | None) -> None:
    assert read_stop_reply(text) is word
    assert word is None or word.zh
