"""plan: rules decide which posts must answer; the database expands them to callouts, chunk by chunk."""

from dataclasses import dataclass

from callout.domain.callout import lane_of
from callout.domain.clock import next_strike, triggers
from callout.domain.conditions import Facts
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.intake import AlertEvent, AlertState
from callout.domain.matching import match
from callout.domain.rule import GapKind, Matching, Rulebook
from callout.ports import PlanJob, Planner, Rulebooks, Summary, Writer

_GAP = {GapKind.NO_PLAN: HumanCallKind.NO_PLAN, GapKind.NO_RULE: HumanCallKind.NO_RULE}


@dataclass(frozen=True, slots=True)
class Planning:
    """What the plan stage stands on."""

    store: Writer[Planner]
    rulebooks: Rulebooks
    chunk: int = 5_000
    """Posts per transaction: the first ones can be called while the rest is still opened."""


def run_once(planning: Planning) -> Summary:
    """Take every waiting alert one step on: match its rules, or open its next chunk. Red first."""
    jobs = planning.store.read(lambda work: work.alerts.to_plan())
    moved = sum(_step(planning, job) for job in jobs)
    return Summary("plan", moved)


def _step(planning: Planning, job: PlanJob) -> int:
    if job.state is AlertState.PLANNING:
        return planning.store.write(lambda work: _open_chunk(work, job, planning.chunk))
    versions = planning.store.read(lambda work: work.alerts.in_force(job.county))
    rulebook = planning.rulebooks.get(job.county, versions[0])
    return planning.store.write(lambda work: _match(work, job, rulebook, versions))


def _match(work: Planner, job: PlanJob, rulebook: Rulebook, versions: tuple[str, str]) -> int:
    facts = Facts(job.hazard, job.level, job.sent)
    found = match(rulebook, facts, job.coverage)
    strikes_at = next_strike(triggers(rulebook.rules, facts), job.sent)
    values = {"rulebook": versions[0], "roster": versions[1], "strikes_at": strikes_at}
    if not work.alerts.move(job, AlertEvent.MATCHED, values):
        return 0
    work.plans.matched(job, found, {r.id: r.measure for r in rulebook.rules})
    work.feedback.demand(job, found.feedback)
    undecided = work.stops.propose(job, versions[1], found.proposals)
    work.humans.open([*_gaps(job, found), *undecided], lane_of(job.level))
    return 1


def _gaps(job: PlanJob, found: Matching) -> list[NewHumanCall]:
    return [NewHumanCall(job.county, job.alert, 0, _GAP[gap.kind], gap.area) for gap in found.gaps]


def _open_chunk(work: Planner, job: PlanJob, size: int) -> int:
    last = work.plans.chunk_end(job, size)
    if last is None:
        return int(work.alerts.move(job, AlertEvent.ALL_OPENED, {}))
    if not work.alerts.move(job, AlertEvent.CHUNK_OPENED, {"cursor": last}):
        return 0
    return work.plans.open_chunk(job, last)
