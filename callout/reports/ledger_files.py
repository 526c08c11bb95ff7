"""叫应台账 as files: for whoever takes it away, by command or at the auditor's desk, they are the same."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection

from callout.domain.area import County
from callout.domain.instant import Instant
from callout.ports import Rulebooks
from callout.reports.exporting import Export, Noted
from callout.reports.ledger import ledger, lines_of
from callout.reports.ledger_page import page, volumes
from callout.reports.ledger_scope import NOT_KEPT, NOT_RECORDED, NOT_TOLD, Asked, Shown
from callout.reports.pairs import AlertLine
from callout.reports.paper import pdf
from callout.reports.process import processes
from callout.reports.tables import Table, as_csv, as_json
from callout.store.database import Database


class LedgerForm(StrEnum):
    """Kinds of file."""

    XLSX = "xlsx"
    PDF = "pdf"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Taker:
    """Who takes ledgers away, and what for."""

    name: str
    full: bool = False
    """Everything personal is shown to them."""
    reason: str = ""
    way: str = ""
    """By which way, where it is not the command."""

    @property
    def shown(self) -> Shown:
        """How much of a person they see."""
        return Shown(self.full)

    def export(self, asked: Asked) -> Export:
        """What goes on record."""
        told: dict[str, object] = {"full": asked.shown.full, "reason": self.reason}
        way = {"way": self.way} if self.way else {}
        return Export("ledger", asked.county, self.name, tuple(asked.alerts), told | way)


def one_warning(db: Connection, place: tuple[str, County | None], shown: Shown, alert: int) -> list[Asked]:
    """The ledger of this warning; none where there is no such warning. `place`: its code, and what is known of it."""
    return _asked(place, shown, [[line for line in lines_of(db, place[0]) if line.alert == alert]])


def of_a_period(
    db: Connection, place: tuple[str, County | None], shown: Shown, span: tuple[Instant, Instant]
) -> list[Asked]:
    """A ledger for each weather process that begins in the period."""
    begin, end = span
    return _asked(place, shown, [one.lines for one in processes(lines_of(db, place[0])) if begin <= one.begins < end])


def _asked(place: tuple[str, County | None], shown: Shown, groups: Sequence[Sequence[AlertLine]]) -> list[Asked]:
    code, county = place
    names = {one.key: one.name for one in county.townships} | {county.key: county.name} if county else {}
    name = county.name if county else code
    return [Asked(code, name, group, names, shown) for group in groups if group]


@dataclass(frozen=True, slots=True)
class LedgerMaker:
    """Makes the files of ledgers."""

    database: Database
    rulebooks: Rulebooks
    templates: Path
    taker: Taker

    def files(self, asked: Asked, noted: Noted, forms: Collection[LedgerForm]) -> Iterator[tuple[str, bytes]]:
        """Names and contents, one after the other; `noted`: that it was asked for is on record."""
        about = self.about(asked, noted)
        tables = self.database.read(lambda db: ledger(db, self.rulebooks, asked))
        name, title = asked.file_name, asked.title
        if LedgerForm.XLSX in forms:
            from callout.reports.workbook import workbook  # noqa: PLC0415 - most commands never write one

            yield f"{name}.xlsx", workbook(title, about, tables)
        if LedgerForm.CSV in forms:
            head = Table("说明", ("项目", "内容"), [*about.items()])
            yield from ((f"{name}-{table.title}.csv", as_csv(table)) for table in [head, *tables])
        if LedgerForm.JSON in forms:
            document = {"说明": about, **as_json(tables)}
            yield f"{name}.json", json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
        if LedgerForm.PDF in forms:
            parts = volumes(tables)
            for n, part in enumerate(parts, 1):
                which, suffix = (f"（第 {n} 册，共 {len(parts)} 册）", f"-第{n}册") if len(parts) > 1 else ("", "")
                yield f"{name}{suffix}.pdf", pdf(page(title + which, about, part, self.templates))

    def about(self, asked: Asked, noted: Noted) -> dict[str, str]:
        """What stands at the head of every form of it."""
        full = f"完整，事由：{self.taker.reason}"
        return {
            "内容": asked.title,
            "导出人": self.taker.name,
            "个人信息": full if asked.shown.full else "姓名只留首字，号码只留后四位，不显示回话原文",
            **noted.heads(self.taker.name),
            "怎样核对": "封条以前的记录由它担保，用 callout audit verify 核对；这次导出和各文件的 SHA-256 也在记录里",
            "用词": f"“{NOT_TOLD}”是通道不告诉，“{NOT_KEPT}”是本可知道而没记下；后者和“{NOT_RECORDED}”纸上从略",
        }
