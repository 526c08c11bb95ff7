"""An engine that is stopped as by an operator leaves nothing in doubt: what is on its way comes to its end first."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select

from bench.crew import Crew, carrier
from bench.kills import fill, taken
from callout.app import RandomIds, SystemClock, World, build
from callout.settings import Settings
from callout.store import schema


@pytest.mark.long
def test_hand_overs_that_are_under_way_are_put_on_record(tmp_path: Path) -> None:
    """The provider takes half a second for each; nobody is called again by the next engine because of the stop."""
    url, t = f"sqlite:///{tmp_path}/callout.sqlite3", schema.attempt
    fill(url, 60, tmp_path / "rules")
    app = build(Settings(database_url=url, rules=tmp_path / "rules"), World(SystemClock(), RandomIds(), (), "demo"))
    with carrier() as address, Crew.of(app, address, 20) as crew:
        crew.warn()
        crew.start()
        crew.until(lambda: len(crew.flying(crew.engines[0])) > 10)
        crew.stop()
        took = asyncio.run(taken(address))
    rows = app.database.read(lambda db: db.execute(select(t.c.state, t.c.provider_ref)).all())
    app.close()
    assert {row.state for row in rows} <= {"claimed", "sent"}
    assert {row.provider_ref for row in rows if row.state == "sent"} == took.keys()
    assert len(took) > 10
