"""Whether the record is still what it was: the chain of seals, and the personal values behind it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, func, or_, select

from callout.domain.audit import FIRST_SEAL, Checkpoint, Finding, Verdict, commitment, verify
from callout.reports.stop_photos import check_photos
from callout.store import schema
from callout.store.sealing import entries_under, leaves_under, seals, unsealed

NO_SEAL = 0
"""The seal that a finding names when it is about a personal value or about the record as a whole."""
_SHOWN = 20
"""Characters of a commitment that a finding shows: enough to find the row."""
_BATCH = 5_000


def verify_record(db: Connection, checkpoints: Sequence[Checkpoint]) -> Verdict:
    """Check every sealed entry against its seal, the chain, and the checkpoints held outside the database."""
    verdict = verify(
        seals(db), lambda it: entries_under(db, it), checkpoints, unsealed(db), lambda it: leaves_under(db, it)
    )
    before = _before_the_record(db)
    return replace(verdict, ok=verdict.ok and not before, findings=(*before, *verdict.findings))


def _before_the_record(db: Connection) -> tuple[Finding, ...]:
    """Entries with negative numbers would stand before the first seal, where no seal looks; callout never gives any."""
    a = schema.audit
    count = db.execute(select(func.count()).select_from(a).where(or_(a.c.xid < 0, a.c.id < 0))).scalar_one()
    return (Finding(FIRST_SEAL, f"封条{FIRST_SEAL}之前多出{count}条编号为负的条目：事后插入。"),) if count else ()


def check_commitments(db: Connection) -> list[Finding]:
    """Personal rows whose salt and value no longer give the commitment, commitments whose row is gone; so for photos.

    A row that was emptied is an erasure and no finding; see `erased`.
    """
    p = schema.personal
    rows = db.execute(select(p).where(p.c.value.is_not(None)).execution_options(yield_per=_BATCH))
    found = [Finding(NO_SEAL, text) for row in rows if (text := _mismatch(row))]
    return found + _without_row(db) + [Finding(NO_SEAL, text) for text in check_photos(db)]


def _mismatch(row: Any) -> str:
    name = f"个人信息 {row.commitment[:_SHOWN]}…（{row.kind}）"
    if row.salt is None:
        return f"{name}缺少盐值：内容无法核对。"
    same = commitment(bytes(row.salt), row.value) == row.commitment
    return "" if same else f"{name}与校验值不符：内容或盐值被改动。"


def _without_row(db: Connection) -> list[Finding]:
    """Erasing empties a row and keeps it; a row that is gone was deleted, or exchanged for another value."""
    a, p = schema.audit, schema.personal
    gone = ~select(p.c.commitment).where(p.c.commitment == a.c.commitment).exists()
    rows = db.execute(
        select(a.c.commitment, func.min(a.c.id).label("first"))
        .where(a.c.commitment != "", gone)
        .group_by(a.c.commitment)
        .order_by("first")
    )
    return [
        Finding(NO_SEAL, f"条目{r.first}引用的个人信息 {r.commitment[:_SHOWN]}…不在库中：被整行删除或替换。")
        for r in rows
    ]


def erased(db: Connection) -> int:
    """How many personal values were erased; their commitments stay and prove nothing any more."""
    p = schema.personal
    return db.execute(select(func.count()).select_from(p).where(p.c.value.is_(None))).scalar_one()
