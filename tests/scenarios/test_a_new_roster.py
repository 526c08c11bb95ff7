"""A roster is brought in from a file while callouts run: nobody is lost, and the next step finds the new people."""

from callout.domain.roster import Roster
from callout.rulebook.roster_file import read_roster
from callout.rulebook.roster_writing import write_roster
from callout.store.roster_reading import read_roster as stored
from tests.scenarios.field import COUNTY, GRID_2, GRID_3, SMS, VOICE, Field, number

NEW = 77


def edited(field: Field, *edits: tuple[str, str]) -> Roster:
    """The roster in force, exported, edited as text, and read again."""
    base = field.app.database.read(lambda db: stored(db, COUNTY, "r1"))
    [row] = field.app.store.read(lambda work: work.rosters.counties())
    book = field.app.rulebooks.get(COUNTY, row.rulebook)
    text = write_roster(base, book.county).decode("utf-8-sig")
    for before, after in edits:
        assert before in text
        text = text.replace(before, after)
    read = read_roster(text.encode(), book, base, "r2")
    assert read.errors == ()
    assert read.roster is not None
    return read.roster


def test_the_next_step_calls_the_number_of_the_new_roster(field: Field) -> None:
    field.alert()
    assert (GRID_2, SMS) in field.new()
    field.app.use_roster(edited(field, (number(GRID_2).e164, number(NEW).e164)), "示例·测试")
    field.wait(90)
    called = field.new()
    assert (NEW, VOICE) in called
    assert (GRID_2, VOICE) not in called
    assert field.states()[GRID_2] == "waiting"


def test_the_answer_of_who_was_called_before_still_counts(field: Field) -> None:
    field.alert()
    field.app.use_roster(
        edited(field, (f"示例·人员{GRID_2}", "示例·新人"), (number(GRID_2).e164, number(NEW).e164)), "示例"
    )
    field.reply(GRID_2, "收到")
    assert field.states()[GRID_2] == "answered"


def test_a_post_that_is_removed_while_it_is_called_goes_to_a_human(field: Field) -> None:
    field.alert()
    roster = edited(field)
    field.app.use_roster(
        Roster("r3", COUNTY, tuple(p for p in roster.posts if p.id != GRID_3), roster.responders), "示例"
    )
    field.wait(90)
    assert (GRID_3, "exhausted") in field.human_calls()
