"""How a process went beside its counts: how far ladders climbed, what fell to people, what was reported."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import MappingProxyType

from sqlalchemy import Connection, and_, case, func, select

from callout.domain.attempt import AttemptState
from callout.domain.desk import CallResult
from callout.domain.feedback import FeedbackKind
from callout.domain.human_call import HumanCallKind
from callout.domain.instant import Instant
from callout.domain.ladder import Ladder, Target
from callout.reports.duties import FeedbackTally, feedback
from callout.reports.gathering import Scope
from callout.reports.parts import Limits
from callout.store import schema

_MAY_HAVE_LEFT = (AttemptState.SENT, AttemptState.UNKNOWN)
NO_PRICES: Mapping[str, int] = MappingProxyType({})
_FACE_TO_FACE = "当面%"
"""How `callout ack --face-to-face` begins what it keeps."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What one provider carried, as far as it may have left the house."""

    attempts: int
    parts: int
    """Parts of texts, and calls; attempts from before they were counted have none."""

    def fen(self, price: int) -> int | None:
        """What it cost at this price for each part; None where the price is not known."""
        return self.parts * price if price else None


@dataclass(frozen=True, slots=True)
class Course:
    """What stands beside the counts of a process."""

    depth: Mapping[Target, int]
    """Posts by the farthest that was called for them."""
    human_calls: Mapping[HumanCallKind, int]
    """Opened, by kind."""
    doors: int
    """Posts to whose door somebody was sent, or who confirmed face to face."""
    feedback: Mapping[FeedbackKind, FeedbackTally]
    ends: Instant | None = None
    """When the last all-clear was handed over; None where none was."""
    bills: Mapping[str, Bill] = field(default_factory=dict)
    """By provider; notices cost too."""
    human_at: tuple[Instant, ...] = field(default=())
    """When the human calls were opened."""


def course(db: Connection, county: str, alerts: Collection[int]) -> Course:
    """The course of the warnings `alerts`."""
    ids = sorted(alerts)
    opened = _opened(db, county, ids)
    return Course(
        _depth(db, county, ids),
        {kind: many for kind in HumanCallKind if (many := sum(kind is k for k, _ in opened))},
        _doors(db, county, ids),
        feedback(Scope(db, county), alerts),
        _last_all_clear(db, county, ids),
        _bills(db, county, ids),
        tuple(at for _, at in opened),
    )


def limits(db: Connection, county: str, alerts: Collection[int]) -> dict[tuple[int, int], Limits]:
    """The plan's own limits by (alert, post), for those that had a ladder of their own."""
    c, k = schema.callout, schema.ladder
    known = {}
    for row in db.execute(select(k)):
        waits = [step.wait for step in Ladder.from_json(row.steps).steps]
        if waits:
            known[row.id] = Limits(waits[0], sum(waits))
    rows = db.execute(
        select(c.c.alert, c.c.post, c.c.ladder).where(
            c.c.county == county, c.c.alert.in_(sorted(alerts)), c.c.round == 0, c.c.carried_by == 0
        )
    )
    return {(r.alert, r.post): known[r.ladder] for r in rows if r.ladder in known}


def _depth(db: Connection, county: str, alerts: list[int]) -> dict[Target, int]:
    t, link = schema.attempt, schema.attempt_callout
    rank = case((t.c.target == Target.SUPERIOR, 2), (t.c.target == Target.DEPUTY, 1), else_=0)
    rows = db.execute(
        select(link.c.alert, link.c.post, func.max(rank).label("far"))
        .join(t, and_(t.c.county == link.c.county, t.c.id == link.c.attempt))
        .where(link.c.county == county, link.c.alert.in_(alerts), link.c.round == 0, t.c.state.in_(_MAY_HAVE_LEFT))
        .group_by(link.c.alert, link.c.post)
    )
    counts = Counter(r.far for r in rows)
    return {target: counts[n] for n, target in enumerate((Target.HOLDER, Target.DEPUTY, Target.SUPERIOR))}


def _opened(db: Connection, county: str, alerts: list[int]) -> list[tuple[HumanCallKind, Instant]]:
    h = schema.human_call
    rows = db.execute(select(h.c.kind, h.c.opened_at).where(h.c.county == county, h.c.alert.in_(alerts)))
    return sorted(((HumanCallKind(r.kind), Instant(r.opened_at)) for r in rows), key=lambda each: each[1])


def _doors(db: Connection, county: str, alerts: list[int]) -> int:
    h, g = schema.human_call, schema.answer
    sent = select(h.c.alert, h.c.post).where(
        h.c.county == county, h.c.alert.in_(alerts), h.c.outcome.contains(CallResult.SENT.zh)
    )
    met = select(g.c.alert, g.c.post).where(g.c.county == county, g.c.alert.in_(alerts), g.c.body.like(_FACE_TO_FACE))
    return len({tuple(r) for r in db.execute(sent)} | {tuple(r) for r in db.execute(met)})


def _bills(db: Connection, county: str, alerts: list[int]) -> dict[str, Bill]:
    t = schema.attempt
    rows = db.execute(
        select(t.c.provider, func.count().label("many"), func.sum(t.c.parts).label("parts"))
        .where(t.c.county == county, t.c.alert.in_(alerts), t.c.state.in_(_MAY_HAVE_LEFT))
        .group_by(t.c.provider)
        .order_by(t.c.provider)
    )
    return {r.provider: Bill(r.many, int(r.parts or 0)) for r in rows}


def _last_all_clear(db: Connection, county: str, alerts: list[int]) -> Instant | None:
    t = schema.attempt
    found = db.execute(
        select(func.max(t.c.submitted_at)).where(
            t.c.county == county, t.c.alert.in_(alerts), t.c.notice.like("all_clear:%"), t.c.state.in_(_MAY_HAVE_LEFT)
        )
    ).scalar()
    return None if found is None else Instant(found)


def plans(db: Connection, county: str) -> Mapping[tuple[int, int], tuple[str, ...]]:
    """(alert, post) → the plans whose rules asked for it: industries by their names, the county's, the township's."""
    c = schema.callout
    named = _industries(db, county)
    found: defaultdict[tuple[int, int], tuple[str, ...]] = defaultdict(tuple)
    for row in db.execute(select(c.c.alert, c.c.post, c.c.rules).where(c.c.county == county, c.c.round == 0)):
        files = dict.fromkeys(rule.partition("/")[0] for rule in row.rules.split(",") if "/" in rule)
        found[row.alert, row.post] = tuple(dict.fromkeys(_plan(file, named) for file in files))
    return found


def _industries(db: Connection, county: str) -> dict[str, str]:
    """File of an industry → its name, from the rule files on record."""
    v = schema.rulebook_version
    named = {}
    for (files,) in db.execute(select(v.c.files).where(v.c.county == county)):
        for path, text in json.loads(files).items():
            if told := re.search(r"(?m)^industry:\s*(\S+)", text):
                named[PurePosixPath(path).stem] = told[1]
    return named


def _plan(file: str, named: Mapping[str, str]) -> str:
    if file in named:
        return named[file]
    return "区级方案" if file == "county" else "乡镇方案" if file[:6].isdigit() else file
