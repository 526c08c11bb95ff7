"""What an inbound event does to the callouts that it may answer: pure decisions of the acknowledge stage."""

from collections.abc import Sequence

from callout.domain.answer import Candidate, Credit, Grade, Reply, credit
from callout.domain.callout import Callout, CalloutState
from callout.domain.drill import is_drill, still_meant
from callout.domain.instant import Instant
from callout.domain.ladder import Target
from callout.domain.made_often import made_often

OPEN = (CalloutState.TO_CALL, CalloutState.WAITING, CalloutState.EXHAUSTED, CalloutState.EXPIRED_UNANSWERED)
"""States in which an answer still changes something; after the last two it is marked late."""
LATE = (CalloutState.EXHAUSTED, CalloutState.EXPIRED_UNANSWERED)


@made_often(frozen=True, slots=True)
class Heard:
    """One callout that was spoken of in one attempt to the number that the event came from."""

    callout: Callout
    attempt: str
    target: Target
    shared: bool
    submitted_at: Instant
    code: str
    """Answer code of the alert."""
    grade: Grade | None
    """What the callout has been answered with so far."""
    answered_at: Instant | None = None
    """When it was first answered; a better answer does not move it."""
    was_late: bool = False
    """The first answer came after exhaustion or expiry."""
    number: int = 0
    """Id of the number that the attempt went to; 0 = no attempt."""
    spoke: int = 0
    """The alert whose words the attempt spoke; 0 = no attempt."""

    @property
    def outdated(self) -> bool:
        """Whether a repetition or a downgrade has come since these words were spoken."""
        return self.spoke not in (0, self.callout.says or self.callout.key.alert)

    @property
    def open(self) -> bool:
        """Whether an answer still changes something: unanswered, or answered by somebody else only."""
        return self.callout.state in OPEN or self.grade is Grade.PROXY

    @property
    def late(self) -> bool:
        """Whether the post is answered late, by this answer or by an earlier one."""
        return self.was_late or self.callout.state in LATE

    @property
    def own_grade(self) -> Grade:
        """What 收到 from here proves: the person on the post answered, or somebody else did (代答)."""
        return Grade.ACKNOWLEDGED if self.target is Target.HOLDER and not self.shared else Grade.PROXY


@made_often(frozen=True, slots=True)
class Hearing:
    """What one inbound event does."""

    answered: tuple[tuple[Heard, Grade], ...] = ()
    cannot_come: tuple[Heard, ...] = ()
    asked: tuple[Heard, ...] = ()
    """Callouts that a human must look at because of what was said."""
    noted: tuple[Heard, ...] = ()
    """Callouts that the answer no longer changes: kept on record, because somebody was reached."""
    rest: tuple[str, ...] = ()
    """Answer codes of the open alerts that the answer did not count for; the person is told."""
    counted: Heard | None = None
    """A callout of the alert that it did count for, open or not."""
    unclear: Heard | None = None
    """A real callout for which it did not count, because it may have been meant for a drill; the person is told."""
    grade: Grade = Grade.CONTACT


_KEYS = {"1": Grade.ACKNOWLEDGED, "2": Grade.CANNOT_COME, "3": Grade.CONTACT}


def hear_key(digit: str, heard: Sequence[Heard]) -> Hearing:
    """A key answers exactly the callouts spoken in that call; any other key is no answer at all."""
    grade = _KEYS.get(digit)
    return Hearing() if grade is None else _hearing(grade, heard, ())


def hear_reply(reply: Reply, heard: Sequence[Heard], came: Instant, attempt: str = "") -> Hearing:
    """A text answers what `credit` says; a contact concerns the newest alert that the number was told of.

    `attempt`: the one whose extension digits the reply was sent to. What a person says to a drill never counts for a
    real warning, nor the other way round: a bare answer that may be meant for either counts for neither.
    """
    if not (reply.code or attempt):
        heard = _of_one_kind(heard, came)
        if {is_drill(h.callout.key.county) for h in heard} == {True, False}:
            newest = [h for h in heard if not is_drill(h.callout.key.county)][-1]
            return Hearing(asked=(newest,), unclear=newest)
    pool = [
        Candidate((h.callout.key, h.attempt), h.callout.key.alert, h.code, h.submitted_at, h.open, h.attempt)
        for h in heard
    ]
    credited: Credit = credit(reply, pool, came, attempt)
    chosen = [h for h in heard if (h.callout.key, h.attempt) in set(credited.keys)]
    if not chosen:
        return _hearing(Grade.CONTACT, heard[-1:], credited.rest)
    return _hearing(reply.grade, chosen, credited.rest)


def _of_one_kind(heard: Sequence[Heard], came: Instant) -> Sequence[Heard]:
    """Those that a bare answer may be meant for: of drills and real warnings both only where nobody can tell."""
    real = [h for h in heard if not is_drill(h.callout.key.county)]
    drilled = [h for h in heard if is_drill(h.callout.key.county) and h.submitted_at <= came]
    if not (real and drilled):
        return heard
    meant = [h for h in drilled if still_meant(h.submitted_at, h.grade is not None, came)]
    over = CalloutState.EXPIRED_UNANSWERED  # an answer would still count, but nobody is told to give one any more
    waits = [h for h in real if h.open and h.submitted_at <= came and h.callout.state is not over]
    if meant and waits:
        return [*meant, *waits]
    return meant or real


def _hearing(grade: Grade, chosen: Sequence[Heard], rest: tuple[str, ...]) -> Hearing:
    once = _best(chosen)
    if grade is Grade.CONTACT:
        return Hearing(asked=once, rest=())
    open_ones = tuple(h for h in once if h.open)
    if grade is Grade.CANNOT_COME:
        answered = tuple(h for h in once if not h.open)
        return Hearing(cannot_come=open_ones, asked=answered, rest=rest, counted=next(iter(once), None), grade=grade)
    better = tuple((h, h.own_grade) for h in open_ones if _improves(h))
    changed = {h.callout.key for h, _ in better}
    noted = tuple(h for h in once if h.callout.key not in changed)
    return Hearing(answered=better, noted=noted, rest=rest, counted=next(iter(once), None), grade=grade)


def _improves(heard: Heard) -> bool:
    """A second stand-in adds nothing; the person after a stand-in does."""
    return heard.grade is None or heard.own_grade is Grade.ACKNOWLEDGED


def _best(chosen: Sequence[Heard]) -> tuple[Heard, ...]:
    """One entry per callout, the one that proves most: the same person may have been tried on several ways."""
    best: dict[object, Heard] = {}
    for one in chosen:
        seen = best.get(one.callout.key)
        if seen is None or (seen.own_grade is Grade.PROXY and one.own_grade is Grade.ACKNOWLEDGED):
            best[one.callout.key] = one
    return tuple(best.values())
