"""叫应台账: everything on record about some warnings, table by table; what is personal is masked unless asked for."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from callout.domain.alert import CodeSystem
from callout.ports import Rulebooks
from callout.reports import ledger_rows as rows
from callout.reports import words
from callout.reports.gathering import Scope, alert_lines, due_pairs
from callout.reports.ledger_after import after_tables
from callout.reports.ledger_calls import call_tables
from callout.reports.ledger_office import looked_after
from callout.reports.ledger_scope import Asked, at
from callout.reports.pairs import AlertLine, Pair, reason
from callout.reports.tables import Cell, Table

_SYSTEMS = {
    CodeSystem.GB2260: "GB/T 2260", CodeSystem.STATS: "国家统计局", CodeSystem.MCA: "民政部",
    CodeSystem.UNDECLARED: "未注明",
}  # fmt: skip
_RANKS = {6: "区县", 9: "乡镇（街道）", 12: "村（社区）"}
"""Digits of an area code → 层级."""


def lines_of(db: Connection, county: str) -> list[AlertLine]:
    """Every warning of the county."""
    return alert_lines(Scope(db, county))


def ledger(db: Connection, rulebooks: Rulebooks, asked: Asked) -> list[Table]:
    """All tables of one ledger. Whoever was due and has no row stands in it too, as missing."""
    scope = Scope(db, asked.county)
    lines = alert_lines(scope)
    chosen = set(asked.alerts)
    pairs = [p for p in due_pairs(scope, lines, rulebooks) if p.line.alert in chosen]
    posts = rows.posts(db, asked.county, {line.roster for line in asked.lines})
    return [
        _warnings(db, asked),
        _callouts(db, asked, pairs, posts),
        *call_tables(db, asked, posts),
        *after_tables(db, asked, posts),
    ]


def _warnings(db: Connection, asked: Asked) -> Table:
    heads = ("预警", "预警号", "消息类型", "引用", "发布单位", "灾种", "级别", "影响区域", "发布时间", "收到时间",
             "失效时间", "状态", "标题", "预案版本", "名册版本", "运行", "原文SHA-256")  # fmt: skip
    more = rows.alerts(db, asked.county, asked.alerts)
    found: list[tuple[Cell, ...]] = []
    for line in asked.lines:
        m = more[line.alert]
        areas = "、".join(_area(asked.names, area) + _own_level(line, area) for area in sorted(line.areas))
        found.append((
            line.identifier, line.alert, m.msg_type, "、".join(m.references), m.sender, line.hazard or "未定",
            words.LEVELS.get(line.level or "", "未定"), areas, at(line.sent), at(line.received_at), at(line.expires_at),
            words.ALERT_STATES[line.state], line.headline, line.rulebook, line.roster,
            words.RUNS.get(line.run, line.run), m.raw,
        ))  # fmt: skip
    return Table("预警", heads, found)


def _callouts(db: Connection, asked: Asked, pairs: Iterable[Pair], posts: Mapping[rows.PostOf, rows.PostRow]) -> Table:
    heads = ("预警", "岗位号", "岗位", "层级", "区划体系", "区划码", "区划", "包保对象", "责任人", "规则", "状态",
             "起叫", "应答时间", "应答方式", "迟答", "是否叫出", "升级", "未叫通原因", "人工叫应")  # fmt: skip
    rules, charges = rows.rules(db, asked.county, asked.alerts), looked_after(db, asked)
    found: list[tuple[Cell, ...]] = []
    for pair in pairs:
        line, course = pair.line, pair.course
        post = posts.get((line.roster, pair.post), rows.NO_POST)
        system, _, code = pair.area.partition(":")
        own = charges.get((line.alert, pair.post))
        found.append((
            line.identifier, pair.post, post.title, _RANKS.get(len(code), ""), _SYSTEMS.get(CodeSystem(system), system),
            code, _area(asked.names, pair.area), own or charges.get((line.alert, 0), ""), asked.shown.name(post.holder),
            rules.get((line.alert, pair.post)) or rules.get((line.alert, pair.area, post.role), ""),
            words.CALLOUT_STATES[course.state] if course else "缺失：应叫而没有记录",
            at(course.opened_at if course else None), at(course.answered_at if course else None),
            words.GRADES[pair.grade] if pair.grade else "", "是" if course and course.late else "",
            "是" if pair.tries.sent else "结果不明" if pair.tries.unknown else "否",
            "是" if pair.tries.escalated else "", words.REASONS[reason(pair)] if pair.unreachable else "",
            "、".join(words.HUMAN_CALL_KINDS[kind] for kind in sorted(pair.work)),
        ))  # fmt: skip
    return Table("叫应", heads, found)


def _area(names: Mapping[str, str], area: str) -> str:
    return names.get(area, area)


def _own_level(line: AlertLine, area: str) -> str:
    own = line.levels.get(area)
    return f"（{own.zh}）" if own and own is not line.level else ""
