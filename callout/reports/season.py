"""A period whole: how it was called, and its thresholds judged, by what is on record or in an export."""

from dataclasses import replace

from callout.domain.gauge import KEPT
from callout.domain.instant import Instant
from callout.ports import Rulebooks
from callout.reports.effect import Report, report
from callout.reports.findings import in_order
from callout.reports.threshold_findings import of_thresholds
from callout.reports.thresholds import Verdict, judged
from callout.store.store import Store, Work

Span = tuple[Instant, Instant]
"""From, and to before."""


def season(store: Store, rulebooks: Rulebooks, county: str, span: Span) -> Report:
    """The analysis with the thresholds that spoke in the period or should have, and everything that stands out."""
    made = store.database.read(lambda db: report(db, rulebooks, *span, county))
    every = verdicts(store, rulebooks, county, span)
    spoke = tuple(one for one in every if one.now.hits or one.now.misses or one.now.empty)
    return replace(made, judged=spoke, findings=tuple(in_order([*made.findings, *of_thresholds(spoke)])))


def verdicts(store: Store, rulebooks: Rulebooks, county: str, span: Span) -> list[Verdict]:
    """Every threshold that has readings, by the rulebook in force."""
    return store.read(lambda work: _verdicts(work, rulebooks, county, span))


def _verdicts(work: Work, rulebooks: Rulebooks, county: str, span: Span) -> list[Verdict]:
    version, (begin, end) = dict(work.gauges.counties()).get(county, ""), span
    if not version:
        return []
    read = work.gauges.readings(county, Instant(begin - KEPT))
    before = {gauge: [one for one in some if one.at < end] for gauge, some in read.items()}
    return judged(rulebooks.get(county, version), before, work.gauges.incidents(county, begin, end))
