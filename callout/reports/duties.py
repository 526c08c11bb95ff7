"""What an account says about feedback: owed, given, overdue, and the people moved."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from callout.domain.feedback import WAITING, FeedbackKind, FeedbackState
from callout.reports.gathering import Scope
from callout.store import schema


@dataclass(frozen=True, slots=True)
class FeedbackTally:
    """Feedback of one kind. due = given + waiting + overdue; what a newer warning took over is counted there."""

    due: int = 0
    given: int = 0
    late: int = 0
    """Given after the deadline; they count as given too."""
    waiting: int = 0
    overdue: int = 0
    people: int = 0
    households: int = 0


def feedback(scope: Scope, alerts: Collection[int] | None) -> Mapping[FeedbackKind, FeedbackTally]:
    """Feedback by kind, of some alerts (None = all); a kind that nobody owes is missing."""
    f = schema.feedback
    rows = scope.db.execute(
        select(f.c.alert, f.c.kind, f.c.state, f.c.due_at, f.c.given_at, f.c.people, f.c.households).where(
            scope.within(f), f.c.state != FeedbackState.SUPERSEDED.value
        )
    ).all()
    kinds: defaultdict[FeedbackKind, list[FeedbackTally]] = defaultdict(list)
    for r in rows:
        if alerts is None or r.alert in alerts:
            given = r.state == FeedbackState.GIVEN
            kinds[FeedbackKind(r.kind)].append(
                FeedbackTally(
                    1,
                    int(given),
                    int(given and r.given_at > r.due_at),
                    int(r.state in WAITING),
                    int(r.state == FeedbackState.OVERDUE),
                    max(r.people, 0),
                    max(r.households, 0),
                )
            )
    return {kind: _sum(kinds[kind]) for kind in FeedbackKind if kind in kinds}


def _sum(some: list[FeedbackTally]) -> FeedbackTally:
    names = FeedbackTally.__slots__
    return FeedbackTally(**{name: sum(getattr(one, name) for one in some) for name in names})
