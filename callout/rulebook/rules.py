"""One rule of a plan: what it becomes, and what in it cannot be used."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from callout.domain.area import County
from callout.domain.ladder import Ladder
from callout.domain.level import Hazard, Level
from callout.domain.rule import Call, Condition, FeedbackDuty, Rule, StopWorkCode, StopWorkProposal
from callout.rulebook.entries import LevelTest, RuleEntry, StopWorkEntry


@dataclass(frozen=True, slots=True)
class Ground:
    """What a rule stands on beside its own file. What cannot be read is None: then nothing is said about its names."""

    county: County | None
    ladders: Mapping[str, Ladder] | None
    exempt: tuple[str, ...] = ()
    """Whom most stops of work leave out, by the county's plan."""


STOPS_OF_WORK = (
    StopWorkCode.SITE, StopWorkCode.BUSINESS, StopWorkCode.TRANSPORT, StopWorkCode.FERRY, StopWorkCode.STOP,
)  # fmt: skip
"""Codes to which the county's exemptions apply where a rule names none of its own."""


def as_rule(stem: str, entry: RuleEntry, areas: frozenset[str], ground: Ground) -> Rule:
    """The rule; `areas` are those of its plan."""
    return Rule(
        id=f"{stem}/{entry.id}",
        plan=stem,
        areas=_areas(entry, areas, ground),
        when=tuple(_conditions(entry)),
        calls=tuple(Call(tuple(call.roles), call.ladder) for call in entry.calls),
        proposals=tuple(StopWorkProposal(w.code, w.role, _with_exemptions(w, ground), w.lead) for w in entry.stop_work),
        measure=entry.measure or "；".join(f"{one.code}：{one.text.rstrip('。')}" for one in entry.measures),
        feedback=tuple(FeedbackDuty(e.kind, e.within, tuple(e.roles or entry.called)) for e in entry.feedback),
        at=entry.at,
    )


def _areas(entry: RuleEntry, areas: frozenset[str], ground: Ground) -> frozenset[str]:
    """A rule about places, in a plan for all, speaks of the townships they lie in and of the county's own posts."""
    if not entry.place or areas or ground.county is None:
        return areas
    inside = (place.areas for place in ground.county.places if place.name in entry.place)
    return frozenset({ground.county.key}).union(*inside)


def _with_exemptions(wish: StopWorkEntry, ground: Ground) -> str:
    usual = ground.exempt if wish.code in STOPS_OF_WORK else ()
    exempt = usual if wish.exempt is None else wish.exempt
    return f"{wish.measure.rstrip('。')}。例外：{'、'.join(exempt)}，由决定人最后定。" if exempt else wish.measure


def _conditions(entry: RuleEntry) -> Iterator[Condition]:
    yield Condition("hazard", _joined(entry.hazard))
    yield from _levels(entry.level)
    yield Condition("kind", entry.kind.value)
    for kind, value in (("issued", entry.issued), ("season", entry.season)):
        if value:
            yield Condition(kind, value)
    for kind, words in (("words", entry.words), ("place", entry.place)):
        if words:
            yield Condition(kind, ",".join(words))
    if entry.beside:
        yield Condition("beside", f"{_joined(entry.beside.hazard)}|{','.join(_named(entry.beside.level))}")
    if entry.observed:
        yield Condition("observed", f"{entry.observed.reading}>={entry.observed.at_least:g}")


def _joined(hazards: Sequence[Hazard]) -> str:
    return ",".join(hazard.value for hazard in hazards)


def _levels(test: LevelTest | None) -> Iterator[Condition]:
    if test and test.exactly:
        yield Condition("level", test.exactly.value)
    if test and test.at_least:
        yield Condition("level_at_least", test.at_least.value)


def _named(test: LevelTest | None) -> list[str]:
    """Every level that passes the test."""
    if test and test.exactly:
        return [test.exactly.value]
    least = test.at_least.rank if test and test.at_least else 0
    return [level.value for level in Level if level.rank >= least]
