"""Every version of plan and roster that has been brought in, when and by whom, and how many warnings ran under it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from callout.domain.instant import Instant
from callout.store import schema


@dataclass(frozen=True, slots=True)
class Version:
    """One version."""

    name: str
    loaded_at: Instant
    loaded_by: str
    in_force: bool
    alerts: int
    """Warnings whose callouts were opened under it."""


def plan_versions(db: Connection, county: str) -> Sequence[Version]:
    """The rulebooks of a county, the newest first. Who brought them in stands in the record."""
    v, a = schema.rulebook_version, schema.audit
    by = {
        r.ref: r.actor
        for r in db.execute(
            select(a.c.ref, a.c.actor).where(a.c.county == county, a.c.event == "rulebook_version.loaded")
        )
    }
    now, under = _in_force(db, county, "rulebook"), _under(db, county, "rulebook")
    rows = db.execute(select(v.c.version, v.c.loaded_at).where(v.c.county == county).order_by(v.c.loaded_at.desc()))
    return [
        Version(r.version, Instant(r.loaded_at), by.get(r.version, ""), r.version == now, under.get(r.version, 0))
        for r in rows
    ]


def roster_versions(db: Connection, county: str) -> Sequence[Version]:
    """The rosters of a county, the newest first."""
    v = schema.roster_version
    now, under = _in_force(db, county, "roster"), _under(db, county, "roster")
    rows = db.execute(select(v).where(v.c.county == county).order_by(v.c.loaded_at.desc()))
    return [
        Version(r.version, Instant(r.loaded_at), r.loaded_by, r.version == now, under.get(r.version, 0)) for r in rows
    ]


def _in_force(db: Connection, county: str, column: str) -> str:
    k = schema.county
    return db.execute(select(k.c[column]).where(k.c.county == county)).scalar() or ""


def _under(db: Connection, county: str, column: str) -> dict[str, int]:
    ac = schema.alert_county
    name = ac.c[column]
    rows = db.execute(
        select(name.label("name"), func.count().label("many")).where(ac.c.county == county).group_by(name)
    )
    return {r.name: int(r.many) for r in rows}
