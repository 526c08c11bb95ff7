"""callout ledger as an auditor types it: masked, on record, under a seal; more only by name and for a reason."""

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from callout.app import App
from callout.cli.control import open_app
from callout.settings import Settings
from callout.store.database import Database, SoleWriter
from callout.store.sealing import tail
from tests.cli.office import Office


@pytest.fixture
def stormy(office: Office) -> Office:
    """An office with one warning on record, everybody due, nobody called yet."""
    office.staffed(60)
    assert office("receive", str(office.write(office.home, 1))).code == 0
    settings = Settings()
    lock = SoleWriter(office.database)
    app = open_app(settings, ())
    asyncio.run(plan_all(app))
    app.close()
    lock.release()
    return office


async def plan_all(app: App) -> None:
    await app.stages["plan"]()


def entries(office: Office) -> list[tuple[str, str, dict[str, Any]]]:
    database = Database(f"sqlite:///{office.database}")
    found = [one for one in database.read(lambda db: tail(db, 0, 100_000)) if one.event.startswith("ledger.")]
    database.close()
    return [(one.event, one.actor, json.loads(one.detail)) for one in found]


def made(folder: Path, ending: str) -> Path:
    [found] = folder.glob(f"*{ending}")
    return found


def test_an_export_is_on_record_with_its_files_and_carries_a_seal_that_holds(stormy: Office) -> None:
    out = stormy.home / "out"
    said = stormy("ledger", str(out), "--officer", "示例审计员", "--alert", "1", "--format", "json,xlsx,csv")
    assert (said.code, said.err) == (0, "")
    (first, actor, asked), (second, _, written) = entries(stormy)
    assert (first, second, actor) == ("ledger.exported", "ledger.written", "示例审计员")
    assert (asked["full"], asked["files"]) == (False, {})
    assert written["files"] == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(out.iterdir())
    }
    document = json.loads(made(out, ".json").read_text(encoding="utf-8"))
    seals = [json.loads(line) for line in Path(f"{stormy.database}.checkpoints").read_text().splitlines()]
    assert document["说明"]["校验值"] in {seal["hash"] for seal in seals}
    assert len(document["叫应"]) > 0
    assert stormy("audit", "verify").code == 0
    assert made(out, ".json").stat().st_mode & 0o077 == 0


def test_whoever_wants_the_numbers_gives_a_reason_and_it_is_on_record(stormy: Office) -> None:
    out = stormy.home / "out"
    command = ("ledger", str(out), "--officer", "示例审计员", "--alert", "1", "--format", "json", "--full")
    refused = stormy(*command)
    assert (refused.code, out.exists(), entries(stormy)) == (1, False, [])
    assert "--reason" in refused.err
    assert stormy(*command, "--reason", "示例调查组调阅").code == 0
    assert [(told["full"], told["reason"]) for _, _, told in entries(stormy)] == [(True, "示例调查组调阅")] * 2
    document = json.loads(made(out, ".json").read_text(encoding="utf-8"))
    assert document["说明"]["个人信息"] == "完整，事由：示例调查组调阅"
    assert not [row["责任人"] for row in document["叫应"] if row["责任人"].endswith("**")]


def test_a_period_gives_one_ledger_for_each_process(stormy: Office) -> None:
    out = stormy.home / "out"
    period = ("--from", "2020-01-01", "--to", "2099-12-31")
    assert stormy("ledger", str(out), "--officer", "示例审计员", *period, "--format", "json").code == 0
    assert len([*out.iterdir()]) == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [(("--alert", "7"), "没有符合的预警"), (("--from", "昨天", "--to", "2026-01-01"), "不是日期"),
     (("--alert", "1", "--format", "docx"), "没有“docx”这种格式")],
)  # fmt: skip
def test_mistakes_are_one_sentence_each(stormy: Office, options: tuple[str, ...], sentence: str) -> None:
    said = stormy("ledger", str(stormy.home / "out"), "--officer", "示例审计员", *options)
    assert said.code == 1
    assert sentence in said.err
    assert entries(stormy) == []
