"""What the engine would do, without doing it: which rules hold and which not, and how a silent person's ladder goes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from callout.domain.area import Coverage
from callout.domain.callout import START, Callout, CalloutKey, lane_of
from callout.domain.clock import first_strike
from callout.domain.conditions import Facts, hold
from callout.domain.instant import Instant, later
from callout.domain.ladder import Ladder
from callout.domain.level import Level
from callout.domain.moves import PostView, Try, after_silence, next_try
from callout.domain.rule import Condition, Rule, Rulebook
from callout.domain.surroundings import by_place


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether one rule applies to an alert on its arrival, and if not, why."""

    rule: Rule
    failed: tuple[Condition, ...]
    """The conditions that do not hold."""
    areas: frozenset[str]
    """Alerted areas that the rule reaches; empty = it speaks of other places."""
    strikes_at: Instant | None = None
    """When a rule with a clock time asks first, if the alert is in force then; None = it asks on arrival."""
    parts: tuple[tuple[frozenset[str], tuple[Condition, ...]], ...] = ()
    """Areas that are alike, and the conditions that do not hold there."""

    def failed_at(self, area: str) -> tuple[Condition, ...]:
        """The conditions that do not hold in one area."""
        return next((failed for areas, failed in self.parts if area in areas), self.failed)

    @property
    def holds(self) -> bool:
        """Whether it demands anything, now or when its time comes."""
        return not self.failed and bool(self.areas)

    @property
    def applies(self) -> bool:
        """Whether it demands anything on arrival."""
        return self.holds and self.rule.at is None


def rulings(rulebook: Rulebook, facts: Facts, sent: Instant, coverage: Coverage) -> tuple[Ruling, ...]:
    """One ruling per rule, in the order of the files, for an alert issued at `sent`."""
    parts = [*by_place(facts, coverage)]
    return tuple(_ruling(rule, sent, parts) for rule in rulebook.rules)


def _ruling(rule: Rule, sent: Instant, parts: Sequence[tuple[Facts, Coverage]]) -> Ruling:
    """Where areas differ it applies in those where it holds; else the highest level that it speaks of says why not."""
    reach = rule.reach(frozenset().union(*(part.areas for _, part in parts)))
    spoken = [(here, part) for here, part in parts if part.areas & reach] or parts
    each = [(_failed(rule, here), part.areas) for here, part in spoken]
    held = [areas for failed, areas in each if not failed]
    failed = () if held or not each else each[0][0]
    areas = reach & frozenset().union(*held) if held else reach
    alike = tuple((there, wrong) for wrong, there in each)
    return Ruling(rule, failed, areas, None if rule.at is None else first_strike(rule.at, sent), alike)


def _failed(rule: Rule, facts: Facts) -> tuple[Condition, ...]:
    return tuple(condition for condition in rule.when if not hold((condition,), facts))


def fresh_callout(key: CalloutKey, level: Level, ladder: Ladder, opened: Instant, expires: Instant | None) -> Callout:
    """A callout as the plan stage opens it."""
    return Callout(key, START, 0, opened, lane_of(level), ladder.id, expires, attempt="", repeated=False, rev=0)


def climb(callout: Callout, ladder: Ladder, view: PostView, now: Instant) -> Iterator[tuple[Instant, Try]]:
    """Every step that would be taken from `now` on if nobody ever answered, with its time; none past the expiry."""
    at, going = now, callout
    while going and not (callout.expires_at is not None and at >= callout.expires_at):
        one = next_try(replace(going, next_at=at), ladder, view, at)
        if one is None:
            return
        yield at, one
        at = later(at, one.wait)
        following = after_silence(replace(going, step=one.step), ladder)
        if following is None:
            return
        going = following
