"""The post is called, then the person: whoever is on shift when the step is taken, also after a handover."""

import pytest
from sqlalchemy import select

from callout.domain.instant import HOUR, Instant, later
from callout.domain.level import Level
from callout.domain.roster import Shift
from callout.domain.shift_plan import handed_over
from callout.store import schema
from callout.store.roster_reading import read_roster
from callout.store.shifts import Change, Handover
from tests.scenarios.conftest import Opener
from tests.scenarios.field import BAIMA, COUNTY, DAY, GRID_1, SMS, Field, standard_roster

OFFICER = "示例值班员"
FIRST, SECOND = 6, 3
"""People, by the serial of their phone."""


@pytest.fixture
def county(open_county: Opener) -> Field:
    return open_county(roster=standard_roster(shifts=(Shift(GRID_1, FIRST, Instant(DAY - HOUR), later(DAY, HOUR)),)))


def hand_over(field: Field) -> None:
    def work(writing):  # type: ignore[no-untyped-def]
        [row] = writing.rosters.counties()
        roster = read_roster(writing.ledger.connection, COUNTY, row.roster)
        shifts = tuple(handed_over(roster.shifts, GRID_1, SECOND, writing.at))
        writing.shifts.use(roster, Change("r2", shifts, "actual", OFFICER, ""))
        writing.shifts.hand_over(COUNTY, Handover(GRID_1, writing.at, FIRST, SECOND, "示例说明"), OFFICER)

    field.app.store.write(work)


def test_a_running_callout_goes_on_with_whoever_took_the_shift_over(county: Field) -> None:
    county.alert(Level.ORANGE, areas=[BAIMA])
    assert (FIRST, SMS) in county.new()
    county.wait(30)
    hand_over(county)
    county.wait(60)
    called = {serial for serial, _ in county.new()}
    assert SECOND in called
    assert FIRST not in called
    rosters = {row.roster for row in county.attempts()}
    assert rosters >= {"r2"}
    assert len(rosters) == 2


def test_an_answer_of_whoever_had_the_shift_still_counts(county: Field) -> None:
    """The text was theirs, and the post has answered."""
    county.alert(Level.ORANGE, areas=[BAIMA])
    county.wait(40)
    hand_over(county)
    county.reply(FIRST, "收到")
    assert county.callout(GRID_1).state == "answered"


def test_the_note_is_kept_apart_from_the_record(county: Field) -> None:
    hand_over(county)
    [entry] = county.audit("handover.handed_over")
    [row] = county.rows(select(schema.handover))
    assert (entry.actor, entry.commitment, row.note) == (OFFICER, row.note, entry.commitment)
    assert "示例说明" not in entry.detail
    [note] = county.app.store.read(lambda work: work.shifts.handovers(COUNTY, 5))
    assert (note.note, note.giver, note.taker) == ("示例说明", FIRST, SECOND)
