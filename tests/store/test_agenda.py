"""The agenda names the instant from which each stage has work, and stays silent where there is none."""

from typing import Any

from sqlalchemy import String, Table, insert

from callout.domain.instant import Instant
from callout.pipeline import watch
from callout.pipeline.send import claiming
from callout.store import schema
from callout.store.agenda import IN_PARTS, STAGES, Agenda, agenda
from callout.store.database import Database

NOW = Instant(1_783_000_000_000)
C = "500156"


Put = tuple[Table, dict[str, Any]]


def after(database: Database, *rows: Put) -> Agenda:
    """What the agenda says while these rows are there; columns that a test does not care about are empty."""
    with database.engine.connect() as db, db.begin() as passing:
        for table, values in rows:
            blank = {c.name: "" if isinstance(c.type, String) else 0 for c in table.columns if not c.nullable}
            db.execute(insert(table), blank | {"county": C} | values)
        found = agenda(db)
        passing.rollback()
    return found


def read(database: Database, *rows: Put) -> dict[str, Instant]:
    return {stage: at for stage, at in after(database, *rows).due.items() if at is not None}


def test_an_idle_engine_has_no_work(database: Database) -> None:
    assert read(database) == {}
    assert after(database).next_at() is None


ROWS: list[tuple[str, Table, dict[str, Any], int]] = [
    ("plan", schema.alert_county, {"state": "received"}, 0),
    ("plan", schema.alert_county, {"state": "planning", "expires_at": NOW}, 0),
    ("watch", schema.alert_county, {"state": "planned", "expires_at": NOW + 9}, NOW + 9),
    ("acknowledge", schema.inbound, {"state": "pending", "came_at": NOW + 1}, NOW + 1),
    ("send", schema.notice, {"id": "n", "state": "to_send", "next_at": NOW + 2}, NOW + 2),
    ("send", schema.attempt, {"id": "a", "state": "claimed", "lease": NOW + 3}, NOW + 3),
    ("send", schema.attempt, {"id": "a", "state": "submitting", "lease": NOW + 4}, NOW + 4),
    ("send", schema.attempt, {"id": "a", "state": "sent", "hang_up": 1}, 0),
    ("watch", schema.stop_work, {"state": "ordered", "next_at": NOW + 5}, NOW + 5),
    ("watch", schema.relocation, {"state": "to_move", "next_at": NOW + 8}, NOW + 8),
    ("remind", schema.feedback, {"state": "open", "next_at": NOW + 6}, NOW + 6),
    ("remind", schema.feedback, {"state": "reminded", "next_at": NOW + 7}, NOW + 7),
    *(("send", schema.callout, {"state": "to_call", "lane": n, "next_at": NOW + n}, NOW + n) for n in range(4)),
    *(("escalate", schema.callout, {"state": "waiting", "lane": n, "next_at": NOW + n}, NOW + n) for n in range(4)),
]


def test_a_row_that_waits_is_work_for_its_stage_from_its_time_on(database: Database) -> None:
    for stage, table, values, at in ROWS:
        found = after(database, (table, values))
        assert found.next_at() == at, values
        assert (found.ready(Instant(at)), found.ready(Instant(at - 1))) == ([stage], []), values


SILENT: list[Put] = [
    *((schema.alert_county, {"state": s, "expires_at": NOW}) for s in ("held", "not_actual", "over")),
    (schema.inbound, {"state": "done"}),
    (schema.notice, {"id": "n", "state": "handed"}),
    *((schema.attempt, {"id": "a", "state": s}) for s in ("sent", "refused", "unknown", "withdrawn")),
    (schema.attempt, {"id": "a", "state": "sent", "hang_up": 2}),
    *((schema.callout, {"state": s}) for s in ("answered", "exhausted", "expired_unanswered", "superseded")),
    *((schema.human_call, {"state": s, "kind": "asked"}) for s in ("claimed", "closed")),
]


def test_what_waits_for_nothing_wakes_nobody(database: Database) -> None:
    for row in SILENT:
        assert read(database, (schema.county, {}), row) == {}, row


def test_an_item_nobody_took_rings_the_desk_not_too_often(database: Database) -> None:
    items: list[Put] = [
        (schema.human_call, {"state": "open", "kind": kind, "next_at": at})
        for kind, at in (("asked", NOW + 5), ("vacant", NOW + 90))
    ]
    for ring_after, due in ((0, NOW + 5), (NOW + 7, NOW + 7)):
        assert read(database, (schema.county, {"ring_after": ring_after}), *items) == {"watch": due}


def test_the_earliest_counts() -> None:
    one = Agenda({"send": Instant(NOW + 5), "plan": None, "watch": Instant(NOW + 3)})
    assert one.next_at() == NOW + 3
    assert one.ready(Instant(NOW + 4)) == ["watch"]
    assert one.ready(Instant(2**60)) == ["send", "watch"]


def test_it_says_which_part_of_a_stage_has_work(database: Database) -> None:
    """Sending and watching are asked for what is due and for nothing else; every part there is has its own name."""
    notice: Put = schema.notice, {"id": "n", "state": "to_send", "next_at": NOW + 30}
    called: Put = schema.callout, {"post": 1, "lane": 3, "state": "to_call", "next_at": NOW + 20}
    drilled: Put = schema.callout, {"post": 2, "lane": 7, "state": "to_call", "next_at": NOW + 10}
    found = after(database, notice, called, drilled)
    assert found.parts == {"send": {claiming.CALLS: NOW + 10, claiming.NOTICES: NOW + 30}, "watch": {}}
    assert found.ready_parts("send", Instant(NOW + 29)) == {claiming.CALLS}
    assert found.ready_parts("plan", Instant(NOW + 29)) == set()
    assert {part for stage, part in STAGES if stage in IN_PARTS} == {*claiming.PARTS, *watch.PARTS}


def test_of_several_rows_of_a_stage_the_earliest_counts(database: Database) -> None:
    c = schema.callout
    early, late = {"post": 1, "lane": 3, "next_at": NOW + 20}, {"post": 2, "lane": 0, "next_at": NOW + 50}
    notice: Put = schema.notice, {"id": "n", "state": "to_send", "next_at": NOW + 30}
    assert read(database, (c, early | {"state": "to_call"}), (c, late | {"state": "to_call"}), notice) == {
        "send": NOW + 20
    }
