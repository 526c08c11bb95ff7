"""What the installation's own channels can do together, as the prover sees them."""

from collections.abc import Sequence

from callout.domain.abilities import Abilities, Receipts, Window
from callout.domain.carrying import Able
from callout.domain.ladder import ChannelKind
from callout.domain.proof.rungs import Ways

NOBODY = Abilities(frozenset(), Receipts.NONE, reaches=False)
"""No provider of this kind: its steps are not taken."""


def ways_of(able: Able) -> Ways:
    """Each kind of channel as one: what one of its providers can do, all of them can."""
    return {kind: _together([one for one in able.get(kind, ()) if one.reaches]) for kind in ChannelKind}


def _together(ways: Sequence[Abilities]) -> Abilities:
    if not ways:
        return NOBODY
    answers = frozenset().union(*(one.answers for one in ways))
    return Abilities(answers, ways[0].receipts, windows=_windows(ways))


def _windows(ways: Sequence[Abilities]) -> tuple[Window, ...]:
    """What one provider does not take the next one does: a limit holds where all have it, and their counts add up."""
    limits = [{(w.span, w.night_only): w.count for w in one.windows} for one in ways]
    shared = [key for key in limits[0] if all(key in one for one in limits)]
    return tuple(Window(sum(one[key] for one in limits), *key) for key in shared)
