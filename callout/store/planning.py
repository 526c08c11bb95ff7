"""From matched rules to callout rows, set-wise and in resumable chunks."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Select, Update, and_, bindparam, cast, func, literal, select
from sqlalchemy.types import String

from callout.domain.callout import UNANSWERED, CalloutEvent, CalloutState, lane_of, level_of
from callout.domain.human_call import OVERTAKEN, HumanCallEvent, HumanCallKind, HumanCallState, NewHumanCall
from callout.domain.instant import later
from callout.domain.ladder import patience
from callout.domain.rule import Matching
from callout.ports import PlanJob
from callout.store import schema
from callout.store.batch import Values, packed, row_source
from callout.store.transaction import AUDIT_COLUMNS, ENGINE, Event, Keys, Ledger, changed

Parameter = str | int | BindParameter[Any]
UNUSABLE_IS = {"vacant": HumanCallKind.VACANT, "no_number": HumanCallKind.NO_NUMBER}
"""What a human is told about a due post that nobody can be reached on."""


def select_due(county: Parameter, alert: Parameter, roster: Parameter) -> Select[Any]:
    """Who must be called: matched rules joined to duty. Plan inserts it, explain prints it, prove runs it."""
    d, m = schema.duty, schema.rule_match
    join = and_(m.c.county == d.c.county, m.c.alert == alert, m.c.area == d.c.area, m.c.role == d.c.role)
    return (
        select(d.c.post, d.c.unusable, d.c.holder_name, m.c.ladder, m.c.rules)
        .join(m, join)
        .where(d.c.county == county, d.c.roster == roster)
    )


class PlanRows:
    """Writes of the plan stage inside one transaction."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._db = ledger.connection

    def matched(self, job: PlanJob, matching: Matching, measures: Mapping[str, str]) -> None:
        """Keep what the rules said, with the ladders as they are now.

        `measures` gives the words of each rule in the order of the files; a post is told those of its last rule.
        """
        ladders = {m.ladder.id: m.ladder for m in matching.matches}
        known = set(self._db.execute(select(schema.ladder.c.id)).scalars())
        new = [{"id": i, "steps": ladder.to_json()} for i, ladder in ladders.items() if i not in known]
        self._ledger.record_rows(schema.ladder, new, Event("frozen"))
        rows = [
            {
                "county": job.county,
                "alert": job.alert,
                "area": m.area,
                "role": m.role,
                "ladder": m.ladder.id,
                "rules": ",".join(m.rule_ids),
                "measure": next((words for rule, words in reversed([*measures.items()]) if rule in m.rule_ids), ""),
            }
            for m in matching.matches
        ]
        self._ledger.record_rows(schema.rule_match, rows, Event("matched"))

    def chunk_end(self, job: PlanJob, size: int) -> int | None:
        """The last post id of the next chunk of at most `size` due posts; None when all are open."""
        last = self._db.execute(_CHUNK_END, _values(job) | {"size": size}).scalar()
        return None if last is None else int(last)

    def open_chunk(self, job: PlanJob, last: int) -> int:
        """Open the callouts of the due posts up to `last`, with all that belongs to it; returns how many."""
        values = _values(job) | {"to_post": last, "now": self._ledger.at}
        opened = self._ledger.record_opened(_OPEN, _OPENED, Event("opened"), values)
        self._open_gaps(job, values)
        self._supersede(job, last)
        return opened

    def _open_gaps(self, job: PlanJob, values: Values) -> None:
        """The outer join: a due post without a holder or a usable number waits for a human from the first moment."""
        rows = self._db.execute(_GAPS, values).all()
        new = [NewHumanCall(job.county, job.alert, r.post, UNUSABLE_IS[r.unusable]) for r in rows]
        open_human_calls(self._ledger, new, lane_of(job.level))

    def _supersede(self, job: PlanJob, last: int) -> None:
        """Close the older callouts of the episode for the posts just opened, and the human work they left."""
        c, newer = schema.callout, schema.callout.alias("newer")
        older = self._older(job)
        if not older:
            return
        covered = (
            select(newer.c.post)
            .where(
                newer.c.county == job.county,
                newer.c.alert == job.alert,
                newer.c.post == c.c.post,
                newer.c.round == 0,
            )
            .exists()
        )
        closing = changed(c, state=CalloutState.SUPERSEDED, next_at=None).where(
            c.c.county == job.county,
            c.c.alert.in_(older),
            c.c.post > job.cursor,
            c.c.post <= last,
            c.c.round == 0,
            c.c.state.in_([s.value for s in UNANSWERED]),
            covered,
        )
        closed = self._ledger.record_set(closing, Event(CalloutEvent.SUPERSEDED))
        settle_human_calls(self._ledger, [(r.county, r.alert, r.post) for r in closed], "superseded")

    def _older(self, job: PlanJob) -> list[int]:
        """Alerts of the episode that were sent before this one; of two sent at once the lower level is the older."""
        a, ac = schema.alert, schema.alert_county
        rows = self._db.execute(
            select(ac.c.alert, a.c.sent, ac.c.lane)
            .join(a, a.c.id == ac.c.alert)
            .where(ac.c.county == job.county, ac.c.episode == job.episode)
        ).all()
        order = {r.alert: (r.sent, -r.lane, r.alert) for r in rows}
        return [alert for alert, at in order.items() if at < order[job.alert]]


def open_human_calls(ledger: Ledger, new: Sequence[NewHumanCall], lane: int) -> Keys:
    """Put items on the officer's list; those that are there already stay as they are. Returns the keys of the others.

    The desk is rung about them when nobody takes them within the patience of their level.
    """
    next_at = later(ledger.at, patience(level_of(lane)))
    rows = [
        {
            "county": n.county,
            "alert": n.alert,
            "post": n.post,
            "kind": n.kind,
            "about": n.about,
            "state": HumanCallState.OPEN,
            "note": n.note,
            "lane": lane,
            "opened_at": ledger.at,
            "next_at": next_at,
        }
        for n in new
    ]
    written = ledger.record_rows(schema.human_call, rows, Event("opened"))
    return {(row.county, row.alert, row.post, row.kind, row.about) for row in written}


def settle_human_calls(
    ledger: Ledger, posts: Sequence[tuple[str, int, int]], outcome: str, kinds: Sequence[HumanCallKind] = OVERTAKEN
) -> None:
    """Close the open items about these (county, alert, post) triples because events overtook them."""
    if not posts:
        return
    values = packed(dict.fromkeys(posts)) | {"how": outcome, "at": ledger.at, "kinds": list(kinds)}
    ledger.record_set(_settle(ledger.dialect), Event(HumanCallEvent.SETTLED), values=values)


@cache
def _settle(dialect: str) -> Update:
    h = schema.human_call
    v = row_source(dialect, h.c.county, h.c.alert, h.c.post)
    return changed(
        h,
        state=HumanCallState.CLOSED.value,
        outcome=bindparam("how", type_=String),
        closed_at=bindparam("at", type_=BigInteger),
        next_at=None,
    ).where(
        h.c.county == v.c.county,
        h.c.alert == v.c.alert,
        h.c.post == v.c.post,
        h.c.state != HumanCallState.CLOSED.value,
        h.c.kind.in_(bindparam("kinds", expanding=True)),
    )


def _values(job: PlanJob) -> Values:
    """The job as parameters of the statements below."""
    return {
        "of_county": job.county,
        "of_alert": job.alert,
        "of_episode": job.episode,
        "of_lane": lane_of(job.level),
        "of_roster": job.roster,
        "until": job.expires_at,
        "from_post": job.cursor,
    }


_C, _D = schema.callout, schema.duty
_COUNTY, _ROSTER = bindparam("of_county", type_=String), bindparam("of_roster", type_=String)
_ALERT, _AFTER, _LAST, _NOW = [
    bindparam(name, type_=BigInteger) for name in ("of_alert", "from_post", "to_post", "now")
]

_AHEAD = select_due(_COUNTY, _ALERT, _ROSTER).where(_D.c.post > _AFTER)
_DUE = _AHEAD.where(_D.c.post <= _LAST).subquery("due")
_GAPS = select(_DUE.c.post, _DUE.c.unusable).where(_DUE.c.unusable != "")
_NEXT = _AHEAD.with_only_columns(_D.c.post).order_by(_D.c.post).limit(bindparam("size", type_=BigInteger)).subquery()
_CHUNK_END = select(func.max(_NEXT.c.post))

_NEW: Mapping[str, Any] = {
    "county": _COUNTY,
    "alert": _ALERT,
    "post": _DUE.c.post,
    "round": literal(0),
    "episode": bindparam("of_episode", type_=BigInteger),
    "state": literal(CalloutState.TO_CALL.value),
    "step": literal(0),
    "next_at": _NOW,
    "lane": bindparam("of_lane", type_=BigInteger),
    "ladder": _DUE.c.ladder,
    "rules": _DUE.c.rules,
    "expires_at": bindparam("until", type_=BigInteger),
    "opened_at": _NOW,
}
_OPEN = schema.callout.insert().from_select(list(_NEW), select(*_NEW.values()))

_ENTRY: Mapping[str, Any] = {
    "county": _C.c.county,
    "at": _NOW,
    "event": literal("callout.opened"),
    "alert": _C.c.alert,
    "post": _C.c.post,
    "attempt": literal(""),
    "ref": cast(_C.c.round, String),
    "before": literal(""),
    "after": _C.c.state,
    "actor": literal(ENGINE),
    "commitment": _D.c.holder_name,
    "detail": literal("ladder=") + _C.c.ladder + literal(" rules=") + _C.c.rules + literal(" roster=") + _ROSTER,
}
_OPENED = (
    select(*[_ENTRY[name] for name in AUDIT_COLUMNS])
    .join(
        _D,
        and_(_D.c.county == _C.c.county, _D.c.roster == _ROSTER, _D.c.post == _C.c.post),
    )
    .where(
        _C.c.county == _COUNTY,
        _C.c.alert == _ALERT,
        _C.c.post > _AFTER,
        _C.c.post <= _LAST,
        _C.c.round == 0,
    )
    .order_by(_C.c.post)
)
