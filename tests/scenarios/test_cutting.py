"""Old storms are cut out of a database that goes on: only what is over, only what an archive holds, and on record."""

import json
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, String, Table, func, select, true

from callout.domain.audit import Seal
from callout.domain.errors import CalloutError
from callout.domain.instant import Instant, later
from callout.domain.level import Level
from callout.reports.verification import Archive, cuts_on_record, verify_record
from callout.store import schema
from callout.store.archive import archive
from callout.store.cutting import (
    begin,
    held_back,
    linked,
)
from callout.store.database import Database
from callout.store.migrate import upgrade
from callout.store.sealing import entries_under, seals
from callout.store.store import Work
from callout.store.transaction import Event
from tests.scenarios.field import COUNTY, GRID_1, NIGHT, open_field
from tests.scenarios.old_storm import OFFICER, Season, over, season_of

A = schema.audit


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Instant]:
    """The database after such a night, with its archive beside it, and the time."""
    folder = tmp_path_factory.mktemp("night")
    database = Database(f"sqlite:///{folder / 'live'}")
    upgrade(database)
    field = open_field(database, NIGHT)
    over(field)
    archive(database, folder / "kept")
    database.close()
    return folder, field.clock.now()


@pytest.fixture
def season(night: tuple[Path, Instant], tmp_path: Path) -> Iterator[Season]:
    """A copy of it, in which the engine runs again."""
    folder, now = night
    for name in ("live", "kept"):
        shutil.copy(folder / name, tmp_path / name)
    it = season_of(open_field(f"sqlite:///{tmp_path / 'live'}", now), tmp_path / "kept")
    yield it
    it.kept.close()
    it.field.app.close()


def test_a_storm_leaves_whole_and_the_record_stays_whole(season: Season) -> None:
    field, before = season.field, season.count(A)
    assert season.why() == ""
    assert season.verdict().cut == 0
    took = season.cut()
    assert took > 300
    # What people wrote stays until its text is erased; the messages, the decisions and the photos stay.
    assert set(season.left()) == {"inbound"}
    assert {r.kind for r in field.rows(select(schema.inbound))} == {"reply"}
    assert [season.count(t) for t in (schema.alert, schema.stop_decision)] == [2, 4]
    verdict = season.verdict()
    assert (verdict.ok, verdict.findings) == (True, ())
    assert verdict.cut > 200
    assert season.count(A) < before - verdict.cut + 10
    [note] = [each for each in verdict.notes if "存档" in each]
    assert f"{verdict.cut}条已移入存档 2026.sqlite3（SHA-256 {'ab' * 32}；{OFFICER}，" in note
    beside = season.verdict(with_archive=True)
    assert (beside.ok, beside.cut) == (True, 0)
    assert {(one.actor, one.ref, one.detail) for one in field.audit("alert_county.cut")} == {
        (OFFICER, "ab" * 32, "2026.sqlite3")
    }
    assert season.cut() == 0


def test_work_that_was_broken_off_after_any_piece_goes_on(season: Season) -> None:
    """The process is killed after each piece, and the next begins from nothing but what is in the database."""
    rounds = 0
    while next(season.steps(), None):
        rounds += 1
        assert rounds < 100
    assert rounds > 10
    assert set(season.left()) == {"inbound"}
    assert season.verdict().ok
    assert season.verdict(with_archive=True).cut == 0


@pytest.mark.long
def test_on_postgresql_too(migrated_postgres: str, tmp_path: Path) -> None:
    field = open_field(migrated_postgres, NIGHT)
    over(field)
    archive(field.app.database, tmp_path / "kept")
    season = season_of(field, tmp_path / "kept")
    with pytest.raises(CalloutError, match="熔断"):
        field.app.store.write(lambda w: _refused(w, season, schema.stop_work, {"state": "confirmed"}))
    assert season.cut() > 300
    assert season.cut() == 0
    assert set(season.left()) == {"inbound"}
    assert season.verdict().cut > 200
    assert season.verdict(with_archive=True).cut == 0
    season.kept.close()
    field.app.close()


def test_the_engine_goes_on_beside_it(tmp_path: Path) -> None:
    """A red warning comes in between two pieces: people are called, and an answer counts."""
    url = f"sqlite:///{tmp_path / 'live'}"
    upgrade(Database(url))
    field = open_field(url, NIGHT)
    over(field)
    archive(field.app.database, tmp_path / "kept")
    season = season_of(field, tmp_path / "kept")
    for turn, _ in enumerate(season.steps()):
        if turn == 3:
            field.alert(Level.RED, identifier="示例-3")
            field.key(GRID_1, "1")
    assert field.callout(GRID_1, alert=3).state == "answered"
    assert season.count(schema.alert_county) == 1
    assert season.verdict().ok
    # The message that has left is known: a copy of it is a duplicate, not a new warning.
    alert = next(iter(field.reader.alerts.values()))
    assert alert.identifier == "示例-1"
    field.take_in(alert)
    assert season.count(schema.alert) == 3
    season.kept.close()
    field.app.close()


OPEN: tuple[tuple[Table, dict[str, Any], str], ...] = (
    (schema.alert_county, {"state": "held"}, "生效"),
    (schema.alert_county, {"strikes_at": 1}, "生效"),
    (schema.alert_county, {"expires_at": 4_000_000_000_000}, "动静"),
    (schema.callout, {"state": "to_call"}, "没叫完"),
    (schema.attempt, {"state": "submitting"}, "没交出去"),
    (schema.notice, {"state": "to_send"}, "通知"),
    (schema.human_call, {"state": "claimed"}, "人工叫应"),
    (schema.stop_work, {"state": "confirmed"}, "熔断"),
    (schema.relocation, {"state": "returned"}, "转移"),
    (schema.feedback, {"state": "reminded"}, "反馈"),
    (schema.broadcast, {"state": "sending"}, "抄送"),
    (schema.desk_call, {"state": "calling"}, "转接"),
    (schema.inbound, {"state": "pending"}, "回话"),
)


def test_nothing_that_is_open_can_leave(season: Season) -> None:
    """Each is tried in a transaction that is taken back."""
    for table, values, why in OPEN:
        with pytest.raises(CalloutError, match=why):
            season.field.app.store.write(partial(_refused, season=season, table=table, values=values))
    assert season.count(schema.alert_county) == 2
    assert season.why() == ""


def _refused(work: Work, season: Season, table: Table, values: dict[str, Any]) -> None:
    """One row of the table is made so; where the night left none, there is one."""
    db = work.ledger.connection
    some = table.c.attempt != "" if table is schema.inbound else true()
    if not db.execute(table.update().values(**values).where(some)).rowcount:
        row = {c.name: "" if isinstance(c.type, String) else 0 for c in table.c if not c.nullable}
        db.execute(table.insert().values(**row | {"county": COUNTY, "alert": 1} | values))
    season.kept.read(lambda old: begin(work.ledger, old, season.storm, season.order))


def test_what_moved_lately_or_after_the_archive_stays(season: Season) -> None:
    field = season.field
    assert "最近" in field.app.database.read(
        lambda db: season.kept.read(lambda old: held_back(db, old, season.storm, field.clock.now(), Instant(0)))
    )
    field.app.store.write(lambda work: work.ledger.note(Event("ledger.seen", OFFICER), alert=1, county=COUNTY))
    assert "存档以后还有变动" in season.why()


def test_a_row_that_is_not_as_it_was_archived_stays_and_so_does_its_entry(season: Season) -> None:
    """Whatever changed it, the archive does not hold it."""
    field, c = season.field, schema.callout
    field.app.database.write(
        lambda db: db.execute(c.update().values(lane=9).where(c.c.post == GRID_1, c.c.alert == 1, c.c.round == 0))
    )
    [entry] = field.rows(select(A.c.id).where(A.c.event == "callout.opened", A.c.post == GRID_1, A.c.alert == 1))
    field.app.database.write(lambda db: db.execute(A.update().values(actor="x").where(A.c.id == entry.id)))
    season.cut()
    assert [(r.post, r.lane) for r in field.rows(select(c))] == [(GRID_1, 9)]
    assert entry.id in {r.id for r in field.rows(select(A.c.id))}
    assert not season.verdict().ok  # the entry was changed, and is still found to be


def test_an_entry_that_is_gone_without_an_archive_is_found(season: Season) -> None:
    """Deleting more than the record says, or pointing the record at other places, is no cut."""
    season.cut()
    season.field.app.seal()
    db = season.field.app.database
    first, cut = db.read(lambda one: one.execute(select(func.min(A.c.id), func.max(A.c.id).filter(_CUT))).one())
    said = json.loads(season.field.rows(select(A.c.detail).where(A.c.id == cut))[0].detail)
    for tamper in (
        A.delete().where(A.c.id == first),
        A.delete().where(A.c.id == cut),
        *(A.update().values(detail=json.dumps(said | more)).where(A.c.id == cut) for more in FORGED),
        A.update().values(detail="{}").where(A.c.id == cut),
    ):
        for given in (False, True):
            assert not _after(season, tamper, with_archive=given).ok


_CUT = A.c.event == "audit.cut"
FORGED: tuple[dict[str, Any], ...] = ({"places": "0"}, {"places": "0-99999999999"}, {"archive": "y"}, {"seal": 1})


def _after(season: Season, tamper: Any, *, with_archive: bool) -> Any:
    """What is found after it; it is taken back."""

    class Back(Exception):
        """Takes the transaction back."""

    found = []

    def work(db: Any) -> None:
        db.execute(tamper)
        with season.kept.reading.connect() as kept:
            found.append(verify_record(db, seals(db), [Archive(kept, season.order.sha256)] if with_archive else []))
        raise Back

    with pytest.raises(Back):
        season.field.app.database.write(work)
    return found[0]


def test_an_archive_that_was_changed_is_found(season: Season) -> None:
    season.cut()
    storm = season.storm
    season.kept.write(lambda db: db.execute(A.update().values(detail="y").where(A.c.alert == storm.alerts[0])))
    assert season.verdict().ok
    beside = season.verdict(with_archive=True)
    assert not beside.ok
    assert all(finding.text.startswith("存档") for finding in beside.findings)


def test_entries_that_are_not_what_was_sealed_are_not_cut(season: Season) -> None:
    """A record that somebody changed before the archive was written stays as it is, evidence and all."""
    season.field.app.database.write(lambda db: db.execute(A.update().values(detail="y").where(A.c.alert == 1)))
    season.kept.write(lambda db: db.execute(A.update().values(detail="y").where(A.c.alert == 1)))
    with pytest.raises(CalloutError, match="与封存时不符"):
        season.cut()


def test_storms_that_one_text_spoke_for_are_known(season: Season) -> None:
    """A superior who is told about two storms in one text binds them together."""
    other = later(Instant(0), 5)
    season.kept.write(lambda db: db.execute(schema.alert_county.update().values(episode=other).where(_second())))
    link, t = schema.attempt_callout, schema.attempt

    def bind(db: Any) -> None:
        of_first = db.execute(select(t.c.id).where(t.c.alert == 1).limit(1)).scalar_one()
        row = {"county": COUNTY, "attempt": of_first, "alert": 2, "post": 99, "round": 0}
        db.execute(link.insert().values(**row))

    assert season.kept.read(linked) == []
    season.kept.write(bind)
    assert season.kept.read(linked) == [((COUNTY, 1), (COUNTY, 5))]


def _second() -> Any:
    return schema.alert_county.c.alert == 2


def test_the_record_of_a_cut_says_what_left(season: Season) -> None:
    season.cut()
    season.field.app.seal()
    cuts = season.field.app.database.read(cuts_on_record)
    assert {(one.archive, one.sha256, one.officer) for one in cuts} == {("2026.sqlite3", "ab" * 32, OFFICER)}
    live, kept = season.field.app.database, season.kept
    for one in cuts:
        seal = live.read(seals)[one.seal - 1]
        there, then = (len(one.read(partial(_under, seal=seal))) for one in (live, kept))
        assert there == then - sum(len(each.places) for each in cuts if each.seal == one.seal)


def _under(db: Connection, seal: Seal) -> list[Any]:
    return list(entries_under(db, seal))
