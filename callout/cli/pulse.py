"""The pulse of engines: what one leaves behind while it beats, and what others read of it.

On SQLite there is one engine, and its pulse is a file beside the database; on PostgreSQL each leaves a row, so that
pages and commands on other machines see it.
"""

import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select, tuple_

from callout.cli.control import listens
from callout.domain.callout import CalloutState
from callout.domain.human_call import HumanCallState
from callout.domain.instant import SECOND, Instant
from callout.reports.in_force import where_in_force
from callout.settings import Settings
from callout.store import schema
from callout.store.beats import Beat, beats, show_beat, take_beat_back
from callout.store.database import Database, sqlite_path
from callout.store.schema.columns import real

STALE = 30 * SECOND

Standing = dict[str, Any]
"""state (running, silent, stopped), beat_at, channels, engines (how many beat), silent (hosts of those that do not)."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """The pulse of one engine."""

    settings: Settings
    database: Database
    engine: str
    """A name of its own, new at each start."""
    began_at: Instant

    def show(self, beat_at: Instant, channels: str) -> None:
        """Say that the engine's last whole beat was at `beat_at`."""
        if _file(self.settings):
            _write(pulse_file(self.settings), beat_at, channels)
            return
        beat = Beat(self.engine, socket.gethostname(), self.began_at, beat_at, channels)
        self.database.write(lambda db: show_beat(db, beat))

    def end(self) -> None:
        """The engine stops as it should."""
        if _file(self.settings):
            pulse_file(self.settings).unlink(missing_ok=True)
        else:
            self.database.write(lambda db: take_beat_back(db, self.engine))


def engine_standing(settings: Settings, database: Database, now: Instant) -> Standing:
    """Whether an engine beats, by what it leaves behind."""
    return _of_file(settings, now) if _file(settings) else _of_rows(database.read(beats), now)


def beats_here(settings: Settings, database: Database, now: Instant) -> bool:
    """Whether an engine of this very machine beats, whatever others do."""
    if _file(settings):
        return bool(_of_file(settings, now)["engines"])
    host = socket.gethostname()
    return any(one.host == host and now - one.beat_at <= STALE for one in database.read(beats))


def _of_rows(found: list[Beat], now: Instant) -> Standing:
    live = [one for one in found if now - one.beat_at <= STALE]
    state = "running" if live else "silent" if found else "stopped"
    newest = found[0] if found else None
    return {
        "state": state,
        "beat_at": newest.beat_at if newest else None,
        "channels": newest.channels if newest else "",
        "engines": len(live),
        "silent": [one.host for one in found if one not in live],
    }


def _of_file(settings: Settings, now: Instant) -> Standing:
    try:
        pulse = json.loads(pulse_file(settings).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {"state": "stopped", "beat_at": None, "channels": "", "engines": 0, "silent": []}
    file = _file(settings)
    beats_now = now - pulse["beat_at"] <= STALE and (file is None or listens(file))
    return {
        "state": "running" if beats_now else "silent",
        **pulse,
        "engines": int(beats_now),
        "silent": [] if beats_now else [socket.gethostname()],
    }


def pulse_file(settings: Settings) -> Path:
    """Where the engine of an SQLite file leaves its pulse."""
    file = _file(settings) or settings.inbox.parent / "callout"
    return file.with_name(file.name + ".pulse")


def _write(path: Path, beat_at: Instant, channels: str) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(json.dumps({"beat_at": beat_at, "channels": channels}), encoding="utf-8")
    fresh.replace(path)


def _file(settings: Settings) -> Path | None:
    return sqlite_path(settings.database_url)


def counts(db: Connection, now: Instant) -> str:
    """How the warnings in force stand, in one line without names, numbers or texts.

    Only their callouts are read, however many lie there from years: the key begins with county and alert.
    """
    c, h = schema.callout, schema.human_call
    alerts, many = where_in_force(db, now), func.count().label("many")
    own = tuple_(c.c.county, c.c.alert).in_(sorted(alerts))
    each = select(c.c.state, many).where(c.c.round == 0, own).group_by(c.c.state)
    states = {row.state: row.many for row in db.execute(each)}
    open_ones = h.c.state != HumanCallState.CLOSED, real(h.c.county)
    waiting = db.execute(select(func.count()).select_from(h).where(*open_ones)).scalar_one()
    S, messages = CalloutState, {alert for _, alert in alerts}
    return (
        f"生效预警={len(messages)} 待叫={states.get(S.TO_CALL, 0)} 待答={states.get(S.WAITING, 0)} "
        f"已应={states.get(S.ANSWERED, 0)} 待人工={waiting}"
    )
