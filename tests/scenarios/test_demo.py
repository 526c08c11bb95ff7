"""The demo: a whole night adds up, repeats to the letter, keeps to its own database and reaches no phone."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import insert, text
from typer.testing import CliRunner, Result

from callout.cli.demo import LOST, demo, exit_code
from callout.domain.callout import CalloutState
from callout.domain.errors import CalloutError
from callout.rehearsal.demo import OPENS, Demo, Frame
from callout.reports.account import Account, as_json
from callout.reports.verification import verify_record
from callout.simulation.carrier import Carrier
from callout.store import schema
from callout.store.database import Database
from callout.store.migrate import upgrade
from callout.store.sealing import newest_seal
from tests.rehearsal.nights import PEOPLE, night, run

SMALL = ["--people", str(PEOPLE), "--speed", "0"]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Demo, list[Frame]]]:
    one = night(tmp_path_factory.mktemp("night"))
    yield one, run(one)
    one.app.close()


@pytest.fixture(scope="module")
def account(played: tuple[Demo, list[Frame]]) -> Account:
    return played[0].account()


def command(*arguments: str, **environment: str) -> Result:
    app = typer.Typer()
    app.command()(demo)
    return CliRunner().invoke(app, [*SMALL, *arguments], env=environment)


def test_nobody_is_lost_and_everybody_is_accounted_for(account: Account) -> None:
    for tally in (account.total, *(counts for _, counts in account.per_alert)):
        assert tally.lost == 0
        assert tally.due > 0
        assert tally.due == tally.answered + tally.superseded + tally.open + tally.unreachable
        assert tally.answered == tally.answered_in_person + tally.answered_by_another
    assert account.total.open == 0
    assert sum(account.reasons.values()) == account.total.unreachable


def test_the_night_is_the_real_one(played: tuple[Demo, list[Frame]], account: Account) -> None:
    night, frames = played
    assert [(line.level, line.run) for line, _ in account.per_alert] == [
        ("blue", "demo"),
        ("yellow", "demo"),
        ("orange", "demo"),
    ]
    assert OPENS < frames[0].now < frames[-1].now == night.ends
    assert len(frames[-1].counters.over) == 3


def test_the_running_counts_end_where_the_account_does(played: tuple[Demo, list[Frame]], account: Account) -> None:
    counters = played[1][-1].counters
    tallies = {line.alert: counts for line, counts in account.per_alert}
    assert counters.due == {alert: counts.due for alert, counts in tallies.items()}
    assert counters.called == {alert: counts.called for alert, counts in tallies.items()}
    assert counters.answered == {alert: counts.answered for alert, counts in tallies.items()}
    assert counters.escalated == account.total.escalated
    assert counters.human_calls_open == sum(account.work.human_calls.values())
    assert counters.stop_work == sum(proposals for proposals, _ in account.work.stop_work.values())


def test_the_frames_tell_the_whole_record(played: tuple[Demo, list[Frame]]) -> None:
    night, frames = played
    told = [entry.id for frame in frames for entry in frame.entries]
    held = night.app.database.read(lambda db: db.execute(text("select id from audit order by id")).scalars().all())
    assert told == held


def test_the_record_is_sealed_to_its_end(played: tuple[Demo, list[Frame]]) -> None:
    verdict = played[0].app.database.read(lambda db: verify_record(db, []))
    assert (verdict.ok, verdict.unsealed) == (True, 0)


def last_seal(one: Demo) -> str:
    seal = one.app.database.read(newest_seal)
    assert seal is not None
    return seal.hash


def test_the_same_seed_plays_the_same_night_and_another_seed_another(
    played: tuple[Demo, list[Frame]], account: Account, tmp_path: Path
) -> None:
    again, other = night(_made(tmp_path / "again")), night(_made(tmp_path / "other"), seed=2)
    assert run(again) == played[1]
    assert again.account() == account
    assert last_seal(again) == last_seal(played[0])
    run(other)
    assert other.account() != account
    for one in (again, other):
        one.app.close()


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_every_channel_is_the_simulated_carrier(played: tuple[Demo, list[Frame]]) -> None:
    providers = played[0].app.world.providers
    assert providers
    assert [(type(one.channel), one.real) for one in providers] == [(Carrier, False)]
    assert all(alert.run == "demo" for alert, _ in played[0].account().per_alert)


_NO_NETWORK = """
import sys
def refuse(event, args):
    if event in ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo"):
        sys.stderr.write(f"NETWORK {event}\\n")
        import os
        os._exit(70)
sys.addaudithook(refuse)
import socket
if sys.argv[1:] == ["--try"]:
    socket.create_connection(("127.0.0.1", 9))
import typer
from callout.cli.demo import LOST, demo, exit_code
app = typer.Typer()
app.command()(demo)
app()
"""


def without_network(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", _NO_NETWORK, *arguments]
    inherited = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment}
    return subprocess.run(command, capture_output=True, text=True, env=inherited, check=False)


def test_no_socket_is_opened_even_where_real_calls_are_allowed(account: Account, tmp_path: Path) -> None:
    done = without_network(*SMALL, "--json", CALLOUT_LIVE="1", TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == json.loads(json.dumps(as_json(account)))


def test_the_guard_against_sockets_would_see_one() -> None:
    assert without_network("--try").returncode == 70


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where temporary files go."""
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture(scope="module")
def shown(elsewhere: Path) -> Result:
    """The command as a newcomer gives it, in an environment that is set for something else."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(elsewhere))
        return command("--json", CALLOUT_DATABASE_URL="sqlite:///never-used.db", CALLOUT_COUNTY="000000")


def test_json_is_one_object_on_the_last_line(shown: Result, account: Account) -> None:
    assert shown.exit_code == 0, shown.output
    assert len(shown.stdout.splitlines()) == 1
    said = json.loads(shown.stdout)
    assert said == json.loads(json.dumps(as_json(account)))
    assert {"due", "called", "answered", "escalated", "unreachable", "human_calls_open", "lost"} <= said.keys()
    assert "收到暴雨橙色预警" in shown.stderr


def test_the_database_and_the_export_stay_where_it_says(shown: Result, elsewhere: Path) -> None:
    (folder,) = elsewhere.glob("callout-demo-*")
    assert str(folder / "demo.db") in shown.stderr
    assert (folder / "demo.db").is_file()
    assert (folder / "export" / "README.txt").is_file()
    assert not Path("never-used.db").exists()


def test_the_export_goes_where_it_is_asked_to(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'own.db'}"
    done = command("--keep", "--export", str(tmp_path / "out"), CALLOUT_DATABASE_URL=url)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / "callouts.csv").is_file()
    assert "演示结束" in done.stdout
    assert "export CALLOUT_DATABASE_URL" not in done.stdout
    refused = command("--keep", CALLOUT_DATABASE_URL=url)
    assert isinstance(refused.exception, CalloutError)
    assert "已经有一次演示" in str(refused.exception)


def put(url: str, table: str, run: str) -> None:
    rows: dict[str, dict[str, Any]] = {
        "alert": {
            "id": 1,
            "identifier": "示例",
            "digest": "",
            "sender": "",
            "sent": 0,
            "received_at": 0,
            "status": "",
            "msg_type": "",
            "hazard": "",
            "level": "",
            "headline": "",
            "description": "",
            "instruction": "",
            "document": "{}",
            "raw": "",
            "code": "",
            "run": run,
        },
        "roster_version": {"county": "500156", "version": "v1", "loaded_at": 0, "loaded_by": "示例", "run": run},
    }
    database = Database(url)
    upgrade(database)
    database.write(lambda db: db.execute(insert(schema.metadata.tables[table]), rows[table]))
    database.close()


@pytest.mark.parametrize("table", ["alert", "roster_version"])
@pytest.mark.parametrize("run", ["actual", "drill", "rehearsal"])
def test_keep_refuses_a_database_that_holds_anything_else_and_changes_nothing(
    tmp_path: Path, table: str, run: str
) -> None:
    url = f"sqlite:///{tmp_path / 'own.db'}"
    put(url, table, run)
    before = (tmp_path / "own.db").read_bytes()
    refused = command("--keep", CALLOUT_DATABASE_URL=url)
    assert isinstance(refused.exception, CalloutError)
    assert "演示以外的记录" in str(refused.exception)
    assert (tmp_path / "own.db").read_bytes() == before


def test_keep_takes_a_database_that_holds_a_demo_roster_only(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'own.db'}"
    put(url, "roster_version", "demo")
    assert command("--keep", CALLOUT_DATABASE_URL=url).exit_code == 0


def test_a_callout_that_vanished_is_seen_and_is_an_exit_code(account: Account, tmp_path: Path) -> None:
    one = night(tmp_path, people=50)
    run(one)
    one.app.database.write(
        lambda db: db.execute(
            text("delete from callout where alert = 3 and post = (select max(post) from callout where alert = 3)")
        )
    )
    after = one.account()
    one.app.close()
    assert after.total.lost == 1
    assert (exit_code(after), exit_code(account)) == (LOST, 0)


def test_callouts_end_in_states_that_need_nobody(played: tuple[Demo, list[Frame]]) -> None:
    states = played[0].app.database.read(
        lambda db: set(db.execute(text("select state from callout where round = 0")).scalars())
    )
    assert states <= {CalloutState.ANSWERED, CalloutState.SUPERSEDED, CalloutState.EXPIRED_UNANSWERED}
