"""Phrases are worded once: the words are those of the templates, whoever is told."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined

from callout.domain.instant import Instant
from callout.domain.level import Level
from callout.domain.meaning import Meaning
from callout.render.phrases import KEPT, keep_phrases

MEANING = Meaning("示例县", "暴雨", Level.RED, "示例镇", Instant(0), None, "转移", "示例台", titles=("甲岗",))


def made(words: str, page: str, **filters: Callable[[str], str]) -> Environment:
    environment = Environment(
        loader=DictLoader({"words.j2": words, "page": page}),
        undefined=StrictUndefined,
        autoescape=False,  # the target is plain text
    )
    environment.filters |= filters
    keep_phrases(environment, "words.j2")
    return environment


def say(environment: Environment, meaning: Meaning) -> str:
    return environment.get_template("page").render(m=meaning)


PAGE = '{% import "words.j2" as words %}{{ words.what(m) }}'
WAYS = {
    "a field": "{% macro what(m) %}{{ m.hazard }}/{{ m.titles | join }}{% endmacro %}",
    "through another": "{% macro who(m) %}{{ m.titles | join }}{% endmacro %}"
    "{% macro what(m) %}{{ m.hazard }}/{{ who(m) }}{% endmacro %}",
    "the whole": "{% macro what(m) %}{% set all = m %}{{ m.hazard }}/{{ all.titles | join }}{% endmacro %}",
    "by name": "{% macro what(m) %}{{ m.hazard }}/{{ m['titles'] | join }}{% endmacro %}",
    "a filter": "{% macro what(m) %}{{ m.hazard }}/{{ (m | attr('titles')) | join }}{% endmacro %}",
}  # fmt: skip


@pytest.mark.parametrize("words", WAYS.values(), ids=WAYS.keys())
def test_nobody_is_told_what_was_meant_for_another(words: str) -> None:
    page = made(words, PAGE)
    others = [replace(MEANING, titles=("乙岗",)), replace(MEANING, hazard="大风"), MEANING]
    assert [say(page, m) for m in (MEANING, *others)] == ["暴雨/甲岗", "暴雨/乙岗", "大风/甲岗", "暴雨/甲岗"]


def test_what_is_the_same_for_all_is_worded_once() -> None:
    asked: list[str] = []

    def once(text: str) -> str:
        asked.append(text)
        return text

    page = made("{% macro what(m) %}{{ m.hazard | once }}{% endmacro %}", PAGE, once=once)
    for title in ("甲岗", "乙岗", "丙岗"):
        assert say(page, replace(MEANING, titles=(title,))) == "暴雨"
    assert asked == ["暴雨"]


def test_only_so_many_are_remembered() -> None:
    page = made("{% macro what(m) %}{{ m.code }}{% endmacro %}", PAGE)
    codes = [str(n) for n in range(KEPT + 5)]
    assert [say(page, replace(MEANING, code=code)) for code in codes] == codes
    assert say(page, replace(MEANING, code="0")) == "0"
