"""A way is closed for a callout: it waits for the way, takes another, or goes on; nothing waits in silence."""

from collections.abc import Sequence
from dataclasses import replace

from callout.domain.callout import Callout, CalloutEvent
from callout.domain.closing import Closed, after_closed
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.moves import VACANT
from callout.ports import SendWork


def go_elsewhere(work: SendWork, some: Sequence[tuple[Callout, Closed]]) -> int:
    """Move each of these as `after_closed` says; a human is asked for those that have no other way.

    Returns how many do not wait.
    """
    if not some:
        return 0
    ladders = work.sends.ladders([c for c, _ in some])
    shut = [c.key for c, closed in some if not closed.waits]
    views = work.sends.resolve([(key.county, key.post) for key in shut]) if shut else {}
    said = work.sends.said(shut)
    after = [
        (
            c,
            after_closed(
                c,
                ladders[c.ladder],
                views.get((c.key.county, c.key.post), VACANT),
                replace(closed, said=said.get(c.key, frozenset())),
                work.at,
            ),
        )
        for c, closed in some
    ]
    for event, waits in ((CalloutEvent.PACED, True), (CalloutEvent.DIVERTED, False)):
        work.sends.advance([(c, a.callout) for c, a in after if a.callout and a.waits is waits], event)
    work.sends.run_out([c for c, a in after if a.callout is None])
    for c, a in after:
        if a.human and c.key.round == 0:
            work.humans.open([NewHumanCall(c.key.county, c.key.alert, c.key.post, HumanCallKind.NO_WAY)], c.lane)
    return sum(not a.waits for _, a in after)
