"""The thresholds of a county judged over a period by what is on record, or in an export."""

from callout.domain.gauge import KEPT
from callout.domain.instant import Instant
from callout.ports import Rulebooks
from callout.reports.thresholds import Verdict, judged
from callout.store.store import Store, Work


def verdicts(store: Store, rulebooks: Rulebooks, county: str, span: tuple[Instant, Instant]) -> list[Verdict]:
    """Every threshold that has readings, by the rulebook in force; `span`: from, and to before."""
    return store.read(lambda work: _verdicts(work, rulebooks, county, span))


def spoke(store: Store, rulebooks: Rulebooks, county: str, span: tuple[Instant, Instant]) -> tuple[Verdict, ...]:
    """Those that gave an alarm in the period, or should have: what a report tells of."""
    found = verdicts(store, rulebooks, county, span)
    return tuple(one for one in found if one.now.hits or one.now.misses or one.now.empty)


def _verdicts(work: Work, rulebooks: Rulebooks, county: str, span: tuple[Instant, Instant]) -> list[Verdict]:
    version, (begin, end) = dict(work.gauges.counties()).get(county, ""), span
    if not version:
        return []
    read = work.gauges.readings(county, Instant(begin - KEPT))
    before = {gauge: [one for one in some if one.at < end] for gauge, some in read.items()}
    return judged(rulebooks.get(county, version), before, work.gauges.incidents(county, begin, end))
