"""What a new plan changes: rule by rule, and for whom."""

from dataclasses import replace
from typing import Any

import pytest

from callout.domain.area import Abolished, Locality
from callout.domain.code_changes import CodeBook
from callout.domain.gauge import Gauge, GaugeKind
from callout.domain.instant import MINUTE
from callout.domain.level import Level
from callout.domain.plan_change import Effect, RulePart, Turn, plan_diff, plan_effects
from callout.domain.proof.space import Case
from callout.domain.rule import Call, Rulebook
from callout.rulebook.reading import parse
from tests.domain.proof_county import FILES

BOOK: Rulebook = parse(FILES, "500156")


def of(effects: tuple[Effect, ...], turn: Turn) -> set[tuple[str, str]]:
    return {(one.area, one.role) for one in effects if one.turn is turn}


def test_nothing_changed_is_no_difference() -> None:
    assert not plan_diff(BOOK, replace(BOOK, version="other"))
    assert plan_effects(BOOK, replace(BOOK, version="other")) == ()


def test_a_rule_that_goes_takes_its_calls_and_one_that_comes_brings_them() -> None:
    gone = BOOK.rules[0]
    less = replace(BOOK, rules=BOOK.rules[1:])
    assert plan_diff(BOOK, less).removed == (gone.id,)
    assert plan_diff(less, BOOK).added == (gone.id,)
    left, called = plan_effects(BOOK, less), plan_effects(less, BOOK)
    assert {one.turn for one in left} <= {Turn.LEFT, Turn.OTHERWISE}
    assert of(called, Turn.CALLED) == of(left, Turn.LEFT)


def test_each_changed_part_of_a_rule_is_named() -> None:
    rule = next(r for r in BOOK.rules if r.calls)
    other = replace(rule, measure="别的措施", calls=(Call(("示例新岗",), rule.calls[0].ladder),))
    new = replace(BOOK, rules=tuple(other if r is rule else r for r in BOOK.rules))
    assert plan_diff(BOOK, new).changed == {rule.id: (RulePart.CALLS, RulePart.MEASURE)}
    effects = plan_effects(BOOK, new)
    assert "示例新岗" in {role for _, role in of(effects, Turn.CALLED)}
    assert all(isinstance(case, Case) for one in effects for case in one.cases)


def test_another_ladder_calls_the_same_people_otherwise() -> None:
    name = BOOK.rules[0].calls[0].ladder
    ladder = BOOK.ladders[name]
    new = replace(BOOK, ladders={**BOOK.ladders, name: replace(ladder, steps=ladder.steps[:1])})
    found = plan_diff(BOOK, new)
    assert (found.ladders, found.changed) == ((name,), {})
    assert bool(found)
    assert {one.turn for one in plan_effects(BOOK, new)} == {Turn.OTHERWISE}


def test_a_new_limit_is_a_changed_ladder() -> None:
    name = next(iter(BOOK.ladders))
    assert plan_diff(BOOK, replace(BOOK, limits={**BOOK.limits, name: 1})).ladders == (name,)


def with_(**changed: Any) -> Rulebook:
    return replace(BOOK, county=replace(BOOK.county, **changed))


@pytest.mark.parametrize(
    ("book", "said"),
    [
        (replace(BOOK, desk_ladder="red"), "值班室"),
        (replace(BOOK, spare=frozenset({("", "示例岗")})), "须有替补"),
        (replace(BOOK, named=()), "岗位清单"),
        (with_(gauges=(Gauge("R", "示例站", GaugeKind.RAIN, "stats:500156101", MINUTE),)), "测站或阈值"),
        (with_(validity={**BOOK.county.validity, Level.RED: 1}), "推定有效期"),
        (with_(confirm={Level.RED: 1}), "待确认"),
        (with_(office="示例局"), "发布单位"),
        (with_(townships=BOOK.county.townships[1:]), "区县名称、乡镇、短名或代码"),
        (with_(places=(Locality("示例沟", "小流域", frozenset()),)), "地点或村（社区）"),
        (with_(abolished=(Abolished("示例老镇", None, "500156150"),)), "已撤销的乡镇"),
        (with_(codes=CodeBook(as_of="示例")), "别处的区划码"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_else_a_plan_sets_is_a_difference_too(book: Rulebook, said: str) -> None:
    """An import that saw no difference would not bring it in."""
    assert plan_diff(BOOK, book).settings == (said,)
    assert plan_diff(BOOK, book)
