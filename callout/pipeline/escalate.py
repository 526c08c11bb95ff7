"""escalate: `next_at` has passed, so the one silent person's next step is due; at the end a human takes over."""

from collections.abc import Sequence
from dataclasses import dataclass

from callout.domain.callout import Callout, CalloutEvent, CalloutKey, CalloutState
from callout.domain.faults import one_by_one
from callout.domain.instant import MINUTE, later
from callout.domain.ladder import Step, Target
from callout.domain.made_often import replace
from callout.domain.moves import after_silence
from callout.ports import Escalator, Summary, Writer

TOGETHER = MINUTE
"""Silent people whose next step is the same superior within this time are put to the superior at once."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """What the escalate stage stands on."""

    store: Writer[Escalator]
    batch: int = 500


def run_once(escalation: Escalation) -> Summary:
    """Move up to `batch` silent callouts on."""
    try:
        moved = escalation.store.write(lambda work: _escalate(work, _due(work, escalation)))
    except Exception:
        moved = _each_alone(escalation)
    return Summary("escalate", moved)


def _due(work: Escalator, escalation: Escalation) -> list[Callout]:
    return work.sends.due(CalloutState.WAITING, work.at, escalation.batch)


def _each_alone(escalation: Escalation) -> int:
    """One of them makes all fail: whose ladder cannot go on is a human's, the others go on."""
    store = escalation.store
    return one_by_one(
        store.write(lambda work: _due(work, escalation)),
        lambda one: store.write(lambda work: _escalate(work, [one])),
        lambda one, _error: store.write(lambda work: work.sends.run_out([one])),
    )


def _escalate(work: Escalator, due: Sequence[Callout]) -> int:
    taken = _taken(work, due)
    work.sends.advance([(c, replace(c, next_at=None)) for c in taken], CalloutEvent.SUPERSEDED)
    silent = [c for c in due if c not in taken]
    silent += _early(work, silent)
    ladders = work.sends.ladders(silent)
    steps = [(c, after_silence(c, ladders[c.ladder])) for c in silent]
    on = [(c, replace(after, next_at=work.at)) for c, after in steps if after]
    ended = [c for c, after in steps if after is None]
    work.sends.advance(on, CalloutEvent.SILENT)
    work.sends.run_out(ended)
    return len(taken) + len(on) + len(ended)


def _taken(work: Escalator, silent: Sequence[Callout]) -> list[Callout]:
    """Rings of desks where nothing lies unclaimed any more: the deputy need not be woken."""
    rings = [c for c in silent if c.key.round > 0]
    waits = work.humans.waits({c.key.county for c in rings}, work.at) if rings else set()
    return [c for c in rings if c.key.county not in waits]


def _early(work: Escalator, silent: Sequence[Callout]) -> list[Callout]:
    """Those whose wait ends within a minute before the same superior: one call will list all names."""
    near = work.sends.with_superior(_next_is_superior(work, silent), CalloutState.WAITING, later(work.at, TOGETHER))
    known = {c.key for c in silent}
    fresh = [c for c in near if c.key not in known]
    upward = set(_next_is_superior(work, fresh))
    return [c for c in fresh if c.key in upward]


def _next_is_superior(work: Escalator, some: Sequence[Callout]) -> list[CalloutKey]:
    """Callouts whose superior is called next, because no step before can be carried out."""
    ladders = work.sends.ladders(some)
    following = [after for c in some if c.key.round == 0 and (after := after_silence(c, ladders[c.ladder]))]
    beyond = [c for c in following if not _own_phone(ladders[c.ladder].steps[c.step])]
    tries = work.sends.tries(beyond)
    return [key for key, t in tries.items() if t and t.target is Target.SUPERIOR]


def _own_phone(step: Step) -> bool:
    """Whether this step calls the person's first number: nobody has to be looked up to know that it is not the last."""
    return step.target is Target.HOLDER and step.number == 1
