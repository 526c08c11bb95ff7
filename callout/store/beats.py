"""The beats of engines on a shared database: who runs, who is silent. On SQLite the one engine leaves a file."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert as postgres
from sqlalchemy.dialects.sqlite import insert as lite

from callout.domain.instant import DAY, Instant, later
from callout.store import schema

_B = schema.engine_beat
FORGOTTEN = DAY
"""After so long a silent engine is taken for one that nobody expects any more."""


@dataclass(frozen=True, slots=True)
class Beat:
    """One engine, as it last showed itself."""

    id: str
    host: str
    began_at: Instant
    beat_at: Instant
    """Its last beat in which no stage failed."""
    channels: str


def show_beat(db: Connection, it: Beat) -> None:
    """Leave the sign of life; forget those of a day ago."""
    make = lite if db.dialect.name == "sqlite" else postgres
    row = {"id": it.id, "host": it.host, "began_at": it.began_at, "beat_at": it.beat_at, "channels": it.channels}
    fresh = {"beat_at": it.beat_at, "channels": it.channels}
    db.execute(make(_B).values(row).on_conflict_do_update(index_elements=[_B.c.id], set_=fresh))
    db.execute(delete(_B).where(_B.c.beat_at < later(it.beat_at, -FORGOTTEN)))


def take_beat_back(db: Connection, engine: str) -> None:
    """The engine ends in an orderly way: nobody need look for it."""
    db.execute(delete(_B).where(_B.c.id == engine))


def beats(db: Connection) -> list[Beat]:
    """Every engine that shows itself or has fallen silent, the freshest first."""
    return [Beat(*row) for row in db.execute(select(_B).order_by(_B.c.beat_at.desc(), _B.c.id))]
