"""What leaves the house by command is on record: the auditor's export, and every report that is more than a look."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from callout.store.database import Database
from callout.store.sealing import tail
from tests.cli.office import Office

DAYS = ("--from", "2020-01-01", "--to", "2099-12-31")


@pytest.fixture
def stormy(office: Office) -> Office:
    """An office with one warning on record."""
    office.staffed(60)
    assert office("receive", str(office.write(office.home, 1))).code == 0
    return office


def entries(office: Office, kind: str) -> list[tuple[str, str, dict[str, Any]]]:
    database = Database(f"sqlite:///{office.database}")
    found = [one for one in database.read(lambda db: tail(db, 0, 100_000)) if one.event.startswith(f"{kind}.")]
    database.close()
    return [(one.event, one.actor, json.loads(one.detail)) for one in found]


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_the_auditors_export_is_on_record_and_holds_the_entry_and_the_seal_over_it(stormy: Office) -> None:
    out = stormy.home / "out"
    said = stormy("audit", "export", str(out), "--officer", "示例审计员")
    assert (said.code, said.err) == (0, "")
    (first, by, asked), (second, _, written) = entries(stormy, "record")
    assert (first, second, by, asked["files"]) == ("record.exported", "record.written", "示例审计员", {})
    assert written["files"] == {"README.txt": sha256(out / "README.txt")}
    newest = lines(out / "seals.jsonl")[-1]
    assert newest["hash"] in said.out
    readme = (out / "README.txt").read_text(encoding="utf-8-sig")
    assert newest["hash"] in readme
    assert "导出人：示例审计员" in readme
    assert "没有写入记录" not in readme
    assert newest["hash"] in {held["hash"] for held in lines(out / "checkpoints.jsonl")}
    [entry] = [one for one in lines(out / "audit.jsonl") if one["event"] == "record.exported"]
    assert [entry["xid"], entry["id"]] <= newest["hi"]
    assert stormy("audit", "verify", "--export", str(out)).code == 0
    assert stormy("audit", "verify").code == 0


@pytest.mark.parametrize("form", ["html", "xlsx"])
def test_a_report_that_is_a_file_is_on_record_with_its_hash_and_carries_the_seal(stormy: Office, form: str) -> None:
    file = stormy.home / f"分析.{form}"
    said = stormy("report", *DAYS, "--format", form, "--out", str(file))
    assert (said.code, said.err) == (0, "")
    (first, by, asked), (second, _, written) = entries(stormy, "report")
    assert (first, second, asked["format"]) == ("report.exported", "report.written", form)
    assert by.startswith("本机账户 ")
    assert written["files"] == {file.name: sha256(file)}
    seals = {seal["hash"] for seal in lines(Path(f"{stormy.database}.checkpoints"))}
    [seal] = [one for one in seals if one in said.out]
    if form == "html":
        assert seal in file.read_text(encoding="utf-8")


def test_json_is_on_record_a_look_at_the_screen_is_not_and_an_export_has_no_record_to_write_in(stormy: Office) -> None:
    assert stormy("report", *DAYS).code == 0
    assert entries(stormy, "report") == []
    document = stormy("report", *DAYS, "--format", "json", "--officer", "示例审计员").document
    assert [(event, by) for event, by, _ in entries(stormy, "report")] == [("report.exported", "示例审计员")]
    assert document["about"]["校验值"] in Path(f"{stormy.database}.checkpoints").read_text(encoding="utf-8")
    out = stormy.home / "out"
    assert stormy("audit", "export", str(out)).code == 0
    assert (
        "只由一份导出得出"
        in stormy("report", *DAYS, "--format", "json", "--export", str(out)).document["about"]["来源"]
    )
    assert len(entries(stormy, "report")) == 1


def only_reading(url: str, how: str) -> str:
    """The same database for an account that may only look, or as a replica serves it."""
    if how == "replica":
        return f"{url}{'&' if '?' in url else '?'}options=-c%20default_transaction_read_only%3Don"
    database = Database(url)
    try:
        with database.engine.begin() as db:
            db.execute(text("DROP ROLE IF EXISTS callout_auditor"))
            db.execute(text("CREATE ROLE callout_auditor"))
            db.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO callout_auditor"))
    finally:
        database.close()
    return f"{url}{'&' if '?' in url else '?'}options=-c%20role%3Dcallout_auditor"


def test_from_a_database_that_may_only_be_read_an_export_says_that_it_is_on_no_record(
    office: Office, migrated_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLOUT_DATABASE_URL", migrated_postgres)
    office.staffed(60)
    assert office("receive", str(office.write(office.home, 1))).code == 0
    report = ("report", *DAYS, "--format", "json")
    monkeypatch.setenv("CALLOUT_DATABASE_URL", only_reading(migrated_postgres, "replica"))
    assert office(*report).code == 1
    assert "没有写入记录" in office(*report, "--unrecorded").document["about"]
    monkeypatch.setenv("CALLOUT_DATABASE_URL", only_reading(migrated_postgres, "account"))
    out, book = office.home / "out", office.home / "book"
    record, ledger = ("audit", "export", str(out)), ("ledger", str(book), "--officer", "示例审计员", *DAYS)
    for asked in (record, (*ledger, "--format", "json"), report):
        said = office(*asked)
        assert (said.code, "数据库只读" in said.err, "--unrecorded" in said.err) == (1, True, True)
    assert not out.exists()
    full = office(*ledger, "--full", "--reason", "调查", "--unrecorded")
    assert (full.code, "不能不写记录就导出" in full.err) == (1, True)
    assert "须在库外另行登记" in office(*record, "--unrecorded").out
    assert "没有写入记录" in (out / "README.txt").read_text(encoding="utf-8-sig")
    assert office("audit", "verify", "--export", str(out)).code == 0
    assert office(*ledger, "--format", "json", "--unrecorded").code == 0
    [file] = book.iterdir()
    assert "由示例审计员没有写入记录" in json.loads(file.read_text(encoding="utf-8"))["说明"]["没有写入记录"]
    monkeypatch.setenv("CALLOUT_DATABASE_URL", migrated_postgres)
    assert office(*record, "--unrecorded").code == 0
    assert "没有写入记录" not in (out / "README.txt").read_text(encoding="utf-8-sig"), "it can be written, so it is"
