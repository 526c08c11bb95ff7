"""The slow checks: the account against the record, and what must hold when everything has come to rest."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from callout.domain.attempt import AttemptState
from callout.domain.callout import CalloutState
from callout.domain.ladder import ChannelKind
from callout.ports import InboundKind
from callout.reports.account import account
from callout.reports.verification import check_commitments, verify_record

if TYPE_CHECKING:
    from tests.simulation.judge import Judge

S = CalloutState
OVER = (S.SUPERSEDED, S.LIFTED, S.CONTINUED, S.INFORMED)
"""States in which an answer changes nothing about this alert any more."""


@dataclass
class Verdict:
    """One look at everything."""

    judge: "Judge"

    def recount(self) -> None:
        """Nobody is lost, and what the account counts is what the record says."""
        judge, ask = self.judge, self.judge.eyes.ask
        found = judge.world.database.read(lambda db: account(db, judge.rulebooks))
        judge.expect(not found.total.lost, f"lost by the account: {found.lost}")
        rows = {r[:4]: r[4] for r in ask("SELECT county, alert, post, round, state FROM callout")}
        self._same("callout", rows, judge.callouts)
        self._same("attempt", dict(ask("SELECT id, state FROM attempt")), judge.attempts)
        items = {r[:5]: r[5] for r in ask("SELECT county, alert, post, kind, about, state FROM human_call")}
        self._same("human call", items, judge.items)
        carried = {r[:3]: r[3] for r in ask("SELECT county, alert, post, carried_by FROM callout WHERE round = 0")}
        states = Counter(self._state(key, carried) for key in self._due_keys(set(carried)))
        total = found.total
        judge.expect(total.answered == states[S.ANSWERED], f"{total.answered} answered, {states[S.ANSWERED]} on record")
        told = (total.exhausted, total.expired_unanswered, total.lifted)
        real = tuple(states[s] for s in (S.EXHAUSTED, S.EXPIRED_UNANSWERED, S.LIFTED))
        judge.expect(told == real, f"account says {told} exhausted, expired, lifted; the record {real}")
        waiting = sum(state != "closed" for state in judge.items.values())
        counted = sum(found.work.human_calls.values())
        judge.expect(counted == waiting, f"{counted} human calls in the account, {waiting} on record")

    def _same(self, what: str, rows: dict[Any, str], told: dict[Any, str]) -> None:
        differ = {k: (rows.get(k), told.get(k)) for k in rows.keys() | told.keys() if rows.get(k) != told.get(k)}
        self.judge.expect(not differ, f"{what}: row and record differ: {dict(list(differ.items())[:3])}")

    def _due_keys(self, there: set[tuple[Any, ...]]) -> Iterator[tuple[str, int, int]]:
        for (county, alert), posts in self.judge.due.items():
            yield from ((county, alert, post) for post in posts if (county, alert, post) in there)

    def _state(self, own: tuple[str, int, int], carried: dict[tuple[Any, ...], int]) -> str:
        if self.judge.callouts[(*own, 0)] == S.INFORMED:
            return S.INFORMED
        key, seen = own, set[tuple[str, int, int]]()
        while key not in seen and carried.get(key):
            seen.add(key)
            key = (own[0], carried[key], own[2])
        return self.judge.callouts[(*key, 0)]

    def at_the_end(self) -> None:
        """Everything is done, whole and true."""
        self.recount()
        self._record_is_whole()
        self._nothing_stuck()
        self._doubles_are_marked()
        self._attempts_tell_the_truth()
        self._thanked_is_understood()
        self._documents_are_kept()

    def _record_is_whole(self) -> None:
        judge, database = self.judge, self.judge.world.database
        made = judge.store.seal()
        if made:
            judge.sealed(made)
        verdict = database.read(lambda db: verify_record(db, judge.seals))
        judge.expect(verdict.ok, f"audit: {[f.text for f in verdict.findings]}")
        wrong = database.read(check_commitments)
        judge.expect(not wrong, f"audit: {wrong}")

    def _nothing_stuck(self) -> None:
        judge, ask = self.judge, self.judge.eyes.ask
        stuck = ask("SELECT id, state FROM attempt WHERE state IN ('claimed', 'submitting')")
        stuck += ask("SELECT event, state FROM inbound WHERE state <> 'done'")
        stuck += ask("SELECT id, state FROM notice WHERE state = 'to_send'")
        stuck += ask("SELECT alert, state FROM alert_county WHERE state IN ('received', 'planning')")
        stuck += ask("SELECT alert, post, state FROM callout WHERE state IN ('to_call', 'waiting')")
        judge.expect(not stuck, f"for ever: {stuck[:5]}")

    def _doubles_are_marked(self) -> None:
        """A step that came to its phone more than once: each copy too many has a doubt that explains it."""
        judge = self.judge
        rows = {r[0]: r[1:] for r in judge.eyes.ask("SELECT id, target, channel, number, state, repeated FROM attempt")}
        steps: defaultdict[Any, list[str]] = defaultdict(list)
        for message in judge.came:
            way = rows[message.attempt][:3]
            for key, step in zip(judge.behind[message.attempt], judge.steps.get(message.attempt, ()), strict=True):
                steps[(*key, *step, *way)].append(message.attempt)
        for step, attempts in steps.items():
            marks = sum(rows[a][3] == AttemptState.UNKNOWN for a in attempts) + any(rows[a][4] for a in attempts)
            extra = len(attempts) - 1
            judge.expect(extra <= marks, f"{step} came to the phone {len(attempts)} times, marked {marks}")

    def _attempts_tell_the_truth(self) -> None:
        taken = self.judge.world.far_end.taken
        for attempt, state in self.judge.attempts.items():
            if attempt in taken:
                true = state in (AttemptState.SENT, AttemptState.UNKNOWN)
                self.judge.expect(true, f"{attempt} left the house, and is {state}")
            else:
                self.judge.expect(state != AttemptState.SENT, f"{attempt} never left the house, and is {state}")

    def _thanked_is_understood(self) -> None:
        judge, ask = self.judge, self.judge.eyes.ask
        inbound = dict(ask("SELECT event, outcome FROM inbound"))
        for event in judge.events.values():
            if not judge.expect(event.event in inbound, f"thanked for {event.event}, which is gone"):
                continue
            if event.kind is InboundKind.KEY and event.body == "1":
                for key in judge.behind[event.attempt]:
                    state = judge.callouts[key]
                    judge.expect(state in (S.ANSWERED, *OVER), f"{event.event}: key 1, and {key} is {state}")

    def _documents_are_kept(self) -> None:
        judge, ask = self.judge, self.judge.eyes.ask
        names = {post.name.split(".")[0].removesuffix("-again") for post in judge.world.storm.posts}
        alerts = ask("SELECT id FROM alert")
        judge.expect(len(alerts) == len(names), f"{len(names)} messages came in, {len(alerts)} are on record")
        refused = ask("SELECT note FROM human_call WHERE kind = 'refused_document'")
        judge.expect(not refused, f"the story itself is wrong: {refused}")
        called = {message.channel for message in judge.came}
        judge.expect(called <= set(ChannelKind), f"{called}")
