"""One machine of several forgets CALLOUT_LIVE: its simulated phones take nobody's call."""

import asyncio
import io
import subprocess
import sys
from pathlib import Path

import pytest

from callout.app import App, RandomIds, SystemClock, World, build
from callout.cli.apart import SIMULATION, conflict, phones
from callout.cli.pulse import STALE
from callout.cli.serve import Engine
from callout.domain.instant import later
from callout.pipeline.receive import receive
from callout.ports import ACTUAL, SIMULATED, Document, everywhere
from callout.settings import Settings
from callout.simulation.carrier import Carrier
from callout.store.beats import Beat, show_beat
from tests.channels.peers import free_port
from tests.cli.office import OFFICER, PATIENCE, Office, environment, wait_for
from tests.cli.test_drill import NAME, manned, plan
from tests.web.test_serving import listens

__all__ = ["manned"]


def opened(url: str, run: str) -> tuple[App, Carrier]:
    carrier = Carrier(SystemClock(), 1)
    return build(Settings(database_url=url), World(SystemClock(), RandomIds(), everywhere(carrier), run)), carrier


def test_simulated_phones_are_refused_where_a_real_warning_lies(office: Office) -> None:
    office.staffed(50)
    real, _ = opened(f"sqlite:///{office.database}", ACTUAL)
    raw = office.write(office.home, 1).read_bytes()
    receive(real.intake, Document("1.xml", "test", raw))
    assert conflict(real) == ""
    real.close()
    said = office.process("serve", "--no-web")
    assert (said.code, said.out) == (1, "")
    assert "库里有真实预警" in said.err
    assert "CALLOUT_LIVE=1" in said.err


def test_a_simulated_engine_stops_when_a_real_one_comes_and_calls_nobody(
    migrated_postgres: str, capsys: pytest.CaptureFixture[str]
) -> None:
    app, carrier = opened(migrated_postgres, SIMULATED)
    stopped: list[bool] = []
    engine = Engine(app, carrier)
    engine._stop = lambda: stopped.append(True)

    def seen(channels: str, ago: int) -> str:
        now = app.world.clock.now()
        beat = Beat("one", "elsewhere", now, later(now, -ago), channels)
        app.database.write(lambda db: show_beat(db, beat))
        return conflict(app)

    assert seen(SIMULATION, 0) == ""
    real = phones([carrier], ACTUAL)
    assert seen(real, 2 * STALE) == ""
    assert "接真实通道的引擎" in seen(real, 0)
    asyncio.run(engine.beat())
    assert stopped == [True]
    assert "CALLOUT_LIVE=1" in capsys.readouterr().err
    app.close()


def test_a_command_with_simulated_phones_takes_no_warning_in_amid_real_ones(
    migrated_postgres: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It writes to PostgreSQL by itself; it said 已收, and the warning was a demo's that calls nobody."""
    app, carrier = opened(migrated_postgres, SIMULATED)
    town = app.use_rules().county.townships[0].name
    monkeypatch.setenv("CALLOUT_DATABASE_URL", migrated_postgres)
    assert office("receive", str(office.write(office.home, 1))).code == 0
    now = app.world.clock.now()
    app.database.write(lambda db: show_beat(db, Beat("one", "elsewhere", now, now, phones([carrier], ACTUAL))))
    app.close()
    village = ("gauge", "alarm", town, "--hazard", "山洪", "--level", "红色", "--by", "示例甲",
               "--what", "示例水漫桥面", "--officer", OFFICER)  # fmt: skip
    for command in (("receive", str(office.write(office.home, 2))), village):
        said = office(*command)
        assert (said.code, said.out) == (1, "")
        assert "这个库有接真实通道的引擎在运行，本进程却不接" in said.err


def test_no_drill_starts_with_simulated_phones_amid_real_ones(
    migrated_postgres: str, manned: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shell that starts it lacks CALLOUT_LIVE: no real channel would take its words, and nobody would be rung."""
    monkeypatch.setenv("CALLOUT_DATABASE_URL", migrated_postgres)
    assert manned("roster", "import", "roster.csv", "--apply", "--officer", OFFICER).code == 0
    assert plan(manned, "--township", "白马镇").code == 0
    app, carrier = opened(migrated_postgres, SIMULATED)
    now = app.world.clock.now()
    app.database.write(lambda db: show_beat(db, Beat("one", "elsewhere", now, now, phones([carrier], ACTUAL))))
    app.close()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NAME}\n"))
    said = manned("drill", "start", "500156-D1", "--officer", OFFICER)
    assert said.code == 1
    assert "这个库有接真实通道的引擎在运行，本进程却不接" in said.err
    assert [one["state"] for one in manned("drill", "status", "--json").document["drills"]] == ["planned"]


def test_simulated_pages_close_when_a_real_engine_comes(migrated_postgres: str, tmp_path: Path) -> None:
    """What came in through them would be a demo's, and no real channel takes that."""
    app, carrier = opened(migrated_postgres, SIMULATED)
    port = free_port()
    settings = {"CALLOUT_DATABASE_URL": migrated_postgres, "CALLOUT_LIVE": "0", "CALLOUT_WEB_PORT": str(port)}
    with subprocess.Popen(
        [sys.executable, "-m", "callout", "web"], cwd=tmp_path, env=environment() | settings,
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as pages:  # fmt: skip
        try:
            wait_for(lambda: pages.poll() is not None or listens(port))
            assert pages.poll() is None
            now = app.world.clock.now()
            app.database.write(lambda db: show_beat(db, Beat("one", "elsewhere", now, now, phones([carrier], ACTUAL))))
            said, _ = pages.communicate(timeout=PATIENCE)
        finally:
            pages.kill()
    app.close()
    assert "这个库有接真实通道的引擎在运行" in said
    assert said.rstrip().endswith("网页已关闭")
    assert "Traceback" not in said
