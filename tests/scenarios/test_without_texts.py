"""退订 from a phone that nobody has called: kept for the number, shown to the officer, obeyed later."""

from callout.domain.meaning import NoticeKind
from callout.domain.user import Scope, ScopeKind
from callout.reports.without_texts import strangers_without_texts, without_texts
from tests.scenarios.baima import CALL
from tests.scenarios.field import COUNTY, DEPUTY, GRID_1, GRID_2, SMS, Field, number, person, standard_roster

HERE = Scope(ScopeKind.COUNTY, COUNTY)


def wanting_none(field: Field) -> list[tuple[int, str]]:
    found = field.app.database.read(lambda db: without_texts(db, HERE))
    return [(one.post, one.name) for one in found]


def strangers(field: Field) -> int:
    return field.app.database.read(strangers_without_texts)


def test_stop_without_a_callout_is_kept_shown_and_obeyed(field: Field) -> None:
    """The next warning begins with a call; 恢复 brings the texts back."""
    field.reply(GRID_1, "退订")
    assert wanting_none(field) == [(GRID_1, f"示例·人员{GRID_1}")]
    assert len(field.audit("number.opted_out")) == 1
    field.alert()
    assert (GRID_1, CALL) in field.new()
    assert field.to(GRID_1)[0][1].channel is CALL
    field.reply(GRID_1, "恢复")
    assert wanting_none(field) == []
    assert len(field.audit("number.opted_in")) == 1


def test_stop_from_a_stranger_holds_when_the_number_comes_onto_the_roster(field: Field) -> None:
    """Nobody has to remember it: the number is kept, and found again."""
    field.reply(GRID_1 + 100, "STOP")
    assert (wanting_none(field), strangers(field)) == ([], 1)
    people = tuple(
        person(GRID_1, number(GRID_1 + 100)) if one.id == GRID_1 else one for one in standard_roster().responders
    )
    field.app.use_roster(standard_roster(version="r2", responders=people), "示例·测试")
    assert (wanting_none(field), strangers(field)) == ([(GRID_1, f"示例·人员{GRID_1}")], 0)
    field.alert()
    assert sorted(serial for serial, kind in field.new() if kind is CALL) == [GRID_1 + 100]


def test_a_stranger_who_writes_twice_is_one_number(field: Field) -> None:
    """Stop and start from the same phone, also within one delivery."""
    field.reply(900, "STOP", settle=False)
    field.reply(900, "START", settle=False)
    field.settle()
    field.reply(900, "STOP")
    assert strangers(field) == 1


def test_the_deputy_is_shown_at_the_post(field: Field) -> None:
    """Whoever may be called for the post counts."""
    field.reply(DEPUTY, "退订")
    assert wanting_none(field) == [(GRID_1, f"示例·人员{DEPUTY}")]


def test_who_wants_no_texts_changes_nothing_for_anybody_else(field: Field) -> None:
    """The deputy hears by text, as before, that the answer came after all."""
    field.reply(GRID_2, "退订")
    field.alert()
    while not field.to(DEPUTY):
        field.wait(60)
    field.reply(GRID_1, "1")
    told = field.to(DEPUTY)[-1][1]
    assert (told.notice, told.channel) == (NoticeKind.STANDDOWN, SMS)
