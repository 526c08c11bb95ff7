"""What became of hand-overs is recorded, and the ladders of those that did not go out cleanly move on."""

from collections.abc import Sequence

from callout.domain.attempt import AttemptEvent
from callout.domain.callout import Callout, CalloutEvent, lane_of
from callout.domain.closing import Closed
from callout.domain.drill import base_of
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.instant import SECOND, Instant, Millis, later
from callout.domain.ladder import ChannelKind
from callout.domain.made_often import made_often, replace
from callout.domain.moves import VACANT, after_doubt, hurries
from callout.pipeline.send.beside import not_spoken
from callout.pipeline.send.elsewhere import go_elsewhere
from callout.pipeline.send.fleet import ELSEWHERE, Asked, Fleet, Way
from callout.ports import Outcome, Outgoing, Refusal, SendWork, Settled, Submission

EVENTS = {
    Outcome.ACCEPTED: AttemptEvent.ACCEPTED,
    Outcome.REFUSED: AttemptEvent.REFUSED,
    Outcome.UNKNOWN: AttemptEvent.DOUBTFUL,
    Outcome.THROTTLED: AttemptEvent.REFUSED,
}
PATIENCE: Millis = 5 * SECOND
"""How long an attempt may go from provider to provider, or be told to come again, before the ladder goes on."""
A_WHILE: Millis = 10 * SECOND
"""When a callout is due again whose only provider cannot be reached."""


@made_often(frozen=True, slots=True)
class Ended:
    """One hand-over that has come to an end."""

    one: Outgoing
    way: Way | None
    submission: Submission
    since: Instant

    @property
    def provider(self) -> str:
        """Who had it."""
        return self.way.provider.channel.name if self.way else ""


def record(work: SendWork, fleet: Fleet, ended: Sequence[Ended]) -> None:
    """Write what became of hand-overs. What a provider provably did not take goes to another, or comes again."""
    for end in ended:
        if end.way:
            fleet.ended(end.way, end.submission, work.at)
    again = [(end, until) for end in ended if (until := _again(fleet, end, work.at)) is not None]
    work.sends.pass_on([(end.one.attempt, until, end.submission.reason) for end, until in again])
    passed_on = {end.one.attempt.id for end, _ in again}
    over = [end for end in ended if end.one.attempt.id not in passed_on]
    for end in over:
        fleet.passed.pop(end.one.attempt.id, None)
    _over(work, fleet, over)


def _again(fleet: Fleet, end: Ended, now: Instant) -> Instant | None:
    """When the same attempt is handed over again; None where it has come to its end."""
    attempt, submission = end.one.attempt, end.submission
    if not end.way or (not attempt.notice and now - attempt.claimed_at > PATIENCE):
        return None
    if submission.outcome is Outcome.THROTTLED:
        return later(now, 1) if submission.retry_at is None else max(now, submission.retry_at)
    if submission.outcome is not Outcome.REFUSED or submission.kind not in ELSEWHERE:
        return None
    fleet.pass_over(attempt.id, end.way, submission)
    asked = Asked(attempt.channel, end.one.e164, 0, end.one.meaning.run, passed=fleet.passed[attempt.id])
    return now if fleet.other(asked, now) else None


def _over(work: SendWork, fleet: Fleet, ended: Sequence[Ended]) -> None:
    gone = [e for e in ended if _unserved(e.submission) and not e.one.attempt.notice]
    settled = [
        Settled(one.attempt, EVENTS[end.outcome], end.ref, end.reason, end.parts, end.tells)
        for one, end in ((e.one, e.submission) for e in ended)
    ]
    unreached = {e.one.attempt.id for e in gone}
    settle(work, settled, keep=unreached)
    not_spoken(work, [e.one.attempt for e in gone])
    behind = work.sends.behind([e.one.attempt for e in gone])
    closed = {e.one.attempt.id: _closed(fleet, e, work.at) for e in gone}
    go_elsewhere(work, [(c, closed[c.attempt]) for c in behind])
    _mark(work, ended)
    _notices_again(work, ended)
    slow = [e.one.attempt for e in ended if e.submission.outcome is Outcome.ACCEPTED and work.at - e.since > SECOND]
    waits = {a.id: a.wait for a in slow}
    waiting = [c for c in work.sends.behind(slow) if c.next_at is None or c.next_at > work.at]  # none has failed since
    late = [(c, replace(c, next_at=later(work.at, waits[c.attempt]))) for c in waiting]
    work.sends.advance(late, CalloutEvent.SENT)


def _closed(fleet: Fleet, end: Ended, now: Instant) -> Closed:
    otherwise = later(now, A_WHILE)
    until = fleet.trial_of(end.way, otherwise) if end.way else otherwise
    return Closed(until, out=fleet.out(end.one.e164, now))


def _unserved(submission: Submission) -> bool:
    """The provider takes nothing now: that says nothing against the step, which is no failed one."""
    return submission.kind in (Refusal.DOWN, Refusal.CONFIG) or submission.outcome is Outcome.THROTTLED


def _notices_again(work: SendWork, ended: Sequence[Ended]) -> None:
    """A notice that did not go out cleanly is said once more: after the marks, which say what its number takes."""
    notices = [e for e in ended if e.one.attempt.notice]
    doubtful = [e for e in notices if e.submission.outcome is Outcome.UNKNOWN]
    refused = [e for e in notices if EVENTS[e.submission.outcome] is AttemptEvent.REFUSED]
    barred = [e for e in refused if e.submission.kind is Refusal.CONTENT]
    work.sends.say_again([e.one.attempt.id for e in doubtful], doubt=True)
    work.sends.say_again([e.one.attempt.id for e in barred], doubt=False, texts=False)
    work.sends.say_again([e.one.attempt.id for e in refused if e not in barred], doubt=False)


def _mark(work: SendWork, ended: Sequence[Ended]) -> None:
    """What a refusal proves about a number, and what the officer must know of the words."""
    refused = [e for e in ended if e.submission.outcome is Outcome.REFUSED]
    if not refused:
        return
    texts = [e for e in refused if e.one.attempt.channel is ChannelKind.SMS]
    calls = [e for e in refused if e.one.attempt.channel is ChannelKind.VOICE]
    work.sends.mark("textless", _numbers(texts, Refusal.CONTACT))
    work.sends.mark("dead", _numbers(calls, Refusal.CONTACT))
    work.sends.mark("opted_out", _numbers(texts, Refusal.SUPPRESSED))
    work.humans.open([_stray(e) for e in refused if e.submission.kind is Refusal.FAULT], lane_of(None))
    words = [e for e in refused if e.submission.kind is Refusal.CONTENT]
    work.sends.keep_filtered([e.one.attempt for e in words])
    for end in words:
        a = end.one.attempt
        item = NewHumanCall(a.county, a.alert, 0, HumanCallKind.FILTERED, end.provider)
        work.humans.open([item], lane_of(end.one.meaning.level))


def _stray(end: Ended) -> NewHumanCall:
    """For the desk of the real county: what was stopped on its last step; one item, however often."""
    a = end.one.attempt
    note = f"程序要发出不该发的消息，已在最后一步拦下：{end.submission.reason}（尝试 {a.id}）；请告知维护人员"
    about = f"{a.county} {end.submission.reason}"
    return NewHumanCall(base_of(a.county), 0, 0, HumanCallKind.FAULT, about, note)


def _numbers(ended: Sequence[Ended], kind: Refusal) -> list[int]:
    return sorted({e.one.attempt.number for e in ended if e.submission.kind is kind})


def settle(work: SendWork, settled: Sequence[Settled], keep: frozenset[str] | set[str] = frozenset()) -> None:
    """Record attempts; what was refused is due again at once, what is in doubt goes another way.

    `keep`: attempts whose callouts are not moved on here, because the way itself is gone.
    """
    written = work.sends.settle(settled)
    held = [s for s in settled if (s.attempt.county, s.attempt.id) in written]
    refused = [s.attempt for s in held if s.event is AttemptEvent.REFUSED and s.attempt.id not in keep]
    moved = [(c, replace(c, next_at=work.at)) for c in work.sends.behind(refused)]
    work.sends.advance(moved, CalloutEvent.NOT_REACHED)
    doubtful = work.sends.behind([s.attempt for s in held if s.event is AttemptEvent.DOUBTFUL])
    _doubt(work, [c for c in doubtful if hurries(c.level)])


def _doubt(work: SendWork, doubtful: Sequence[Callout]) -> None:
    if not doubtful:
        return
    ladders = work.sends.ladders(doubtful)
    views = work.sends.resolve([(c.key.county, c.key.post) for c in doubtful])
    said = work.sends.said([c.key for c in doubtful])
    doubts = [
        (
            c,
            after_doubt(
                c,
                ladders[c.ladder],
                views.get((c.key.county, c.key.post), VACANT),
                work.at,
                said.get(c.key, frozenset()),
            ),
        )
        for c in doubtful
    ]
    work.sends.advance(
        [(c, replace(d.callout, next_at=work.at)) for c, d in doubts if d.callout], CalloutEvent.IN_DOUBT
    )
    work.sends.run_out([c for c, d in doubts if d.callout is None])
    for c, doubt in doubts:
        if doubt.human and c.key.round == 0:
            item = NewHumanCall(c.key.county, c.key.alert, c.key.post, HumanCallKind.IN_DOUBT)
            work.humans.open([item], c.lane)
