"""Warnings as the page that issues and confirms them shows them."""

import json
from dataclasses import dataclass

from sqlalchemy import Connection, select

from callout.domain.alert import MsgType
from callout.domain.instant import Instant
from callout.domain.intake import AlertState
from callout.domain.issuing import Earlier, content_of
from callout.domain.level import Hazard, Level
from callout.domain.user import Scope
from callout.reports.in_force import in_force
from callout.store import schema
from callout.store.episodes import read_areas


@dataclass(frozen=True, slots=True)
class WarningLine:
    """One warning in one county."""

    county: str
    county_name: str
    alert: int
    hazard: str
    level: Level | None
    highest: Level | None
    """Of all its townships."""
    headline: str
    description: str
    sender: str
    sent: Instant
    expires_at: Instant | None
    state: AlertState
    confirm_by: Instant | None
    run: str
    newest: bool
    """No later message of the same event is in force here."""


def warnings(db: Connection, scope: Scope, now: Instant) -> list[WarningLine]:
    """All that are in force or wait for a word below this place, newest first."""
    a, ac, k = schema.alert, schema.alert_county, schema.county
    rows = db.execute(
        select(a, ac.c.county, ac.c.expires_at, ac.c.state, ac.c.confirm_by, ac.c.episode, ac.c.areas, k.c.name)
        .join(ac, ac.c.alert == a.c.id)
        .join(k, k.c.county == ac.c.county)
        .where(a.c.id.in_(in_force(db, now)), a.c.msg_type != MsgType.CANCEL)
        .order_by(a.c.sent.desc(), a.c.id.desc())
    ).all()
    seen: set[tuple[str, int]] = set()
    lines = []
    for row in rows:
        event = row.county, row.episode
        speaks = row.state in (AlertState.RECEIVED, AlertState.PLANNING, AlertState.PLANNED)
        newest = speaks and event not in seen
        seen |= {event} if speaks else set()
        level = Level(row.level) if row.level else None
        levels = [each for each in read_areas(row.areas, row.level).values() if each]
        lines.append(
            WarningLine(
                county=row.county,
                county_name=row.name,
                alert=row.id,
                hazard=row.hazard,
                level=level,
                highest=max(levels, key=lambda one: one.rank, default=level),
                headline=row.headline,
                description=row.description,
                sender=row.sender,
                sent=Instant(row.sent),
                expires_at=row.expires_at,
                state=AlertState(row.state),
                confirm_by=row.confirm_by,
                run=row.run,
                newest=newest,
            )
        )
    return [one for one in lines if scope.counties([one.county])]


def earlier_of(db: Connection, alert: int, sender: str) -> Earlier | None:
    """The warning of this office that a new message would speak of; None where it has issued no such."""
    a, ref = schema.alert, schema.alert_reference
    row = db.execute(select(a).where(a.c.id == alert, a.c.sender == sender)).first()
    if row is None or not row.hazard or not row.level:
        return None
    before = db.execute(select(ref.c.identifier).where(ref.c.alert == alert).order_by(ref.c.identifier)).scalars()
    [info] = json.loads(row.document)["infos"]
    codes = [code for area in info["areas"] for code in area["geocodes"]]
    areas = tuple(f"{code['system']}:{code['value']}" for code in codes if code["system"] != "gb2260")
    words = (*content_of(row.description), row.instruction)
    return Earlier(row.identifier, tuple(before), Hazard(row.hazard), Level(row.level), areas, *words)
