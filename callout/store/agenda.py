"""When each stage next has something to do: one small read, so that an idle engine costs nothing."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Select, case, func, literal_column, select

from callout.domain.callout import DRILL_LANES, CalloutState
from callout.domain.instant import Instant
from callout.domain.intake import AlertState
from callout.domain.made_often import made_often
from callout.store import schema
from callout.store.drills_sql import FIRST_END, FIRST_OVERTAKEN
from callout.store.prepared import fetch_plain
from callout.store.schema.columns import one_of

_AT_ONCE = 0
IN_PARTS = frozenset({"send", "watch"})
"""Stages that can do a part of their work alone."""


@made_often(frozen=True, slots=True)
class Agenda:
    """Per stage: the instant from which it has work, None = nothing in sight."""

    due: Mapping[str, Instant | None]
    parts: Mapping[str, Mapping[str, Instant]] = field(default_factory=dict)
    """Of stages that can do a part of their work alone: the same for each part that has any in sight."""

    def ready_parts(self, stage: str, now: Instant) -> frozenset[str]:
        """Which parts of the stage have work at `now`."""
        return frozenset(part for part, at in self.parts.get(stage, {}).items() if at <= now)

    def ready(self, now: Instant) -> list[str]:
        """The stages that have work at `now`."""
        return [stage for stage, at in self.due.items() if at is not None and at <= now]

    def not_before(self, stage: str, at: Instant) -> "Agenda":
        """The same, but that stage rests until then."""
        due = self.due.get(stage)
        return self if due is None or due >= at else Agenda({**self.due, stage: at}, self.parts)

    def next_at(self) -> Instant | None:
        """The earliest instant at which any stage has work."""
        return min((at for at in self.due.values() if at is not None), default=None)


def agenda(db: Connection) -> Agenda:
    """What the rows say about the next work of each stage."""
    due: dict[str, Instant | None] = {}
    parts: dict[str, dict[str, Instant]] = {stage: {} for stage in IN_PARTS}
    for (stage, part), at in zip(STAGES, fetch_plain(db, _SELECT)[0], strict=True):
        if at is None:
            continue
        if (first := due.get(stage)) is None or at < first:
            due[stage] = at
        if stage in parts:
            known = parts[stage].get(part)
            parts[stage][part] = at if known is None else min(at, known)
    return Agenda(due, parts)


def _parts() -> dict[str, ScalarSelect[int]]:
    """Named stage_part and perhaps a number; each reads one end of an index."""
    ac, i, o, t = schema.alert_county, schema.inbound, schema.notice, schema.attempt
    s, f, r = schema.stop_work, schema.feedback, schema.relocation
    h, k = schema.human_call, schema.county
    planning = func.min(_AT_ONCE)
    parts = {
        "plan_0": select(planning).where(one_of(ac.c.state, AlertState.RECEIVED, AlertState.PLANNING)),
        "acknowledge_0": select(func.min(i.c.came_at)).where(schema.inbound_pending),
        "send_notices": select(func.min(o.c.next_at)).where(schema.notice_to_send),
        "send_leases": select(func.min(t.c.lease)).where(schema.attempt_open),
        "send_endings": select(func.min(t.c.hang_up) - 1).where(schema.attempt_to_hang_up),
        "watch_desk_0": _rings(h.c.next_at > k.c.ring_known, k.c.ring_after),
        "watch_desk_1": _rings(h.c.next_at <= k.c.ring_known, _later_of(k.c.ring_after, k.c.ring_rests)),
        "watch_stops": select(func.min(s.c.next_at)).where(schema.stop_work_ordered),
        "watch_moves": select(func.min(r.c.next_at)).where(schema.relocation_waiting),
        "remind_0": select(func.min(f.c.next_at)).where(schema.feedback_waiting),
        "watch_words": select(func.min(ac.c.confirm_by)).where(one_of(ac.c.state, AlertState.AWAITING)),
        "watch_ends": select(func.min(ac.c.expires_at)).where(one_of(ac.c.state, AlertState.PLANNED)),
    }
    settled = one_of(ac.c.state, AlertState.PLANNED, AlertState.OVER)
    parts["trigger_0"] = select(func.min(ac.c.strikes_at)).where(schema.alert_to_strike, settled)
    parts |= {"drill_0": FIRST_END, "drill_1": FIRST_OVERTAKEN}
    c = schema.callout
    for lane in range(DRILL_LANES + 1):
        at: ColumnElement[int] = literal_column(str(lane))
        lanes = c.c.lane == at if lane < DRILL_LANES else c.c.lane >= at
        parts[f"send_calls_{lane}"] = _first(CalloutState.TO_CALL, lanes)
        parts[f"escalate_{lane}"] = _first(CalloutState.WAITING, lanes)
    return {name: part.scalar_subquery() for name, part in parts.items()}


def _rings(known: ColumnElement[bool], rests: ColumnElement[int]) -> Select[tuple[int]]:
    """When the first desk may be rung: each county's earliest item of these, but not before its desk has rested."""
    h, k = schema.human_call, schema.county
    earliest = select(func.min(h.c.next_at)).where(schema.human_call_open, h.c.county == k.c.county, known)
    waits = select(earliest.scalar_subquery().label("next_at"), rests.label("rests")).select_from(k).subquery()
    return select(func.min(_later_of(waits.c.next_at, waits.c.rests))).where(waits.c.next_at.is_not(None))


def _later_of(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((one > other, one), else_=other)


def _first(state: CalloutState, lanes: ColumnElement[bool]) -> Select[tuple[int]]:
    c = schema.callout
    return select(func.min(c.c.next_at)).where(one_of(c.c.state, state), lanes)


_PARTS = _parts()
STAGES = tuple((stage, part) for stage, part, *_ in (name.split("_") for name in _PARTS))
"""The stage, and the part of its work, that each of them is about."""
_SELECT = select(*[part.label(name) for name, part in _PARTS.items()])
