"""send: claim what is due, commit, hand over to a channel, record. An answer that is committed stops every submit."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from callout.domain.attempt import Attempt, AttemptEvent
from callout.domain.callout import Callout, CalloutEvent, CalloutState
from callout.domain.faults import one_by_one
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.instant import SECOND, Instant, Millis, later
from callout.domain.ladder import Target
from callout.domain.moves import VACANT, Try, after_doubt, bundle, hurries
from callout.ports import (
    Clock,
    Ids,
    Keys,
    Message,
    Outcome,
    Outgoing,
    Provider,
    Refusal,
    Renderer,
    Ringing,
    SendWork,
    Settled,
    Submission,
    Summary,
    Writer,
)

_EVENT = {
    Outcome.ACCEPTED: AttemptEvent.ACCEPTED,
    Outcome.REFUSED: AttemptEvent.REFUSED,
    Outcome.UNKNOWN: AttemptEvent.DOUBTFUL,
    # Provably not processed; until the sender hands it over again by itself, the ladder goes another way.
    Outcome.THROTTLED: AttemptEvent.REFUSED,
}
GROUP = 0.02
"""Seconds to wait for hand-overs to end before their outcomes are recorded together."""
FRESH: Millis = SECOND
"""How old the last look at the record may be when the bytes leave."""
LOOKS = 3
"""Looks at the record before a hand-over is given up as UNKNOWN: a database so slow says nothing in time."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What the send stage stands on."""

    store: Writer[SendWork]
    providers: Sequence[Provider]
    """In order of preference."""
    renderer: Renderer
    clock: Clock
    ids: Ids
    owner: str
    slots: int = 200
    """Hand-overs under way at once."""
    timeout: float = 15.0
    """Seconds after which a hand-over counts as UNKNOWN."""


@dataclass(slots=True)
class Sender:
    """Keeps the slots filled; one hanging hand-over holds nobody else back."""

    sending: Sending
    _under_way: dict["asyncio.Task[Submission | None]", tuple[Outgoing, Instant]] = field(default_factory=dict)
    _ending: set["asyncio.Task[None]"] = field(default_factory=set)
    """Calls that a slow provider is still ending."""

    @property
    def has_outcomes(self) -> bool:
        """Whether hand-overs have ended that are not on record yet."""
        return any(task.done() for task in self._under_way)

    async def run_once(self) -> Summary:
        """Record what has ended, then refill the free slots with what is due."""
        moved = self._record() + await self._hang_up()
        free = self.sending.slots - len(self._under_way)
        if free > 0:
            moved += self._refill(free)
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=GROUP)
        return Summary("send", moved + self._record())

    def _refill(self, free: int) -> int:
        s = self.sending
        try:
            claimed = s.store.write(lambda work: claim(work, s.ids, s.owner, free))
        except Exception:
            return self._each_alone(free)
        return self._hand_over(claimed) if claimed else 0

    def _each_alone(self, free: int) -> int:
        """One of those due makes all fail: whoever cannot be called is a human's, the others are called."""
        s, claimed = self.sending, list[Outgoing]()

        def take(one: Callout) -> int:
            claimed.extend(s.store.write(lambda work: work.sends.outgoing(_take(work, s.ids, s.owner, [one]))))
            return 1

        due = s.store.write(lambda work: work.sends.due(CalloutState.TO_CALL, work.at, free))
        try:
            return one_by_one(due, take, lambda one, _: s.store.write(lambda work: work.sends.run_out([one])))
        finally:
            self._hand_over(claimed)

    def _hand_over(self, claimed: Sequence[Outgoing]) -> int:
        s = self.sending
        looked = s.clock.now()
        ways = [(_by(one, provider), provider) for one, provider in ((o, choose(s.providers, o)) for o in claimed)]
        going = s.store.write(lambda work: _submitting(work, [o.attempt for o, _ in ways], s.owner))
        for one, provider in ways:
            if (one.attempt.county, one.attempt.id) in going:
                leaving = _after_submitting(one)
                task = asyncio.ensure_future(self._submit(leaving, provider, looked))
                self._under_way[task] = (leaving, s.clock.now())
        return len(claimed)

    async def _submit(self, one: Outgoing, provider: Provider | None, looked: Instant) -> Submission | None:
        """None: provably never handed over, for nobody waited for it any more."""
        s = self.sending
        if provider is None:
            return Submission(Outcome.REFUSED, reason="没有可用的通道", kind=Refusal.ROUTE)
        try:
            message = _message(one, provider, s.renderer, s.clock.now())
        except Exception as error:
            return Submission(Outcome.REFUSED, reason=f"no words: {type(error).__name__}", kind=Refusal.WORDS)
        try:
            if not self._still_wanted(one.attempt, looked):
                return None
            async with asyncio.timeout(s.timeout):
                return await provider.channel.submit(message)
        except Exception as error:
            # Whatever went wrong, bytes may have left: only UNKNOWN is true.
            return Submission(Outcome.UNKNOWN, reason=type(error).__name__)

    def _still_wanted(self, attempt: Attempt, looked: Instant) -> bool:
        """Looks once more where the commit, or the machine, took so long that an answer may have come meanwhile."""
        s = self.sending
        for _ in range(LOOKS):
            if 0 <= s.clock.now() - looked <= FRESH:
                return True
            looked = s.clock.now()
            if not s.store.read(lambda work: work.sends.still_wanted(attempt, s.owner)):
                return False
        raise TimeoutError

    def _record(self) -> int:
        ended = [(task, self._under_way[task]) for task in self._under_way if task.done()]
        if not ended:
            return 0
        s = self.sending
        outcomes = [(one, end, since) for task, (one, since) in ended if (end := task.result())]
        unsent = [one.attempt for task, (one, _) in ended if task.result() is None]

        def work(work: SendWork) -> None:
            record(work, outcomes)
            work.sends.withdraw(unsent, s.owner)

        s.store.write(work)
        for task, _ in ended:  # only now: what could not be recorded is tried again
            del self._under_way[task]
        return len(ended)

    async def _hang_up(self) -> int:
        s = self.sending
        ringing = s.store.read(lambda work: work.sends.to_hang_up())
        if ringing:
            s.store.write(lambda work: work.sends.hung_up(ringing))
            ending = [asyncio.ensure_future(self._end_call(one)) for one in ringing]
            _, slow = await asyncio.wait(ending, timeout=GROUP)
            self._ending = {task for task in self._ending | slow if not task.done()}
        return len(ringing)

    async def _end_call(self, call: Ringing) -> None:
        # A call that cannot be ended rings out by itself; it must hold back nobody's message.
        with suppress(Exception):
            async with asyncio.timeout(self.sending.timeout):
                channel = next(p.channel for p in self.sending.providers if p.channel.name == call.provider)
                await channel.hang_up(call.attempt, call.ref)


def choose(providers: Sequence[Provider], one: Outgoing) -> Provider | None:
    """Who carries it: the first that reaches this number in this way, and that this run may be handed to."""
    way, run = one.attempt.channel, one.meaning.run
    return next((p for p in providers if p.carries(way, one.e164) and p.takes(run)), None)


def claim(work: SendWork, ids: Ids, owner: str, limit: int) -> list[Outgoing]:
    """Take what is due: dead claims of other workers, callouts, notices. Red lanes of all counties first."""
    taken_over, lost = work.sends.reclaim(work.at, owner)
    if lost:
        _settle(work, [Settled(a, AttemptEvent.DOUBTFUL, reason="进程中断") for a in lost])
    taken = _take(work, ids, owner, work.sends.due(CalloutState.TO_CALL, work.at, limit))
    notices = work.sends.claim_notices(ids, owner, limit)
    return work.sends.outgoing([*taken_over, *taken, *notices])


def _take(work: SendWork, ids: Ids, owner: str, due: Sequence[Callout]) -> list[tuple[str, str]]:
    """Claim the next steps of these; returns (county, id) of the attempts."""
    tries, ended = _resolve(work, due)
    together, also_ended = _resolve(work, _same_superior(work, due, tries))
    work.sends.run_out([*ended, *also_ended])
    groups = bundle([*tries, *together], (ids.attempt() for _ in iter(int, 1)))
    if groups:
        work.sends.claim(groups, owner)
    return [(a.county, a.id) for a, _ in groups]


def _resolve(work: SendWork, due: Sequence[Callout]) -> tuple[list[Try], list[Callout]]:
    """Who is called now, by the roster and shifts in force; callouts without any step left."""
    found = work.sends.tries(due)
    return [one for c in due if (one := found[c.key])], [c for c in due if found[c.key] is None]


def _same_superior(work: SendWork, due: Sequence[Callout], tries: Sequence[Try]) -> list[Callout]:
    """Further due callouts for the superiors about to be called: one call lists all names."""
    upward = [(t.callout.key.county, t.callout.key.post) for t in tries if t.target is Target.SUPERIOR]
    bosses = work.sends.superiors_of(upward)
    known = {c.key for c in due}
    above = sorted({(county, boss) for (county, _), boss in bosses.items()})
    near = work.sends.with_superior(above, CalloutState.TO_CALL, work.at)
    return [c for c in near if c.key not in known]


def _submitting(work: SendWork, attempts: Sequence[Attempt], owner: str) -> Keys:
    going = work.sends.submitting(attempts, owner)
    work.sends.withdraw([a for a in attempts if (a.county, a.id) not in going], owner)
    return going


def _after_submitting(one: Outgoing) -> Outgoing:
    return replace(one, attempt=one.attempt.submitted())


def _by(one: Outgoing, provider: Provider | None) -> Outgoing:
    name = provider.channel.name if provider else ""
    return replace(one, attempt=replace(one.attempt, provider=name))


def _message(one: Outgoing, provider: Provider, renderer: Renderer, now: Instant) -> Message:
    """Its words, and the filled template where the provider takes no others. Raises where there are none."""
    a, meaning = one.attempt, one.meaning
    words = renderer.notice(one.notice, meaning, a.channel) if one.notice else renderer.call(meaning, a.channel)
    filled = None
    if not provider.channel.abilities(one.e164).free_text:
        filled = renderer.fill(provider.forms[one.notice or meaning.kind], meaning)
    return Message(
        attempt=a.id,
        e164=one.e164,
        channel=a.channel,
        text=words,
        expires_at=one.expires_at,
        wants_answer=not one.notice,
        at=now,
        meaning=meaning,
        notice=one.notice,
        filled=filled,
    )


def record(work: SendWork, outcomes: Sequence[tuple[Outgoing, Submission, Instant]]) -> None:
    """Write what became of hand-overs, and move the ladders of those that did not go out cleanly."""
    _settle(work, [Settled(one.attempt, _EVENT[end.outcome], end.ref, end.reason) for one, end, _ in outcomes])
    slow = [one.attempt for one, end, since in outcomes if end.outcome is Outcome.ACCEPTED and work.at - since > SECOND]
    waits = {a.id: a.wait for a in slow}
    waiting = [c for c in work.sends.behind(slow) if c.next_at is None or c.next_at > work.at]  # none has failed since
    late = [(c, replace(c, next_at=later(work.at, waits[c.attempt]))) for c in waiting]
    work.sends.advance(late, CalloutEvent.SENT)


def _settle(work: SendWork, settled: Sequence[Settled]) -> None:
    """Record attempts; what was refused is due again at once, what is in doubt goes another way."""
    written = work.sends.settle(settled)
    held = [s for s in settled if (s.attempt.county, s.attempt.id) in written]
    refused = work.sends.behind([s.attempt for s in held if s.event is AttemptEvent.REFUSED])
    work.sends.advance([(c, replace(c, next_at=work.at)) for c in refused], CalloutEvent.NOT_REACHED)
    doubtful = work.sends.behind([s.attempt for s in held if s.event is AttemptEvent.DOUBTFUL])
    _doubt(work, [c for c in doubtful if hurries(c.level)])


def _doubt(work: SendWork, doubtful: Sequence[Callout]) -> None:
    ladders = work.sends.ladders(doubtful)
    views = work.sends.resolve([(c.key.county, c.key.post) for c in doubtful])
    doubts = [
        (c, after_doubt(c, ladders[c.ladder], views.get((c.key.county, c.key.post), VACANT), work.at)) for c in doubtful
    ]
    work.sends.advance(
        [(c, replace(d.callout, next_at=work.at)) for c, d in doubts if d.callout], CalloutEvent.IN_DOUBT
    )
    work.sends.run_out([c for c, d in doubts if d.callout is None])
    for c, doubt in doubts:
        if doubt.human and c.key.round == 0:
            item = NewHumanCall(c.key.county, c.key.alert, c.key.post, HumanCallKind.IN_DOUBT)
            work.humans.open([item], c.lane)
