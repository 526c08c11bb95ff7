"""Whether the record is still what it was: the chain of seals, the values behind it, and the copies of seals."""

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, or_, select

from callout.domain.audit import FIRST_SEAL, Checkpoint, Finding, Seal, Verdict, commitment, verify
from callout.domain.errors import CalloutError
from callout.domain.instant import Instant
from callout.store import schema
from callout.store.sealing import entries_under, seals, unsealed

NO_SEAL = 0
"""The seal that a finding names when it is about a personal value or about the record as a whole."""
_SHOWN = 20
"""Characters of a commitment that a finding shows: enough to find the row."""
_BATCH = 5_000


class CheckpointError(CalloutError):
    """A file of checkpoints that was damaged; the text names file, line and mend."""


@dataclass(frozen=True, slots=True)
class HeldSeal:
    """A seal's number and hash as they were when the copy was taken; a `Checkpoint`."""

    seq: int
    hash: str
    at: Instant


def verify_record(db: Connection, checkpoints: Sequence[Checkpoint]) -> Verdict:
    """Check every sealed entry against its seal, the chain, and the checkpoints held outside the database."""
    verdict = verify(seals(db), lambda it: entries_under(db, it), checkpoints, unsealed(db))
    before = _before_the_record(db)
    return replace(verdict, ok=verdict.ok and not before, findings=(*before, *verdict.findings))


def _before_the_record(db: Connection) -> tuple[Finding, ...]:
    """Entries with negative numbers would stand before the first seal, where no seal looks; callout never gives any."""
    a = schema.audit
    count = db.execute(select(func.count()).select_from(a).where(or_(a.c.xid < 0, a.c.id < 0))).scalar_one()
    return (Finding(FIRST_SEAL, f"封条{FIRST_SEAL}之前多出{count}条编号为负的条目：事后插入。"),) if count else ()


def check_commitments(db: Connection) -> list[Finding]:
    """Personal rows whose salt and value no longer give the commitment, and commitments whose row is gone.

    A row that was emptied is an erasure and no finding; see `erased`.
    """
    p = schema.personal
    rows = db.execute(select(p).where(p.c.value.is_not(None)).execution_options(yield_per=_BATCH))
    found = [Finding(NO_SEAL, text) for row in rows if (text := _mismatch(row))]
    return found + _without_row(db)


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


def append_checkpoint(path: Path, seal: Seal) -> None:
    """Add the seal to the file of checkpoints; durable when this returns. The file is only ever appended to."""
    fresh = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"seq": seal.seq, "hash": seal.hash, "at": seal.at}) + "\n"
    with path.open("ab") as file:
        # What a crash left unfinished stays as a line of its own: the file may lie where nothing can be cut off.
        file.write((b"\n" if _torn(path) else b"") + line.encode())
        file.flush()
        os.fsync(file.fileno())
    if fresh:
        _sync_folder(path.parent)


def _torn(path: Path) -> bool:
    if path.stat().st_size == 0:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() != b"\n"


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_checkpoints(path: Path) -> list[HeldSeal]:
    """The checkpoints in the file, none where it does not exist. Lines that a crash tore are left out.

    Raises CheckpointError for a complete line that is no checkpoint: such a line was damaged or edited.
    """
    if not path.exists():
        return []
    lines = enumerate(path.read_bytes().split(b"\n"), 1)
    return [_held(path.name, number, line) for number, line in lines if line.endswith(b"}")]


def _held(name: str, number: int, line: bytes) -> HeldSeal:
    try:
        doc = json.loads(line)
        held = HeldSeal(doc["seq"], doc["hash"], Instant(doc["at"]))
    except (ValueError, KeyError, TypeError):
        held = HeldSeal(0, "", Instant(0))
    numbers = type(held.seq) is int and held.seq >= FIRST_SEAL and type(held.at) is int
    if numbers and isinstance(held.hash, str) and re.fullmatch("[0-9a-f]{64}", held.hash):
        return held
    raise CheckpointError(f"{name} 第 {number} 行不是有效的封条存证；请换用未损坏的存证副本")
