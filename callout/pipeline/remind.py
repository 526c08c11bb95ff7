"""remind: a feedback that is owed is asked for once by text; when its time is over, a human goes on."""

from collections.abc import Sequence
from dataclasses import dataclass

from callout.domain.callout import lane_of
from callout.domain.feedback import Feedback, FeedbackEvent, FeedbackState
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.ports import RemindWork, Summary, Writer


@dataclass(frozen=True, slots=True)
class Reminding:
    """What the remind stage stands on."""

    store: Writer[RemindWork]
    batch: int = 500


def run_once(reminding: Reminding) -> Summary:
    """Move up to `batch` duties on whose time has come."""
    return Summary("remind", reminding.store.write(lambda work: _remind(work, reminding.batch)))


def _remind(work: RemindWork, limit: int) -> int:
    due = work.feedback.due(work.at, limit)
    over = [one for one in due if one.due_at <= work.at]
    _overdue(work, over)
    work.feedback.remind([one for one in due if one.due_at > work.at and one.state is FeedbackState.OPEN])
    return len(due)


def _overdue(work: RemindWork, over: Sequence[Feedback]) -> None:
    work.feedback.move(over, FeedbackEvent.RAN_OUT)
    for level in dict.fromkeys(one.level for one in over):
        new = [
            NewHumanCall(*one.key[:3], HumanCallKind.FEEDBACK, one.key.kind.value) for one in over if one.level is level
        ]
        work.humans.open(new, lane_of(level))
