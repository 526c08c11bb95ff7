"""A record that was bent is found out twice: by callout, and by the verifier that shares no code with it."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from bench.attacks import ATTACKS, T0, fill, forge_a_checkpoint, turn_the_clock_back
from callout.domain.audit import Verdict
from callout.domain.callout import CalloutKey
from callout.domain.errors import CalloutError
from callout.reports import verify_record as standalone
from callout.reports.checkpoints import (
    CheckpointError,
    HeldSeal,
    SigningKey,
    append_checkpoint,
    new_key,
    read_checkpoints,
    read_key,
    unsigned,
)
from callout.reports.proof import prove
from callout.reports.record import export
from callout.reports.verification import verify_record
from callout.store.database import Database
from callout.store.migrate import upgrade
from callout.store.sealing import seals
from tests.shape import ROOT

ENTRIES, PER_SEAL = 600, 100


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return new_key(tmp_path_factory.mktemp("key") / "seal.pem")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, key: SigningKey) -> Path:
    """A folder with a whole record and its signed copies."""
    folder = tmp_path_factory.mktemp("record")
    database = Database(f"sqlite:///{folder / 'r.sqlite3'}")
    upgrade(database)
    fill(database, ENTRIES, PER_SEAL, folder / "held.jsonl", key)
    database.close()
    return folder


class Record:
    """A copy of the record that may be spoilt."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keep = folder / "held.jsonl"
        self.database = Database(f"sqlite:///{folder / 'r.sqlite3'}")

    def verdict(self) -> Verdict:
        held = read_checkpoints(self.keep)
        return self.database.read(lambda db: verify_record(db, held))

    def second_opinion(self, public: str = "") -> tuple[int, str]:
        """What the exported verifier says of an export, run by a Python that sees nothing of callout."""
        out = self.folder / "export"
        self.database.read(lambda db: export(db, out))
        program = [sys.executable, "-I", str(out / "verify_record.py"), str(out), "--checkpoints", str(self.keep)]
        done = subprocess.run(
            [*program, *(["--public-key", public] if public else [])], capture_output=True, text=True, check=False
        )
        assert done.stderr == ""
        return done.returncode, done.stdout


@pytest.fixture
def record(original: Path, tmp_path: Path) -> Iterator[Record]:
    found = Record(copytree(original, tmp_path / "record"))
    yield found
    found.database.close()


def test_an_untouched_record_is_whole_by_both(record: Record, key: SigningKey) -> None:
    verdict = record.verdict()
    assert (verdict.ok, verdict.vouched_to, verdict.sealed) == (True, 6, ENTRIES)
    code, said = record.second_opinion(key.public)
    assert code == 0
    assert "存证担保到封条6；其后已封存0条、未封存0条" in said
    assert "签名未核对" not in said


@pytest.mark.parametrize("name", ATTACKS)
def test_every_attack_is_found_by_both(record: Record, name: str) -> None:
    ATTACKS[name](record.database)
    assert not record.verdict().ok
    code, said = record.second_opinion()
    assert code == 2, said


@pytest.mark.parametrize(("name", "entry"), [("edit", 300), ("backdate", 300), ("replay", 300), ("reorder", 300)])
def test_the_first_bad_entry_has_a_name(record: Record, name: str, entry: int) -> None:
    ATTACKS[name](record.database)
    assert any(f"条目{entry}" in finding.text for finding in record.verdict().findings)
    assert f"从条目{entry}起不符" in record.second_opinion()[1] or name in ("replay", "reorder")


def test_a_removed_entry_is_missed_at_its_place(record: Record) -> None:
    ATTACKS["remove"](record.database)
    assert any("条目299之后：封存的第100条不在那里" in finding.text for finding in record.verdict().findings)
    assert "从第100条起不符" in record.second_opinion()[1]


def test_copies_forged_together_with_the_record_are_not_signed_by_the_office(
    record: Record, key: SigningKey, tmp_path: Path
) -> None:
    forge_a_checkpoint(record.database, record.keep, new_key(tmp_path / "forger.pem"))
    assert record.verdict().ok, "whole in itself: without the public key nobody can tell"
    forged = unsigned(read_checkpoints(record.keep), key.public)
    assert [finding.seal for finding in forged] == [1, 2, 3, 4, 5, 6]
    code, said = record.second_opinion(key.public)
    assert code == 2
    assert "封条1的存证不是这把钥匙签的" in said


def test_a_clock_that_was_turned_back_is_reported(record: Record) -> None:
    turn_the_clock_back(record.database)
    verdict = record.verdict()
    assert verdict.ok
    assert any("倒退" in note for note in verdict.notes)
    assert "时钟倒退" in record.second_opinion()[1]


def test_the_verifier_can_be_read_in_an_hour_and_needs_nothing_else() -> None:
    file = ROOT / "callout" / "reports" / "verify_record.py"
    tree = ast.parse(file.read_text(encoding="utf-8"))
    named = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    named |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    outside = {name.split(".")[0] for name in named} - set(sys.stdlib_module_names)
    assert outside == {"cryptography"}, "and that only where a signature is to be checked"
    assert len(file.read_text(encoding="utf-8").splitlines()) < 260


def proof(record: Record, post: int) -> dict[str, object]:
    held = read_checkpoints(record.keep)
    return record.database.read(lambda db: prove(db, CalloutKey("500156", 1, post, 0), held))


def test_one_callout_is_proved_without_showing_others(
    record: Record, key: SigningKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = proof(record, 250)
    text = json.dumps(document)
    assert '"post": 250' in text
    assert '"post": 249' not in text
    file = tmp_path / "proof.json"
    file.write_text(text, encoding="utf-8")
    assert standalone.run(["--proof", str(file), "--public-key", key.public]) == 0
    assert capsys.readouterr().out.endswith("完好。\n")


@pytest.mark.parametrize(("old", "new"), [('"detail": "250"', '"detail": "251"'), ('"index": 50', '"index": 51'),
                                          ('"county": "500156", "at"', '"county": "500157", "at"')])  # fmt: skip
def test_a_proof_that_was_changed_proves_nothing(
    record: Record, key: SigningKey, tmp_path: Path, old: str, new: str
) -> None:
    text = json.dumps(proof(record, 250))
    assert old in text
    file = tmp_path / "proof.json"
    file.write_text(text.replace(old, new), encoding="utf-8")
    assert standalone.run(["--proof", str(file), "--public-key", key.public]) == 2


def test_a_seal_invented_for_a_proof_lacks_the_signature(
    record: Record, key: SigningKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forger = new_key(tmp_path / "forger.pem")
    forge_a_checkpoint(record.database, record.keep, forger)
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(proof(record, 250)), encoding="utf-8")
    assert standalone.run(["--proof", str(file), "--public-key", forger.public]) == 0
    assert standalone.run(["--proof", str(file), "--public-key", key.public]) == 2
    assert "不是这把钥匙签的" in capsys.readouterr().out


def test_nobody_proves_what_is_not_on_record(record: Record) -> None:
    with pytest.raises(CalloutError, match="没有叫应"):
        proof(record, 99_999)


def test_a_damaged_export_is_refused_not_called_whole(record: Record, capsys: pytest.CaptureFixture[str]) -> None:
    record.second_opinion()
    (record.folder / "export" / "seals.jsonl").write_text('{"seq": 1}\n', encoding="utf-8")
    assert standalone.run([str(record.folder / "export")]) == 1
    assert "读不出来" in capsys.readouterr().out


def test_a_key_is_for_its_owner_alone_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "seal.pem"
    made = new_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_key(path).public == made.public
    with pytest.raises(CheckpointError, match="已经存在"):
        new_key(path)
    path.chmod(0o644)
    with pytest.raises(CheckpointError, match="别人也能读"):
        read_key(path)
    path.write_text("合成", encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(CheckpointError, match="读不出来"):
        read_key(path)


def test_a_signature_holds_for_its_own_seal_only(record: Record, key: SigningKey) -> None:
    first, second = record.database.read(seals)[:2]
    held = key.held(first)
    assert unsigned([held], key.public) == []
    moved = HeldSeal(second.seq, second.hash, second.at, held.key, held.sig)
    assert [finding.seal for finding in unsigned([moved], key.public)] == [2]
    with pytest.raises(CheckpointError, match="公钥"):
        unsigned([held], "abc")


def test_a_line_without_signature_is_read_and_not_accepted(tmp_path: Path, record: Record, key: SigningKey) -> None:
    path = tmp_path / "held.jsonl"
    append_checkpoint(path, record.database.read(seals)[0])
    assert len(unsigned(read_checkpoints(path), key.public)) == 1
    assert read_checkpoints(path)[0].at == T0
