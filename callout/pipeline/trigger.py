"""trigger: a clock time in the rules has come (`at: "22:00"`) for an alert that is in force then."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from callout.domain.callout import lane_of
from callout.domain.clock import Strike, in_force, next_strike, sentence, strikes, triggers
from callout.domain.faults import one_by_one, told
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.level import Level
from callout.domain.matching import match_struck
from callout.domain.rule import Proposal, Rulebook
from callout.ports import ClockJob, Rulebooks, Summary, TriggerWork, Writer


@dataclass(frozen=True, slots=True)
class Triggering:
    """What the trigger stage stands on."""

    store: Writer[TriggerWork]
    rulebooks: Rulebooks


def run_once(triggering: Triggering) -> Summary:
    """Act on every clock time that has come; each alert in a transaction of its own, red first."""
    jobs = triggering.store.read(lambda work: work.triggers.struck())
    moved = one_by_one(jobs, lambda job: _act(triggering, job), lambda job, error: _give_up(triggering, job, error))
    return Summary("trigger", moved)


def _give_up(triggering: Triggering, job: ClockJob, error: Exception) -> None:
    plan = job.plan
    note = told(error, "规则里的钟点到了，没有叫人")
    item = NewHumanCall(plan.county, plan.alert, 0, HumanCallKind.FAULT, "trigger", note)
    triggering.store.write(lambda work: work.humans.open([item], lane_of(plan.level)))


def _act(triggering: Triggering, job: ClockJob) -> int:
    rulebook = triggering.rulebooks.get(job.plan.county, job.rulebook)
    return triggering.store.write(lambda work: _strike(work, job, rulebook))


def _strike(work: TriggerWork, job: ClockJob, rulebook: Rulebook) -> int:
    """The alert's row moves on first: whoever moves it acts, and no other worker does."""
    plan = job.plan
    rules = triggers(rulebook.rules, plan.facts, plan.coverage)
    come = strikes(rules, job.strikes_at, plan.expires_at, work.at)
    over = plan.expires_at is not None and plan.expires_at <= work.at
    following = None if over else next_strike(rules, work.at)
    if not work.triggers.acted(job, following, " ".join(_told(strike, work) for strike in come)):
        return 0
    for strike in come:
        _ask(work, job, strike, rulebook)
    return 1


def _told(strike: Strike, work: TriggerWork) -> str:
    names = ",".join(rule.id for rule in strike.rules)
    return f"at={strike.name} late={int(strike.late(work.at))} rules={names}"


def _ask(work: TriggerWork, job: ClockJob, strike: Strike, rulebook: Rulebook) -> None:
    plan = job.plan
    over = plan.expires_at is not None and plan.expires_at <= work.at
    said = [one for one in job.said if one.sent <= strike.at]
    coverage = in_force(plan.coverage, plan.alert, said, rulebook.county.key)
    found = match_struck(rulebook, strike.rules, plan.facts, coverage)
    measures = {rule.id: rule.measure for rule in rulebook.rules}
    if over:
        work.triggers.keep(job, found, measures)
        work.humans.expire(plan.county, plan.episode)
    else:
        work.triggers.ask(job, found, measures, strike)
    undecided = _propose(work, job, strike, found.proposals, over=over)
    if undecided or (strike.late(work.at) and (found.matches or found.proposals)):
        note = _note(work, job, strike, undecided, over=over)
        item = NewHumanCall(plan.county, plan.alert, 0, HumanCallKind.CLOCK, strike.name, note)
        work.humans.open([item], lane_of(plan.level))


def _propose(
    work: TriggerWork, job: ClockJob, strike: Strike, wishes: Sequence[Proposal], *, over: bool
) -> list[Proposal]:
    """Put the stops of work before an officer; returns those for which no item is new.

    They were proposed, and perhaps decided, when the alert arrived; what is asked now is another question.
    """
    plan = job.plan
    proposed = [
        replace(item, note=f"{item.note}，{_note(work, job, strike, _of(item.about, wishes), over=over)}")
        for item in work.stops.propose(plan, plan.roster, wishes)
    ]
    opened = {about for *_, about in work.humans.open(proposed, lane_of(plan.level))}
    return [wish for wish in wishes if wish.code not in opened]


def _of(code: str, wishes: Sequence[Proposal]) -> list[Proposal]:
    return [wish for wish in wishes if wish.code == code]


def _note(work: TriggerWork, job: ClockJob, strike: Strike, wishes: Sequence[Proposal], *, over: bool) -> str:
    stops = [*dict.fromkeys(f"{wish.code}，{wish.measure.rstrip('。')}" for wish in wishes)]
    level = job.plan.coverage.highest(job.plan.level) or Level.RED
    return sentence(strike, f"{job.plan.hazard}{level.zh}预警", stops, work.at, over=over)
