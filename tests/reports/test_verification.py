"""What verification finds in the rows, and what the file of checkpoints survives."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.audit import Checkpoint, Entry, Seal, Verdict, seal
from callout.domain.instant import Instant
from callout.reports import REPORTS
from callout.reports.checkpoints import CheckpointError, HeldSeal, append_checkpoint, read_checkpoints
from callout.reports.verification import check_commitments, erased, verify_record
from callout.store import schema
from callout.store.sealing import seals
from tests.reports.world import T0, World


def recorded(world: World, *, seals: int = 3) -> None:
    """Three entries under each seal."""
    for turn in range(seals):
        for n in range(3):
            world.note(detail=f"详情{n}")
        world.seal(Instant(T0 + turn))


def verdict(world: World, *checkpoints: Checkpoint) -> Verdict:
    found: Verdict = world.database.read(lambda db: verify_record(db, checkpoints))
    return found


def newest(world: World) -> Seal:
    found: Seal = world.database.read(seals)[-1]
    return found


def test_an_untouched_record_is_vouched_for(either: World) -> None:
    recorded(either)
    either.note()
    found = verdict(either, newest(either))
    assert (found.ok, found.findings, found.vouched_to, found.unsealed) == (True, (), 3, 1)


def fifth(world: World) -> int:
    return int(world.run(lambda db: db.execute(schema.audit.select().order_by(schema.audit.c.id)).all()[4].id))


def forge(world: World, **given: Any) -> None:
    row = {
        "county": "",
        "at": T0,
        "event": "x",
        "alert": 0,
        "post": 0,
        "attempt": "",
        "ref": "",
        "before": "",
        "after": "",
        "actor": "",
        "commitment": "",
        "detail": "",
    }
    world.put(schema.audit, **row | given)


def rewritten(world: World) -> None:
    """Delete the newest seal with its entries and seal a kinder story in their place."""
    last = newest(world)
    world.drop(schema.seal, seq=last.seq)
    world.run(lambda db: db.execute(schema.audit.delete().where(schema.audit.c.id >= last.lo[1])))
    for _ in range(3):
        world.note(detail="改写")
    world.seal(Instant(T0 + 2))


@pytest.mark.parametrize(("tamper", "seal_found"), [
    (lambda w: w.change(schema.audit, {"id": fifth(w)}, detail="改过"), 2),
    (lambda w: w.change(schema.audit, {"id": fifth(w)}, at=T0 + 1), 2),
    (lambda w: w.drop(schema.audit, id=fifth(w)), 2),
    (lambda w: forge(w, id=-1, xid=0), 1),
    (lambda w: forge(w, id=0, xid=0), 1),
    (lambda w: forge(w, id=999, xid=-7), 1),
    (lambda w: w.change(schema.seal, {"seq": 2}, count=2), 2),
    (lambda w: w.drop(schema.seal, seq=2), 3),
    (lambda w: w.drop(schema.seal, seq=3), 3),
    (rewritten, 3),
])  # fmt: skip
def test_what_was_done_to_the_record_is_found(world: World, tamper: Callable[[World], None], seal_found: int) -> None:
    recorded(world)
    held = newest(world)
    tamper(world)
    found = verdict(world, held)
    assert not found.ok
    assert seal_found in {finding.seal for finding in found.findings}


def test_a_swap_of_two_entries_is_found_on_postgresql_too(either: World) -> None:
    recorded(either)
    either.change(schema.audit, {"id": fifth(either)}, detail="改过")
    assert [finding.seal for finding in verdict(either).findings] == [2]


def commitments(world: World) -> list[str]:
    return [finding.text for finding in world.database.read(check_commitments)]


ONE = {"value": "+999000000001"}


@pytest.mark.parametrize(("values", "says"), [
    ({"value": "+999000000077"}, "不符"),
    ({"salt": b"\1" * 16}, "不符"),
    ({"commitment": "0" * 64}, "不符"),
    ({"salt": None}, "缺少盐值"),
])  # fmt: skip
def test_a_personal_value_that_was_changed_is_found(either: World, values: dict[str, Any], says: str) -> None:
    assert commitments(either) == []
    either.change(schema.personal, ONE, **values)
    found = commitments(either)
    assert len(found) == 1
    assert says in found[0]
    assert "+999" not in found[0]


def test_an_erased_value_is_counted_and_no_finding(either: World) -> None:
    either.change(schema.personal, ONE, value=None, salt=None)
    assert commitments(either) == []
    assert either.database.read(erased) == 1


def test_a_value_exchanged_together_with_its_commitment_is_found(either: World) -> None:
    """Salt, value and commitment agree again, but the record speaks of another commitment."""
    recorded(either)
    held: str = either.run(lambda db: db.execute(schema.personal.select().filter_by(**ONE)).one().commitment)
    forge(either, id=1_000, commitment=held)
    forge(either, id=1_001, commitment=held)
    assert commitments(either) == []
    either.drop(schema.personal, commitment=held)
    assert [text.partition("引用")[0] for text in commitments(either)] == ["条目1000"]


def made(seq: int) -> Seal:
    entry = Entry(seq, 0, "", T0, "示例", 0, 0, "", "", "", "", "", "", "")
    return seal([entry], seq, "0" * 64, T0)


def test_checkpoints_come_back_as_they_were_given(tmp_path: Path) -> None:
    path = tmp_path / "new" / "held.jsonl"
    assert read_checkpoints(path) == []
    for seq in (1, 2, 3):
        append_checkpoint(path, made(seq))
    assert read_checkpoints(path) == [HeldSeal(seq, made(seq).hash, T0) for seq in (1, 2, 3)]


@given(st.integers(min_value=0, max_value=120), st.binary(max_size=4))
def test_a_torn_line_loses_itself_only(tmp_path_factory: pytest.TempPathFactory, kept: int, zeros: bytes) -> None:
    path = tmp_path_factory.mktemp("held") / "held.jsonl"
    for seq in (1, 2):
        append_checkpoint(path, made(seq))
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    cut = min(first + kept, len(whole))
    path.write_bytes(whole[:cut] + b"\0" * len(zeros))
    survived = [1, 2] if cut >= len(whole) - 1 and not zeros else [1]
    if cut == len(whole) and zeros:
        survived = [1, 2]
    assert [held.seq for held in read_checkpoints(path)] == survived
    append_checkpoint(path, made(3))
    assert [held.seq for held in read_checkpoints(path)] == [*survived, 3]


@pytest.mark.parametrize("line", [
    '{"seq": 1, "hash": "zz", "at": 1}', '{"seq": 0, "hash": "%s", "at": 1}' % ("0" * 64), '{"seq": 1}', "{}", "not}",
    '{"seq": true, "hash": "%s", "at": 1}' % ("0" * 64), '{"seq": 1, "hash": "%s", "at": "x"}' % ("0" * 64),
    '{"seq": 1, "hash": 5, "at": 1}',
])  # fmt: skip
def test_a_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "held.jsonl"
    append_checkpoint(path, made(1))
    path.write_bytes(path.read_bytes() + line.encode() + b"\n")
    with pytest.raises(CheckpointError, match=r"held\.jsonl 第 2 行"):
        read_checkpoints(path)


def test_the_copies_outside_find_what_the_chain_alone_cannot(world: World, tmp_path: Path) -> None:
    recorded(world)
    path = tmp_path / "held.jsonl"
    append_checkpoint(path, newest(world))
    rewritten(world)
    assert verdict(world).ok
    assert not verdict(world, *read_checkpoints(path)).ok


def test_reports_say_what_they_tell() -> None:
    assert all(report.__doc__ for report in REPORTS)
