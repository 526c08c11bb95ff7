"""Thresholds that stand out among their like, beyond chance: one that calls for nothing, one that misses. Pure.

Compared are thresholds of one hazard and level: a yellow one may call for nothing more often than a red one.
"""

from collections.abc import Iterator, Sequence

from callout.domain.gauge import THOUSAND
from callout.reports.findings import Finding, FindingKind
from callout.reports.statistics import LEVEL, fisher
from callout.reports.thresholds import Score, Verdict


def of_thresholds(judged: Sequence[Verdict]) -> Iterator[Finding]:
    """What to change; nothing in a period in which nobody entered what happened."""
    if not any(one.now.hits + one.now.misses for one in judged):
        return
    for one in judged:
        like = [o.now for o in judged if o is not one and (o.threshold.hazard, o.level) == _kind(one)]
        yield from _low(one, like, len(judged))
        yield from _high(one, like, len(judged))


def _kind(one: Verdict) -> tuple[object, object]:
    return one.threshold.hazard, one.level


def _low(one: Verdict, like: Sequence[Score], compared: int) -> Iterator[Finding]:
    """It gives alarms for nothing; a higher value would have caught as much."""
    now, empty, alarms = one.now, sum(o.empty for o in like), sum(o.hits + o.empty for o in like)
    higher = [c for c in one.curve if c.milli > now.milli and c.misses <= now.misses and c.empty < now.empty]
    if higher and alarms and fisher(now.empty, now.hits + now.empty, empty, alarms) < LEVEL / compared:
        better = min(higher, key=lambda c: (c.empty, c.milli))
        said = f"{now.hits + now.empty} 次报警中 {now.empty} 次空报，明显多于同级的其他阈值（{empty}/{alarms}）"
        yield _finding(FindingKind.LOW_THRESHOLD, one, said, better)


def _high(one: Verdict, like: Sequence[Score], compared: int) -> Iterator[Finding]:
    """It misses what happens; a lower value would have caught more."""
    now, misses, happened = one.now, sum(o.misses for o in like), sum(o.hits + o.misses for o in like)
    lower = [c for c in one.curve if c.milli < now.milli and c.misses < now.misses]
    if lower and happened and fisher(now.misses, now.hits + now.misses, misses, happened) < LEVEL / compared:
        better = min(lower, key=lambda c: (c.misses, c.empty, -c.milli))
        said = f"{now.hits + now.misses} 次险情漏报 {now.misses} 次，明显多于同级的其他阈值（{misses}/{happened}）"
        yield _finding(FindingKind.HIGH_THRESHOLD, one, said, better)


def _finding(kind: FindingKind, one: Verdict, said: str, better: Score) -> Finding:
    of, unit = one.threshold, one.threshold.quantity.unit
    name = f"{of.quantity} {of.hazard}{one.level.zh} {one.now.milli / THOUSAND:g} {unit}"
    then = f"命中 {better.hits}、漏报 {better.misses}、空报 {better.empty}"
    mend = f"会商是否改为 {better.milli / THOUSAND:g} {unit}（这段时间里会是{then}）；没有记下的险情不在内，先核对"
    like = "像是定低了" if kind is FindingKind.LOW_THRESHOLD else "像是定高了"
    return Finding(kind, of.area, 0, f"{name} {like}：{said}", mend)
