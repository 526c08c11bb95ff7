"""A copy of a running system, put back elsewhere or in its place, goes on calling; the record says what happened."""

import json
from pathlib import Path

import pytest

from callout.settings import Settings
from callout.store.database import SoleWriter
from tests.cli.office import OFFICER, Office, wait_for


def called(office: Office) -> int:
    return int(office("status", "--json").document["called"])


def newest_seal(office: Office) -> int:
    """As the copies outside the database tell."""
    lines = Path(f"{office.database}.checkpoints").read_text(encoding="utf-8").splitlines()
    return int(json.loads(lines[-1])["seq"])


def all_called(office: Office) -> bool:
    total = office("status", "--json").document
    return bool(total["due"] and total["called"] + sum(total["reasons"].values()) >= total["due"])


@pytest.mark.long
def test_a_running_system_is_backed_up_dies_and_goes_on_from_the_copy(office: Office) -> None:
    """The engine dies in the midst of a warning, its database is replaced by the copy, and everybody is called."""
    copy = office.home / "safe" / "callout.bak"
    office.staffed(60)
    with office.serving("--no-web", CALLOUT_SLOTS="2") as engine:
        office.write(office.inbox, 1)
        wait_for(lambda: called(office) >= 3)
        made = office("backup", "make", str(copy), "--json")
        assert made.code == 0, made.err
        at_backup = called(office)
        office.write(office.inbox, 2)  # what comes after the copy is lost with the database, and the record will say so
        wait_for(lambda: called(office) > at_backup)
        assert office("status", "--here").code == 0
        engine.kill()
    assert office("status", "--here").code == 3
    back = office("backup", "restore", str(copy), "--officer", OFFICER, "--replace", "--json")
    assert back.code == 0, back.err
    assert back.document["seal"] > made.document["seal"]["seq"]
    assert back.document["lost_seals"] > 0
    assert all(Path(path).exists() for path in back.document["aside"])
    with office.serving("--no-web"):
        wait_for(lambda: all_called(office))
        assert office("status", "--json").document["lost"] == 0
    whole = office("audit", "verify", "--json")
    assert (whole.code, whole.document["ok"]) == (0, True), whole.out
    [kept] = office.home.glob("*.checkpoints.before-*")
    broken = office("audit", "verify", "--checkpoints", str(kept), "--json")
    assert broken.code == 2  # whoever holds the older copies sees that the record went back
    assert "存证" in broken.document["findings"][0]["text"]


@pytest.mark.long
@pytest.mark.usefixtures("postgres_programs")
def test_on_postgresql_it_goes_on_from_the_copy_on_another_server(
    office: Office, fresh_postgres: str, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the guide says: dump under load, the server is gone, restore into an empty database, start the worker."""
    here, there = (url.replace("postgresql://", "postgresql+psycopg://") for url in (fresh_postgres, elsewhere))
    copy = office.home / "safe" / "callout.dump"
    monkeypatch.setenv("CALLOUT_DATABASE_URL", here)
    monkeypatch.setenv("CALLOUT_CHECKPOINTS", str(office.home / "seals.jsonl"))
    assert office("db", "upgrade").code == 0
    assert office("roster", "sample", "--people", "60").code == 0
    with office.serving("--no-web", CALLOUT_SLOTS="2") as engine:
        office.write(office.inbox, 1)
        wait_for(lambda: called(office) >= 3)
        made = office("backup", "make", str(copy), "--json")
        assert made.code == 0, made.err
        assert office("status", "--here").code == 0
        engine.kill()
    assert "不是空的" in office("backup", "restore", str(copy), "--officer", OFFICER).err
    monkeypatch.setenv("CALLOUT_DATABASE_URL", there)
    back = office("backup", "restore", str(copy), "--officer", OFFICER, "--json")
    assert back.code == 0, back.err
    assert back.document["findings"] == []
    assert back.document["seal"] > made.document["seal"]["seq"]
    with office.serving("--no-web"):
        wait_for(lambda: all_called(office))
        assert office("status", "--json").document["lost"] == 0
    assert office("audit", "verify", "--json").document["ok"] is True


@pytest.fixture
def backed(office: Office) -> Path:
    """A copy of a quiet system."""
    copy = office.home / "callout.bak"
    office.staffed(60)
    said = office("backup", "make", str(copy))
    assert said.code == 0, said.err
    return copy


def test_it_goes_to_a_new_place_and_the_officer_is_on_record(
    office: Office, backed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLOUT_DATABASE_URL", f"sqlite:///{office.home}/elsewhere/callout.sqlite3")
    assert office("backup", "restore", str(backed), "--officer", OFFICER).code == 0
    assert office("audit", "export", str(office.home / "out")).code == 0
    entries = [json.loads(line) for line in (office.home / "out" / "audit.jsonl").read_text("utf-8").splitlines()]
    [restored] = [one for one in entries if one["event"] == "record.restored"]
    assert restored["actor"] == OFFICER
    assert oct(backed.stat().st_mode & 0o777) == "0o600"


def test_a_trial_beside_the_running_system_leaves_its_copies_of_seals_alone(
    office: Office, backed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the flood season a copy is tried, with the settings of the real system but for the database."""
    held = office.home / "seals.jsonl"
    monkeypatch.setenv("CALLOUT_CHECKPOINTS", str(held))
    assert office("roster", "sample", "--people", "55").code == 0  # sealed, and not in the copy
    before = held.read_bytes()
    assert "--replace" in office("backup", "restore", str(backed), "--officer", OFFICER, "--trial", "--replace").err
    ours = Settings().database_url
    monkeypatch.setenv("CALLOUT_DATABASE_URL", f"sqlite:///{office.home}/spare/callout.sqlite3")
    said = office("backup", "restore", str(backed), "--officer", OFFICER, "--trial", "--json")
    assert (said.code, said.document["findings"], said.document["lost_seals"] > 0) == (0, [], True)
    assert held.read_bytes() == before
    monkeypatch.setenv("CALLOUT_DATABASE_URL", ours)
    assert office("audit", "verify").code == 0


def test_a_copy_that_was_changed_is_not_used(office: Office, backed: Path) -> None:
    backed.write_bytes(backed.read_bytes()[:-1] + b"?")
    said = office("backup", "restore", str(backed), "--officer", OFFICER, "--replace")
    assert said.code == 1
    assert "SHA-256 不符" in said.err
    assert office("audit", "verify").code == 0


def test_a_damaged_copy_without_its_sheet_is_not_used_and_the_old_is_kept(office: Office, backed: Path) -> None:
    Path(f"{backed}.json").unlink()
    backed.write_bytes(b"x" * 10_000)
    said = office("backup", "restore", str(backed), "--officer", OFFICER, "--replace")
    assert said.code == 1
    assert "读不出来" in said.err
    assert office("status").code == 0


def test_it_overwrites_nothing(office: Office, backed: Path) -> None:
    assert "不会覆盖" in office("backup", "make", str(backed)).err
    assert "--replace" in office("backup", "restore", str(backed), "--officer", OFFICER).err
    assert "姓名" in office("backup", "restore", str(backed), "--officer", " ", "--replace").err
    engine = SoleWriter(office.database)
    assert "正由另一个" in office("backup", "restore", str(backed), "--officer", OFFICER, "--replace").err
    engine.release()
    assert office("audit", "verify").code == 0
