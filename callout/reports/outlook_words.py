"""A forecast in Chinese, for a terminal of eighty columns and for programs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from callout.domain.alert import Alert
from callout.domain.human_call import HumanCallKind
from callout.domain.instant import MINUTE, Instant, Millis, beijing
from callout.domain.intake import AlertState
from callout.domain.ladder import ChannelKind, Ladder, is_night
from callout.domain.length import expected
from callout.reports.finish import NO_RATES, Rates, finish, finish_lines
from callout.reports.outlook import Called, Forecast, Rung
from callout.reports.reasons import clock_reason, why_not
from callout.reports.words import CHANNELS, HUMAN_CALL_KINDS, TARGETS, warning_name

Doc = dict[str, Any]
_WIDTH = 76
_FEW = 6


def as_document(alert: Alert, seen: Forecast) -> Doc:
    """The forecast for programs: everything, each rule with the reason why it does not apply."""
    document: Doc = asdict(seen) | {
        "rulings": [
            {
                "rule": ruling.rule.id,
                "plan": ruling.rule.plan,
                "applies": ruling.applies,
                "why_not": list(why_not(ruling, alert, seen.expires)),
                "strikes_at": ruling.strikes_at,
                "areas": sorted(ruling.areas),
            }
            for ruling in seen.rulings
        ]
    }
    return document


def alert_lines(alert: Alert) -> Iterator[str]:
    """What was read."""
    info = alert.info
    what = f"{warning_name(info.hazard, info.level)}预警（{alert.msg_type}，{alert.status}）"
    yield f"{what}  {info.headline or info.event}"
    until = f"有效至 {beijing(info.expires, '%m-%d %H:%M')}" if info.expires else "来文没有写失效时间"
    yield f"编号 {alert.identifier}  {beijing(alert.sent, '%Y-%m-%d %H:%M')} 发布，{until}"


def summary_lines(
    alert: Alert, seen: Forecast, ladders: Mapping[str, Ladder], now: Instant, rates: Rates = NO_RATES
) -> Iterator[str]:
    """Everything that fits a terminal: who by ladder and township, words, when, rules, human work, 熔断."""
    whole = "、".join(seen.areas) if len(seen.areas) <= _FEW else f"{len(seen.areas)} 个乡镇"
    yield f"【{seen.county}】涉及 {whole or '区级'}；规则 {seen.rulebook[:12]}，名册 {seen.roster or '无'}"
    yield from (f"  推定：{mark}" for mark in seen.marks)
    yield from (f"  {line}" for line in seen.earlier)
    yield from _by_ladder(seen, ladders, now)
    yield from _words(seen)
    yield from (f"    {line}" for line in finish_lines(finish(seen, rates, now)))
    yield from _rules(alert, seen)
    yield from _clock(seen)
    yield from _asks(seen)
    yield from _stops(seen)
    yield from _feedback(seen)
    yield conclusion(seen)


def conclusion(seen: Forecast) -> str:
    """The one sentence that matters."""
    if seen.state is AlertState.NOT_ACTUAL:
        return "结论：不是实战消息，只留存，不会叫任何人"
    if seen.state is AlertState.HELD:
        return "结论：转人工，不会自动叫任何人；值班室没有人认领时会被叫"
    if seen.lifts:
        return "结论：解除消息，不叫任何人"
    if not seen.roster:
        return f"结论：规则要叫 {len(seen.demands)} 处岗位；没有名册，说不出是谁"
    silent = sum(1 for each in seen.called if each.unusable)
    also = f"，其中 {silent} 个本人叫不到，同时转人工" if silent else ""
    if seen.confirm_by is not None:
        until = beijing(seen.confirm_by, "%H:%M")
        return f"结论：等值班人员确认，到 {until} 无人确认即自动叫 {len(seen.called)} 个岗位{also}"
    return f"结论：立即叫 {len(seen.called)} 个岗位{also}"


def _by_ladder(seen: Forecast, ladders: Mapping[str, Ladder], now: Instant) -> Iterator[str]:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for each in seen.called:
        counts[each.ladder][each.area] += 1
    if not seen.roster:
        for demand in seen.demands:
            counts[demand.ladder][demand.area] += 1
    order = sorted(counts, key=lambda name: -ladders[name].strictness)
    for name in order:
        unit = "岗" if seen.roster else "种角色"
        yield f"阶梯 {name}：{counts[name].total()} {unit}"
        yield from packed_lines(f"{area} {many}" for area, many in counts[name].items())
        yield "    " + "；".join(_steps(ladders[name], now))


def _steps(ladder: Ladder, now: Instant) -> Iterator[str]:
    at: Millis = 0
    for step in ladder.steps:
        channel = step.channel(Instant(now + at))
        number = f"号码{step.number}"
        yield f"{_after(at)} {TARGETS[step.target]}{number}{CHANNELS[channel]}"
        at += step.wait


def _after(span: Millis) -> str:
    return f"+{expected(span)}" if span else "立即"


def _words(seen: Forecast) -> Iterator[str]:
    first = [each.rungs[0] for each in seen.called if each.rungs]
    if not first:
        return
    kinds = Counter(rung.channel for rung in first)
    ways = "首叫 " + "、".join(f"{CHANNELS[kind]} {many} 岗" for kind, many in kinds.most_common())
    texts = [rung for each in seen.called for rung in each.rungs if rung.channel is ChannelKind.SMS]
    if texts:
        costs = Counter(rung.sms_parts for rung in texts)
        counted = "、".join(f"{cost} 段 {many} 条" for cost, many in sorted(costs.items()))
        yield f"{ways}；短信最多 {len(texts)} 条（{counted}），例如："
        yield f"    {_opening(texts[0].text)}"
    else:
        yield f"{ways}，例如：{_opening(first[0].text)}"


def _opening(text: str) -> str:
    """Two lines of it; the whole words are shown post by post."""
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 12]}……（全文见 --post）"


def _rules(alert: Alert, seen: Forecast) -> Iterator[str]:
    plans: defaultdict[str, list[str]] = defaultdict(list)
    for ruling in seen.rulings:
        if ruling.applies:
            plans[ruling.rule.plan].append(ruling.rule.id.partition("/")[2])
    alike: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for plan, rules in plans.items():
        alike[tuple(rules)].append(plan)
    applied = sum(map(len, plans.values()))
    reasons = Counter(why_not(r, alert, seen.expires)[0] for r in seen.rulings if not r.holds)
    others = "、".join(f"{reason} {many} 条" for reason, many in reasons.most_common(_FEW))
    yield f"规则 {len(seen.rulings)} 条，适用 {applied} 条" + (f"；不适用：{others}" if others else "")
    for names, among in alike.items():
        where = "、".join(among) if len(among) <= 2 else f"{among[0]} 等 {len(among)} 个方案"  # noqa: PLR2004
        yield f"    {where}：{'、'.join(names)}"


def _clock(seen: Forecast) -> Iterator[str]:
    """Rules that ask at their time and not now."""
    waiting: defaultdict[Instant, list[str]] = defaultdict(list)
    for ruling in seen.rulings:
        if ruling.holds and ruling.strikes_at is not None:
            waiting[ruling.strikes_at].append(ruling.rule.id)
    for at, names in sorted(waiting.items()):
        more = f" 等 {len(names)} 条" if len(names) > 2 else ""  # noqa: PLR2004
        yield f"{clock_reason(at, seen.expires)}：{'、'.join(names[:2])}{more}"


def rule_lines(alert: Alert, seen: Forecast) -> Iterator[str]:
    """Every rule, whether it applies, and if not which condition fails."""
    for ruling in seen.rulings:
        why = "；".join(why_not(ruling, alert, seen.expires))
        yield f"{'不适用' if why else '适用  '} {ruling.rule.id}" + (f"：{why}" if why else "")


def _asks(seen: Forecast) -> Iterator[str]:
    general = [ask for ask in seen.asks if ask.note or not ask.about]
    for ask in general:
        yield f"转人工〔{HUMAN_CALL_KINDS[ask.kind]}〕{ask.note}"
    about: defaultdict[HumanCallKind, list[str]] = defaultdict(list)
    for ask in seen.asks:
        if ask not in general:
            about[ask.kind].append(ask.about)
    for kind, names in about.items():
        more = f" 等 {len(names)} 处" if len(names) > 2 else ""  # noqa: PLR2004
        yield f"转人工〔{HUMAN_CALL_KINDS[kind]}〕{'、'.join(names[:2])}{more}"
    empty = _empty(seen)
    if empty:
        yield f"规则要叫而名册没有的岗位 {len(empty)} 处：{'、'.join(empty[:3])}" + ("……" if len(empty) > 3 else "")  # noqa: PLR2004


def _empty(seen: Forecast) -> list[str]:
    """Roles that nobody has: in a township whose own plan calls them, or anywhere where a rule for all calls them."""
    local = {ruling.rule.id for ruling in seen.rulings if ruling.rule.areas}
    there = {d.role for d in seen.demands if d.posts}
    nobody = [d for d in seen.demands if d.posts == 0]
    general = {d.role for d in nobody if not local & set(d.rules)}
    return [*(f"{d.area} {d.role}" for d in nobody if local & set(d.rules)), *sorted(general - there)]


def _stops(seen: Forecast) -> Iterator[str]:
    codes: defaultdict[str, list[int | None]] = defaultdict(list)
    for stop in seen.stops:
        codes[stop.code].append(stop.objects)
    if codes:
        each = (f"{code} {len(many)} 处" + (f"（{sum(filter(None, many))} 个对象）" if seen.roster else "")
                for code, many in codes.items())  # fmt: skip
        yield "建议熔断（须由人决定）：" + "、".join(each)


def _feedback(seen: Forecast) -> Iterator[str]:
    """What is owed after an answer, by kind and time."""
    owed: defaultdict[tuple[str, Millis], int] = defaultdict(int)
    for one in seen.feedback:
        owed[one.kind, one.within] += 1 if one.posts is None else one.posts
    if owed:
        unit = "岗" if seen.roster else "种角色"
        yield "应答后要反馈：" + "、".join(
            f"{kind} {many} {unit}（{within // MINUTE} 分钟内）" for (kind, within), many in owed.items()
        )


def called_lines(called: Iterable[Called], start: Instant) -> Iterator[str]:
    """Posts with every step: when, whom, on which number, how, and in which words."""
    for each in called:
        yield f"{each.post} {each.title}（{each.area}，{each.role}）{each.holder or '空缺'}  阶梯 {each.ladder}"
        yield f"  规则：{'、'.join(each.rules)}"
        said: dict[str, int] = {}
        for nth, rung in enumerate(each.rungs, 1):
            yield f"  {nth} {_after(rung.at - start)} {_rung(rung)}" + _wording(rung, nth, said)
        if each.owes:
            yield "  应答后要反馈：" + "、".join(f"{owed.kind}（{owed.within // MINUTE} 分钟内）" for owed in each.owes)
        if not each.rungs:
            yield "  一步也走不通：没有能用的号码，直接转人工"


def _rung(rung: Rung) -> str:
    night = "夜间" if is_night(rung.at) else ""
    line = "固话" if rung.landline else ""
    return f"{TARGETS[rung.target]} {rung.person} {line}{rung.number} {night}{CHANNELS[rung.channel]}"


def _wording(rung: Rung, nth: int, said: dict[str, int]) -> str:
    if rung.text in said:
        return f"，文字同第 {said[rung.text]} 步"
    said[rung.text] = nth
    costs = f"，{rung.sms_parts} 段" if rung.sms_parts else ""
    return f"{costs}：{rung.text}"


def packed_lines(words: Iterable[str]) -> Iterator[str]:
    """As many words on a line as a terminal of eighty columns holds."""
    line = ""
    for word in words:
        if line and _cells(line) + _cells(word) + 2 > _WIDTH:
            yield f"    {line}"
            line = ""
        line = f"{line}  {word}" if line else word
    if line:
        yield f"    {line}"


def _cells(text: str) -> int:
    return sum(2 if ord(char) > 0x2E7F else 1 for char in text)  # noqa: PLR2004 - CJK and its punctuation are wide
