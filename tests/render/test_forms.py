"""Approved templates: what fits their gaps, and what must not be sent at all."""

from dataclasses import replace
from pathlib import Path

import jinja2
import pytest

from callout.domain.form import Charset, Filled, Form, Overflow, Variable
from callout.domain.instant import Instant
from callout.domain.level import Level
from callout.domain.meaning import Meaning
from callout.render.messages import Templates

TEMPLATES = Templates(Path(__file__).parents[2] / "templates")
MEANING = Meaning("示例县", "暴雨", Level.RED, "示例镇", Instant(0), None, "立即转移", "示例县气象台", code="A1")


def form(**variable: object) -> Form:
    gap = replace(Variable("measure", "{{ m.measure }}"), **variable)  # type: ignore[arg-type]
    return Form("T1", "${what}，${measure}。", (Variable("what", "{{ m.hazard }}{{ m.level.zh }}预警"), gap))


def fill(made: Form, meaning: Meaning = MEANING) -> Filled:
    return TEMPLATES.fill(made, meaning)


def test_gaps_are_filled_by_name_and_in_order() -> None:
    filled = fill(form())
    assert (filled.code, dict(filled.named)) == ("T1", {"what": "暴雨红色预警", "measure": "立即转移"})
    assert filled.ordered == ("暴雨红色预警", "立即转移")


@pytest.mark.parametrize("words", ["立即转移" * 6, "见【通知】", "看 https://a.example", "一\n二", ""])
def test_what_does_not_fit_is_not_sent(words: str) -> None:
    with pytest.raises(ValueError, match="模板变量 measure"):
        fill(form(), replace(MEANING, measure=words))


def test_a_value_may_be_cut_where_the_office_has_said_so() -> None:
    assert fill(form(longest=3, overflow=Overflow.CUT)).ordered[1] == "立即…"


@pytest.mark.parametrize(("charset", "fits"), [(Charset.ANY, True), (Charset.PLAIN, False), (Charset.DIGITS, False)])
def test_each_gap_has_its_own_characters(charset: Charset, fits: bool) -> None:
    made = form(value="【1】", charset=charset)
    if fits:
        assert fill(made).named["measure"] == "【1】"
    else:
        with pytest.raises(ValueError, match="不允许的字符"):
            fill(made)


def test_a_gap_that_names_what_no_meaning_holds_raises() -> None:
    with pytest.raises(jinja2.UndefinedError):
        fill(form(value="{{ m.nothing }}"))
