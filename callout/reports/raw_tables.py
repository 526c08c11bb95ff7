"""The tables behind a report as they stand, without anything personal: written into an export, and read back from it.

A report made from an export is made by the same functions over the same rows, so it gives the same figures.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from callout.domain.errors import CalloutError
from callout.reports.course import NO_PRICES
from callout.store import schema
from callout.store.migrate import read_revision

FOLDER = "tables"
ABOUT = "about.json"
_BATCH = 2_000

KEPT: tuple[Table, ...] = (
    schema.county, schema.rulebook_version, schema.ladder, schema.roster_version, schema.duty, schema.responder,
    schema.contact, schema.shift, schema.number, schema.alert, schema.alert_county, schema.alert_reference,
    schema.episode, schema.rule_match, schema.callout, schema.attempt, schema.attempt_callout, schema.answer,
    schema.human_call, schema.stop_work, schema.feedback,
    schema.reading, schema.gauge_alarm, schema.incident,
)  # fmt: skip
"""What reports read. Names, numbers and reply texts lie in `personal`, which is not among them."""
_LEFT_OUT = {
    schema.reading: {"origin": ""}, schema.incident: {"what": "", "officer": ""}, schema.attempt: {"recording": ""},
}  # fmt: skip
"""Who brought or entered something, in which words, and where somebody's voice lies: no report needs it."""
_BY_ALERT = (schema.alert, schema.alert_reference)
"""These have no county of their own."""


def write_tables(
    db: Connection, folder: Path, county: str | None = None, prices: Mapping[str, int] = NO_PRICES
) -> list[Path]:
    """One file for each table, and one that says how far the record reached and how its tables are made."""
    (folder / FOLDER).mkdir(exist_ok=True)
    made = [_write(db, folder / FOLDER, table, county) for table in KEPT]
    reached = db.execute(select(func.max(schema.audit.c.at))).scalar() or 0
    path = folder / FOLDER / ABOUT
    told = {"revision": read_revision(db), "reached": reached, "county": county or "", "prices": dict(prices)}
    path.write_text(json.dumps(told) + "\n", encoding="utf-8")
    return [*made, path]


def _write(db: Connection, folder: Path, table: Table, county: str | None) -> Path:
    path = folder / f"{table.name}.jsonl"
    query = select(table).order_by(*table.primary_key.columns)
    if county is not None and "county" in table.c:
        query = query.where(table.c.county == county)
    if county is not None and table in _BY_ALERT:
        ours = select(schema.alert_county.c.alert).where(schema.alert_county.c.county == county)
        query = query.where(table.c["id" if table is schema.alert else "alert"].in_(ours))
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in db.execute(query, execution_options={"yield_per": _BATCH}).mappings():
            file.write(
                json.dumps({**row, **_LEFT_OUT.get(table, {})}, ensure_ascii=False, separators=(",", ":")) + "\n"
            )
    return path


def about_tables(folder: Path) -> dict[str, Any]:
    """What the export says about its tables. Raises CalloutError where it has none."""
    try:
        found = json.loads((folder / FOLDER / ABOUT).read_text(encoding="utf-8"))
        return dict(found)
    except (OSError, ValueError, TypeError):
        raise CalloutError(f"{folder} 里没有出报告要用的表（{FOLDER}/{ABOUT}），请重新导出") from None


def load_tables(db: Connection, folder: Path) -> None:
    """Put the tables of an export into an empty database of the same revision. Raises CalloutError if it is damaged."""
    about = about_tables(folder)
    if about.get("revision") != read_revision(db):
        raise CalloutError(f"导出 {folder} 出自另一个版本的 callout（{about.get('revision')}），请用那个版本出报告")
    try:
        for table in KEPT:
            for batch in _batches(folder / FOLDER / f"{table.name}.jsonl"):
                db.execute(insert(table), batch)
        reached = {"at": int(about["reached"])}
        words = {c.name: "" for c in schema.audit.c if c.name not in ("id", "xid", "at", "alert", "post")}
        db.execute(insert(schema.audit), {"id": 1, "alert": 0, "post": 0, **words, **reached})
    except Exception as error:
        raise CalloutError(f"导出 {folder} 的表读不出来（{type(error).__name__}），请换一份未损坏的导出") from None


def _batches(path: Path) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    with path.open(encoding="utf-8") as file:
        for line in file:
            batch.append(json.loads(line))
            if len(batch) == _BATCH:
                yield batch
                batch = []
    if batch:
        yield batch
