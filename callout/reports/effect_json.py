"""The analysis as plain data, for programs."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from callout.reports.course import NO_PRICES
from callout.reports.effect import Effect, Report
from callout.reports.parts import Grouping, Part
from callout.reports.thresholds import as_json as verdict_json


def as_json(it: Report, prices: Mapping[str, int] = NO_PRICES) -> dict[str, Any]:
    """The report as plain data; `prices` of one part or call in 分, by provider."""
    return {
        "about": dict(it.about),
        "processes": [_process(each, prices) for each in it.effects],
        "findings": [asdict(f) for f in it.findings],
        "thresholds": [verdict_json(one) for one in it.judged],
    }


def _parts(e: Effect, along: Grouping) -> dict[str, Any]:
    changes = e.changes(along)
    return {
        name: asdict(one.tally)
        | {"posts": one.posts, "limits": _limits(one), "change": asdict(changes[name]) if name in changes else None}
        for name, one in e.parts[along].items()
    }


def _limits(one: Part) -> dict[str, int]:
    return {"timed": one.timed, "in_first": one.in_first, "in_ladder": one.in_ladder}


def _process(e: Effect, prices: Mapping[str, int]) -> dict[str, Any]:
    return {
        "county": e.process.county, "run": e.process.run, "begins": e.process.begins, "ends": e.process.ends,
        "total": asdict(e.total),
        "per_alert": [
            {"identifier": s.line.identifier, "hazard": s.line.hazard or "", "level": s.line.level or "",
             "sent": s.line.sent, "first_ring_s": s.first_ring_s, "half_s": s.half_s, "most_s": s.most_s,
             **asdict(s.counts)}
            for s in e.per_alert
        ],
        **{along.value: _parts(e, along) for along in Grouping},
        "channels": {k: asdict(v) for k, v in e.ways.items()},
        "spread": list(e.spread),
        "reasons": {k.value: v for k, v in e.reasons.items()},
        "depth": {k.value: v for k, v in e.course.depth.items()},
        "human_calls": {k.value: v for k, v in e.course.human_calls.items()},
        "doors": e.course.doors,
        "feedback": {k.value: asdict(v) for k, v in e.course.feedback.items()},
        "limits": _limits(e.whole),
        "before": None if e.before is None else e.before.process.begins,
        "change": None if (changed := e.change) is None else asdict(changed),
        "last_all_clear": e.course.ends,
        "bills": {k: {**asdict(v), "fen": v.fen(prices.get(k, 0))} for k, v in e.course.bills.items()},
    }  # fmt: skip
