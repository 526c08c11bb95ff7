"""Alerts, the documents they came in, and how each county takes them."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, and_, bindparam, false, func, insert, or_, select

from callout.domain.alert import Alert, MsgType
from callout.domain.answer import answer_code
from callout.domain.area import County, Coverage
from callout.domain.callout import lane_in
from callout.domain.conditions import Around
from callout.domain.episode import Move, moves, over
from callout.domain.headline import lifted_levels
from callout.domain.human_call import HumanCallKind
from callout.domain.instant import HOUR, Instant
from callout.domain.intake import ALERT_TABLE, AlertEvent, AlertState, Known, Verdict, document, drops
from callout.domain.level import Hazard, Level
from callout.domain.machine import follow
from callout.domain.surroundings import read_around, words_of
from callout.ports import PlanJob, RawDocument
from callout.store import schema
from callout.store.around import around
from callout.store.episodes import Sayings, county_key, coverage_of, read_areas, write_areas
from callout.store.items import settle_items
from callout.store.prepared import fetch
from callout.store.schema.columns import one_of
from callout.store.transaction import Change, Event, Ledger, Note

_AWAITING = schema.alert_county.c.state == AlertState.AWAITING
AFTERMATH = 48 * HOUR
"""How long after its end a warning is still found by a Cancel that names no reference."""


class AlertRows:
    """Reads and writes of alerts inside one transaction."""

    def __init__(self, ledger: Ledger, sayings: Sayings | None = None) -> None:
        self._ledger = ledger
        self._db = ledger.connection
        self._sayings = sayings or Sayings(self._db)

    def known(self, alert: Alert) -> list[Known]:
        """Every alert on record that may be the same message: same identifier; for a relay, same office and second."""
        a = schema.alert
        told = (a.c.id, a.c.identifier, a.c.digest, a.c.msg_type, a.c.hazard, a.c.level, a.c.sent)
        same = a.c.identifier == alert.identifier
        if alert.msg_type is MsgType.UNKNOWN:
            same = or_(same, and_(a.c.sender == alert.sender, a.c.sent == alert.sent))
        rows = self._db.execute(select(*told).where(same).order_by(a.c.id))
        return [Known(r.id, r.identifier, r.digest, MsgType(r.msg_type), r.hazard, r.level, r.sent) for r in rows]

    def add(self, alert: Alert, fingerprint: str, raw: RawDocument, run: str) -> int:
        """Keep an alert and its document; returns its id."""
        self._keep(raw)
        a = schema.alert
        new_id: int = (self._db.execute(select(func.max(a.c.id))).scalar() or 0) + 1
        info = alert.info
        row: dict[str, Any] = {
            "id": new_id,
            "identifier": alert.identifier,
            "digest": fingerprint,
            "sender": alert.sender,
            "sent": alert.sent,
            "received_at": self._ledger.at,
            "status": alert.status,
            "msg_type": alert.msg_type,
            "hazard": info.hazard or "",
            "level": info.level or "",
            "headline": info.headline,
            "description": info.description,
            "instruction": info.instruction,
            "expires": info.expires,
            "document": document(alert),
            "raw": raw.sha256,
            "code": answer_code(new_id),
            "run": run,
        }
        note = Note(detail=json.dumps({"identifier": alert.identifier, "sha256": raw.sha256, "digest": fingerprint}))
        if not self._ledger.record_rows(a, [row], Event("received"), {(new_id,): note}):
            raise RuntimeError("another writer took this alert id; the document stays where it is and is read again")
        links = [{"alert": new_id, "identifier": ref} for ref in dict.fromkeys(alert.references)]
        if links:
            self._db.execute(insert(schema.alert_reference), links)
        return new_id

    def repeated(self, alert: int, identifier: str) -> None:
        """Note that the same message came again."""
        self._ledger.note(Event("alert.duplicate"), alert=alert, detail=identifier)

    def _keep(self, raw: RawDocument) -> None:
        row = {
            "sha256": raw.sha256,
            "body": raw.body,
            "name": raw.name,
            "origin": raw.origin,
            "received_at": self._ledger.at,
        }
        seen = select(schema.raw_document.c.sha256).where(schema.raw_document.c.sha256 == raw.sha256)
        if self._db.execute(seen).first() is None:
            self._db.execute(insert(schema.raw_document), row)

    def add_county(
        self, alert_id: int, alert: Alert, coverage: Coverage, verdict: Verdict, expires_at: Instant | None
    ) -> bool:
        """Put the alert before one county, in its episode; returns whether that is an episode already on record."""
        known = self.episode_of(coverage, alert)
        row = {
            "county": coverage.county,
            "alert": alert_id,
            "episode": known or self._new_episode(coverage, alert, alert_id),
            "state": verdict.state,
            "confirm_by": verdict.confirm_by,
            "areas": write_areas(coverage, alert.info.level),
            "lane": lane_in(coverage.county, coverage.highest(alert.info.level)),
            "expires_at": expires_at,
            "drops": int(drops(alert, coverage)),
        }
        self._ledger.record_rows(schema.alert_county, [row], Event("received"))
        if verdict.state is AlertState.RECEIVED:
            self._ledger.stir()
        return known is not None

    def episode_of(self, coverage: Coverage, alert: Alert) -> int | None:
        """The episode by references either way, else same issuer, hazard and area while in force."""
        a, ac = schema.alert, schema.alert_county
        linked = self._linked(alert)
        found = self._db.execute(
            select(ac.c.episode, ac.c.areas, linked.label("linked"))
            .join(a, a.c.id == ac.c.alert)
            .where(ac.c.county == coverage.county, or_(linked, self._alike(alert)))
            .order_by(linked.desc(), a.c.sent.desc())
        ).all()
        for near in found:
            if near.linked or coverage.overlaps(json.loads(near.areas)):
                return int(near.episode)
        return None

    def _linked(self, alert: Alert) -> ColumnElement[bool]:
        """One refers to the other, or both to the same message, which we may never have had."""
        a, ref = schema.alert, schema.alert_reference
        refers = select(ref.c.alert).where(ref.c.identifier == alert.identifier)
        shares = select(ref.c.alert).where(ref.c.identifier.in_(alert.references))
        return or_(a.c.identifier.in_(alert.references), a.c.id.in_(refers), a.c.id.in_(shares))

    def _alike(self, alert: Alert) -> ColumnElement[bool]:
        """Same issuer and hazard, in force. A Cancel also finds what just ended; with a reference it never guesses."""
        a, ac = schema.alert, schema.alert_county
        lifts = alert.msg_type is MsgType.CANCEL
        since = self._ledger.at - (AFTERMATH if lifts else 0)
        alike = (a.c.sender == alert.sender) & (a.c.hazard == (alert.info.hazard or "")) & (ac.c.expires_at > since)
        return false() if lifts and alert.references else alike

    def _new_episode(self, coverage: Coverage, alert: Alert, alert_id: int) -> int:
        row = {
            "county": coverage.county,
            "id": alert_id,
            "sender": alert.sender,
            "hazard": alert.info.hazard or "",
            "opened_at": self._ledger.at,
        }
        self._ledger.record_rows(schema.episode, [row], Event("opened"))
        return alert_id

    def moves(self, job: PlanJob) -> Mapping[str, Move]:
        """What the message does in each area of its county, given all messages on record."""
        return moves(self._sayings.of(job.county, job.episode), job.alert, county_key(job.county))

    def lifted(self, job: PlanJob) -> list[PlanJob]:
        """Warnings of the episode that still count as running though nothing of them stands any more."""
        gone = over(self._sayings.of(job.county, job.episode))
        ac = schema.alert_county
        running = ac.c.state == AlertState.PLANNED
        mine = jobs(ac.c.county == job.county, ac.c.alert.in_(gone), running)
        return [plan_job(row) for row in self._db.execute(mine)] if gone else []

    def around(self, job: PlanJob, county: County) -> Mapping[str, Around]:
        """What is so now in the areas that the message covers."""
        return around(self._db, county, job.coverage, (job.episode, job.text), self._ledger.at)

    def to_plan(self) -> list[PlanJob]:
        """Alerts whose callouts are not all open yet, red first."""
        return [plan_job(row) for row in fetch(self._db, _TO_PLAN)]

    def in_force(self, county: str) -> tuple[str, str]:
        """The (rulebook, roster) versions that a county uses now."""
        [row] = fetch(self._db, _IN_FORCE, {"of_county": county})
        return row.rulebook, row.roster

    def move(self, job: PlanJob, event: AlertEvent, values: Mapping[str, object]) -> bool:
        """Write the next state of the plan; False when another worker was first."""
        after = follow(ALERT_TABLE, job.state, event)
        change = Change((job.county, job.alert), job.rev, job.state, {"state": after, **values})
        return bool(self._ledger.record(schema.alert_county, [change], Event(event)))

    def ending(self, now: Instant) -> list[PlanJob]:
        """Alerts whose callouts are all open and whose validity has ended."""
        return [plan_job(row) for row in fetch(self._db, _ENDING, {"now": now})]

    def unconfirmed(self, now: Instant) -> list[PlanJob]:
        """Alerts that wait for a word for which the time is over."""
        return [plan_job(row) for row in fetch(self._db, _UNCONFIRMED, {"now": now})]

    def awaiting(self, county: str, alert: int) -> PlanJob | None:
        """The alert where it waits for a word in this county."""
        ac = schema.alert_county
        row = self._db.execute(jobs(_AWAITING, ac.c.county == county, ac.c.alert == alert)).first()
        return plan_job(row) if row else None

    def decide(self, job: PlanJob, event: AlertEvent, officer: str, why: str) -> bool:
        """The wait is over, by a word or without one; the item about it is closed. False when somebody was first."""
        after = follow(ALERT_TABLE, job.state, event)
        change = Change((job.county, job.alert), job.rev, job.state, {"state": after}, Note(detail=why))
        if not self._ledger.record(schema.alert_county, [change], Event(event, officer)):
            return False
        settle_items(self._ledger, [(job.county, job.alert, 0, HumanCallKind.UNCONFIRMED, "")], why)
        if after is AlertState.RECEIVED:
            self._ledger.stir()
        return True


def jobs(*where: ColumnElement[bool]) -> Select[Any]:
    """What `plan_job` reads, red first."""
    a, ac, k = schema.alert, schema.alert_county, schema.county
    said = a.c.hazard, a.c.level, a.c.sent, a.c.run, a.c.msg_type, a.c.headline, a.c.description, a.c.document
    used = k.c.rulebook.label("rulebook_now"), k.c.roster.label("roster_now")
    asked = select(ac, *said, *used).join(a, a.c.id == ac.c.alert).join(k, k.c.county == ac.c.county)
    return asked.where(*where).order_by(ac.c.lane, ac.c.alert)


_AC, _K, _NOW = schema.alert_county, schema.county, bindparam("now", type_=BigInteger)
_IN_FORCE = select(_K.c.rulebook, _K.c.roster).where(_K.c.county == bindparam("of_county", type_=String))
_TO_PLAN = jobs(one_of(_AC.c.state, AlertState.RECEIVED, AlertState.PLANNING))
_ENDING = jobs(one_of(_AC.c.state, AlertState.PLANNED), _AC.c.expires_at <= _NOW)
_UNCONFIRMED = jobs(_AWAITING, _AC.c.confirm_by <= _NOW)


def plan_job(row: Any) -> PlanJob:
    """The job in a row of `alert_county` with what its alert says."""
    areas = read_areas(row.areas, row.level)
    named = [area for info in json.loads(row.document)["infos"] for area in info["areas"]]
    lifts = row.msg_type == MsgType.CANCEL
    return PlanJob(
        row.county,
        row.alert,
        row.episode,
        AlertState(row.state),
        Hazard(row.hazard) if row.hazard else None,
        Level(row.level) if row.level else None,
        coverage_of(row.county, areas),
        row.expires_at,
        row.roster,
        row.cursor,
        row.rev,
        row.sent,
        row.run,
        (row.rulebook_now, row.roster_now),
        lifts,
        lifts and bool(row.level) and not lifted_levels(row.headline, row.description),
        row.headline,
        words_of(row.headline, row.description, named),
        read_around(row.around),
    )
