"""Checks an exported callout record. One file, standard library only: read it, then run it anywhere.

    python verify_record.py FOLDER [--checkpoints FILE] [--public-key HEX] [--archive FILE ...]
    python verify_record.py --proof FILE [--public-key HEX]

Signatures need the package `cryptography`; without it they are reported as unchecked. Exit code: 0 whole, 2 changed,
1 could not be read. It shares no code with callout: what it says is a second opinion.

The record is a list of entries in order of (xid, id). A seal closes a run of entries: `root` is their Merkle tree hash
(RFC 9162), `hash` covers the seal's own fields, `prev` is the hash of the seal before. A checkpoint is a copy of a
seal's number and hash that was kept elsewhere, and may be signed (Ed25519). Entries of old storms may have been moved
into an archive, an SQLite file: an entry `audit.cut` names it and the places that they had under a seal; their hashes
stay in leaves.jsonl. With --archive they are read from there.
"""

import argparse
import base64
import json
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

Doc = dict[str, Any]
Leaves = Mapping[int, list[bytes]]
FIELDS = ("id", "xid", "county", "at", "event", "alert", "post", "attempt", "ref", "before", "after", "actor",
          "commitment", "detail")  # fmt: skip


def canonical(values: Sequence[object]) -> bytes:
    """Compact JSON array, not escaped, UTF-8."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def leaf(entry: Doc) -> bytes:
    """The hash of one entry; an export of one county gives other counties' entries as their hash only."""
    if "leaf" in entry:
        return bytes.fromhex(entry["leaf"])
    return sha256(b"\0" + canonical([entry[name] for name in FIELDS])).digest()


def root(level: list[bytes]) -> bytes:
    """Merkle tree hash: pairs are joined level by level, a lone last one goes up as it is."""
    while len(level) > 1:
        joined = [sha256(b"\1" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        level = joined + level[len(joined) * 2 :]
    return level[0] if level else sha256(b"").digest()


def climb(node: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root to which a leaf and the hashes beside its way lead; None where they do not fit."""
    left = list(path)
    while size > 1:
        if index ^ 1 < size:
            if not left:
                return None
            other = left.pop(0)
            node = sha256(b"\1" + (other + node if index % 2 else node + other)).digest()
        index, size = index // 2, (size + 1) // 2
    return None if left else node


def seal_hash(seal: Doc) -> str:
    """SHA-256 over every field of a seal but its own hash."""
    return sha256(canonical([seal[k] for k in ("seq", "lo", "hi", "count", "root", "prev", "at")])).hexdigest()


def signature(held: Doc, public: str) -> bool | None:
    """True, False, or None where it cannot be checked."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return None
    body = b"callout checkpoint 1\n" + canonical([held["seq"], held["hash"], held["at"]])
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(base64.b64decode(held.get("sig", "")), body)
    except (InvalidSignature, ValueError):
        return False
    return True


def lines(path: Path) -> list[Doc]:
    """The JSON documents of a file, one a line; a line that a crash tore is left out."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.endswith("}")]


def check_chain(seals: Sequence[Doc]) -> Iterator[str]:
    """Numbers without gap, links, and each seal's own hash."""
    seq, prev, end = 0, "0" * 64, (0, -1)
    for seal in seals:
        if seal["seq"] != seq + 1:
            yield f"封条{seq}之后应是封条{seq + 1}，却是封条{seal['seq']}：有封条缺失、重复或次序被改。"
        elif seal["prev"] != prev:
            yield f"封条{seal['seq']}与前一封条的链接断开。"
        if seal["hash"] != seal_hash(seal):
            yield f"封条{seal['seq']}自身被改动。"
        if tuple(seal["lo"]) <= end:
            yield f"封条{seal['seq']}与前一封条的条目重叠。"
        seq, prev, end = seal["seq"], seal["hash"], tuple(seal["hi"])


def cuts(entries: Sequence[Doc]) -> dict[int, set[int]]:
    """By seal the places, from 0, whose entries are on record as moved into an archive."""
    gone: dict[int, set[int]] = {}
    for entry in entries:
        if entry.get("event") == "audit.cut":
            said = json.loads(entry["detail"])
            for first, _, last in (span.partition("-") for span in said["places"].split(",")):
                gone.setdefault(said["seal"], set()).update(range(int(first), min(int(last or first), 1_000_000) + 1))
    return gone


def moved(seal: Doc, now: list[bytes], then: list[bytes], gone: set[int]) -> bool:
    """Whether the others are as they were sealed, in that order, and each that is missing may be."""
    there = set(now)
    missing = {place for place, sealed in enumerate(then) if sealed not in there}
    rest = [sealed for sealed in then if sealed in there]
    return missing <= gone and rest == now and root(then).hex() == seal["root"]


def with_archives(entries: Sequence[Doc], files: Sequence[Path], leaves: Leaves) -> list[Doc]:
    """The entries with those that were moved into these files, in order; what is not as it was sealed is left there."""
    may = {then[n] for seq, gone in cuts(entries).items() for n in gone if n < len(then := leaves.get(seq, []))}
    may -= {leaf(entry) for entry in entries}
    for file in files:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as kept:
            rows = kept.execute(f"SELECT {', '.join(FIELDS)} FROM audit")  # noqa: S608  # constants only
            found = [one for row in rows if leaf(one := dict(zip(FIELDS, row, strict=True))) in may]
        may -= {leaf(one) for one in found}
        entries = [*entries, *found]
    return sorted(entries, key=lambda entry: (entry["xid"], entry["id"]))


def check_entries(seals: Sequence[Doc], entries: Sequence[Doc], sealed_leaves: Leaves) -> Iterator[str]:
    """What stands under each seal now. Entries between two seals or before the first belong to none."""
    places = [(entry["xid"], entry["id"]) for entry in entries]
    for before, after in pairwise(places):
        if after <= before:
            yield f"条目{after[1]}的次序被改，或编号重复。"
    at, gone = 0, cuts(entries)
    for seal in seals:
        begin = at
        while at < len(entries) and places[at] < tuple(seal["lo"]):
            yield f"条目{places[at][1]}在封条{seal['seq']}之前，不属于任何封条：封存之后插入。"
            at += 1
        begin = at
        while at < len(entries) and places[at] <= tuple(seal["hi"]):
            at += 1
        now = [leaf(entry) for entry in entries[begin:at]]
        then = sealed_leaves.get(seal["seq"], [])
        whole = len(now) == seal["count"] and root(now).hex() == seal["root"]
        if not whole and not moved(seal, now, then, gone.get(seal["seq"], set())):
            yield first_wrong(seal, entries[begin:at], now, then)


def first_wrong(seal: Doc, entries: Sequence[Doc], now: list[bytes], then: list[bytes]) -> str:
    """Names the first bad entry where the hashes from the time of sealing are there and are genuine."""
    name = f"封条{seal['seq']}（条目{seal['lo'][1]}至{seal['hi'][1]}）"
    if not then or root(then).hex() != seal["root"]:
        return f"{name}封存{seal['count']}条，现有{len(now)}条，内容与封存时不符。"
    at = next((i for i, (a, b) in enumerate(zip(now, then, strict=False)) if a != b), min(len(now), len(then)))
    if at >= len(now) or now[at] in then:
        return f"{name}从第{at + 1}条起不符：封存的第{at + 1}条被删去或移走。"
    return f"{name}从条目{entries[at]['id']}起不符：它被改动，或是后来插入。"


def check_checkpoints(seals: Sequence[Doc], held: Sequence[Doc], public: str) -> Iterator[str]:
    """Copies kept elsewhere: are they signed, and does the record still agree with them?"""
    present = {seal["seq"]: seal["hash"] for seal in seals}
    for one in held:
        if public and signature(one, public) is False:
            yield f"封条{one['seq']}的存证不是这把钥匙签的。"
        elif one["seq"] not in present:
            yield f"封条{one['seq']}有存证而记录里没有：记录被截断或删除。"
        elif present[one["seq"]] != one["hash"]:
            yield f"封条{one['seq']}与存证不符：它和它以前的记录被改写过。"


def check_proof(proof: Doc, public: str) -> Iterator[str]:
    """Every entry of the proof leads to the root of its seal, and the seal is the one that was signed."""
    seals = {seal["seq"]: seal for seal in proof["seals"]}
    for one in proof["entries"]:
        seal, path = seals[one["seal"]], [bytes.fromhex(each) for each in one["path"]]
        if climb(leaf(one["entry"]), one["index"], seal["count"], path) != bytes.fromhex(seal["root"]):
            yield f"条目{one['entry']['id']}不在封条{seal['seq']}之下：被改动过。"
    for seal in seals.values():
        if seal["hash"] != seal_hash(seal):
            yield f"封条{seal['seq']}自身被改动。"
        if public and signature(seal, public) is False:
            yield f"封条{seal['seq']}不是这把钥匙签的。"


def notes(seals: Sequence[Doc], held: Sequence[Doc], entries: Sequence[Doc], public: str) -> Iterator[str]:
    """How far the word of this check goes."""
    vouched = {one["seq"]: one["hash"] for one in held if not public or signature(one, public)}
    reach = max((s["seq"] for s in seals if vouched.get(s["seq"]) == s["hash"]), default=0)
    beyond = sum(s["count"] for s in seals if s["seq"] > reach)
    end = tuple(seals[-1]["hi"]) if seals else (0, -1)
    tail = sum(1 for entry in entries if (entry["xid"], entry["id"]) > end)
    if missing := sum(s["count"] for s in seals) - (len(entries) - tail):
        yield f"有{missing}条不在这里：记录里写明移入了存档的，凭叶值与封条核对，内容请加 --archive 核对。"
    yield f"存证担保到封条{reach}；其后已封存{beyond}条、未封存{tail}条，若被整段改写，无法发现。"
    backward = sum(1 for a, b in pairwise(seals) if b["at"] < a["at"])
    if backward:
        yield f"时钟倒退：有{backward}个封条的时间早于前一个。"
    if held and not public:
        yield "没有给公钥，签名未核对。"
    elif held and signature(held[-1], public) is None:
        yield "这台机器没有 cryptography 包，签名未核对。"


def check_folder(given: argparse.Namespace) -> tuple[list[str], list[str]]:
    """What is wrong with an export, and what is to be said of it."""
    file = given.checkpoints or given.folder / "checkpoints.jsonl"
    seals, entries = lines(given.folder / "seals.jsonl"), lines(given.folder / "audit.jsonl")
    then = {s["seq"]: [bytes.fromhex(h) for h in s["leaves"]] for s in lines(given.folder / "leaves.jsonl")}
    held = lines(file) if file.exists() else []
    entries = with_archives(entries, given.archive, then)
    found = [*check_chain(seals), *check_entries(seals, entries, then)]
    found += check_checkpoints(seals, held, given.public_key)
    return found, [f"条目 {len(entries)} 条，封条 {len(seals)} 个。", *notes(seals, held, entries, given.public_key)]


def check_one(given: argparse.Namespace) -> tuple[list[str], list[str]]:
    """What is wrong with the proof of one callout, and what is to be said of it."""
    proof = json.loads(given.proof.read_text("utf-8"))
    said = [f"证明涉及 {len(proof['entries'])} 条记录。"]
    if not given.public_key or (proof["seals"] and signature(proof["seals"][0], given.public_key) is None):
        said.append("签名未核对：封条是否真实，要再与库外存证比对。")
    return list(check_proof(proof, given.public_key)), said


def run(arguments: Sequence[str]) -> int:
    """Read, check, say; returns the exit code."""
    parser = argparse.ArgumentParser(description="核对导出的叫应记录")
    parser.add_argument("folder", nargs="?", type=Path, help="导出目录")
    parser.add_argument("--checkpoints", type=Path, help="库外存证文件；不写则用导出目录里的 checkpoints.jsonl")
    parser.add_argument("--public-key", default="", help="公钥，64 位十六进制")
    parser.add_argument("--archive", type=Path, action="append", default=[], help="移出的条目所在的存档，可写多次")
    parser.add_argument("--proof", type=Path, help="一个叫应的证明文件")
    given = parser.parse_args(arguments)
    if not given.folder and not given.proof:
        parser.error("请给出导出目录，或用 --proof 给出证明文件")
    try:
        found, said = check_one(given) if given.proof else check_folder(given)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, sqlite3.Error) as error:
        print(f"读不出来（{type(error).__name__}）：文件缺失或格式被破坏。")
        return 1
    print("\n".join([*(f"✗ {text}" for text in found), *said, "被改动过。" if found else "完好。"]))
    return 2 if found else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
