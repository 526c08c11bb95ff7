"""plan: rules decide which posts must answer; the database expands them to callouts, chunk by chunk.

A message of an episode also renews or lifts what earlier ones opened: see domain/episode.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from callout.domain.callout import lane_in, lane_of, level_of
from callout.domain.clock import next_strike, triggers
from callout.domain.episode import Move, Turn
from callout.domain.faults import one_by_one, told
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.intake import AlertEvent, AlertState
from callout.domain.matching import match
from callout.domain.rule import GapKind, Matching, Rulebook
from callout.domain.surroundings import write_around
from callout.ports import PlanJob, Planner, Rulebooks, Summary, Writer

_GAP = {GapKind.NO_PLAN: HumanCallKind.NO_PLAN, GapKind.NO_RULE: HumanCallKind.NO_RULE}
_NOTHING = Matching((), (), ())
"""What the rules demand for a Cancel."""


@dataclass(frozen=True, slots=True)
class Planning:
    """What the plan stage stands on."""

    store: Writer[Planner]
    rulebooks: Rulebooks
    first: int = 64
    """Posts of the first transaction: soon opened, so that they are called while the rest is still worked out."""
    chunk: int = 2_500
    """Posts of each further one."""
    alerts: int = 8
    """Alerts that are taken a step on before those are called who are open by then."""


def run_once(planning: Planning, *, further: bool = True) -> Summary:
    """Take waiting alerts of the highest level one step on: match the rules and open the first callouts, or open the
    next ones. The first few at a time, and lower levels not while these move; one that fails keeps nobody waiting.

    `further`: False while there are more red callouts open than go at once. Only what is new is taken on then."""
    jobs, moving = planning.store.read(lambda work: work.alerts.to_plan()), list[int]()

    def step(job: PlanJob) -> int:
        if job.state is AlertState.PLANNING and not further:
            return 0
        lane = lane_in(job.county, level_of(_lane(job)))
        if moving and (lane not in moving or len(moving) == planning.alerts):
            return 0
        moved = _step(planning, job)
        moving.extend([lane] if moved else [])
        return moved

    return Summary("plan", one_by_one(jobs, step, lambda job, error: _give_up(planning, job, error)))


def _give_up(planning: Planning, job: PlanJob, error: Exception) -> None:
    """It is tried again at every beat; until it succeeds a human goes on."""
    note = told(error, "这条预警没有全部展开，还有人没有叫")
    item = NewHumanCall(job.county, job.alert, 0, HumanCallKind.FAULT, "plan", note)
    planning.store.write(lambda work: work.humans.open([item], _lane(job)))


def _step(planning: Planning, job: PlanJob) -> int:
    if job.state is AlertState.PLANNING:
        size = planning.chunk if job.cursor else planning.first
        return planning.store.write(lambda work: _take_chunk(work, job, size))
    rulebook = planning.rulebooks.get(job.county, job.in_force[0])
    return planning.store.write(lambda work: _begin(work, job, planning.first, rulebook))


def _begin(work: Planner, job: PlanJob, first: int, rulebook: Rulebook) -> int:
    """Both in one: the first calls of a red wait for no second commit."""
    matched = _match(work, job, rulebook)
    return 1 + _take_chunk(work, matched, first) if matched else 0


def _match(work: Planner, job: PlanJob, rulebook: Rulebook) -> PlanJob | None:
    """The job as it stands then; None where another worker was first."""
    around = {} if job.lifts else work.alerts.around(job, rulebook.county)
    facts = replace(job, around=around).facts
    found = _NOTHING if job.lifts else match(rulebook, facts, job.coverage)
    strikes_at = None if job.lifts else next_strike(triggers(rulebook.rules, facts, job.coverage), job.sent)
    by = {} if job.lifts else dict(zip(("rulebook", "roster"), job.in_force, strict=True))
    if not work.alerts.move(job, AlertEvent.MATCHED, by | {"strikes_at": strikes_at, "around": write_around(around)}):
        return None
    work.plans.matched(job, found, {r.id: r.measure for r in rulebook.rules})
    work.feedback.demand(job, found.feedback)
    undecided = work.stops.propose(job, job.in_force[1], found.proposals)
    helpless = work.relocations.demand(job)
    work.humans.open([*_gaps(job, found), *undecided, *helpless, *_oddities(job, work.alerts.moves(job))], _lane(job))
    return replace(job, state=AlertState.PLANNING, rev=job.rev + 1, roster=by.get("roster", job.roster))


def _lane(job: PlanJob) -> int:
    return lane_of(job.coverage.highest(job.level))


def _gaps(job: PlanJob, found: Matching) -> list[NewHumanCall]:
    return [NewHumanCall(job.county, job.alert, 0, _GAP[gap.kind], gap.area) for gap in found.gaps]


def _oddities(job: PlanJob, moves: Mapping[str, Move]) -> Iterator[NewHumanCall]:
    """What the order of arrival or the form of a Cancel leaves open: done as the rules say, and a human looks at it."""
    turns = {move.turn for move in moves.values()}
    if Turn.LIFTED_BEFORE in turns:
        note = "收到这条预警之前已收到它的解除，没有叫人，请核对"
        yield NewHumanCall(job.county, job.alert, 0, HumanCallKind.CANCELLED, note=note)
    if Turn.LATE_RED in turns:
        note = "红色预警迟到，发布更晚、级别较低的预警已先收到；仍按红色叫应，请核对现行级别"
        yield NewHumanCall(job.county, job.alert, 0, HumanCallKind.UNDECIDED, note=note)
    if job.unnamed and not moves:
        note = "解除消息的文字没有写级别，按 severity 对不上正在生效的预警，没有自动解除，请核对"
        yield NewHumanCall(job.county, job.alert, 0, HumanCallKind.CANCELLED, note=note)


def _take_chunk(work: Planner, job: PlanJob, size: int) -> int:
    last = work.plans.chunk_end(job, size)
    if last is None:
        return _end(work, job)
    if not work.alerts.move(job, AlertEvent.CHUNK_OPENED, {"cursor": last}):
        return 0
    return work.plans.take_chunk(job, last)


def _end(work: Planner, job: PlanJob) -> int:
    """All posts are looked at; warnings of which nothing stands any more have ended."""
    ended = work.alerts.move(job, AlertEvent.CARRIED_OUT if job.lifts else AlertEvent.ALL_OPENED, {})
    for gone in work.alerts.lifted(job) if ended else ():
        work.alerts.move(gone, AlertEvent.LIFTED, {})
    return int(ended)
