"""One PostgreSQL and several machines, as far as one machine can play them: the stage of drills with real faults."""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from callout.app import App, RandomIds, SystemClock, World, build
from callout.domain.instant import MINUTE
from callout.reports.account import account
from callout.reports.verification import check_commitments, verify_record
from callout.rulebook.roster import roster_sample
from callout.settings import Settings
from callout.store.database import sqlite_path
from callout.store.sealing import seals
from tests.drills import county

PATIENCE = 180.0
LEFT = "state IN ('sent', 'unknown')"


def until(holds: Callable[[], Any], patience: float = PATIENCE) -> None:
    """Wait for it; the database may be away meanwhile."""
    end = time.monotonic() + patience
    while True:
        try:
            if holds():
                return
        except (psycopg.OperationalError, sqlite3.OperationalError):
            pass
        assert time.monotonic() < end, "not in time"
        time.sleep(0.05)


class Site:
    """One database, and machines with a folder each."""

    def __init__(self, url: str, home: Path, people: int = 120, slots: int = 3) -> None:
        self.url, self.home, self.slots = url, home, slots
        self.own: dict[str, str] = {}
        self.address = url.replace("postgresql://", "postgresql+psycopg://")
        self.app: App = build(Settings(database_url=self.address), World(SystemClock(), RandomIds(), (), "demo"))
        rulebook = self.app.use_rules()
        self.app.use_roster(roster_sample(rulebook.county, people, 1, rulebook), "合成")

    def ask(self, question: str) -> Any:
        if file := sqlite_path(self.url):
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as opened:
                return opened.execute(question).fetchall()
        with psycopg.connect(self.url) as connection:
            return connection.execute(question.encode()).fetchall()

    @contextmanager
    def worker(
        self, name: str, *options: str, before: Sequence[str] = (), address: str = ""
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A `callout serve` in a folder of its own; `before`: what it is started by, such as `ip netns exec`."""
        folder = self.home / name
        folder.mkdir(exist_ok=True)
        own = self.own | {"CALLOUT_DATABASE_URL": address or self.address, "CALLOUT_SLOTS": f"{self.slots}"}
        with (folder / "log").open("a") as log:
            process = subprocess.Popen(
                [*before, sys.executable, "-m", "callout", "serve", *options],
                cwd=folder,
                env=os.environ | own | {"CALLOUT_WEB_PORT": "0", "PYTHONPATH": str(Path(__file__).parents[2])},
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
            until(inbox.is_dir)
            (inbox / "red.xml.part").write_text(xml, encoding="utf-8")
            (inbox / "red.xml.part").rename(inbox / "red.xml")

    def says(self, *command: str) -> Any:
        """What this command of callout says, as JSON."""
        own = {"CALLOUT_DATABASE_URL": self.address, "PYTHONPATH": str(Path(__file__).parents[2])}
        whole = [sys.executable, "-m", "callout", *command, "--json"]
        done = subprocess.run(whole, cwd=self.home, env=os.environ | own, check=True, capture_output=True)
        return json.loads(done.stdout)

    def attempts(self, where: str = LEFT) -> int:
        return int(self.ask(f"SELECT count(*) FROM attempt WHERE {where}")[0][0])

    def all_called(self) -> bool:
        """Nobody waits for a first try, and nothing is under way."""
        return not self.ask(
            "SELECT 1 FROM callout WHERE state = 'to_call' UNION SELECT 1 FROM attempt "
            "WHERE state IN ('claimed', 'submitting') UNION SELECT 1 FROM alert_county WHERE state <> 'planned'"
        )

    def judge(self) -> dict[str, int]:
        """Nobody lost, nobody rung twice without a mark, the record whole; the figures for the table."""
        found = self.app.database.read(lambda db: account(db, self.app.rulebooks))
        assert (len(found.per_alert), found.total.lost) == (1, 0)
        assert found.total.called + sum(found.reasons.values()) >= found.total.due - found.unknown_attempts
        twice = self.ask(TWICE)
        assert not [row for row in twice if row[1] > row[2] + row[3]]
        self.app.store.seal()
        verdict = self.app.database.read(lambda db: verify_record(db, seals(db)))
        assert verdict.ok, verdict.findings
        assert not self.app.database.read(check_commitments)
        return {
            "due": found.total.due,
            "called": found.total.called,
            "lost": found.total.lost,
            "unknown": found.unknown_attempts,
            "twice, marked": sum(row[1] for row in twice),
        }


@contextmanager
def site(url: str, people: int = 120) -> Iterator[Site]:
    """One in a folder that goes with it."""
    with tempfile.TemporaryDirectory(prefix="callout-site-") as home:
        made = Site(url, Path(home), people)
        try:
            yield made
        finally:
            made.app.close()


TWICE = (
    "SELECT l.post, count(*) - 1, count(*) FILTER (WHERE t.state = 'unknown'), max(t.repeated) "
    "FROM attempt t JOIN attempt_callout l ON l.county = t.county AND l.attempt = t.id "
    f"WHERE t.{LEFT} AND l.round = 0 GROUP BY l.post, l.alert, t.target, t.channel, t.number HAVING count(*) > 1"
)
