"""The audit record: entries, the seals that chain them in batches, and what a verifier can vouch for."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import pairwise
from typing import Protocol

from callout.domain.instant import Instant, Millis
from callout.domain.merkle import absent, leaf, root_of

Position = tuple[int, int]
"""Where an entry stands in the record: (xid, id)."""

GENESIS = "0" * 64
"""The `prev` of the first seal."""
FIRST_SEAL = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One audit entry. Holds no number, name or reply text: only a salted commitment to them."""

    id: int
    xid: int
    """Transaction that wrote it; seals cut the record where every transaction below has ended."""
    county: str
    at: Instant
    event: str
    alert: int
    post: int
    attempt: str
    ref: str
    before: str
    after: str
    actor: str
    commitment: str
    detail: str

    @property
    def position(self) -> Position:
        """Order of the record."""
        return self.xid, self.id


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _canonical(fields: tuple[object, ...]) -> bytes:
    return _ENCODER.encode(fields).encode()


def entry_bytes(entry: Entry) -> bytes:
    """The canonical form that is hashed: a compact JSON array of all fields in declared order, UTF-8."""
    e = entry
    fields = (e.id, e.xid, e.county, e.at, e.event, e.alert, e.post, e.attempt, e.ref, e.before, e.after, e.actor,
              e.commitment, e.detail)  # fmt: skip
    return _canonical(fields)


def leaf_of(entry: Entry) -> bytes:
    """The hash by which the entry stands under its seal."""
    return leaf(entry_bytes(entry))


def commitment(salt: bytes, value: str) -> str:
    """Hex SHA-256 of salt and value: proves later what was recorded, says nothing once the salt is erased."""
    return sha256(salt + value.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Seal:
    """Closes all entries from `lo` to `hi` and chains them to the seal before."""

    seq: int
    """1, 2, 3 … without gaps."""
    lo: Position
    hi: Position
    count: int
    root: str
    prev: str
    """Hash of the seal before; GENESIS for the first."""
    at: Instant
    hash: str


def seal(entries: Sequence[Entry], seq: int, prev: str, at: Instant) -> Seal:
    """Seal entries, given in order of position. Raises ValueError for none or for wrong order."""
    return sealed(entries, seq, prev, at)[0]


def sealed(entries: Sequence[Entry], seq: int, prev: str, at: Instant) -> tuple[Seal, list[bytes]]:
    """The same with the hash of each entry, which later names the one that was changed."""
    positions = [e.position for e in entries]
    if not positions or any(a >= b for a, b in pairwise(positions)):
        raise ValueError("a seal closes at least one entry, in order of position")
    leaves = [leaf_of(e) for e in entries]
    blank = Seal(seq, positions[0], positions[-1], len(entries), root_of(leaves).hex(), prev, at, hash="")
    return replace(blank, hash=seal_hash(blank)), leaves


def seal_hash(it: Seal) -> str:
    """Hex SHA-256 over every field of a seal but its own hash."""
    fields = (it.seq, it.lo, it.hi, it.count, it.root, it.prev, it.at)
    return sha256(_canonical(fields)).hexdigest()


def _root(entries: Sequence[Entry]) -> str:
    return root_of([leaf_of(e) for e in entries]).hex()


class Checkpoint(Protocol):
    """A seal's number and hash, kept by the verifier outside the database; a `Seal` is one."""

    @property
    def seq(self) -> int:
        """Number of the seal."""

    @property
    def hash(self) -> str:
        """Its hash when the copy was taken."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One proof that the record was changed."""

    seal: int
    text: str
    """Chinese sentence that names the seal and the entries."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found, and how far its word goes."""

    ok: bool
    findings: tuple[Finding, ...]
    sealed: int
    """Entries under a seal."""
    unsealed: int
    """Entries after the newest seal."""
    vouched_to: int
    """Newest seal that a checkpoint vouches for; 0 = none."""
    notes: tuple[str, ...]
    """Chinese sentences: what nobody can vouch for, and where time ran backward."""
    cut: int = 0
    """Entries under a seal that are not here: they are on record as moved into an archive, their hashes stayed."""


def no_leaves(_seal: Seal) -> Sequence[bytes]:
    """For a record that keeps no hashes of single entries."""
    return ()


@dataclass(frozen=True, slots=True)
class Beside:
    """What is kept beside the entries."""

    leaves_of: Callable[[Seal], Sequence[bytes]] = no_leaves
    """Hashes of a seal's entries as they were at sealing: with them the first wrong entry has a name."""
    gone: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """By seal the places, from 0, whose entries are on record as moved into an archive."""


NOTHING_BESIDE = Beside()


def verify(
    seals: Sequence[Seal],
    entries_of: Callable[[Seal], Iterable[Entry]],
    checkpoints: Sequence[Checkpoint],
    tail: int,
    beside: Beside = NOTHING_BESIDE,
) -> Verdict:
    """Check the whole record. `seals` in order of seq; `tail` = number of entries after the newest seal.

    `entries_of` yields, in order of position, every stored entry from `lo` to `hi` of the seal that it is given. It is
    given each seal with `lo` moved down to the end of the seal before, so that an entry slipped between two is seen.
    """
    findings = _check_chain(seals) + _check_checkpoints(seals, checkpoints)
    times: list[Instant] = []
    step_back: Millis = 0
    backward = cut = 0
    end: Position = (0, -1)
    for it in seals:
        entries = list(entries_of(replace(it, lo=(end[0], end[1] + 1))))
        if wrong := _check_entries(it, entries):
            then = beside.leaves_of(it)
            moved = _moved(it, entries, then, beside.gone.get(it.seq, frozenset()))
            cut += moved
            wrong[-1] += _first_wrong(it, entries, then)
            findings += [] if moved else [Finding(it.seq, text) for text in wrong]
        times = times[-1:] + [e.at for e in entries]
        steps = [a - b for a, b in pairwise(times) if b < a]
        backward, step_back = backward + len(steps), max([step_back, *steps])
        end = max(end, it.hi)
    held = {c.seq: c.hash for c in checkpoints}
    vouched_to = max((s.seq for s in seals if held.get(s.seq) == s.hash), default=0)
    notes = (_limits(seals, vouched_to, tail), *_time_notes(seals, backward, step_back))
    findings.sort(key=lambda f: f.seal)
    return Verdict(not findings, tuple(findings), sum(s.count for s in seals), tail, vouched_to, notes, cut)


def _check_chain(seals: Sequence[Seal]) -> list[Finding]:
    findings = []
    seq, prev, end = FIRST_SEAL - 1, GENESIS, (0, -1)
    for it in seals:
        if it.seq <= seq:
            findings.append(Finding(it.seq, f"封条{it.seq}排在封条{seq}之后：封条重复或次序被改。"))
        elif it.seq > seq + 1:
            gap = f"{seq + 1}" if it.seq == seq + 2 else f"{seq + 1}至{it.seq - 1}"
            findings.append(Finding(it.seq, f"封条{gap}缺失：封条{it.seq}之前的记录无法核对。"))
        elif it.prev != prev:
            findings.append(Finding(it.seq, f"封条{it.seq}与前一封条的链接断开：其中之一被改动。"))
        if it.hash != seal_hash(it):
            findings.append(Finding(it.seq, f"封条{it.seq}{_span(it)}自身被改动：内容与其校验值不符。"))
        if it.lo <= end:
            findings.append(Finding(it.seq, f"封条{it.seq}{_span(it)}与前一封条的条目重叠。"))
        seq, prev, end = it.seq, it.hash, it.hi
    return findings


def _check_checkpoints(seals: Sequence[Seal], checkpoints: Sequence[Checkpoint]) -> list[Finding]:
    present = {s.seq: s.hash for s in seals}
    findings = []
    for held in checkpoints:
        if held.seq not in present:
            findings.append(Finding(held.seq, f"封条{held.seq}有存证而库中没有：记录被截断或删除。"))
        elif present[held.seq] != held.hash:
            findings.append(Finding(held.seq, f"封条{held.seq}与存证不符：封条{held.seq}及以前的记录被改写过。"))
    return findings


def _check_entries(it: Seal, entries: Sequence[Entry]) -> list[str]:
    """What is wrong with the entries that stand under one seal now."""
    name = f"封条{it.seq}{_span(it)}"
    strays = [e for e in entries if not it.lo <= e.position <= it.hi]
    inside = [e for e in entries if it.lo <= e.position <= it.hi]
    disorder = [b.id for a, b in pairwise(inside) if a.position >= b.position]
    found = []
    if strays:
        found.append(f"{name}之前或之后多出条目{_ids(e.id for e in strays)}：封存之后插入。")
    if disorder:
        found.append(f"{name}的条目{_ids(disorder)}次序被改或重复。")
    if len(inside) != it.count:
        verb = "被删除" if len(inside) < it.count else "是后来插入"
        found.append(f"{name}封存{it.count}条，现有{len(inside)}条：有条目{verb}。")
    elif not disorder and _root(inside) != it.root:
        found.append(f"{name}的内容与封存时不符：至少一条被改动。")
    return found


def _moved(it: Seal, entries: Sequence[Entry], then: Sequence[bytes], gone: frozenset[int]) -> int:
    """How many are missing, where all others are as they were sealed and each that is missing may be; else 0."""
    if not gone or root_of(then).hex() != it.root:
        return 0
    missing = absent([leaf_of(e) for e in entries], then) or frozenset()
    return len(missing) if missing <= gone else 0


def _first_wrong(it: Seal, entries: Sequence[Entry], then: Sequence[bytes]) -> str:
    """Where the entries under a broken seal first differ from what was then; nothing where that cannot be told."""
    if not then or root_of(then).hex() != it.root:
        return ""
    now = [leaf_of(e) for e in entries]
    at = next((i for i, (a, b) in enumerate(zip(now, then, strict=False)) if a != b), min(len(now), len(then)))
    before = f"条目{entries[at - 1].id}之后" if at else "开头"
    if at < len(now) and at < len(then) and now[at + 1 : at + 2] == list(then[at + 1 : at + 2]):
        return f"最先不符的是条目{entries[at].id}：内容与封存时不同。"
    if at < len(now) and now[at] not in then:
        return f"最先不符的是条目{entries[at].id}：封存时没有它。"
    return f"最先不符的地方在{before}：封存的第{at + 1}条不在那里。"


def _time_notes(seals: Sequence[Seal], backward: int, step_back: Millis) -> list[str]:
    notes = [
        f"时钟倒退：封条{b.seq}的时间早于封条{a.seq}，差{a.at - b.at}毫秒。" for a, b in pairwise(seals) if b.at < a.at
    ]
    if backward:
        notes.append(f"时间倒退：有{backward}处条目的时间早于前一条，最大{step_back}毫秒。")
    return notes


def _limits(seals: Sequence[Seal], vouched_to: int, tail: int) -> str:
    """What the verifier's word does not cover."""
    reach = f"库外存证担保到封条{vouched_to}" if vouched_to else "没有可用的库外存证"
    beyond = sum(s.count for s in seals if s.seq > vouched_to)
    return f"{reach}；其后已封存{beyond}条、未封存{tail}条，若被整段改写或删去，无法发现。"


def _span(it: Seal) -> str:
    return f"（条目{it.lo[1]}至{it.hi[1]}）"


def _ids(ids: Iterable[int], most: int = 10) -> str:
    every = list(ids)
    return "、".join(map(str, every[:most])) + (f"等{len(every)}条" if len(every) > most else "")
