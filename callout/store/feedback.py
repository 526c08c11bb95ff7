"""Feedback that posts owe after they have answered: opened with the answer, reminded of once, given or overdue."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from callout.domain.callout import level_of
from callout.domain.feedback import TABLE, WAITING, Feedback, FeedbackEvent, FeedbackKey, FeedbackKind, FeedbackState
from callout.domain.feedback import remind_after as reminded_after
from callout.domain.human_call import HumanCallKind
from callout.domain.instant import Instant
from callout.domain.machine import follow
from callout.domain.meaning import NoticeKind
from callout.domain.moves import PostView
from callout.domain.rule import FeedbackDemand
from callout.ports import PlanJob
from callout.ports.given import Given
from callout.ports.rows import Keys
from callout.store import schema
from callout.store.batch import packed
from callout.store.feedback_sql import (
    SELECT_DUE,
    open_feedback,
    select_answerers,
    select_demanding,
    select_owed,
    supersede_older,
)
from callout.store.items import settle_items
from callout.store.people import resolve_posts
from callout.store.prepared import fetch
from callout.store.transaction import Change, Event, Ledger, Note

_F = schema.feedback


class FeedbackRows:
    """Reads and writes of feedback duties inside one transaction."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._db = ledger.connection

    def demand(self, job: PlanJob, demands: Sequence[FeedbackDemand]) -> None:
        """Keep what the rules demand, with the times as they are now."""
        rows = [
            {
                "county": job.county,
                "alert": job.alert,
                "area": d.area,
                "role": d.role,
                "kind": d.kind,
                "rule": d.rule_id,
                "within": d.within,
                "remind_after": reminded_after(d.within),
            }
            for d in demands
        ]
        self._ledger.record_rows(schema.feedback_demand, rows, Event("demanded"))

    def open(self, answered: Collection[tuple[str, int, int]]) -> None:
        """Open the duties of these answered (county, alert, post) callouts; older ones of the episode end with it.

        Where no rule demands anything about these alerts, one small read is all that happens.
        """
        alerts = packed({(county, alert) for county, alert, _ in answered})
        demanding = {(r.county, r.alert) for r in fetch(self._db, select_demanding(self._ledger.dialect), alerts)}
        keys = [key for key in dict.fromkeys(answered) if key[:2] in demanding]
        if not keys:
            return
        values = packed(keys) | {"now": self._ledger.at}
        opened = self._ledger.record_set(open_feedback(self._ledger.dialect), Event("opened"), values=values)
        if opened:
            places = packed((r.county, r.post, r.kind) for r in opened)
            older = supersede_older(self._ledger.dialect)
            gone = self._ledger.record_set(older, Event(FeedbackEvent.SUPERSEDED), values=places)
            self._settle(((r.county, r.alert, r.post, r.kind) for r in gone), "superseded")

    def _settle(self, keys: Iterable[Sequence[Any]], outcome: str) -> None:
        items = [(k[0], k[1], k[2], HumanCallKind.FEEDBACK.value, str(k[3])) for k in keys]
        settle_items(self._ledger, items, outcome)

    def give(self, given: Sequence[Given], actor: str = "phone") -> Keys:
        """Record reports. The first one's time stays; later numbers replace earlier ones.

        One report about several posts counts its people at the first of them only.
        """
        wanted = {FeedbackKey(g.county, g.alert, g.post, g.report.kind): g for g in given}
        found = self.find(wanted)
        counts = {wanted[one.key].ref: one.key for one in reversed(found)}
        changes = []
        for one in found:
            said = wanted[one.key]
            changes.append(_given(one, said, self._ledger.at, counts=counts[said.ref] == one.key))
        written = self._ledger.record(_F, changes, Event(FeedbackEvent.GIVEN, actor))
        self._settle(written, "given")
        return written

    def find(self, keys: Collection[FeedbackKey]) -> list[Feedback]:
        """Those of these that can still be given, by key; nobody else moves them until this is committed."""
        if not keys:
            return []
        found = _all(fetch(self._db, select_owed(self._ledger.dialect), packed(keys)))
        return [one for one in found if (one.state, FeedbackEvent.GIVEN) in TABLE]

    def due(self, now: Instant, limit: int) -> list[Feedback]:
        """Duties whose clock has run to its next mark."""
        return _all(fetch(self._db, SELECT_DUE, {"now": now, "limit": limit}))

    def move(self, owing: Sequence[Feedback], event: FeedbackEvent) -> Keys:
        """Note what happened; the clock goes on to the end of the time while the duty waits."""
        changes = []
        for one in owing:
            after = follow(TABLE, one.state, event)
            next_at = one.due_at if after in WAITING else None
            changes.append(Change(one.key, one.rev, one.state, {"state": after, "next_at": next_at}))
        return self._ledger.record(_F, changes, Event(event))

    def remind(self, owing: Sequence[Feedback]) -> None:
        """Queue one text to each number that owes these; whoever has no number that takes texts is noted."""
        to = self._numbers(owing)
        texts: defaultdict[tuple[str, int, int, int], list[Feedback]] = defaultdict(list)
        for one in owing:
            if one.key in to:
                responder, number, _ = to[one.key]
                texts[one.key.county, one.key.alert, responder, number].append(one)
        self.move([one for one in owing if one.key in to], FeedbackEvent.REMINDED)
        self.move([one for one in owing if one.key not in to], FeedbackEvent.NOBODY_TO_REMIND)
        rows = [
            {
                "county": county,
                "id": ":".join(map(str, ("reminder", alert, number, *some[0].key[2:]))),
                "alert": alert,
                "kind": NoticeKind.REMINDER,
                "number": number,
                "responder": responder,
                "detail": _detail(some, [to[one.key][2] for one in some]),
                "state": "to_send",
                "next_at": self._ledger.at,
            }
            for (county, alert, responder, number), some in texts.items()
        ]
        self._ledger.record_rows(schema.notice, rows, Event("queued"))

    def _numbers(self, owing: Sequence[Feedback]) -> dict[FeedbackKey, tuple[int, int, str]]:
        """(responder, number, title) of who answered for each post, else of who is on it now."""
        posts = {one.key[:3] for one in owing}
        rows = fetch(self._db, select_answerers(self._ledger.dialect), packed(posts))
        answered = {(r.county, r.alert, r.post): r for r in rows}
        views = resolve_posts(self._db, {(p[0], p[2]) for p in posts}, self._ledger.at)
        found = {}
        for one in owing:
            view = views.get((one.key.county, one.key.post))
            chosen = _choose(view, answered.get(one.key[:3])) if view else None
            if view and chosen:
                found[one.key] = (*chosen, view.title)
        return found


def _choose(view: PostView, answered: Any) -> tuple[int, int] | None:
    """(responder, number) for a text: the number that answered, else that person's first, else the holder's first."""
    people = [p for p in (view.holder, view.deputy, view.superior) if p]
    pairs = [(p.id, n.id) for p in people for n in p.numbers if n.takes_texts]
    same = [pair for pair in pairs if answered and pair[1] == answered.number]
    own = [pair for pair in pairs if answered and pair[0] == answered.responder]
    holders = [pair for pair in pairs if view.holder and pair[0] == view.holder.id]
    return next(iter([*same, *own, *holders]), None)


def _detail(some: Sequence[Feedback], titles: Sequence[str]) -> str:
    told = {
        "titles": list(dict.fromkeys(titles)),
        "wanted": list(dict.fromkeys(one.key.kind.value for one in some)),
        "due_at": min(one.due_at for one in some),
    }
    return json.dumps(told, ensure_ascii=False)


def _given(one: Feedback, given: Given, at: Instant, *, counts: bool) -> Change:
    report = given.report
    values = {
        "state": follow(TABLE, one.state, FeedbackEvent.GIVEN),
        "next_at": None,
        "given_at": one.given_at or at,
        "people": report.people if counts else -1,
        "households": report.households if counts else -1,
        "given_by": given.by,
        "ref": given.ref,
    }
    said = f"people={report.people} households={report.households} {given.ref}"
    return Change(one.key, one.rev, one.state, values, Note(commitment=given.by, detail=said))


def _all(rows: Iterable[Any]) -> list[Feedback]:
    return [
        Feedback(
            FeedbackKey(r.county, r.alert, r.post, FeedbackKind(r.kind)),
            FeedbackState(r.state),
            r.due_at,
            r.given_at,
            level_of(r.lane),
            r.rev,
        )
        for r in rows
    ]
