"""Why a rule does not apply to an alert on its arrival, in Chinese."""

from collections.abc import Callable, Mapping

from callout.domain.alert import Alert
from callout.domain.alert_kind import alert_kind
from callout.domain.foresight import Ruling
from callout.domain.instant import Instant, beijing
from callout.domain.level import Level
from callout.domain.rule import Condition

_AWAY = "只管别的乡镇"
_REPLACED = "在这些乡镇由乡镇方案代替"


def _not_hazard(value: str, alert: Alert) -> str:
    return f"灾种{alert.info.hazard or '不明'}不在{value.replace(',', '、')}之内"


def _not_level(value: str, alert: Alert) -> str:
    return f"级别{level_name(alert)}不是{Level(value).zh}"


def _not_at_least(value: str, alert: Alert) -> str:
    return f"级别{level_name(alert)}不到{Level(value).zh}"


def _not_issued(value: str, alert: Alert) -> str:
    return f"{beijing(alert.sent, '%H:%M')} 发布，不在 {value} 之内"


def _not_season(value: str, alert: Alert) -> str:
    return f"{beijing(alert.sent, '%m-%d')} 发布，不在 {value.replace('..', ' 至 ')} 之内"


def _not_kind(value: str, alert: Alert) -> str:
    return f"来文是{alert_kind(alert.info.headline)}，不是{value}"


def _not_words(value: str, _alert: Alert) -> str:
    return f"标题里没有{value.replace(',', '、')}"


def _not_place(value: str, _alert: Alert) -> str:
    return f"来文点了别的地点，没有点{value.replace(',', '、')}"


def _not_beside(value: str, _alert: Alert) -> str:
    hazards, levels = value.split("|")
    colours = "、".join(Level(level).zh for level in levels.split(","))
    return f"当地没有同时生效的{hazards.replace(',', '、')}预警（{colours}）"


def _not_observed(value: str, _alert: Alert) -> str:
    reading, _, least = value.partition(">=")
    return f"当地{reading}不到 {least}，或没有读数"


_FAILED: Mapping[str, Callable[[str, Alert], str]] = {
    "hazard": _not_hazard,
    "level": _not_level,
    "level_at_least": _not_at_least,
    "issued": _not_issued,
    "season": _not_season,
    "kind": _not_kind,
    "words": _not_words,
    "place": _not_place,
    "beside": _not_beside,
    "observed": _not_observed,
}
"""Condition kind → why it does not hold."""


def why_not(ruling: Ruling, alert: Alert, expires: Instant | None) -> tuple[str, ...]:
    """Why the rule asks nothing on arrival; empty where it does. `expires`: until when the alert is in force."""
    failed = tuple(_failed(condition, alert) for condition in ruling.failed)
    if failed or not ruling.areas:
        return failed or ((_REPLACED if ruling.rule.overridden and not ruling.rule.areas else _AWAY),)
    return () if ruling.strikes_at is None else (clock_reason(ruling.strikes_at, expires),)


def why_not_at(ruling: Ruling, area: str, alert: Alert, expires: Instant | None) -> tuple[str, ...]:
    """Why the rule asks nothing in one area on arrival; empty where it does."""
    if area in ruling.rule.overridden:
        return ("本乡镇的方案代替了这条规则",)
    failed = tuple(_failed(condition, alert) for condition in ruling.failed_at(area))
    if failed or ruling.strikes_at is None:
        return failed
    return (clock_reason(ruling.strikes_at, expires),)


def clock_reason(strikes_at: Instant, expires: Instant | None) -> str:
    """When a rule with a clock time asks for the first time, or that the alert is over by then."""
    when = beijing(strikes_at, "%m-%d %H:%M")
    over = expires is not None and strikes_at >= expires
    return f"{when} 到点才叫，那时预警已过有效期" if over else f"{when} 到点才叫，那时预警仍生效的话"


def _failed(condition: Condition, alert: Alert) -> str:
    say = _FAILED.get(condition.kind)
    return say(condition.value, alert) if say else f"条件 {condition.kind} {condition.value} 不成立"


def level_name(alert: Alert) -> str:
    """The level in one character and 色, or that it is unknown."""
    return alert.info.level.zh if alert.info.level else "不明"
