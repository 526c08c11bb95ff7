"""semantics 7, the record: it tells every change, nothing else, and nobody's name; nobody changes it unseen."""

import ast
import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Table, delete, func, insert, select, update

from callout.domain.attempt import recordable
from callout.domain.audit import Seal, Verdict
from callout.domain.callout import CalloutEvent, CalloutState
from callout.domain.instant import later
from callout.pipeline.receive import receive
from callout.ports import Document
from callout.reports.verification import check_commitments, erased, verify_record
from callout.sources.reading import DocumentReader
from callout.store import schema
from callout.store.sealing import seals
from callout.store.transaction import Event, Ledger
from tests.scenarios.conftest import Opener
from tests.scenarios.field import GRID_1, NIGHT, Field, number
from tests.scenarios.night import OFFICER, REPLIES, eventful
from tests.shape import ROOT, modules

A = schema.audit

PLAIN = {
    "stop_photo": "its SHA-256 stands in the entry of its decision",
    "personal": "the erasable side table: the record holds commitments only",
    "raw_document": "kept by its SHA-256, which stands in the entry of its alert",
    "alert_reference": "part of its alert, whose entry holds the digest of the whole message",
    "attempt_callout": "which callouts an attempt speaks for: each of them has its own entry that names the attempt",
    **dict.fromkeys(("responder", "contact", "shift", "duty"), "a row of a roster version, which has an entry"),
    "number": "born with a roster version; what is marked on it later has its entries",
    "seal": "the chain over the record",
    "seal_leaves": "a copy of hashes that a seal holds",
    "audit": "the record itself",
    "engine_beat": "signs of life of engines, thrown away after a day",
}
"""Tables whose new rows have no entry of their own, and why that loses nothing."""

INSERTS = {
    "callout/reports/raw_tables.py": {"insert(table)", "insert(schema.audit)"},  # an export, read into memory
    "callout/store/alerts.py": {"insert(schema.alert_reference)", "insert(schema.raw_document)"},
    "callout/store/answers.py": {"delete(a)"},  # what programs were told, long ago; noted
    "callout/store/archive.py": {"insert(table)", "table.delete()"},  # a copy in a file of its own
    "callout/store/beats.py": {"delete(_B)"},
    "callout/store/cutting.py": {"delete(_AC)", "delete(table)", "delete(_A)"},  # what lies in an archive; noted
    "callout/store/epochs.py": {"insert(schema.epoch)"},
    "callout/store/erasing.py": {"update(_P)"},  # runs through record_set
    "callout/store/hearing.py": {"attach(schema.answer)"},
    "callout/store/inbox.py": {"attach(schema.inbound)", "attach(schema.personal)", "insert(n)"},
    "callout/store/personal.py": {"insert(schema.personal)"},
    "callout/store/photos.py": {"attach(_F)", "update(_F)"},  # the latter runs through record_set
    "callout/store/planning_sql.py": {"schema.callout.insert()"},  # runs through record_opened
    "callout/store/rosters.py": {"insert(table)"},  # responder, contact, shift, duty, number, personal
    "callout/store/sealing.py": {"insert(schema.seal)", "delete(schema.seal_leaves)", "insert(schema.seal_leaves)"},
    "callout/store/sending.py": {"attach(schema.attempt_callout)"},
    "callout/store/shifts.py": {"insert(_X)"},  # the words of a handover, in the erasable table
    "callout/store/turns_sql.py": {"schema.notice.insert()"},  # runs through record_opened
}
WRITE_PATH = "callout/store/transaction.py"
MIGRATING = ("callout/store/migrations/", "callout/store/planner.py")


def writes(tree: ast.AST) -> set[str]:
    """Every place that builds an INSERT, UPDATE or DELETE, or says one in SQL."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="insert" | "update" | "delete")):
                found.add(ast.unparse(node))
            case ast.Call(func=ast.Attribute(attr="insert" | "update" | "delete"), args=[]):
                found.add(ast.unparse(node))
            case ast.Call(func=ast.Attribute(attr="attach"), args=[table, _]):
                found.add(f"attach({ast.unparse(table)})")
            case ast.Constant(value=str(text)) if text.startswith(("INSERT ", "UPDATE ", "DELETE ")):
                found.add(text)
    return found


def test_rows_are_written_by_the_write_path_alone() -> None:
    """record and record_set; the plain inserts are listed, and no other module can change or delete a row."""
    others = [(n, tree) for n, tree in modules("callout") if n != WRITE_PATH and not n.startswith(MIGRATING)]
    assert {name: found for name, tree in others if (found := writes(tree))} == INSERTS


@pytest.mark.parametrize("code", [
    "update(t).values(a=1)", "delete(t)", "t.insert().from_select(a, b)", "schema.x.update()", "run('DELETE FROM x')",
    "ledger.attach(schema.x, rows)",
])  # fmt: skip
def test_a_write_elsewhere_is_seen(code: str) -> None:
    assert writes(ast.parse(code))


def test_the_record_tells_every_change_of_a_night(open_county: Opener) -> None:
    """A row's revision grows by one with each change: entries and changes are counted against each other.

    A row that the entry of another row tells in full needs none of its own: such rows are found by what it says.
    """
    field = open_county(NIGHT)
    eventful(field)
    entries = Counter(r.event.partition(".")[0] for r in field.rows(select(A.c.event)))
    elsewhere = told_elsewhere(field)
    told = {table.name: changes(field, table) - elsewhere[table.name] for table in schema.metadata.sorted_tables}
    assert min(elsewhere["inbound"], elsewhere["answer"]) > 2
    assert {name: entries[name] for name in told} == told
    own = {(r.county, r.alert, r.post, r.ref) for r in field.audit("callout.opened")}
    c = schema.callout
    assert own == {(r.county, r.alert, r.post, str(r.round)) for r in field.rows(select(c))}
    assert len(own) == len(field.audit("callout.opened")) > 12
    no_personal_value(field)
    erasing_keeps_the_record_whole(field)


def changes(field: Field, table: Table) -> int:
    """New rows that are noted one by one, and changes of rows."""
    rows = 0 if table.name in PLAIN else field.rows(select(func.count()).select_from(table))[0][0]
    moved = field.rows(select(func.sum(table.c.rev)))[0][0] if "rev" in table.c else 0
    return int(rows) + int(moved or 0)


def told_elsewhere(field: Field) -> Counter[str]:
    """Rows by table that the entry of another row tells: what an event became, and the answer of a callout."""
    answered, heard = field.audit("callout.answered"), [*field.audit("answer.contact"), *field.audit("attempt.receipt")]
    named = {word for e in (*answered, *heard) for word in e.detail.split()}
    given = {(e.county, e.alert, e.post, e.ref, word) for e in answered for word in e.detail.split()}
    events = field.rows(select(schema.inbound.c.event, schema.inbound.c.rev))
    answers = field.rows(select(schema.answer).where(schema.answer.c.actor == "phone"))
    return Counter(
        inbound=sum(row.event in named and row.rev == 0 for row in events),
        answer=sum((r.county, r.alert, r.post, str(r.round), r.ref) in given for r in answers),
    )


def no_personal_value(field: Field) -> None:
    """Every number, name and reply text that is on file, against every word of the record."""
    kinds = {r.value: r.kind for r in field.rows(select(schema.personal))}
    assert set(kinds.values()) == {"name", "number", "reply"}
    assert set(REPLIES) <= set(kinds)
    words = [str(value) for row in field.rows(select(A)) for value in row]
    text = "\n".join(words)
    assert not [value for value in kinds if value in text]
    assert OFFICER in text  # who decided is named: the record of a decision without its maker is none


@pytest.mark.parametrize(("words", "kept"), [
    ("+9995001560000004 barred", "… barred"), ("号码 999 5001-560 004 拒收", "号码 … 拒收"),
    ("isdn(999)500156004", "isdn(…"),
    ("error 30003", "error 30003"), ("HTTP 503", "HTTP 503"), ("", ""), ("x" * 300, "x" * 200),
])  # fmt: skip
def test_a_providers_words_are_kept_without_numbers(words: str, kept: str) -> None:
    assert recordable(words) == kept


def erasing_keeps_the_record_whole(field: Field) -> None:
    x = schema.personal
    mine = x.c.value.in_([number(GRID_1).e164, f"示例·人员{GRID_1}", REPLIES[0]])
    held = chain(field)
    field.app.database.write(lambda db: db.execute(update(x).where(mine).values(value=None, salt=None)))
    assert field.app.database.read(erased) == 3
    assert verdict(field, *held).ok
    assert field.app.database.read(check_commitments) == []
    assert not field.rows(select(x).where(mine))


def chain(field: Field) -> list[Seal]:
    found: list[Seal] = list(field.app.database.read(seals))
    return found


def verdict(field: Field, *held: Seal) -> Verdict:
    found: Verdict = field.app.database.read(lambda db: verify_record(db, held))
    return found


def test_a_lost_race_leaves_no_entry(field: Field) -> None:
    """Two workers saw the same callout; what the second one would have done never happened, and is not told."""
    field.alert()
    seen = field.app.store.write(lambda w: w.sends.due(CalloutState.WAITING, later(field.clock.now(), 10**9), 1))
    first = [(one, one) for one in seen]
    assert len(field.app.store.write(lambda w: w.sends.advance(first, CalloutEvent.SILENT))) == 1
    assert field.app.store.write(lambda w: w.sends.advance(first, CalloutEvent.SILENT)) == set()
    assert len(field.audit("callout.silent")) == 1


def test_a_document_is_kept_without_the_forecasters_name_but_with_the_hash_of_the_original(field: Field) -> None:
    storm = ROOT / "callout" / "rehearsal" / "storms" / "wulong-2026-08" / "03-orange.xml"
    name = "示例·预报员"
    original = storm.read_text(encoding="utf-8").replace("示例（合成）</senderName>", f"{name}</senderName>").encode()
    assert name.encode() in original
    field.app.intake = type(field.app.intake)(
        field.app.intake.store, DocumentReader(), field.app.intake.counties, field.app.intake.run
    )
    receive(field.app.intake, Document("示例.xml", "story", original))
    [kept] = field.rows(select(schema.raw_document))
    assert kept.sha256 == hashlib.sha256(original).hexdigest()
    assert kept.body == original.replace(name.encode(), b"")
    [entry] = field.audit("alert.received")
    assert kept.sha256 in entry.detail
    everything = [str(v) for table in schema.metadata.sorted_tables for row in field.rows(select(table)) for v in row]
    assert not [value for value in everything if name in value]


@pytest.fixture
def sealed(field: Field) -> Field:
    """Three seals over a short story, and a tail that is under none."""
    field.alert()
    field.app.seal()
    field.reply(GRID_1, "在哪里")
    field.reply(GRID_1, "收到")
    field.app.seal()
    field.wait(120)
    field.app.seal()
    field.app.database.write(lambda db: Ledger(db, field.clock.now()).note(Event("示例")))
    return field


def run(field: Field, statement: Any) -> None:
    field.app.database.write(lambda db: db.execute(statement))


def second(field: Field) -> list[Any]:
    """The entries under the second seal."""
    it = chain(field)[1]
    return [r for r in field.rows(select(A).order_by(A.c.xid, A.c.id)) if it.lo <= (r.xid, r.id) <= it.hi]


def change(field: Field) -> None:
    run(field, update(A).where(A.c.id == second(field)[0].id).values(actor="示例·另一人"))


def remove(field: Field) -> None:
    run(field, delete(A).where(A.c.id == second(field)[0].id))


def slip_in(field: Field) -> None:
    xid, entry_id = chain(field)[0].lo
    run(field, insert(A).values(dict(second(field)[0]._mapping) | {"xid": xid, "id": entry_id - 1}))


def reorder(field: Field) -> None:
    """Two entries change places: each stands where the other stood."""
    one, two = second(field)[:2]
    run(field, delete(A).where(A.c.id.in_([one.id, two.id])))
    run(field, insert(A).values(dict(one._mapping) | {"id": two.id, "xid": two.xid}))
    run(field, insert(A).values(dict(two._mapping) | {"id": one.id, "xid": one.xid}))


def rewrite(field: Field) -> None:
    """Somebody with the whole database in hand tells a kinder story from the second seal on, and seals it anew."""
    low = chain(field)[1].lo
    run(field, delete(schema.seal).where(schema.seal.c.seq >= 2))
    run(field, delete(schema.seal_leaves).where(schema.seal_leaves.c.seq >= 2))
    run(field, delete(A).where(A.c.xid >= low[0], A.c.id >= low[1]))
    for _ in range(2):
        field.app.database.write(lambda db: Ledger(db, field.clock.now()).note(Event("示例"), detail="改写"))
        field.app.store.seal()


def cut_off(field: Field) -> None:
    """The newest seal goes, with everything after the one before."""
    newest = chain(field)[-1]
    run(field, delete(schema.seal).where(schema.seal.c.seq == newest.seq))
    run(field, delete(A).where(A.c.xid >= newest.lo[0], A.c.id >= newest.lo[1]))


FOUND: dict[Callable[[Field], None], tuple[int, str]] = {
    change: (2, "至少一条被改动"),
    remove: (2, "有条目被删除"),
    slip_in: (1, "插入"),
    reorder: (2, "至少一条被改动"),
    rewrite: (2, "与存证不符"),
    cut_off: (3, "有存证而库中没有"),
}


@pytest.mark.parametrize("tamper", FOUND, ids=lambda tamper: tamper.__name__)
def test_what_was_done_to_the_record_is_found(sealed: Field, tamper: Callable[[Field], None]) -> None:
    held = chain(sealed)
    assert verdict(sealed, *held).ok
    tamper(sealed)
    found = verdict(sealed, *held)
    seq, says = FOUND[tamper]
    assert not found.ok
    assert any(f.seal in (seq, seq + 1) and says in f.text for f in found.findings), found.findings


def test_it_says_what_it_cannot_vouch_for(sealed: Field) -> None:
    """Without a copy outside, a chain that was rewritten whole looks sound: the verdict says so itself."""
    first = chain(sealed)[:1]
    rewrite(sealed)
    found = verdict(sealed, *first)
    assert (found.ok, found.vouched_to) == (True, 1)
    assert found.notes[0].startswith("库外存证担保到封条1；其后已封存2条")
    assert verdict(sealed).notes[0].startswith("没有可用的库外存证")
