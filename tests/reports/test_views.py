"""The views that others read: exactly the documented columns, on both databases, and nobody's name in them."""

import re
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, text

from callout.store import schema
from callout.store.database import Database
from callout.store.migrate import config, upgrade
from tests.reports.test_record import storm
from tests.reports.world import BAIMA, COUNTY, World
from tests.shape import ROOT


def documented() -> dict[str, list[str]]:
    """View → its columns, by docs/views.md: the names in the first sentence of each section."""
    page = (ROOT / "docs" / "views.md").read_text(encoding="utf-8")
    sections = re.findall(r"(?ms)^## (v_\w+)\n\n(.*?)(?=\n\n|\Z)", page)
    return {name: re.findall(r"`(\w+)`", body.partition(". ")[0]) for name, body in sections}


@pytest.mark.parametrize("view", documented())
def test_a_view_has_the_documented_columns(either: World, view: str) -> None:
    storm(either)
    rows = either.database.read(lambda db: db.execute(text(f"SELECT * FROM {view}")))  # our own names
    assert list(rows.keys()) == documented()[view]


def all_of(world: World, view: str) -> Any:
    return world.database.read(lambda db: db.execute(text(f"SELECT * FROM {view}")).all())  # our own


def test_views_count_what_is_there_and_name_nobody(either: World) -> None:
    storm(either)
    found = {view: all_of(either, view) for view in documented()}
    assert (len(found["v_alert"]), len(found["v_callout"]), len(found["v_stop_work"])) == (1, 8, 1)
    told = str(found)
    assert "示例2村书记" in told
    for secret in ("示例人", "+999", "示例·值班员"):
        assert secret not in told


def test_what_was_no_real_warning_is_in_no_view_and_in_its_twin(either: World) -> None:
    """A rehearsal beside the real one, and a drill, which is a county of its own."""
    storm(either)
    real = {view: all_of(either, view) for view in documented()}
    either.alert(2, run="rehearsal")
    either.all_answered(1, 2, alert=2)
    either.human_call(1, "person_silent", alert=2)
    either.stop_work(0, BAIMA, "停学", 2)
    either.change(schema.stop_work, {"alert": 0}, run="demo")
    either.human_call(1, "person_silent", county=f"{COUNTY}-D1")
    assert {view: all_of(either, view) for view in documented()} == real

    for view, columns in documented().items():
        rows = all_of(either, f"{view}_all")
        assert not rows or [*rows[0]._fields] == [*(one for one in columns if one != "run"), "run"]
        assert len([row for row in rows if row.run == "actual"]) == len(real[view])
    assert {row[-1] for row in all_of(either, "v_human_call_all")} == {"actual", "rehearsal", "drill"}
    assert {row[-1] for row in all_of(either, "v_stop_work_all")} == {"actual", "demo"}


def test_whoever_could_read_the_views_of_before_still_can(fresh_postgres: str) -> None:
    database = Database(fresh_postgres)
    upgrade(database)
    database.write(lambda db: command.downgrade(config(db), "0036"))
    may = "SELECT has_table_privilege('callout_city_reader', '{}', 'SELECT')"

    def rights(db: Connection) -> list[bool]:
        return [bool(db.execute(text(may.format(view))).scalar_one()) for view in ("v_attempt", "v_attempt_all")]

    try:
        with database.engine.begin() as db:
            db.execute(text("DROP ROLE IF EXISTS callout_city_reader"))
            db.execute(text("CREATE ROLE callout_city_reader"))
            db.execute(text("GRANT SELECT ON v_attempt TO callout_city_reader"))
        upgrade(database)
        assert database.read(rights) == [True, False]
    finally:
        with database.engine.begin() as db:
            db.execute(text("DROP OWNED BY callout_city_reader"))
            db.execute(text("DROP ROLE callout_city_reader"))
        database.close()
