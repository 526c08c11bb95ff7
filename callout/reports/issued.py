"""The warnings that offices here have issued themselves, as they would be read elsewhere."""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, select

from callout.domain.alert import Alert, Area, CodeSystem, Geocode, Info, MsgType, Status
from callout.domain.area import County
from callout.domain.instant import Instant
from callout.domain.intake import AlertState
from callout.domain.issuing import sender_of
from callout.domain.level import Hazard, Level
from callout.render.issued import Earlier, Issued
from callout.store import schema

_NOT_OUT = (AlertState.AWAITING, AlertState.DECLINED, AlertState.NOT_ACTUAL)
"""Nobody has issued what still waits for a word, or what was declined."""


def issued(db: Connection, counties: Sequence[County], most: int, alert: int = 0) -> list[tuple[int, Issued]]:
    """Those of these counties' offices, newest first, each with its id; `alert` = only this one."""
    issuers = {sender_of(county): county.issuer for county in counties}
    codes = {sender_of(county): county.code for county in counties}
    a, ac = schema.alert, schema.alert_county
    chosen = (
        select(a, ac.c.county)
        .join(ac, ac.c.alert == a.c.id)
        .where(a.c.sender.in_(issuers), ac.c.state.not_in([one.value for one in _NOT_OUT]))
        .order_by(a.c.sent.desc(), a.c.id.desc())
    )
    chosen = chosen.where(a.c.id == alert) if alert else chosen
    rows = [row for row in db.execute(chosen.limit(most)) if row.county == codes[row.sender]]
    before = _earlier(db, [row.id for row in rows])
    return [(row.id, Issued(_alert(row), row.run, issuers[row.sender], tuple(before[row.id]))) for row in rows]


def _earlier(db: Connection, alerts: Sequence[int]) -> dict[int, list[Earlier]]:
    a, ref = schema.alert, schema.alert_reference
    found: dict[int, list[Earlier]] = defaultdict(list)
    rows = db.execute(
        select(ref.c.alert, a.c.sender, a.c.identifier, a.c.sent)
        .join(a, and_(a.c.identifier == ref.c.identifier))
        .where(ref.c.alert.in_(alerts))
        .order_by(a.c.sent)
    )
    for row in rows:
        found[row.alert].append(Earlier(row.sender, row.identifier, Instant(row.sent)))
    return found


def _alert(row: Any) -> Alert:
    """The message as it was issued, from its row."""
    told = json.loads(row.document)
    infos = tuple(_info(one) for one in told["infos"])
    return Alert(
        row.identifier,
        row.sender,
        Instant(row.sent),
        Status(told["status"]),
        MsgType(told["msg_type"]),
        infos,
        tuple(told["references"]),
        told["note"],
    )


def _info(told: dict[str, Any]) -> Info:
    areas = tuple(
        Area(one["desc"], tuple(Geocode(CodeSystem(code["system"]), code["value"]) for code in one["geocodes"]))
        for one in told["areas"]
    )
    hazard, level = told["hazard"], told["level"]
    return Info(
        **told
        | {"areas": areas, "hazard": Hazard(hazard) if hazard else None, "level": Level(level) if level else None}
    )
