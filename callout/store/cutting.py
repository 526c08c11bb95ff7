"""Cutting old storms out of a database that goes on: only what lies in a verified archive, a small piece at a time.

What is asked of the archive (`kept`) says what may leave; what is asked of the database (`db`) says whether it is
still as it was archived. A piece is one transaction. Whatever ends the work between two pieces, it is begun again and
passes over what has left.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, and_, delete, false, func, or_, select, tuple_

from callout.domain.audit import Position, Seal, leaf_of
from callout.domain.callout import LIVE
from callout.domain.cutting import CUT, Cut, Storm, StormKey, leaves_with_its_storm
from callout.domain.errors import CalloutError
from callout.domain.human_call import HumanCallState
from callout.domain.instant import Instant
from callout.domain.intake import IN_FORCE
from callout.domain.merkle import root_of
from callout.domain.relocation import OPEN as MOVING
from callout.domain.stop_work import OPEN as STANDING
from callout.store import schema
from callout.store.database import Database
from callout.store.schema.columns import real
from callout.store.sealing import entry, leaves_under
from callout.store.transaction import Event, Ledger, Note, told

PIECE = 500
"""Rows or entries that leave in one transaction."""
_A, _AC, _T, _L, _I = schema.audit, schema.alert_county, schema.attempt, schema.attempt_callout, schema.inbound
_ENTRY = "alert_county.cut"
WHOLE = "archive.cut"
"""The last entry of the work: all that was to go into this archive has left."""
TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        schema.rule_match, schema.answer, schema.callout, schema.notice, schema.human_call, schema.stop_word,
        schema.stop_work, schema.feedback_demand, schema.feedback, schema.broadcast, schema.relocation,
        schema.desk_call, _I, _L, _T,
    )
}  # fmt: skip
"""What leaves with its storm, in this order; `alert_county` has left before. The messages themselves stay: by them a
document that comes again is known. So do decisions about 熔断 and their photos."""
_OPEN: tuple[tuple[Table, ColumnElement[bool], str], ...] = (
    (_AC, or_(_AC.c.state.in_(IN_FORCE), _AC.c.strikes_at.is_not(None)), "预警还在生效或等人处理"),
    (schema.callout, schema.callout.c.state.in_(LIVE), "还有没叫完的叫应"),
    (_T, schema.attempt_open, "还有没交出去的短信或电话"),
    (schema.notice, schema.notice_to_send, "还有没发的通知"),
    (schema.human_call, schema.human_call.c.state != HumanCallState.CLOSED, "还有没办结的人工叫应"),
    (schema.stop_work, schema.stop_work.c.state.in_(STANDING), "熔断还没有解除"),
    (schema.relocation, schema.relocation.c.state.in_(MOVING), "转移还没有了结"),
    (schema.feedback, schema.feedback_waiting, "还有等着的反馈"),
    (schema.broadcast, schema.broadcast_waiting, "还有没发的抄送"),
    (schema.desk_call, schema.desk_call_waiting, "还有没接通的转接电话"),
)
Key = tuple[Any, ...]
"""A primary key."""


@dataclass(frozen=True, slots=True)
class Order:
    """By whose order, into which file, and before when a storm must have come to rest."""

    officer: str
    archive: str
    sha256: str
    before: Instant


def storms(kept: Connection) -> list[Storm]:
    """Every real storm of the archive, the oldest first."""
    found: dict[StormKey, list[int]] = {}
    rows = select(_AC.c.county, _AC.c.episode, _AC.c.alert).where(real(_AC.c.county)).order_by(_AC.c.alert)
    for row in kept.execute(rows):
        found.setdefault((row.county, row.episode), []).append(row.alert)
    return [Storm(*key, tuple(alerts)) for key, alerts in found.items()]


def linked(kept: Connection) -> list[tuple[StormKey, StormKey]]:
    """Storms that one text or call spoke for together."""
    its, other = _AC.alias(), _AC.alias()
    rows = (
        select(_T.c.county, its.c.episode, other.c.episode.label("other"))
        .distinct()
        .join(_L, and_(_L.c.county == _T.c.county, _L.c.attempt == _T.c.id, _L.c.alert != _T.c.alert))
        .join(its, and_(its.c.county == _T.c.county, its.c.alert == _T.c.alert))
        .join(other, and_(other.c.county == _T.c.county, other.c.alert == _L.c.alert))
    )
    return [((r.county, r.episode), (r.county, r.other)) for r in kept.execute(rows)]


def begun(db: Connection, storm: Storm) -> bool:
    """Whether it is on record that this storm leaves, and no message of it is left."""
    noted = select(_A.c.id).where(_of(_A, [storm]), _A.c.event == _ENTRY)
    return db.execute(noted.limit(1)).first() is not None and db.execute(_messages(storm).limit(1)).first() is None


def concluded(db: Connection, storm: Storm) -> bool:
    """Whether it is on record that all of a storm that had begun to leave has left."""
    noted = select(_A.c.id, _A.c.ref).where(_of(_A, [storm]), _A.c.event == _ENTRY)
    began = db.execute(noted.order_by(_A.c.id.desc()).limit(1)).one()
    whole = select(_A.c.id).where(_A.c.county == "", _A.c.alert == 0, _A.c.event == WHOLE, _A.c.id > began.id)
    return db.execute(whole.where(_A.c.detail.contains(began.ref)).limit(1)).first() is not None


def held_back(db: Connection, kept: Connection, storm: Storm, now: Instant, before: Instant) -> str:
    """Why it cannot leave, in Chinese; empty where it can: nothing of it is open, and nothing happened since."""
    if {row.alert for row in db.execute(_messages(storm))} != set(storm.alerts):
        return "存档以后又有它的消息，或库里没有它"
    for table, is_open, why in _OPEN:
        if db.execute(select(table.c.county).where(_of(table, [storm]), is_open).limit(1)).first():
            return why
    waiting = select(_I.c.event).join(_T, _T.c.id == _I.c.attempt).where(schema.inbound_pending, _of(_T, [storm]))
    if db.execute(waiting.limit(1)).first():
        return "还有没处理的回话"
    valid = select(_AC.c.alert).where(_of(_AC, [storm]), _AC.c.expires_at > now)
    newest = select(func.max(_A.c.id), func.max(_A.c.at)).where(_of(_A, [storm]))
    (last, at), (archived, _) = db.execute(newest).one(), kept.execute(newest).one()
    if last != archived:
        return "存档以后还有变动，请重新存档"
    return "最近还有动静" if at >= before or db.execute(valid.limit(1)).first() else ""


def _messages(storm: Storm) -> Select[Any]:
    return select(_AC.c.alert).where(_AC.c.county == storm.county, _AC.c.episode == storm.episode)


def _of(table: Table, some: Iterable[Storm]) -> ColumnElement[bool]:
    alerts: dict[str, list[int]] = {}
    for one in some:
        alerts.setdefault(one.county, []).extend(one.alerts)
    return or_(false(), *[and_(table.c.county == county, table.c.alert.in_(its)) for county, its in alerts.items()])


def begin(ledger: Ledger, kept: Connection, storm: Storm, it: Order) -> None:
    """Its messages leave the county, each with an entry: from here on no page and no report counts it.

    Raises CalloutError where it may not leave.
    """
    db = ledger.connection
    db.execute(_messages(storm).with_for_update()).all()
    if why := held_back(db, kept, storm, ledger.at, it.before):
        raise CalloutError(f"{storm.county} 的过程 {storm.episode} 不能移出：{why}")
    going = delete(_AC).where(_of(_AC, [storm])).returning(*told(_AC))
    note = Note(ref=it.sha256, detail=it.archive)
    ledger.record_set(going, Event("cut", it.officer), {(storm.county, alert): note for alert in storm.alerts})


def pieces(kept: Connection, live: Database, leaving: Sequence[Storm]) -> Iterator[tuple[str, list[Key]]]:
    """Table by table the keys of the archive's rows of these storms that the database still has, a piece at a time."""
    for name, table in TABLES.items():
        for some in kept.execute(_rows(table, leaving)).partitions(PIECE):
            keys = [tuple(row) for row in some]
            if there := live.read(partial(_there, table=table, keys=keys)):
                yield name, there


def _rows(table: Table, leaving: Sequence[Storm]) -> Select[Any]:
    query = select(*table.primary_key)
    if table is _I:
        query = query.select_from(_T).join(_I, _I.c.attempt == _T.c.id).where(_of(_T, leaving))
    else:
        query = query.where(_of(table, leaving))
    return query.execution_options(yield_per=PIECE)


def _there(db: Connection, table: Table, keys: Sequence[Key]) -> list[Key]:
    """Those that the database has. What somebody wrote stays until its text is erased: a person may ask for that."""
    query = select(*table.primary_key).where(_keyed(table, keys))
    if table is _I:
        p = schema.personal
        said = select(p.c.commitment).where(p.c.commitment == _I.c.body, p.c.value.is_not(None))
        query = query.where(~said.exists())
    return sorted(tuple(row) for row in db.execute(query))


def _keyed(table: Table, keys: Iterable[Key]) -> ColumnElement[bool]:
    columns: list[Column[Any]] = list(table.primary_key)
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return tuple_(*columns).in_(list(keys))


def cut_rows(db: Connection, kept: Connection, name: str, keys: Sequence[Key]) -> int:
    """Delete rows of storms that have begun to leave, as far as each lies in the archive just so; returns how many."""
    table = TABLES[name]
    query = select(table).where(_keyed(table, keys))
    then = {_key(table, row): tuple(row) for row in kept.execute(query)}
    now = {_key(table, row): row for row in db.execute(query.with_for_update())}
    same = {key: _about(row) for key, row in now.items() if then.get(key) == tuple(row)}
    going = _leaving(db, kept, same)
    return db.execute(delete(table).where(_keyed(table, going))).rowcount if going else 0


def _about(row: Any) -> tuple[str, int, str]:
    """County and alert of a row or an entry, or the attempt that knows them."""
    alert = getattr(row, "alert", 0)
    return (row.county, alert, "") if alert else ("", 0, row.attempt)


def _leaving(db: Connection, kept: Connection, about: Mapping[Any, tuple[str, int, str]]) -> set[Any]:
    """Which of these belong to a warning that has left its county."""
    ids = {attempt for _, _, attempt in about.values() if attempt}
    tried = {r.id: (r.county, r.alert) for r in kept.execute(select(_T).where(_T.c.id.in_(ids)))}
    alerts = {key: tried.get(attempt, ("", 0)) if attempt else (county, alert)
              for key, (county, alert, attempt) in about.items()}  # fmt: skip
    named = {alert for _, alert in alerts.values()}
    stands = {(r.county, r.alert) for r in db.execute(select(_AC.c.county, _AC.c.alert).where(_AC.c.alert.in_(named)))}
    return {key for key, one in alerts.items() if one[1] and one not in stands}


def _key(table: Table, row: Any) -> Key:
    return tuple(row._mapping[column.name] for column in table.primary_key)


def entries(kept: Connection, leaving: Iterable[Storm]) -> Iterator[tuple[Position, int]]:
    """(position, id) of every entry of the archive that goes with one of these storms, in the order of the record."""
    gone = {(storm.county, alert) for storm in leaving for alert in storm.alerts}
    query = (
        select(_A.c.xid, _A.c.id, _A.c.event, _A.c.county, _A.c.alert, _T.c.county.label("of"), _T.c.alert.label("its"))
        .outerjoin(_T, and_(_A.c.alert == 0, _A.c.attempt != "", _T.c.id == _A.c.attempt))
        .order_by(_A.c.xid, _A.c.id)
        .execution_options(yield_per=PIECE)
    )
    for row in kept.execute(query):
        about = (row.county, row.alert) if row.alert else (row.of, row.its)
        if about in gone and leaves_with_its_storm(row.event):
            yield (row.xid, row.id), row.id


def still_there(db: Connection, ids: Sequence[int]) -> list[int]:
    """Those of these entries that the database has."""
    return list(db.execute(select(_A.c.id).where(_A.c.id.in_(ids)).order_by(_A.c.id)).scalars())


def cut_entries(ledger: Ledger, kept: Connection, seal: Seal, ids: Sequence[int], it: Order) -> int:
    """Delete entries under this seal that lie in the archive just so, and note which places they had.

    Their hashes stay. Raises CalloutError where one is not what was sealed.
    """
    db = ledger.connection
    query = select(_A).where(_A.c.id.in_(ids))
    then = {one.id: one for one in map(entry, kept.execute(query))}
    same = {one: _about(one) for one in map(entry, db.execute(query.with_for_update())) if then.get(one.id) == one}
    going = sorted(_leaving(db, kept, same), key=lambda one: one.id)
    leaves = leaves_under(db, seal)
    at = {leaf: place for place, leaf in enumerate(leaves)}
    places = frozenset(at.get(leaf_of(one), -1) for one in going)
    if root_of(leaves).hex() != seal.root or -1 in places:
        raise CalloutError(f"封条{seal.seq}的条目与封存时不符，没有移出；请先用 callout audit verify 查明")
    if not going:
        return 0
    said = Cut(seal.seq, places, it.archive, it.sha256, it.officer, ledger.at)
    ledger.note(Event(CUT, it.officer), detail=said.document())
    db.execute(delete(_A).where(_A.c.id.in_([one.id for one in going])))
    return len(going)
