"""Whether the record is still what it was: the chain of seals, and the personal values behind it."""

import json
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from heapq import merge
from typing import Any

from sqlalchemy import Connection, func, or_, select

from callout.domain.audit import (
    FIRST_SEAL,
    Beside,
    Checkpoint,
    Entry,
    Finding,
    Seal,
    Verdict,
    commitment,
    leaf_of,
    verify,
)
from callout.domain.cutting import CUT, Cut, gone_by_seal, read_cut
from callout.domain.instant import beijing
from callout.reports.stop_photos import check_photos
from callout.store import schema
from callout.store.sealing import entries_under, entry, leaves_under, seals, unsealed

NO_SEAL = 0
"""The seal that a finding names when it is about a personal value or about the record as a whole."""
_SHOWN = 20
"""Characters of a commitment that a finding shows: enough to find the row."""
_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Archive:
    """A file that an archive was written to, open for reading."""

    db: Connection
    sha256: str


def verify_record(db: Connection, checkpoints: Sequence[Checkpoint], archives: Sequence[Archive] = ()) -> Verdict:
    """Check every sealed entry against its seal, the chain, and the checkpoints held outside the database.

    Entries that were moved into an archive are checked there where it is given, else by their hashes alone.
    """
    cuts = cuts_on_record(db)
    gone = gone_by_seal(cuts)

    def entries_of(it: Seal) -> Iterator[Entry]:
        here = entries_under(db, it)
        if not archives or it.seq not in gone:
            return here
        may = {leaf for place, leaf in enumerate(leaves_under(db, it)) if place in gone[it.seq]}
        return _together(here, [(e for e in entries_under(one.db, it) if leaf_of(e) in may) for one in archives])

    beside = Beside(lambda it: leaves_under(db, it), gone)
    verdict = verify(seals(db), entries_of, checkpoints, unsealed(db), beside)
    before = _before_the_record(db)
    notes = (
        *_strange(archives, archives_on_record(db) | {cut.sha256 for cut in cuts}),
        *(_moved(cuts, {a.sha256 for a in archives}) if verdict.cut else ()),
    )
    findings = (*before, *verdict.findings, *_in_archives(archives, checkpoints))
    return replace(verdict, ok=not findings, findings=findings, notes=(*verdict.notes, *notes))


def cuts_on_record(db: Connection) -> list[Cut]:
    """What the entries say has left for an archive."""
    a = schema.audit
    rows = db.execute(select(a).where(a.c.county == "", a.c.alert == 0, a.c.event == CUT).order_by(a.c.id))
    return [cut for row in rows if (cut := read_cut(entry(row)))]


def archives_on_record(db: Connection) -> set[str]:
    """The SHA-256 of every archive that was written of this database."""
    a = schema.audit
    told = db.execute(select(a.c.detail).where(a.c.county == "", a.c.alert == 0, a.c.event == "archive.written"))
    return {str(digest) for detail in told.scalars() for digest in json.loads(detail)["files"].values()}


def _together(here: Iterator[Entry], kept: Sequence[Iterator[Entry]]) -> Iterator[Entry]:
    """All of them in order; where one is in the database and in an archive, the database's."""
    last = None
    for one in merge(here, *kept, key=lambda each: each.position):
        if one.position != last:
            yield one
        last = one.position


def _in_archives(archives: Sequence[Archive], checkpoints: Sequence[Checkpoint]) -> Iterator[Finding]:
    """What is wrong with the record of an archive itself."""
    for one in archives:
        chain = seals(one.db)
        held = [each for each in checkpoints if chain and each.seq <= chain[-1].seq]
        for finding in verify_record(one.db, held).findings:
            yield replace(finding, text=f"存档（SHA-256 {one.sha256[:_SHOWN]}…）：{finding.text}")


def _moved(cuts: Sequence[Cut], given: set[str]) -> Iterator[str]:
    """What is not here, and where it lies."""
    for digest in dict.fromkeys(cut.sha256 for cut in cuts if cut.sha256 not in given):
        those = [cut for cut in cuts if cut.sha256 == digest]
        count, span = sum(len(cut.places) for cut in those), _span(those)
        yield (
            f"{span}有{count}条已移入存档 {those[0].archive}（SHA-256 {digest}；{those[0].officer}，"
            f"{beijing(those[0].at)}）：这里只凭叶值与封条核对，内容请加 --archive 核对。"
        )


def _span(cuts: Sequence[Cut]) -> str:
    first, last = min(cut.seal for cut in cuts), max(cut.seal for cut in cuts)
    return f"封条{first}" if first == last else f"封条{first}至{last}"


def _strange(archives: Sequence[Archive], known: Set[str]) -> Iterator[str]:
    for one in archives:
        if one.sha256 not in known:
            yield f"给出的存档（SHA-256 {one.sha256}）与记录里写的不同，可能依规删除过个人信息；条目仍逐条与封条核对。"


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
