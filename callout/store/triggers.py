"""Clock times in rules: the alerts for which one has come, and what is opened or asked anew then."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from callout.domain.callout import TABLE as CALLOUTS
from callout.domain.callout import CalloutEvent, CalloutState, lane_in, lane_of
from callout.domain.clock import Strike
from callout.domain.human_call import HumanCallKind, HumanCallState, NewHumanCall
from callout.domain.instant import Instant
from callout.domain.intake import AlertState
from callout.domain.measures import measure_of
from callout.domain.rule import Match, Matching
from callout.ports import ClockJob, PlanJob
from callout.store import schema
from callout.store.alerts import jobs, plan_job
from callout.store.batch import Values
from callout.store.episodes import said_in
from callout.store.planning import UNUSABLE_IS, open_human_calls, select_due
from callout.store.schema.columns import one_of
from callout.store.transaction import Change, Event, Ledger, Note


class TriggerRows:
    """Writes of the trigger stage inside one transaction."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._db = ledger.connection

    def struck(self) -> list[ClockJob]:
        """Alerts whose callouts are all open and for which a clock time has come, red first."""
        ac = schema.alert_county
        settled = one_of(ac.c.state, AlertState.PLANNED, AlertState.OVER)
        struck = jobs(schema.alert_to_strike, settled, ac.c.strikes_at <= self._ledger.at)
        return [self._job(row) for row in self._db.execute(struck).all()]

    def _job(self, row: Any) -> ClockJob:
        said = said_in(self._db, row.county, row.episode)
        return ClockJob(plan_job(row), row.rulebook, row.strikes_at, tuple(said))

    def acted(self, job: ClockJob, following: Instant | None, detail: str) -> bool:
        """Move the alert to its next clock time; False when another worker was first."""
        plan = job.plan
        change = Change((plan.county, plan.alert), plan.rev, plan.state, {"strikes_at": following}, Note(detail=detail))
        return bool(self._ledger.record(schema.alert_county, [change], Event("clock_struck")))

    def ask(self, job: ClockJob, found: Matching, measures: Mapping[str, str], strike: Strike) -> int:
        """Open a callout for every post that has none, ask the others anew; returns how many."""
        known = self._callouts(job.plan)
        opened = self.keep(job, found, measures)
        again = [row for row in self._asked(job.plan, found) if row.post in known]
        return opened + self._renew(job.plan, [(row, known[row.post]) for row in again], strike)

    def keep(self, job: ClockJob, found: Matching, measures: Mapping[str, str]) -> int:
        """The same without asking anybody anew: for a time that was slept through, when the alert is over."""
        plan, known = job.plan, self._callouts(job.plan)
        self._match(plan, found.matches, measures)
        fresh = [row for row in self._asked(plan, found) if row.post not in known]
        self._open(plan, fresh)
        return len(fresh)

    def _callouts(self, plan: PlanJob) -> dict[int, Any]:
        """Held until the commit: what a sender or an answer changed meanwhile must not hide a post from the clock."""
        c = schema.callout
        mine = (c.c.county == plan.county) & (c.c.alert == plan.alert) & (c.c.round == 0)
        held = select(c).where(mine).order_by(c.c.post).with_for_update()
        return {row.post: row for row in self._db.execute(held)}

    def _asked(self, plan: PlanJob, found: Matching) -> list[Any]:
        """The due posts that these matches call, each with its ladder."""
        d, m, wanted = schema.duty, schema.rule_match, {(m.area, m.role) for m in found.matches}
        due = select_due(m, plan.county, plan.roster).where(m.c.county == plan.county, m.c.alert == plan.alert)
        due = due.add_columns(d.c.role).order_by(d.c.post)
        return [row for row in self._db.execute(due) if (row.area, row.role) in wanted]

    def _match(self, plan: PlanJob, matches: Sequence[Match], measures: Mapping[str, str]) -> None:
        """Keep what was matched; where posts were matched on arrival, the later ladder and words now hold."""
        m = schema.rule_match
        mine = select(m).where(m.c.county == plan.county, m.c.alert == plan.alert)
        known = {(row.area, row.role): row for row in self._db.execute(mine)}
        ladders = {one.ladder.id: {"id": one.ladder.id, "steps": one.ladder.to_json()} for one in matches}
        self._ledger.record_rows(schema.ladder, ladders.values(), Event("frozen"))
        rows = {(one.area, one.role): _match_values(one, known.get((one.area, one.role)), measures) for one in matches}
        new = [
            {"county": plan.county, "alert": plan.alert, "area": area, "role": role, **values}
            for (area, role), values in rows.items()
            if (area, role) not in known
        ]
        self._ledger.record_rows(m, new, Event("matched"))
        changes = [
            Change((plan.county, plan.alert, *place), known[place].rev, "", values)
            for place, values in rows.items()
            if place in known
        ]
        self._ledger.record(m, changes, Event("matched"))

    def _open(self, plan: PlanJob, posts: Sequence[Any]) -> None:
        rows = [
            {
                "county": plan.county,
                "alert": plan.alert,
                "post": row.post,
                "round": 0,
                "episode": plan.episode,
                "step": 0,
                "lane": lane_in(plan.county, plan.coverage.levels.get(row.area, plan.level)),
                "expires_at": plan.expires_at,
                **self._start(row),
            }
            for row in posts
        ]
        notes = {(plan.county, plan.alert, row.post, 0): _note(row, plan) for row in posts}
        self._ledger.record_rows(schema.callout, rows, Event("opened"), notes)
        gaps = [(row.post, UNUSABLE_IS[row.unusable]) for row in posts if row.unusable]
        new = [NewHumanCall(plan.county, plan.alert, post, kind) for post, kind in gaps]
        open_human_calls(self._ledger, new, lane_of(plan.level))

    def _start(self, row: Any) -> Values:
        """The beginning of a ladder, for a new callout and for one that is asked anew."""
        now = self._ledger.at
        return {
            "state": CalloutState.TO_CALL,
            "next_at": now,
            "opened_at": now,
            "ladder": row.ladder,
            "rules": row.rules,
        }

    def _renew(self, plan: PlanJob, posts: Sequence[tuple[Any, Any]], strike: Strike) -> int:
        again = [(row, seen) for row, seen in posts if (seen.state, CalloutEvent.STRUCK) in CALLOUTS]
        blank = {"step": 0, "attempt": "", "repeated": 0, "answered_at": None, "grade": "", "late": 0, "carried_by": 0}
        blank |= {"due_at": None, "ahead": 0, "ahead_at": None}
        changes = [
            Change(
                (plan.county, plan.alert, row.post, 0),
                seen.rev,
                seen.state,
                {**blank, "expires_at": plan.expires_at, **self._start(row)},
                _note(row, plan),
            )
            for row, seen in again
        ]
        written = self._ledger.record(schema.callout, changes, Event(CalloutEvent.STRUCK))
        self._hold_closed(plan, [post for _, _, post, _ in written], strike)
        return len(written)

    def _hold_closed(self, plan: PlanJob, posts: Sequence[int], strike: Strike) -> None:
        """Whoever was a closed item gets a new one: at the end of the ladder the old could not open again."""
        h = schema.human_call
        closed = select(h.c.post).distinct().where(h.c.county == plan.county, h.c.alert == plan.alert)
        held = set(self._db.execute(closed.where(h.c.state == HumanCallState.CLOSED)).scalars())
        note = f"{strike.name} 规则到点重新叫应；此岗位先前由人工办结，请留意是否应答"
        new = [
            NewHumanCall(plan.county, plan.alert, post, HumanCallKind.CLOCK, strike.name, note)
            for post in sorted(held.intersection(posts))
        ]
        open_human_calls(self._ledger, new, lane_of(plan.level))


def _match_values(match: Match, known: Any, measures: Mapping[str, str]) -> Values:
    before = known.rules.split(",") if known else []
    return {
        "ladder": match.ladder.id,
        "rules": ",".join(dict.fromkeys((*before, *match.rule_ids))),
        "measure": measure_of(match.rule_ids, measures),
    }


def _note(row: Any, plan: PlanJob) -> Note:
    detail = f"ladder={row.ladder} rules={row.rules} roster={plan.roster}"
    return Note(commitment=row.holder_name, detail=detail)
