"""Many rehearsals as one document: medians with the range that nine in ten of them keep to."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from callout.domain.instant import MINUTE, SECOND
from callout.rehearsal.observing import SHARES, Facts
from callout.rehearsal.setting import Setting
from callout.simulation.gateways import Gateway, limits

LOW, MIDDLE, HIGH = 5, 50, 95
"""Percentiles over the seeds."""
_COUNTS = ("due", "asked", "called", "answered", "escalated", "unreached", "late", *(f"t{share}" for share in SHARES))


def summarise(setting: Setting, runs: Sequence[Facts]) -> dict[str, Any]:
    """Everything that the report shows about one setting; equal settings and seeds give equal bytes."""
    human = [run["human"] for run in runs]
    return {
        "seeds": [run["seed"] for run in runs],
        "total": _each(runs, lambda run: run["total"]),
        "high": _each(runs, lambda run: run["high"]),
        "lost": max(run["lost"] for run in runs),
        "alerts": [_alert(runs, at) for at in range(len(runs[0]["alerts"]))],
        "townships": _townships(setting, runs),
        "gateways": [_gateway(one, runs) for one in setting.gateways],
        "human": {
            "opened": spread([one["opened"] for one in human]),
            "taken": spread([one["taken"] for one in human]),
            "most_open": spread([one["most_open"] for one in human]),
            "wait50_s": spread([_rank(one["waits_s"], MIDDLE) for one in human]),
            "wait90_s": spread([_rank(one["waits_s"], 90) for one in human]),
            "kinds": _mean_by([one["kinds"] for one in human]),
            "by_minute": _mean_by([one["by_minute"] for one in human]),
        },
        "never": _never(setting, runs),
        "yuan": spread([round(sum(run["fen"].values()) / 100) for run in runs]),
    }


def spread(values: Sequence[int | None]) -> dict[str, int | None]:
    """Median and the range from the 5th to the 95th of a hundred; None is never, and longer than anything."""
    return {"median": _rank(values, MIDDLE), "low": _rank(values, LOW), "high": _rank(values, HIGH)}


def _rank(values: Sequence[int | None], percent: int) -> int | None:
    if not values:
        return None
    ordered = sorted(math.inf if value is None else value for value in values)
    found = ordered[-(-len(ordered) * percent // 100) - 1]
    return None if found == math.inf else int(found)


def _each(runs: Sequence[Facts], of: Callable[[Facts], Mapping[str, Any]]) -> dict[str, Any]:
    return {name: spread([of(run)[name] for run in runs]) for name in _COUNTS}


def _alert(runs: Sequence[Facts], at: int) -> dict[str, Any]:
    one = runs[0]["alerts"][at]
    named = {name: one[name] for name in ("identifier", "hazard", "level", "sent")}
    return {**named, **_each(runs, lambda run: run["alerts"][at])}


def _townships(setting: Setting, runs: Sequence[Facts]) -> list[dict[str, Any]]:
    names = {setting.rulebook.county.key: setting.rulebook.county.name}
    names |= {town.key: town.name for town in setting.rulebook.county.townships}
    return [
        {"key": area, "name": names.get(area, area), **_each(runs, lambda run, area=area: run["townships"][area])}  # type: ignore[misc]
        for area in runs[0]["townships"]
        if all(area in run["townships"] for run in runs)
    ]


def _gateway(gateway: Gateway, runs: Sequence[Facts]) -> dict[str, Any]:
    loads = [run["load"][gateway.name] for run in runs]
    return {
        "name": gateway.name,
        "kinds": sorted(gateway.kinds),
        "per_second": gateway.per_second,
        "limits": limits(gateway),
        "fen": gateway.fen,
        "lost": list(gateway.lost) if gateway.lost else None,
        "sent": spread([sum(load.values()) for load in loads]),
        "peak_per_minute": spread([max(load.values(), default=0) for load in loads]),
        "busiest_beat": spread([run["busiest"][gateway.name] for run in runs]),
        "full_minutes": spread([_full(gateway, load) for load in loads]),
        "by_minute": _mean_by(loads),
        "yuan": spread([round(run["fen"][gateway.name] / 100) for run in runs]),
    }


def _full(gateway: Gateway, load: Mapping[str, int]) -> int:
    """Minutes in which it carried at least 7 in 10 of what it can."""
    limit = gateway.per_second * MINUTE / SECOND
    return sum(limit > 0 and many >= 0.7 * limit for many in load.values())


def _mean_by(each: Sequence[Mapping[str, int]]) -> dict[str, float]:
    sums: Counter[str] = Counter()
    for one in each:
        sums.update(one)
    return {key: round(sums[key] / len(each), 2) for key in sorted(sums)}


def _never(setting: Setting, runs: Sequence[Facts]) -> list[dict[str, Any]]:
    """Posts that answered nothing in at least one rehearsal, the most frequent first."""
    posts = {str(post.id): post for post in setting.roster.posts}
    times, reasons = Counter[str](), dict[str, Counter[str]]()
    for run in runs:
        times.update(list(run["never"]))
        for post, why in run["never"].items():
            reasons.setdefault(post, Counter())[why] += 1
    return [
        {
            "post": int(post),
            "title": posts[post].title,
            "area": posts[post].area,
            "times": many,
            "of": len(runs),
            "reason": min(reasons[post], key=lambda why, post=post: (-reasons[post][why], why)),  # type: ignore[misc]
        }
        for post, many in sorted(times.items(), key=lambda each: (-each[1], int(each[0])))
    ]
