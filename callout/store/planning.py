"""From matched rules to callout rows, and what a message does to older ones: set-wise and in resumable chunks."""

from collections.abc import Mapping, Sequence
from functools import cache

from sqlalchemy import BigInteger, Update, bindparam, select
from sqlalchemy.types import String

from callout.domain.callout import CalloutEvent, lane_in, lane_of, level_of
from callout.domain.episode import in_order, moves
from callout.domain.human_call import OVERTAKEN, HumanCallEvent, HumanCallKind, HumanCallState, NewHumanCall
from callout.domain.instant import later
from callout.domain.ladder import patience
from callout.domain.measures import measure_of
from callout.domain.rule import Matching
from callout.ports import PlanJob
from callout.store import schema
from callout.store.batch import Values, packed, row_source
from callout.store.episodes import Sayings, county_key, packed_moves, packed_order
from callout.store.planner import count_called
from callout.store.planning_sql import GAPS, OPENED, open_callouts, select_chunk_end, select_due
from callout.store.prepared import fetch, fetch_plain
from callout.store.schema.columns import one_of
from callout.store.transaction import Event, Keys, Ledger, changed
from callout.store.turns import TurnRows
from callout.store.turns_sql import supersede

__all__ = ["UNUSABLE_IS", "PlanRows", "open_human_calls", "select_due", "settle_human_calls"]

UNUSABLE_IS = {"vacant": HumanCallKind.VACANT, "no_number": HumanCallKind.NO_NUMBER}
"""What a human is told about a due post that nobody can be reached on."""
_LADDERS = select(schema.ladder.c.id)


class PlanRows:
    """Writes of the plan stage inside one transaction."""

    def __init__(self, ledger: Ledger, sayings: Sayings) -> None:
        self._ledger = ledger
        self._db = ledger.connection
        self._sayings = sayings
        self._turns = TurnRows(ledger)

    def matched(self, job: PlanJob, matching: Matching, measures: Mapping[str, str]) -> None:
        """Keep what the rules said, with the ladders as they are now.

        `measures` gives the words of each rule in the order of the files; a post is told those of its last rule.
        """
        if len(self._sayings.of(job.county, job.episode)) > 1:
            count_called(self._db)
        ladders = {m.ladder.id: m.ladder for m in matching.matches}
        known = {row.id for row in fetch(self._db, _LADDERS)}
        new = [{"id": i, "steps": ladder.to_json()} for i, ladder in ladders.items() if i not in known]
        self._ledger.record_rows(schema.ladder, new, Event("frozen"))
        words = {ids: measure_of(ids, measures) for ids in {m.rule_ids for m in matching.matches}}
        rows = [
            {
                "county": job.county,
                "alert": job.alert,
                "area": m.area,
                "role": m.role,
                "ladder": m.ladder.id,
                "rules": ",".join(m.rule_ids),
                "measure": words[m.rule_ids],
            }
            for m in matching.matches
        ]
        self._ledger.record_rows(schema.rule_match, rows, Event("matched"))

    def chunk_end(self, job: PlanJob, size: int) -> int | None:
        """The last post id of the next chunk of at most `size` posts; None when all are looked at."""
        order = [one.alert for one in in_order(self._sayings.of(job.county, job.episode))]
        values = _values(job) | packed_order(order, job.alert) | {"size": size}
        [[last]] = fetch_plain(self._db, select_chunk_end(self._ledger.dialect, len(order) == 1), values)
        return None if last is None else int(last)

    def take_chunk(self, job: PlanJob, last: int) -> int:
        """Do what the message does for the posts up to `last`, with all that belongs to it; returns how many it opened.

        What it does is worked out anew for every chunk, from all messages on record: one may have come between two.
        """
        said = self._sayings.of(job.county, job.episode)
        moved = moves(said, job.alert, county_key(job.county))
        order = [one.alert for one in in_order(said)]
        turns = packed_moves(said, job, moved)
        values = _values(job) | packed_order(order, job.alert) | turns.values
        values |= {"to_post": last, "now": self._ledger.at}
        statement = open_callouts(self._ledger.dialect, len(order) == 1, turns.everywhere)
        opened = self._ledger.record_opened(statement, OPENED, Event("opened"), values)
        self._open_gaps(job, values)
        self._supersede(order.index(job.alert) > 0, values)
        self._turns.renew(job, moved, values)
        self._turns.lift(moved, values)
        return opened + len(moved)

    def _open_gaps(self, job: PlanJob, values: Values) -> None:
        """The outer join: a due post without a holder or a usable number waits for a human from the first moment."""
        rows = fetch(self._db, GAPS, values)
        new = [NewHumanCall(job.county, job.alert, r.post, UNUSABLE_IS[r.unusable]) for r in rows]
        open_human_calls(self._ledger, new, lane_of(job.level))

    def _supersede(self, older: bool, values: Values) -> None:
        """Close the older callouts of the episode for the posts called anew, and the human work they left."""
        if not older:
            return
        closed = self._ledger.record_set(supersede(self._ledger.dialect), Event(CalloutEvent.SUPERSEDED), values=values)
        settle_human_calls(self._ledger, [(r.county, r.alert, r.post) for r in closed], "superseded")


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
            "lane": lane_in(n.county, level_of(lane)),
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
    values = packed(dict.fromkeys(posts)) | {"how": outcome, "at": ledger.at}
    ledger.record_set(_settle(ledger.dialect, tuple(kinds)), Event(HumanCallEvent.SETTLED), values=values)


@cache
def _settle(dialect: str, kinds: tuple[HumanCallKind, ...]) -> Update:
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
        one_of(h.c.kind, *kinds),
    )


def _values(job: PlanJob) -> Values:
    """The job as parameters of the statements."""
    return {
        "of_county": job.county,
        "of_alert": job.alert,
        "of_episode": job.episode,
        "of_roster": job.roster,
        "from_post": job.cursor,
    }
