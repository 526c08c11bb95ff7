"""The end of a ladder, shared by the stages that may come to it: a human goes on."""

from collections.abc import Sequence

from callout.domain.callout import Callout
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.ports import Exhauster


def exhaust(work: Exhauster, ended: Sequence[Callout]) -> None:
    """Close ladders without a step left and open a HumanCall for each. The desk's ladder is started again by watch."""
    written = work.sends.run_out(ended)
    for lane in sorted({c.lane for c in ended}):
        new = [
            NewHumanCall(c.key.county, c.key.alert, c.key.post, HumanCallKind.EXHAUSTED)
            for c in ended if c.lane == lane and c.key.round == 0 and tuple(c.key) in written
        ]
        work.humans.open(new, lane)
