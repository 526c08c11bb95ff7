"""What a ledger says beside calling: whom a post looks after, what really happened (险情), and the duty log."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from callout.domain.answer import Grade
from callout.domain.attempt import without_numbers
from callout.domain.human_call import HumanCallKind
from callout.domain.instant import HOUR, Instant, later
from callout.domain.journal import EntryKind
from callout.reports.ledger_scope import NOT_KEPT, Asked, at
from callout.reports.pairs import AlertLine
from callout.reports.process import ends
from callout.reports.tables import Cell, Table
from callout.store import schema

_AFTER = 6 * HOUR
"""What happens so soon after the end of a warning still belongs to it."""


def looked_after(db: Connection, asked: Asked) -> Mapping[tuple[int, int], str]:
    """包保对象 by (alert, post), from the 转移台账 in force when the warning came; (alert, 0) where there was none."""
    v, s, x = schema.relocation_version, schema.relocation_site, schema.personal
    versions = list(db.execute(select(v).where(v.c.county == asked.county).order_by(v.c.loaded_at.desc())))
    in_force = {
        line.alert: next((r.version for r in versions if r.loaded_at <= (line.received_at or line.sent)), "")
        for line in asked.lines
    }
    query = (
        select(s, x.c.value.label("named"))
        .outerjoin(x, x.c.commitment == s.c.name)
        .where(s.c.county == asked.county, s.c.version.in_(sorted(set(in_force.values()))))
        .order_by(s.c.ord)
    )
    sites: defaultdict[tuple[str, int], list[Any]] = defaultdict(list)
    for row in db.execute(query):
        for post in {row.organizer, row.keeper} - {0}:
            sites[row.version, post].append(row)
    found = {(alert, 0): NOT_KEPT for alert, version in in_force.items() if not version}
    for alert, version in in_force.items():
        found |= {(alert, post): _sites(some, asked) for (of, post), some in sites.items() if of == version}
    return found


def _sites(rows: Sequence[Any], asked: Asked) -> str:
    """How many of each kind, of how many people; their names only where everything is shown."""
    kinds: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        kinds[row.kind].append(row)
    return "；".join(_kind(kind, some, asked) for kind, some in kinds.items())


def _kind(kind: str, rows: Sequence[Any], asked: Asked) -> str:
    immobile = sum(row.immobile for row in rows)
    names = f"（{'、'.join(asked.shown.name(row.named) for row in rows)}）" if asked.shown.full else ""
    unable = f"，行动不便 {immobile} 人" if immobile else ""
    return f"{kind}{names} {len(rows)} 处 {sum(row.people for row in rows)} 人{unable}"


def office_tables(db: Connection, asked: Asked, titles: Mapping[int, str]) -> list[Table]:
    """险情 and the duty log."""
    happened = sorted([*_entered(db, asked), *_told(db, asked, titles)], key=lambda row: str(row[1]))
    heads = ("预警", "时间", "区划", "岗位", "灾种", "内容", "来源", "报送人", "处理")
    return [Table("险情", heads, happened), _journal(db, asked)]


def _entered(db: Connection, asked: Asked) -> Iterator[tuple[Cell, ...]]:
    """What officers entered as having happened."""
    i = schema.incident
    begins, end = min(line.sent for line in asked.lines), max(ends(line) for line in asked.lines)
    inside = and_(i.c.at >= begins, i.c.at <= later(end, _AFTER))
    for row in db.execute(select(i).where(i.c.county == asked.county, inside).order_by(i.c.at)):
        of = _warning_of(asked.lines, row.area, Instant(row.at))
        where = asked.names.get(row.area, row.area)
        yield (of, at(row.at), where, "", row.hazard, without_numbers(row.what), "值班员记下", row.officer,
               f"{at(row.entered_at)} 记下")  # fmt: skip


def _warning_of(lines: Sequence[AlertLine], area: str, when: Instant) -> str:
    """The newest warning that held there then, or shortly before."""
    held = [one for one in lines if area in one.areas and one.sent <= when <= later(ends(one), _AFTER)]
    return held[-1].identifier if held else ""


def _told(db: Connection, asked: Asked, titles: Mapping[int, str]) -> Iterator[tuple[Cell, ...]]:
    """What those called said that was no plain answer: help wanted, an injury, a road that is gone."""
    g, h, p = schema.answer, schema.human_call, schema.personal
    same = and_(h.c.county == g.c.county, h.c.alert == g.c.alert, h.c.post == g.c.post, h.c.about == g.c.ref)
    query = (
        select(g, p.c.value.label("text"), p.c.commitment.label("kept"), h.c.closed_by, h.c.outcome)
        .outerjoin(p, p.c.commitment == g.c.body)
        .outerjoin(h, and_(same, h.c.kind == HumanCallKind.ASKED.value))
        .where(g.c.county == asked.county, g.c.alert.in_(asked.alerts), g.c.grade == Grade.CONTACT.value)
    )
    for r in db.execute(query):
        said = asked.shown.said(r.text) if r.kept else "需要支援" if r.body == "3" else r.body
        done = "；".join(part for part in (r.closed_by, r.outcome) if part) or "还没有人办结"
        of, post = asked.identifiers.get(r.alert, ""), titles.get(r.post, "")
        yield of, at(r.at), "", post, "", said, "回话", "本岗位手机", done


def _journal(db: Connection, asked: Asked) -> Table:
    """Entries about these warnings, and all that were written while they held."""
    j, p = schema.journal, schema.personal
    begins, end = min(line.sent for line in asked.lines), max(ends(line) for line in asked.lines)
    query = (
        select(j, p.c.value)
        .outerjoin(p, p.c.commitment == j.c.attendees)
        .where(j.c.county == asked.county, or_(j.c.alert.in_(asked.alerts), and_(j.c.at >= begins, j.c.at <= end)))
        .order_by(j.c.at, j.c.id)
    )
    found: list[tuple[Cell, ...]] = [
        (at(r.at), EntryKind(r.kind).zh, asked.identifiers.get(r.alert, ""), without_numbers(r.text),
         asked.shown.people(r.value) if r.attendees else "", r.ref, r.officer, at(r.entered_at))
        for r in db.execute(query)
    ]  # fmt: skip
    return Table("值班日志", ("时间", "类别", "预警", "内容", "参加", "文号", "记录人", "写入时间"), found)
