"""The call sheet: everybody about an alert who has not answered, with numbers, for the night without a network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, select

from callout.domain.callout import CalloutState, level_of
from callout.domain.instant import Instant, beijing
from callout.domain.level import Level
from callout.domain.moves import PostView
from callout.domain.user import Scope
from callout.reports.desk_list import within
from callout.reports.paper import FONTS, wording
from callout.reports.words import RUNS
from callout.store import schema

UNANSWERED = (CalloutState.TO_CALL, CalloutState.WAITING, CalloutState.EXHAUSTED, CalloutState.EXPIRED_UNANSWERED)


@dataclass(frozen=True, slots=True)
class Head:
    """The alert that a sheet is about."""

    county: str
    county_name: str
    alert: int
    hazard: str
    level: Level | None
    headline: str
    sent: Instant
    expires_at: Instant | None
    instruction: str
    run: str


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One post to be called by hand."""

    post: int
    area: str
    title: str
    level: Level
    measure: str
    name: str = ""
    numbers: tuple[str, ...] = ()


def head(db: Connection, county: str, alert: int) -> Head | None:
    """What is to be said about an alert in a county."""
    a, ac, k = schema.alert, schema.alert_county, schema.county
    row = db.execute(
        select(a, ac.c.expires_at, ac.c.county, k.c.name)
        .join(ac, ac.c.alert == a.c.id)
        .join(k, k.c.county == ac.c.county)
        .where(a.c.id == alert, ac.c.county == county)
    ).first()
    if row is None:
        return None
    level = Level(row.level) if row.level else None
    return Head(
        row.county,
        row.name,
        row.id,
        row.hazard,
        level,
        row.headline,
        row.sent,
        row.expires_at,
        row.instruction,
        row.run,
    )


def sheet(db: Connection, of: Head, scope: Scope, posts: Sequence[int] | None = None) -> list[SheetLine]:
    """Who has not answered, below this place, most urgent level first, by area; without names and numbers.

    `posts` = only these, whatever they have answered.
    """
    c, d, k, m = schema.callout, schema.duty, schema.county, schema.rule_match
    chosen = c.c.state.in_(UNANSWERED) if posts is None else c.c.post.in_(posts)
    matched = and_(m.c.county == c.c.county, m.c.alert == c.c.alert, m.c.area == d.c.area, m.c.role == d.c.role)
    rows = db.execute(
        select(c.c.post, c.c.lane, d.c.area, d.c.title, m.c.measure)
        .join(k, k.c.county == c.c.county)
        .join(d, and_(d.c.county == c.c.county, d.c.roster == k.c.roster, d.c.post == c.c.post))
        .outerjoin(m, matched)
        .where(c.c.county == of.county, c.c.alert == of.alert, c.c.round == 0, chosen)
        .where(within(scope, c.c.county, d.c.area, d.c.role))
        .order_by(c.c.lane, d.c.area, c.c.post)
    )
    return [_line(row) for row in rows]


def _line(row: Any) -> SheetLine:
    return SheetLine(row.post, row.area, row.title, level_of(row.lane), row.measure or "")


def named(lines: Sequence[SheetLine], county: str, views: Mapping[tuple[str, int], PostView]) -> list[SheetLine]:
    """The lines with who is on each post and their numbers in the clear."""

    def one(line: SheetLine) -> SheetLine:
        view = views.get((county, line.post))
        holder = view.holder if view else None
        numbers = tuple(n.e164 for n in holder.numbers if n.e164) if holder else ()
        return SheetLine(
            line.post, line.area, line.title, line.level, line.measure, holder.name if holder else "", numbers
        )

    return [one(line) for line in lines]


_COLUMNS = (
    ("岗位号", 5), ("乡镇", 8), ("岗位、姓名", 18), ("号码", 16), ("要做什么", 29),
    ("时间", 7), ("结果", 8), ("叫应人", 9),
)  # fmt: skip
"""With their widths in percent."""


@dataclass(frozen=True, slots=True)
class Printed:
    """By whom and when a sheet is printed, and the folder of all wording."""

    by: str
    at: Instant
    templates: Path


def on_paper(of: Head, lines: Sequence[SheetLine], areas: Mapping[str, str], printed: Printed) -> str:
    """The sheet as HTML, made to be printed."""
    mark = "" if of.run == "actual" else f"【{RUNS[of.run]}】"
    level = of.level.zh if of.level else ""
    ends = f"，有效到 {beijing(of.expires_at)}" if of.expires_at else ""
    made = f"{printed.by} {beijing(printed.at)} 打印，未应答 {len(lines)} 岗。"
    said = (
        f"{of.headline}，{beijing(of.sent)} 发布{ends}。{made}",
        f"念：“您好，这里是{of.county_name}应急值班室。{of.hazard}{level}预警。请您马上……听明白了，请回答‘收到’。”"
        "结果写：确认、代答、无人接、拒绝、错号、上门。用完收好，打过的回来录入。",
    )
    title = f"{mark}叫应单：{of.hazard or '预警'}{level}（预警 {of.alert}）"
    return wording(printed.templates).get_template("sheet.html.j2").render(
        title=title, said=said, lines=lines, areas=areas, columns=_COLUMNS, fonts=FONTS
    )  # fmt: skip
