"""`callout cut` killed at any of its commits: nothing is lost, the record holds, the same command does the rest.

So it is where the engine that does the pieces is killed, and where the PostgreSQL behind it is stopped.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import select

from callout.cli.control import listens
from callout.reports.record import sha256
from callout.reports.verification import Archive, check_commitments, verify_record
from callout.store.database import Database
from callout.store.schema import metadata
from callout.store.sealing import seals
from tests.cli.office import PATIENCE, environment, wait_for
from tests.drills.mortal import LIVES, Mortals, boundaries, fate
from tests.drills.postgres import Server, server
from tests.scenarios.old_storm import storm_at_rest

KILLED = -signal.SIGKILL
OFFICER = ("--officer", "示例·管理员")
LIVE, KEPT = "callout.sqlite3", "2026.sqlite3"
CUT = ("cut", KEPT, "--older-than", "60", *OFFICER, "--apply")
_SOCKETS = shutil.ignore_patterns("*.socket")
Rows = dict[str, frozenset[str]]


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


def rows(url: str) -> Rows:
    """Every row of every table, the seals and what is only about the engines apart."""
    apart = {"seal", "seal_leaves", "epoch", "engine_beat"}
    tables = [t for t in metadata.sorted_tables if t.name not in apart]
    with opened(url) as database:
        return database.read(lambda db: {t.name: frozenset(map(repr, db.execute(select(t)))) for t in tables})


def gone(before: Rows, after: Rows) -> Rows:
    """What was there before and is not any more, by table."""
    return {name: before[name] - after[name] for name in before if before[name] - after[name]}


@dataclass(frozen=True, slots=True)
class Storm:
    """An old storm as it lay in the database, as it lies in its archive, and what of it a cut takes out."""

    start: Rows
    archived: Rows
    leaving: Rows

    def nothing_is_lost(self, url: str, kept: Path) -> None:
        """What is not in the database any more lies in the archive as it was; the record holds, alone and with it."""
        assert not gone(gone(self.start, rows(url)), self.archived)
        with opened(url) as database, opened(f"sqlite:///{kept}") as archive, archive.reading.connect() as old:
            alone = database.read(lambda db: verify_record(db, seals(db)))
            assert alone.ok, alone.findings
            beside = database.read(lambda db: verify_record(db, seals(db), [Archive(old, sha256(kept))]))
            assert (beside.ok, beside.cut) == (True, 0), beside.findings
            assert not database.read(check_commitments)

    def has_left(self, url: str) -> None:
        """All that was to leave and nothing else; and it is on record, once, that this is all."""
        left = rows(url)
        assert gone(self.start, left) == self.leaving
        assert gone(left, self.start).keys() == {"audit"}
        assert len([one for one in left["audit"] if "'archive.cut'" in one]) == 1


@dataclass(frozen=True, slots=True)
class Ground:
    """A storm to be cut again and again, and the commits on the way of a cut that nobody disturbs."""

    home: Path
    mortals: Mortals
    storm: Storm
    boundaries: Sequence[str]

    def folder(self, name: str) -> Path:
        return shutil.copytree(self.home / "start", self.home / name)

    def judge(self, folder: Path) -> None:
        """As it lies there; a copy, because to open it is to do what the next process must do."""
        dead = shutil.copytree(folder, folder.with_name(f"{folder.name}-dead"), ignore=_SOCKETS)
        self.storm.nothing_is_lost(f"sqlite:///{dead / LIVE}", dead / KEPT)
        shutil.rmtree(dead)

    def killed_at(self, at: int) -> None:
        folder = self.folder(f"at-{at}")
        url = f"sqlite:///{folder / LIVE}"
        assert self.mortals.run(folder, url, fate(at), *CUT) == KILLED
        self.judge(folder)
        self.done(folder, url)
        shutil.rmtree(folder)

    def done(self, folder: Path, url: str) -> None:
        """By the same command."""
        assert self.mortals.run(folder, url, LIVES, *CUT) == 0, said(folder)
        self.storm.nothing_is_lost(url, folder / KEPT)
        self.storm.has_left(url)


def said(folder: Path) -> str:
    return (folder / "said").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def mortals() -> Iterator[Mortals]:
    made = Mortals()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def ground(mortals: Mortals, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    home = tmp_path_factory.mktemp("cut")
    (home / "start").mkdir()
    storm = archived(mortals, f"sqlite:///{home / 'start' / LIVE}", home / "start")
    ground = Ground(home, mortals, storm, ())
    end = ground.folder("end")
    assert mortals.run(end, f"sqlite:///{end / LIVE}", LIVES, *CUT) == 0, said(end)
    left = rows(f"sqlite:///{end / LIVE}")
    return replace(ground, storm=replace(storm, leaving=gone(storm.start, left)), boundaries=boundaries(end))


def archived(mortals: Mortals, url: str, folder: Path) -> Storm:
    """The old storm at this address, and its archive in that folder."""
    storm_at_rest(url)
    assert mortals.run(folder, url, LIVES, "archive", KEPT, *OFFICER) == 0, said(folder)
    return Storm(rows(url), rows(f"sqlite:///{folder / KEPT}"), {})


FEW = ("DELETE alert_county: after commit", "DELETE attempt: before commit", "DELETE audit: after commit")


def test_a_cut_goes_through_every_kind_of_commit(ground: Ground) -> None:
    kinds = {f"DELETE {name}" for name in ("alert_county", "callout", "attempt", "attempt_callout", "human_call")}
    kinds |= {"DELETE audit", "INSERT audit"}
    assert {f"{kind}: {side} commit" for kind in kinds for side in ("before", "after")} < set(ground.boundaries)
    assert {
        "alert_county",
        "callout",
        "attempt",
        "attempt_callout",
        "human_call",
        "audit",
    } < ground.storm.leaving.keys()


@pytest.mark.parametrize("name", FEW)
def test_killed_at_one_of_them_it_is_done_by_the_same_command(ground: Ground, name: str) -> None:
    ground.killed_at(ground.boundaries.index(name) + 1)


@pytest.mark.long
def test_killed_at_any_of_them_it_is_done_by_the_same_command(ground: Ground) -> None:
    for at in range(1, len(ground.boundaries) + 1):
        ground.killed_at(at)


@pytest.mark.long
@pytest.mark.parametrize("name", FEW)
def test_the_engine_is_killed_that_does_the_pieces(ground: Ground, name: str) -> None:
    folder = ground.folder(f"engine-{FEW.index(name)}")
    url = f"sqlite:///{folder / LIVE}"
    with (folder / "log").open("w") as log, subprocess.Popen(
        [sys.executable, "-m", "tests.drills.mortal", fate(name), "serve", "--no-web"],
        cwd=folder, env=environment() | {"CALLOUT_DATABASE_URL": url}, stdout=log, stderr=log,
    ) as engine:  # fmt: skip
        try:
            wait_for(lambda: engine.poll() is not None or listens(folder / LIVE))
            assert ground.mortals.run(folder, url, LIVES, *CUT) == 1
            assert "没有等到引擎的答复" in said(folder)
            assert engine.wait(PATIENCE) == KILLED
        finally:
            engine.kill()
    ground.judge(folder)
    ground.done(folder, url)


@pytest.fixture(scope="module")
def stoppable() -> Iterator[Server]:
    with server() as started:
        yield started


@pytest.mark.long
@pytest.mark.parametrize(("name", "mode"), list(zip(FEW, ("fast", "immediate", "immediate"), strict=True)))
def test_the_server_stops_amid_a_cut(mortals: Mortals, stoppable: Server, tmp_path: Path, name: str, mode: str) -> None:
    """The command is halted there, the server stops, the command goes on, and ends with a sentence."""
    url = stoppable.another()
    storm = archived(mortals, url, tmp_path)
    pid = mortals.begin(tmp_path, url, fate(name, signal.SIGSTOP), *CUT)
    wait_for(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
    stoppable.stop(mode)
    os.kill(pid, signal.SIGCONT)
    assert mortals.number() == 1
    assert "数据库出错" in said(tmp_path)
    stoppable.start()
    storm.nothing_is_lost(url, tmp_path / KEPT)
    assert mortals.run(tmp_path, url, LIVES, *CUT) == 0, said(tmp_path)
    storm.nothing_is_lost(url, tmp_path / KEPT)
    replace(storm, leaving=gone(storm.start, rows(url))).has_left(url)
