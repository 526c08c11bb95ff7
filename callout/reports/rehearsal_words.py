"""The figures of a rehearsal in words: a median with its range, a time, who was never reached."""

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from callout.domain.length import clock, lasted

Spread = Mapping[str, int | None]
NEVER = "到不了"
PEOPLE = {
    "prompt": "很快应答", "sleeper": "夜里睡着，打电话多半能叫醒", "night_off": "夜里关机", "busy": "第一次打时占线",
    "hasty": "第一次没听完就挂", "slow": "看短信慢，电话隔次才接", "nonsense": "先答非所问", "refuser": "无法到岗",
    "silent": "一直响铃没人接", "dead": "空号",
}  # fmt: skip
"""Kinds of people, by their names in the file of assumptions."""
OUTCOMES = {"reached_by_phone": "电话里本人确认", "door_knock_ordered": "派人上门", "replacement_sent": "另派人到岗"}
"""What comes of an officer's call, by the names in that file."""


def until(seconds: int | None, say: Callable[[int], str] = lasted) -> str:
    """After how long; None is never."""
    return NEVER if seconds is None else say(seconds)


def times(it: Spread) -> str:
    """A median of lengths of time, with its range where there is one."""
    return _ranged(*(until(it[name]) for name in ("median", "low", "high")))


def short_times(it: Spread) -> str:
    """The same where there is little room."""
    return _ranged(*(until(it[name], clock) for name in ("median", "low", "high")))


def counts(it: Spread) -> str:
    """A median of counts, with its range where there is one."""
    return _ranged(*(str(it[name]) for name in ("median", "low", "high")))


def timed(it: Mapping[str, Spread], say: Callable[[Spread], str] = times) -> list[str]:
    """When 50, 90 and 99 % had answered; a dash where nobody was asked."""
    return [say(it[f"t{many}"]) if it["asked"]["high"] else "—" for many in (50, 90, 99)]


def share(it: Mapping[str, Spread]) -> str:
    """应答率 of the medians, rounded down: 100 % is everybody."""
    asked, answered = it["asked"]["median"] or 0, it["answered"]["median"] or 0
    return f"{answered * 1000 // asked / 10:.1f}%" if asked else "—"


def yuan(gateway: Mapping[str, Any]) -> str:
    """What a gateway cost; without a price nobody can say."""
    return counts(gateway["yuan"]) if gateway["fen"] else "没有写价格"


def gateway_words(document: Mapping[str, Any]) -> str:
    """Where limits and prices of the gateways are from, and all limits of each."""
    each = [
        f"{row['name']}：{'、'.join(row['limits']) or '没有已知上限'}，单价 {row['fen']:g} 分"
        for row in document["result"]["gateways"]
    ]
    return f"通道的上限和价格来自{document['gateways_from']}。" + "；".join(each) + "。"


def ranged(text: str) -> Markup:
    """The same for a page: the range stands below its median."""
    middle, _, rest = text.partition("（")
    return Markup("{}<small>{}</small>").format(middle, f"（{rest}") if rest else Markup("{}").format(middle)


def _ranged(middle: str, low: str, high: str) -> str:
    return middle if low == high else f"{middle}（{low}–{high}）"


def compared(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What two results say about the same things: name, this, that."""
    rows = [("应叫岗次", "due", counts), ("已应", "answered", counts), ("升级到副职或上级", "escalated", counts)]
    rows += [(f"{many}% 已应用时", f"t{many}", times) for many in (50, 90, 99)]
    rows += [("橙红预警 30 分钟未应", "late", counts), ("有叫未应", "unreached", counts)]
    found = [(name, say(one["total"][key]), say(other["total"][key])) for name, key, say in rows]
    human = [("人工叫应（件）", "opened", counts), ("同时未办最多", "most_open", counts)]
    human += [("等人认领，中位", "wait50_s", times), ("等人认领，九成", "wait90_s", times)]
    found += [(name, say(one["human"][key]), say(other["human"][key])) for name, key, say in human]
    found.append(("从未叫通的岗位", str(len(one["never"])), str(len(other["never"]))))
    found.append(("费用（元）", counts(one["yuan"]), counts(other["yuan"])))
    return found
