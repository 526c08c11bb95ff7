"""kill -9 of real `callout serve` processes with their slots full: what was on its way is in doubt, nobody is lost."""

import asyncio
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from sqlalchemy import select

from bench.county import load
from bench.crew import LATENCY, PATIENCE, Crew, carrier
from bench.servers import Server
from bench.tables import Table
from callout.app import App, RandomIds, SystemClock, World, build
from callout.reports.account import account
from callout.settings import Settings
from callout.simulation.twilio.options import ACCOUNT, TOKEN
from callout.store import schema
from callout.store.database import sqlite_path

KILLS, SLOTS = 10, 100
GROUP = 64
"""Outcomes that are put on record together, about."""
_T, _A = schema.attempt, schema.audit


@dataclass(frozen=True, slots=True)
class Death:
    """One kill."""

    flying: int
    """Attempts of the killed process that were on their way."""
    doubled: int
    """Of these, those that the carrier had taken: whoever they reached is called once more."""
    unmarked: int
    """Of these, those that are not on record as in doubt."""


@dataclass(frozen=True, slots=True)
class Killed:
    """One run."""

    database: str
    due: int
    lost: int
    handed: int
    """Texts and calls that the carrier took."""
    deaths: tuple[Death, ...]
    unknown_to_us: int
    """Taken by the carrier, and neither sent nor in doubt by our record."""


def run(server: Server, people: int, kills: int, slots: int = SLOTS, patience: float = PATIENCE) -> Killed:
    """Two engines on PostgreSQL, one on SQLite; each that is killed is started again."""
    with ExitStack() as open_:
        home = Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="callout-kills-")))
        address = open_.enter_context(carrier())
        url = open_.enter_context(open_.enter_context(server.filled(lambda url: fill(url, people, home / "rules")))())
        app = build(Settings(database_url=url, rules=home / "rules"), World(SystemClock(), RandomIds(), (), "demo"))
        open_.callback(app.close)
        crew = open_.enter_context(Crew.of(app, address, slots, patience))
        crew.warn()
        for _ in range(1 if sqlite_path(url) else 2):
            crew.start()
        deaths = [found for _ in range(kills) if (found := crew.kill())]
        crew.finish({id_ for one in deaths for id_ in one})
        return _judge(server.name, app, deaths, asyncio.run(taken(address)))


def fill(url: str, people: int, rules: Path) -> None:
    """The county's own ladders, only that nobody is rung first by night: the same run at every hour."""
    shutil.copytree(Settings().rules, rules)
    ladders = rules / "ladders.yaml"
    text = re.sub(r"day: (\S+), night: \S+,", r"day: \1, night: \1,", ladders.read_text(encoding="utf-8"))
    ladders.write_text(text, encoding="utf-8")
    app = build(Settings(database_url=url, rules=rules), World(SystemClock(), RandomIds(), (), "demo"))
    load(app, people)
    app.close()


async def taken(address: str) -> dict[str, tuple[str, str]]:
    """What the carrier took, as it lists it: id → (number, kind of channel)."""
    async with aiohttp.ClientSession(address, auth=aiohttp.BasicAuth(ACCOUNT, TOKEN)) as session:
        texts, calls = await _listed(session, "Messages"), await _listed(session, "Calls")
    return {one["sid"]: (one["to"], "sms") for one in texts} | {one["sid"]: (one["to"], "voice") for one in calls}


async def _listed(session: aiohttp.ClientSession, name: str) -> list[dict[str, str]]:
    page, found = f"/2010-04-01/Accounts/{ACCOUNT}/{name}.json?PageSize=1000", list[dict[str, str]]()
    while page:
        async with session.get(page) as answer:
            listed = await answer.json()
        found += listed[name.lower()]
        page = listed["next_page_uri"]
    return found


def _judge(database: str, app: App, deaths: Sequence[set[str]], took: dict[str, tuple[str, str]]) -> Killed:
    n, p = schema.number, schema.personal
    query = select(_T.c.id, _T.c.channel, _T.c.provider_ref, p.c.value).join(n, n.c.id == _T.c.number)
    rows = app.database.read(lambda db: db.execute(query.join(p, p.c.commitment == n.c.commitment)).all())
    noted = select(_A.c.ref).where(_A.c.event == "attempt.doubtful")
    doubts = app.database.read(lambda db: set(db.execute(noted).scalars()))
    known = {row.provider_ref for row in rows if row.id not in doubts}
    others, arrived = Counter(way for sid, way in took.items() if sid not in known), set[str]()
    for row in rows:
        if row.id in doubts.union(*deaths) and others[row.value, row.channel] > 0:
            others[row.value, row.channel] -= 1
            arrived.add(row.id)
    total = app.database.read(lambda db: account(db, app.rulebooks)).total
    found = tuple(Death(len(one), len(one & arrived), len((one & arrived) - doubts)) for one in deaths)
    return Killed(database, total.due, total.lost, len(took), found, others.total())


def table(found: Sequence[Killed]) -> Table:
    """As Markdown."""
    lines = []
    for one in found:
        doubled = [death.doubled for death in one.deaths]
        marked = sum(doubled) - sum(death.unmarked for death in one.deaths)
        cells = [one.database, f"{one.due:,}", f"{one.handed:,}", str(len(doubled))]
        cells += [str(sum(death.flying for death in one.deaths)), str(sum(doubled)), f"**{marked}**"]
        cells += [f"{sum(doubled) / max(len(doubled), 1):.0f}", f"**{max(doubled, default=0)}**"]
        lines.append([*cells, str(one.unknown_to_us), f"**{one.lost}**"])
    head = ["database", "due", "handed over", "kills", "on their way", "of these doubled", "of these marked"]
    head += ["doubled a kill, mean", "most", "left unknown to the record", "lost"]
    note = (
        "Real `callout serve` processes (one on SQLite, two on PostgreSQL), killed with SIGKILL at any moment while "
        f"their slots are full, and started again; the carrier is a process of its own and answers after {LATENCY} ms. "
        "Doubled: it had taken what the process had not put on record, and whoever that reached is called once more. "
        f"Target: 0 lost, most ≤ {SLOTS} slots + one group of outcomes ({GROUP}), every one marked."
    )
    return Table("kill -9", head, lines, note)
