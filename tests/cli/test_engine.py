"""One stage that fails holds no other back, and is told of."""

import asyncio
import logging

import pytest

from callout.app import App, RandomIds, SystemClock, World, build
from callout.cli.pulse import counts
from callout.cli.serve import Engine
from callout.domain.errors import RuleError
from callout.domain.rule import Rulebook
from callout.pipeline.receive import receive
from callout.ports import Document, everywhere
from callout.reports.checkpoints import SealsHeld, read_checkpoints
from callout.rulebook.roster import roster_sample
from callout.scheduler import Metronome
from callout.settings import Settings
from callout.simulation.carrier import Carrier
from callout.store.sealing import seals
from tests.cli.office import Office


class Unreadable:
    """Rulebooks that cannot be read any more."""

    def get(self, county: str, version: str) -> Rulebook:
        raise RuleError(f"{county} {version}")


@pytest.fixture
def engine(office: Office) -> Engine:
    """An engine with one alert whose callouts are open and not yet called."""
    carrier = Carrier(SystemClock(), 1)
    app = build(Settings(), World(SystemClock(), RandomIds(), everywhere(carrier), "demo"))
    rulebook = app.use_rules()
    app.use_roster(roster_sample(rulebook.county, 60, 1, rulebook), "合成")
    take(app, office, 1)
    asyncio.run(run(app, "plan"))
    return Engine(app, carrier)


def take(app: App, office: Office, serial: int) -> None:
    raw = office.write(office.home, serial).read_bytes()
    receive(app.intake, Document(f"{serial}.xml", "test", raw))


async def run(app: App, stage: str) -> None:
    await app.stages[stage]()


def test_a_stage_that_fails_does_not_stop_the_calls(
    engine: Engine, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    take(engine.app, office, 2)
    engine.app.rulebooks = Unreadable()  # type: ignore[assignment]
    beat = next(job for job in engine.jobs() if job.name == "beat")
    with caplog.at_level(logging.ERROR, "callout"):
        asyncio.run(Metronome([beat]).beat(beat))
    assert engine.carrier
    assert engine.carrier.journal
    assert ["任务=beat 错误=RuleError" in record.getMessage() for record in caplog.records] == [True]
    engine.app.close()


def test_the_heartbeat_counts_without_naming_anybody(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "callout"):
        asyncio.run(engine.heartbeat())
    said = caplog.records[-1].getMessage()
    assert said.startswith("正常 生效预警=1 待叫=")
    assert "示例" not in said
    assert "+999" not in said
    engine.app.close()


def test_the_heartbeat_reads_no_storm_of_other_years(engine: Engine) -> None:
    """Of millions of callouts only those of the warnings in force: found by the key, without the server's counts."""
    asked: list[str] = []
    with engine.app.database.engine.connect() as db:
        raw = db.connection.driver_connection
        assert raw is not None
        raw.set_trace_callback(asked.append)
        counts(db, engine.app.world.clock.now())
        raw.set_trace_callback(None)
        [counted] = [one for one in asked if "FROM callout" in one]
        plan = " ".join(row.detail for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {counted}"))
    assert "SEARCH callout" in plan
    assert "(county=? AND alert=?)" in plan
    engine.app.close()


def test_a_seal_whose_copy_cannot_be_written_is_copied_before_the_next(engine: Engine, office: Office) -> None:
    """A full disk outside: what was sealed meanwhile is vouched for as well, once there is room."""
    app, folder = engine.app, office.home / "outside"
    app.held = SealsHeld(folder / "seals")
    folder.write_text("no folder", encoding="utf-8")
    with pytest.raises(OSError, match="outside"):
        app.seal()
    take(app, office, 2)
    with pytest.raises(OSError, match="outside"):
        app.seal()
    folder.unlink()
    assert app.seal() == 0
    held = read_checkpoints(folder / "seals")
    assert [one.seq for one in held] == [1, 2]
    assert [one.hash for one in held] == [one.hash for one in app.database.read(seals)]
