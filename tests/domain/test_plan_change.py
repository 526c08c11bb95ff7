"""What a new plan changes: rule by rule, and for whom."""

from dataclasses import replace

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
