"""What is due is claimed: who carries it is decided here, and what nobody can carry now waits or goes another way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callout.domain.attempt import Attempt, AttemptEvent
from callout.domain.callout import DRILL_LANES, Callout, CalloutState, lane_in, lane_of
from callout.domain.closing import Closed
from callout.domain.drill import is_drill, run_of
from callout.domain.instant import Instant, later
from callout.domain.ladder import ChannelKind, Target
from callout.domain.level import Level
from callout.domain.made_often import replace
from callout.domain.moves import Try, bundle, hurries, other_way
from callout.domain.pace import UNLIMITED
from callout.pipeline.send.beside import Asking, Group, in_its_place, not_spoken, same_superior, speak_beside
from callout.pipeline.send.elsewhere import go_elsewhere
from callout.pipeline.send.fleet import Asked, Blocked, Fleet, Way, Why
from callout.pipeline.send.recents import amid, recents
from callout.pipeline.send.recording import A_WHILE, PATIENCE, settle
from callout.ports import Ids, Outgoing, SendWork, Settled

NONE: frozenset[str] = frozenset()
CALLS, NOTICES, LEASES, ENDINGS = "calls", "notices", "leases", "endings"
PARTS = frozenset({CALLS, NOTICES, LEASES, ENDINGS})
"""What there may be to do: whom to call, whom to tell, dead claims to take over, calls to end."""
RED = lane_of(Level.RED)


@dataclass(frozen=True, slots=True)
class Claiming:
    """What a claim is made with."""

    fleet: Fleet
    ids: Ids
    owner: str
    drilled: int = UNLIMITED
    """How many calls of drills may be among what is claimed: they leave slots free, for a real one must not wait."""
    few: int = UNLIMITED
    """How many are taken where red has come: the first must not wait until the words of many are found."""
    only: frozenset[str] = PARTS
    """Which parts may have work: for the others nothing is asked."""


Going = tuple[tuple[Outgoing, Way | None], ...]
"""Attempts, each with who carries it (None: nobody ever could)."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What is to be handed over now."""

    going: Going
    moved: int
    """Rows that moved, those that wait or go another way included."""
    more: bool = False
    """As many red callouts as are taken at once were due."""


def claim(work: SendWork, by: Claiming, limit: int, more_red: int = 0) -> Claimed:
    """Take what is due: dead claims of other workers, callouts, then notices. Red lanes of all counties first.

    `more_red`: so many more, where they are red."""
    taken_over, lost = work.sends.reclaim(work.at, by.owner) if LEASES in by.only else ((), ())
    if lost:
        settle(work, [Settled(a, AttemptEvent.DOUBTFUL, reason="进程中断") for a in lost])
        work.sends.say_again([a.id for a in lost], doubt=True)
    red = min(by.few, limit + more_red)
    to_call = work.sends.due(CalloutState.TO_CALL, work.at, limit, red) if CALLS in by.only else ()
    due = _spared(to_call, by.drilled)
    taken, moved_on = _take(work, by, due)
    # The first few of a red warning leave before anything else is looked for.
    hurried = red < limit and any(c.lane == RED for c in due)
    notices, shut = ([], False) if hurried or NOTICES not in by.only else _notices(work, by, limit)
    keys = [*taken_over, *taken, *notices]
    if (due or shut) and not (keys or moved_on):
        # Something is due and nothing can go: looking again at once would only cost.
        by.fleet.rest(work.at)
    going = tuple(_ways(work, by.fleet, work.sends.outgoing(keys)))
    return Claimed(going, len(due) + len(keys), 0 < red <= sum(c.lane == RED for c in due))


def _spared(due: Sequence[Callout], most: int) -> list[Callout]:
    """Without what drills may not take: they come last, so a real call is never among those left."""
    drilled = [c for c in due if c.lane >= DRILL_LANES]
    return [c for c in due if c.lane < DRILL_LANES] + drilled[:most]


def claim_one(work: SendWork, by: Claiming, one: Callout) -> Claimed:
    """Take the next step of one callout alone."""
    keys, _ = _take(work, by, [one])
    return Claimed(tuple(_ways(work, by.fleet, work.sends.outgoing(keys))), 1)


def _take(work: SendWork, by: Claiming, due: Sequence[Callout]) -> tuple[list[tuple[str, str]], int]:
    """Claim the next steps of these: keys of the attempts, and how many callouts went another way."""
    tries, ended = _resolve(work, due)
    spoken = speak_beside(work, by.fleet, by.ids, by.owner, tries)
    tries = [one for one in tries if one.callout.key not in spoken.done]
    together, _ = _resolve(work, same_superior(work, due, tries, work.at))
    tries += [one for one in together if one.target is Target.SUPERIOR]  # the others' turn comes by itself
    work.sends.run_out(ended)
    groups, moved_on = _allot(work, by.fleet, bundle(tries, (by.ids.attempt() for _ in iter(int, 1))))
    if groups:
        work.sends.claim(groups, by.owner)
    return [*spoken.keys, *((a.county, a.id) for a, _ in groups)], moved_on + len(ended) + len(spoken.done)


def _notices(work: SendWork, by: Claiming, limit: int) -> tuple[list[tuple[str, str]], bool]:
    """What tells and asks nothing comes after all calls, as far as there is room; and whether there was none."""
    rooms = {kind: min(limit, by.fleet.room(kind, work.at)) for kind in ChannelKind}
    # What nobody here carries is claimed all the same: it is refused, and takes the other way.
    rooms |= {kind: limit for kind in ChannelKind if not by.fleet.carried(kind)}
    found = [
        key for kind, room in rooms.items() if room for key in work.sends.claim_notices(by.ids, by.owner, kind, room)
    ]
    return found, not all(rooms.values())


def _ways(work: SendWork, fleet: Fleet, claimed: Sequence[Outgoing]) -> Iterator[tuple[Outgoing, Way | None]]:
    """Who carries each; what nobody can carry now is put back. Where it has waited long enough its attempt has ended:
    the person's other way is taken, or the way is waited for."""
    again = [o for o in claimed if o.attempt.id not in fleet.ways]
    earlier = recents(work, fleet, [(o.attempt.number, o.attempt.channel) for o in again])
    later_on: list[tuple[Attempt, Instant, str]] = []
    late: list[Attempt] = []
    unserved: dict[str, Closed] = {}
    for one in claimed:
        a = one.attempt
        passed = fleet.passed.get(a.id, frozenset())
        asked = Asked(
            a.channel,
            one.e164,
            lane_in(a.county, one.meaning.level),
            run_of(a.county),
            earlier[a.number, a.channel],
            passed,
            amid(work, a.county),
        )
        found = fleet.ways.pop(a.id, None) or fleet.way(asked, work.at)
        if isinstance(found, Way):
            name = found.provider.channel.name
            yield one if a.provider == name else replace(one, attempt=replace(a, provider=name)), found
        elif found.why is Why.NOBODY:
            yield one, None
        elif found.why is Why.WINDOW or (not a.notice and work.at - a.claimed_at > PATIENCE):
            late.append(a)
            if found.why is not Why.WINDOW:
                until = max(found.until, later(work.at, A_WHILE))
                unserved[a.id] = Closed(until, out=fleet.out(one.e164, work.at))
        else:
            later_on.append((a, max(found.until, later(work.at, 1)), found.why))
    work.sends.pass_on(later_on)
    settle(work, [Settled(a, AttemptEvent.REFUSED, reason="等不到可用的通道") for a in late], keep=set(unserved))
    not_spoken(work, late)
    behind = work.sends.behind([a for a in late if a.id in unserved])
    go_elsewhere(work, [(c, unserved[c.attempt]) for c in behind])


def _resolve(work: SendWork, due: Sequence[Callout]) -> tuple[list[Try], list[Callout]]:
    """Who is called now, by the roster and shifts in force; callouts without any step left."""
    found = work.sends.tries(due)
    work.drills.left_out(due, found)
    return [one for c in due if (one := found[c.key])], [c for c in due if found[c.key] is None]


def _allot(work: SendWork, fleet: Fleet, groups: Sequence[Group]) -> tuple[list[Group], int]:
    """The groups that somebody carries now. The callouts of the others wait, or go another way: so many of them."""
    repeats = [a for a, tries in groups if any(t.callout.attempt for t in tries)]
    asking = Asking.about(work, fleet, groups, repeats)
    going: list[Group] = []
    shut: list[tuple[Callout, Closed]] = []
    for group in groups:
        attempt, tries = group
        asked = asking.of(attempt, tries)
        (attempt, tries), found = _found(work, fleet, group, asked)
        if isinstance(found, Blocked) and found.why is not Why.NOBODY:
            closed = Closed(
                fleet.slot(asked, found),
                waits=found.why is Why.PACE,
                full=found.why is Why.WINDOW,
                out=fleet.out(asked.e164, work.at),
                drilled=found.why is Why.DRILLED,
            )
            shut += [(t.callout, closed) for t in tries]
            continue
        name = found.provider.channel.name if isinstance(found, Way) else ""
        if isinstance(found, Way):
            fleet.ways[attempt.id] = found
            asking.earlier[attempt.number, attempt.channel].append((name, work.at, is_drill(attempt.county)))
        going.append((replace(attempt, provider=name), tries))
    moved_on = go_elsewhere(work, shut)
    return going, moved_on


def _found(work: SendWork, fleet: Fleet, group: Group, asked: Asked) -> tuple[Group, Way | Blocked]:
    """Who carries a group, and the group as it goes: by the other channel where nobody ever carries its own."""
    found = fleet.way(asked, work.at)
    if isinstance(found, Blocked) and found.why is Why.OUTAGE and _only_way(work, fleet, group[1]):
        found = fleet.way(asked, work.at, at_any_rate=True)
    other = in_its_place(work, fleet, group, found.why) if isinstance(found, Blocked) else None
    return other or (group, found)


def _only_way(work: SendWork, fleet: Fleet, tries: Sequence[Try]) -> bool:
    """Whether orange or red has no other way than a provider that fails: no breaker stands between them."""
    ladders, out = work.sends.ladders([t.callout for t in tries]), fleet.out(tries[0].number.e164, work.at)
    return any(
        hurries(t.callout.level)
        and other_way(replace(t.callout, step=t.step), ladders[t.callout.ladder], t.view, work.at, out) is None
        for t in tries
    )
