"""Nobody changes the record unseen, and the verifier says how far its word goes."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.audit import GENESIS, Entry, Seal, Verdict, commitment, entry_bytes, seal, seal_hash, verify
from callout.domain.instant import Instant

START = Instant(1_783_000_000_000)


def entry(number: int) -> Entry:
    return Entry(
        id=number,
        xid=number // 2,
        county="500156",
        at=Instant(START + number),
        event="answered",
        alert=7,
        post=number,
        attempt="合成",
        ref="",
        before="waiting",
        after="answered",
        actor="示例",
        commitment="00",
        detail="收到",
    )


ENTRIES = [entry(n) for n in range(10, 20)]


def chain(entries: Sequence[Entry], sizes: Sequence[int] = (4, 1, 3)) -> list[Seal]:
    """Seals over the first entries; what is left is the tail."""
    seals: list[Seal] = []
    begin = 0
    for seq, size in enumerate(sizes, 1):
        prev = seals[-1].hash if seals else GENESIS
        seals.append(seal(entries[begin : begin + size], seq, prev, Instant(START + 1000 * seq)))
        begin += size
    return seals


def stored(entries: Iterable[Entry]) -> Callable[[Seal], Iterable[Entry]]:
    """What a database does: select the range, in order of position."""
    ordered = sorted(entries, key=lambda e: e.position)
    return lambda it: [e for e in ordered if it.lo <= e.position <= it.hi]


SEALS = chain(ENTRIES)


def check(entries: Sequence[Entry] = ENTRIES, seals: Sequence[Seal] = SEALS, held: Sequence[Seal] = SEALS) -> Verdict:
    return verify(seals, stored(entries), held, tail=2)


def texts(verdict: Verdict) -> list[str]:
    return [f.text for f in verdict.findings]


def test_the_canonical_form_is_a_compact_array_of_every_field() -> None:
    raw = entry_bytes(ENTRIES[0])
    assert json.loads(raw) == [getattr(ENTRIES[0], f.name) for f in fields(Entry)]
    assert raw.startswith('[10,5,"500156",1783000000010,"answered",7,10,"合成","","waiting"'.encode())
    assert b", " not in raw


@pytest.mark.parametrize("name", [f.name for f in fields(Entry)])
def test_every_field_is_hashed(name: str) -> None:
    value = getattr(ENTRIES[0], name)
    changed: Any = {name: value + "x" if isinstance(value, str) else value + 1}
    other = replace(ENTRIES[0], **changed)
    assert entry_bytes(other) != entry_bytes(ENTRIES[0])


@pytest.mark.parametrize("name", [f.name for f in fields(Seal) if f.name != "hash"])
def test_every_field_of_a_seal_is_hashed(name: str) -> None:
    value = getattr(SEALS[1], name)
    more: Any = {name: (value[0], value[1] + 1) if isinstance(value, tuple) else type(value)(f"{value}0")}
    changed = replace(SEALS[1], **more)
    assert seal_hash(changed) != seal_hash(SEALS[1])
    assert not check(seals=[SEALS[0], changed, SEALS[2]]).ok


def test_a_commitment_is_salted() -> None:
    # SHA-256 of "abc", a published vector
    assert commitment(b"a", "bc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert commitment(b"1", "收到") != commitment(b"2", "收到")


def test_a_seal_closes_at_least_one_entry_in_order() -> None:
    with pytest.raises(ValueError, match="at least one"):
        seal([], 1, GENESIS, START)
    with pytest.raises(ValueError, match="in order"):
        seal([ENTRIES[1], ENTRIES[0]], 1, GENESIS, START)


def test_an_untouched_record_is_vouched_for_up_to_the_newest_checkpoint() -> None:
    verdict = check(held=SEALS[:2])
    assert verdict == Verdict(
        ok=True,
        findings=(),
        sealed=8,
        unsealed=2,
        vouched_to=2,
        notes=("库外存证担保到封条2；其后已封存3条、未封存2条，若被整段改写或删去，无法发现。",),
    )


def test_without_checkpoint_nothing_is_vouched_for() -> None:
    verdict = check(held=[])
    assert (verdict.ok, verdict.vouched_to) == (True, 0)
    assert verdict.notes == ("没有可用的库外存证；其后已封存8条、未封存2条，若被整段改写或删去，无法发现。",)


def test_an_empty_record_is_whole() -> None:
    assert verify([], stored([]), [], 0).ok


def test_a_changed_entry_is_found() -> None:
    forged = [replace(e, after="expired") if e.id == 12 else e for e in ENTRIES]
    assert texts(check(forged)) == ["封条1（条目10至13）的内容与封存时不符：至少一条被改动。"]


def test_a_deleted_entry_is_found() -> None:
    assert texts(check([e for e in ENTRIES if e.id != 16])) == ["封条3（条目15至17）封存3条，现有2条：有条目被删除。"]


def test_an_inserted_entry_is_found() -> None:
    forged = [*ENTRIES, replace(ENTRIES[6], id=100, xid=7)]
    assert texts(check(forged)) == ["封条3（条目15至17）封存3条，现有4条：有条目是后来插入。"]


def test_an_entry_slipped_between_two_seals_or_before_the_first_is_found() -> None:
    gap, early = replace(ENTRIES[4], id=99, xid=6), replace(ENTRIES[0], id=1, xid=0)
    assert texts(check([*ENTRIES, early, gap])) == [
        "封条1（条目10至13）之前或之后多出条目1：封存之后插入。",
        "封条2（条目14至14）之前或之后多出条目99：封存之后插入。",
    ]


def test_a_long_list_of_entries_is_cut() -> None:
    early = [replace(ENTRIES[0], id=n, xid=0) for n in range(12)]
    assert texts(check(ENTRIES + early))[0].count("、") == 9
    assert "0、1、2、3、4、5、6、7、8、9等12条：" in texts(check(ENTRIES + early))[0]


def test_reordered_entries_are_found() -> None:
    forged = [ENTRIES[0], ENTRIES[2], ENTRIES[1], ENTRIES[3]]
    verdict = verify(SEALS[:1], lambda _: forged, [], 0)
    assert texts(verdict) == ["封条1（条目10至13）的条目11次序被改或重复。"]


def test_two_entries_that_trade_places_are_found() -> None:
    forged = list(ENTRIES)
    forged[1], forged[2] = replace(ENTRIES[2], id=11, xid=5), replace(ENTRIES[1], id=12, xid=6)
    assert texts(check(forged)) == ["封条1（条目10至13）的内容与封存时不符：至少一条被改动。"]


def test_a_removed_seal_is_found() -> None:
    assert "封条2缺失：封条3之前的记录无法核对。" in texts(check(seals=[SEALS[0], SEALS[2]]))
    assert "封条1至2缺失：封条3之前的记录无法核对。" in texts(check(seals=SEALS[2:], held=[]))


def test_a_seal_removed_together_with_its_entries_and_the_rest_renumbered_is_found() -> None:
    kept = ENTRIES[:4] + ENTRIES[5:]
    last = replace(SEALS[2], seq=2)
    verdict = check(kept, [SEALS[0], replace(last, hash=seal_hash(last))], held=[])
    assert texts(verdict) == ["封条2与前一封条的链接断开：其中之一被改动。"]


def test_seals_in_wrong_order_and_overlapping_seals_are_found() -> None:
    found = texts(check(seals=[SEALS[0], SEALS[2], SEALS[1]], held=[]))
    assert "封条2排在封条3之后：封条重复或次序被改。" in found
    assert "封条2（条目14至14）与前一封条的条目重叠。" in found


def test_a_rewritten_chain_is_whole_in_itself_but_not_for_the_holder_of_a_checkpoint() -> None:
    forged = [replace(e, after="expired") if e.id == 14 else e for e in ENTRIES]
    rewritten = chain(forged)
    assert check(forged, rewritten, held=[]).ok
    verdict = check(forged, rewritten, held=[SEALS[0], SEALS[2]])
    assert texts(verdict) == ["封条3与存证不符：封条3及以前的记录被改写过。"]
    assert verdict.vouched_to == 1


def test_a_cut_off_end_is_found_by_the_holder_of_a_checkpoint() -> None:
    assert check(seals=SEALS[:2], held=SEALS[:2]).ok
    assert texts(check(seals=SEALS[:2])) == ["封条3有存证而库中没有：记录被截断或删除。"]


def test_backward_time_is_a_note_not_a_finding() -> None:
    entries = [replace(e, at=Instant(START - 500)) if e.id in (11, 15) else e for e in ENTRIES]
    seals = chain(entries)
    earlier = replace(seals[2], at=Instant(seals[1].at - 40))
    verdict = check(entries, [*seals[:2], replace(earlier, hash=seal_hash(earlier))], held=[])
    assert verdict.ok
    assert verdict.notes[1:] == (
        "时钟倒退：封条3的时间早于封条2，差40毫秒。",
        "时间倒退：有2处条目的时间早于前一条，最大514毫秒。",
    )


KINDS = ["change", "delete", "insert", "swap"]


@given(st.data())
def test_any_single_tampering_under_a_seal_is_found(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 30))
    entries = [entry(n) for n in range(10, 10 + size)]
    first = data.draw(st.integers(1, size - 1))
    seals = chain(entries, (first, size - first))
    at = data.draw(st.integers(0, size - 2))
    forged = list(entries)
    match data.draw(st.sampled_from(KINDS)):
        case "change":
            forged[at] = replace(entries[at], detail="改")
        case "delete":
            del forged[at]
        case "insert":
            forged.append(replace(entries[at], id=5))
        case _:
            a, b = entries[at], entries[at + 1]
            forged[at], forged[at + 1] = replace(b, id=a.id, xid=a.xid), replace(a, id=b.id, xid=b.xid)
    assert verify(seals, stored(entries), seals, 0).ok
    assert not verify(seals, stored(forged), seals, 0).ok
