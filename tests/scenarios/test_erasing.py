"""Personal data goes by command, by person or by age; what the work needs stays, and the record stays whole."""

from typing import Any

import pytest
from sqlalchemy import select

from callout.cli.personal import ERASE
from callout.domain.errors import CalloutError
from callout.domain.instant import DAY, HOUR, later
from callout.domain.roster import Roster
from callout.pipeline import attend
from callout.reports.verification import check_commitments, erased, verify_record
from callout.store import schema
from callout.store.sealing import seals
from tests.scenarios.field import COUNTY, GRID_1, GRID_2, Field, number
from tests.scenarios.test_a_new_roster import edited

SAID = "示例路口塌方，走不过去"
WHO = {"officer": "示例档案员", "reason": "示例依据：保存期满"}


def erase(field: Field, *, apply: bool = True, **wanted: int) -> dict[str, int]:
    args: dict[str, Any] = {"days": 0, "person": 0, "apply": apply} | WHO | wanted
    outcome = ERASE.run(field.app, args)
    assert outcome["applied"] is apply
    found: dict[str, int] = outcome["kinds"]
    return found


def values(field: Field) -> set[str]:
    return {r.value for r in field.rows(select(schema.personal.c.value)) if r.value}


def gone(field: Field, grid: int = GRID_1) -> None:
    """This person leaves; another holds the post."""
    roster = edited(field)
    posts = tuple(p for p in roster.posts if p.id != grid)
    people = tuple(p for p in roster.responders if p.id != grid)
    field.app.use_roster(Roster("r4", COUNTY, posts, people), "示例")


def spoken(field: Field) -> None:
    """A warning, and what one person said to it."""
    field.alert()
    field.reply(GRID_1, SAID)
    field.reply(GRID_2, "1")
    assert {SAID, number(GRID_1).e164, f"示例·人员{GRID_1}"} <= values(field)


def sound(field: Field) -> bool:
    field.app.seal()
    held = field.app.database.read(seals)
    verdict = field.app.database.read(lambda db: verify_record(db, held))
    return verdict.ok and not field.app.database.read(check_commitments)


def test_a_person_who_has_left_is_erased_and_the_record_is_whole(field: Field) -> None:
    spoken(field)
    gone(field)
    field.clock.advance(later(field.clock.now(), 30 * DAY))
    field.settle()
    handle = field.rows(select(schema.human_call).where(schema.human_call.c.post == GRID_1))
    assert SAID in values(field)
    if handle:
        assert "reply" not in erase(field, person=GRID_1, apply=False)  # an officer's open item quotes it
    close_items(field)
    assert erase(field, person=GRID_1, apply=False) == {"name": 1, "number": 1, "reply": 1}
    assert SAID in values(field)
    assert erase(field, person=GRID_1) == {"name": 1, "number": 1, "reply": 1}
    assert not {SAID, number(GRID_1).e164, f"示例·人员{GRID_1}"} & values(field)
    assert {number(GRID_2).e164, f"示例·人员{GRID_2}"} <= values(field)
    assert field.app.database.read(erased) == 3
    entries = field.audit("personal.erased")
    assert {(e.actor, e.detail) for e in entries} == {(WHO["officer"], WHO["reason"])}
    assert len({e.commitment for e in entries}) == 3
    assert sound(field)


def close_items(field: Field) -> None:
    """An officer has dealt with everything."""

    def work(writing: Any) -> None:
        h = schema.human_call
        for row in writing.ledger.connection.execute(select(h).where(h.c.state != "closed")).all():
            key = (row.county, row.alert, row.post, row.kind, row.about)
            if row.state == "open":
                attend.claim(writing, key, "示例")
            attend.close(writing, key, "示例", "已联系")

    field.app.store.write(work)


def test_who_may_still_have_to_be_told_of_the_end_keeps_the_number(field: Field) -> None:
    spoken(field)
    gone(field)
    assert "number" not in erase(field, person=GRID_1)
    assert number(GRID_1).e164 in values(field)


def test_who_is_on_the_roster_cannot_be_erased(field: Field) -> None:
    spoken(field)
    with pytest.raises(CalloutError, match="还在现用名册里"):
        erase(field, person=GRID_1)


def test_what_is_old_goes_and_the_roster_in_force_stays(field: Field) -> None:
    spoken(field)
    gone(field)
    field.clock.advance(later(field.clock.now(), 10 * HOUR))
    field.settle()
    close_items(field)
    field.clock.advance(later(field.clock.now(), 400 * DAY))
    assert erase(field, days=500) == {}
    found = erase(field, days=365)
    assert found["reply"] == 2
    assert not {SAID, number(GRID_1).e164} & values(field)
    assert {number(GRID_2).e164, f"示例·人员{GRID_2}"} <= values(field)
    assert erase(field, days=365) == {}
    assert sound(field)


@pytest.mark.parametrize("wrong", [
    {"days": 0, "person": 0}, {"days": 90, "person": 1}, {"days": 29}, {"days": 90, "reason": " "},
    {"days": 90, "officer": ""},
])  # fmt: skip
def test_it_says_what_must_be_given(field: Field, wrong: Any) -> None:
    with pytest.raises(CalloutError):
        erase(field, **wrong)
