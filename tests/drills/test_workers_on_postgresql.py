"""Several real `callout serve` on one PostgreSQL under load: one is killed, and every connection breaks."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from callout.app import App, RandomIds, SystemClock, World, build
from callout.domain.instant import MINUTE
from callout.reports.account import account
from callout.reports.verification import check_commitments, verify_record
from callout.rulebook.roster import roster_sample
from callout.settings import Settings
from tests.drills import county

PATIENCE = 180.0
WORKERS, PEOPLE = 3, 120
LEFT = "state IN ('sent', 'unknown')"


def until(holds: Callable[[], Any]) -> None:
    """Wait for it; the database may be away meanwhile."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            if holds():
                return
        except psycopg.OperationalError:
            pass
        assert time.monotonic() < end, "not in time"
        time.sleep(0.05)


class Site:
    """One database, and machines with a folder each."""

    def __init__(self, url: str, home: Path) -> None:
        self.url, self.home = url, home
        self.address = url.replace("postgresql://", "postgresql+psycopg://")
        self.app: App = build(Settings(database_url=self.address), World(SystemClock(), RandomIds(), (), "demo"))
        rulebook = self.app.use_rules()
        self.app.use_roster(roster_sample(rulebook.county, PEOPLE, 1, rulebook), "合成")

    def ask(self, question: str) -> Any:
        with psycopg.connect(self.url) as connection:
            return connection.execute(question.encode()).fetchall()

    @contextmanager
    def worker(self, name: str) -> Iterator[subprocess.Popen[bytes]]:
        folder = self.home / name
        folder.mkdir()
        own = {"CALLOUT_DATABASE_URL": self.address, "CALLOUT_SLOTS": "3", "CALLOUT_WEB_PORT": "0"}
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "callout", "serve"],
                cwd=folder,
                env=os.environ | own | {"PYTHONPATH": str(Path(__file__).parents[2])},
                stdout=log,
                stderr=log,
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def warn(self, *names: str) -> None:
        """The same red warning reaches these machines at once."""
        now = SystemClock().now()
        xml = county._document(now, 30 * MINUTE, "11B03", ("Red", "暴雨红色"), ("500156", "武隆区"))
        for name in names:
            inbox = self.home / name / "data" / "inbox"
            (inbox / "red.xml.part").write_text(xml, encoding="utf-8")
            (inbox / "red.xml.part").rename(inbox / "red.xml")

    def attempts(self, where: str = LEFT) -> int:
        return int(self.ask(f"SELECT count(*) FROM attempt WHERE {where}")[0][0])

    def all_called(self) -> bool:
        """Nobody waits for a first try, and nothing is under way."""
        return not self.ask(
            "SELECT 1 FROM callout WHERE state = 'to_call' UNION SELECT 1 FROM attempt "
            "WHERE state IN ('claimed', 'submitting') UNION SELECT 1 FROM alert_county WHERE state <> 'planned'"
        )


@pytest.fixture
def site(fresh_postgres: str, tmp_path: Path) -> Iterator[Site]:
    made = Site(fresh_postgres, tmp_path)
    yield made
    made.app.close()


def test_one_is_killed_and_connections_break_and_nobody_is_lost_or_rung_twice(site: Site) -> None:
    """Red to 120 people through three workers; kill -9 and broken connections in the midst of it."""
    with site.worker("a"), site.worker("b") as dying, site.worker("c"):
        until(lambda: all((site.home / name / "data" / "inbox").is_dir() for name in "abc"))
        site.warn("a", "c")
        until(lambda: site.attempts() >= 10)
        dying.send_signal(signal.SIGKILL)
        until(lambda: site.attempts() >= 40)
        site.ask(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        until(lambda: site.attempts() >= 60 and site.all_called())
        judge(site)


def judge(site: Site) -> None:
    found = site.app.database.read(lambda db: account(db, site.app.rulebooks))
    assert (len(found.per_alert), found.total.lost) == (1, 0)
    assert found.total.called + sum(found.reasons.values()) >= found.total.due - found.unknown_attempts
    assert len(site.ask("SELECT DISTINCT owner FROM attempt")) > 1
    twice = site.ask(
        "SELECT l.post, count(*) - 1, count(*) FILTER (WHERE t.state = 'unknown'), max(t.repeated) "
        "FROM attempt t JOIN attempt_callout l ON l.county = t.county AND l.attempt = t.id "
        f"WHERE t.{LEFT} AND l.round = 0 GROUP BY l.post, l.alert, t.target, t.channel, t.number HAVING count(*) > 1"
    )
    assert not [row for row in twice if row[1] > row[2] + row[3]]
    made = site.app.store.seal()
    verdict = site.app.database.read(lambda db: verify_record(db, [made] if made else []))
    assert verdict.ok, verdict.findings
    assert not site.app.database.read(check_commitments)
