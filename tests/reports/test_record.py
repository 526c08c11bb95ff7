"""The auditor's export: files that open, cells that do no harm, a chain that can be checked from the files alone."""

import csv
import hashlib
import json
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from callout.domain.callout import CalloutKey
from callout.domain.instant import later
from callout.reports import words
from callout.reports.raw_tables import ABOUT, KEPT
from callout.reports.record import Going, export
from callout.reports.sheets import mask_name, mask_number
from callout.reports.tables import safe
from callout.reports.timeline import course
from callout.store import schema
from tests.reports.world import BAIMA, COUNTY, T0, VACANT, World

OTHER = "500151"
RAW = [*(f"{table.name}.jsonl" for table in KEPT), ABOUT]
TABLES = ["alerts.csv", "callouts.csv", "attempts.csv", "answers.csv", "human_calls.csv", "stop_work.csv",
          "stop_decisions.csv", "feedback.csv", "relocations.csv"]  # fmt: skip


def read(folder: Path, name: str) -> list[dict[str, str]]:
    raw = (folder / name).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))


def json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def exported(world: World, folder: Path, county: str | None = None) -> Path:
    made: list[Path] = world.database.read(lambda db: export(db, folder, Going(county)))
    assert [path.name for path in made] == [
        *TABLES, "seals.jsonl", "leaves.jsonl", "checkpoints.jsonl", "audit.jsonl", *RAW, "verify_record.py",
        "README.txt",
    ]  # fmt: skip
    assert all(path.is_file() for path in made)
    return folder


def storm(world: World) -> None:
    world.alert()
    world.all_answered(1, 2, 3)
    world.callout(1, "waiting")
    world.attempt(1, name="0", state="refused", submitted_at=T0)
    world.attempt(1, name="a", state="unknown")
    world.attempt(1, name="b", receipt="delivered", submitted_at=T0 + 5_000, repeated=1, channel="voice",
                  picked_up_at=T0 + 9_000, ended_at=T0 + 29_000, heard_s=20, recording="RE9",
                  receipt_at=T0 + 29_000)  # fmt: skip
    world.callout(2, late=1, grade="proxy", answered_at=T0 + 3_723_000)
    world.answer(2, "proxy", late=1, moved=12)
    world.human_call(2, "person_silent", note="=示例(1)")
    world.stop_work(1, BAIMA, "停学", 2)
    decision = {"event": "ordered", "title": "副区长", "basis": "=会商", "officer": "示例·值班员", "at": T0}
    nothing = dict.fromkeys(("name", "exceptions", "checks", "evidence"), "")
    world.put(schema.stop_decision, county=COUNTY, id=1, **decision, **nothing)
    given = {"kind": "转移", "state": "given", "people": 12, "given_at": T0, "due_at": T0, "opened_at": T0}
    world.put(schema.feedback, county=COUNTY, alert=1, post=2, episode=1, rule="r1", lane=1, **given)


def test_every_due_pair_has_its_line(either: World, tmp_path: Path) -> None:
    storm(either)
    either.callout(1, "answered", round=1)
    found = {row["岗位"]: row for row in read(exported(either, tmp_path / "new" / "export"), "callouts.csv")}
    assert len(found) == VACANT
    assert found["示例1村书记"] == {
        "预警": "示例-1",
        "岗位": "示例1村书记",
        "区划": BAIMA,
        "责任人": "示**",
        "规则": "r1",
        "预案版本": "b1",
        "名册版本": "v1",
        "状态": "待答",
        "首次发起": "2025-06-15 08:00:01",
        "应答时间": "",
        "应答方式": "",
        "是否迟答": "否",
    }
    proxy, lacking = found["示例2村书记"], found["示例3村书记"]
    assert (proxy["应答方式"], proxy["是否迟答"], proxy["应答时间"]) == ("代答", "是", "2025-06-15 09:02:03")
    assert (lacking["状态"], lacking["规则"], lacking["首次发起"]) == ("缺失：应叫而没有记录", "r1", "")
    assert found["示例9村书记"]["责任人"] == "空缺"


def test_what_the_plan_stage_has_yet_to_open_is_not_called_missing(world: World, tmp_path: Path) -> None:
    world.alert(state="planning", cursor=2)
    found = read(exported(world, tmp_path), "callouts.csv")
    assert [row["岗位"] for row in found] == ["示例1村书记", "示例2村书记"]


def test_attempts_show_the_end_of_the_number_only(either: World, tmp_path: Path) -> None:
    storm(either)
    either.attempt(4, 6, name="up", target="superior", state="refused")
    either.change(schema.personal, {"value": "+999000000005"}, value=None, salt=None)
    found = {row["尝试编号"]: row for row in read(exported(either, tmp_path), "attempts.csv")}
    first = found[f"{COUNTY}.b"]
    assert {k: first[k] for k in ("渠道", "号码", "对象", "状态", "回执", "提交时间", "可能重复", "岗位编号")} == {
        "渠道": "语音",
        "号码": "****0001",
        "对象": "本岗",
        "状态": "通道已接收",
        "回执": "送达",
        "提交时间": "2025-06-15 08:00:05",
        "可能重复": "是",
        "岗位编号": "1",
    }
    assert [first[name] for name in ("接通时间", "挂断时间", "收听秒数")] == [
        *("2025-06-15 08:00:09", "2025-06-15 08:00:29", "20"),
    ]
    assert "RE9" not in "".join(file.read_text(encoding="utf-8") for file in tmp_path.rglob("*.*l"))
    told = either.database.read(lambda db: course(db, CalloutKey(COUNTY, 1, 1, 0), T0))
    assert (later(T0, 9_000), "电话接通，线上 20 秒") in {(one.at, one.what) for one in told}
    assert found[f"{COUNTY}.a"]["状态"] == "结果不明"
    assert set(found[f"{COUNTY}.up"]["岗位编号"].split(";")) == {"4", "6"}
    assert [row["号码"] for row in found.values() if row["岗位编号"] == "5"] == ["已删除"]


def test_the_other_tables(either: World, tmp_path: Path) -> None:
    storm(either)
    folder = exported(either, tmp_path)
    alert, answers = read(folder, "alerts.csv")[0], {row["岗位编号"]: row for row in read(folder, "answers.csv")}
    assert (alert["级别"], alert["发布时间"], alert["标题"], alert["状态"]) == (
        "橙色",
        "2025-06-15 08:00:00",
        "'=示例标题",
        "已全部展开",
    )
    assert (answers["2"]["应答方式"], answers["2"]["转移人数"], answers["4"]["转移人数"]) == ("代答", "12", "")
    assert [(r["类型"], r["状态"], r["说明"]) for r in read(folder, "human_calls.csv")] == [
        ("他人代答，本人未应", "待认领", "'=示例(1)")
    ]
    stop = [(r["类别"], r["对象数"], r["状态"], r["决定编号"]) for r in read(folder, "stop_work.csv")]
    assert stop == [("停学", "2", "已建议", "0")]
    made = [(r["事项"], r["职务"], r["依据"], r["生效时间"]) for r in read(folder, "stop_decisions.csv")]
    assert made == [("已决定", "副区长", "'=会商", "")]
    owed = [(r["类别"], r["状态"], r["转移户数"], r["转移人数"]) for r in read(folder, "feedback.csv")]
    assert owed == [("转移", "已反馈", "", "12")]


def test_no_name_and_no_number_leaves_the_house(world: World, tmp_path: Path) -> None:
    storm(world)
    everything = "".join(path.read_text(encoding="utf-8") for path in exported(world, tmp_path).rglob("*.*"))
    assert "示例人" not in everything
    assert "+999" not in everything


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠a"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert safe(cell) == f"'{cell}"


@pytest.mark.parametrize(("cell", "text"), [("示例", "示例"), (None, ""), (0, "0"), ("a=1", "a=1"), ("'=1", "'=1")])
def test_harmless_cells_stay_as_they_are(cell: object, text: str) -> None:
    assert safe(cell) == text


def test_masks() -> None:
    assert (mask_name("示例人"), mask_name(""), mask_name(None)) == ("示**", "空缺", "已删除")
    assert (mask_number("+999000001234"), mask_number(None)) == ("****1234", "已删除")


@pytest.mark.parametrize("kind", words.TABLES)
def test_every_value_has_a_word(kind: type[StrEnum]) -> None:
    assert set(words.TABLES[kind]) == {each.value for each in kind}


def sealed(world: World) -> None:
    """Two seals over entries of two counties and of none, and one entry after them."""
    for county in ("", COUNTY, OTHER, "", COUNTY):
        world.note(county, "详情")
    world.seal()
    world.note(OTHER)
    world.note(COUNTY)
    world.seal(later(T0, 1))
    world.note(OTHER)


def canonical(fields: list[Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def leaf_of(line: dict[str, Any]) -> bytes:
    if "leaf" in line:
        return bytes.fromhex(line["leaf"])
    names = (
        "id",
        "xid",
        "county",
        "at",
        "event",
        "alert",
        "post",
        "attempt",
        "ref",
        "before",
        "after",
        "actor",
        "commitment",
        "detail",
    )
    return hashlib.sha256(b"\0" + canonical([line[name] for name in names])).digest()


def merged(level: list[bytes]) -> str:
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\1" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0].hex()


@pytest.mark.parametrize("county", [None, COUNTY])
def test_the_chain_can_be_checked_as_the_readme_says(either: World, tmp_path: Path, county: str | None) -> None:
    sealed(either)
    folder = exported(either, tmp_path, county)
    entries, prev = json_lines(folder / "audit.jsonl"), "0" * 64
    for seal in json_lines(folder / "seals.jsonl"):
        inside = [e for e in entries if seal["lo"] <= [e["xid"], e["id"]] <= seal["hi"]]
        fields = canonical([seal[name] for name in ("seq", "lo", "hi", "count", "root", "prev", "at")])
        assert (len(inside), merged([leaf_of(e) for e in inside])) == (seal["count"], seal["root"])
        assert (seal["prev"], hashlib.sha256(fields).hexdigest()) == (prev, seal["hash"])
        prev = seal["hash"]
    assert len(entries) == either.run(lambda db: len(db.execute(schema.audit.select()).all()))


def test_a_countys_export_shows_nothing_of_another(world: World, tmp_path: Path) -> None:
    sealed(world)
    world.use_roster(OTHER)
    world.alert()
    world.alert(again=True, county=OTHER)
    world.human_call(1, "vacant", county=OTHER)
    folder = exported(world, tmp_path, COUNTY)
    assert [row["区县"] for row in read(folder, "alerts.csv")] == [COUNTY]
    assert len(read(folder, "callouts.csv")) == VACANT
    assert read(folder, "human_calls.csv") == []
    others = [line for line in json_lines(folder / "audit.jsonl") if line.get("county", OTHER) == OTHER]
    assert others
    assert all(set(line) == {"id", "xid", "leaf"} for line in others)


def test_the_readme_names_every_file_with_its_hash(world: World, tmp_path: Path) -> None:
    storm(world)
    folder = exported(world, tmp_path)
    text = (folder / "README.txt").read_text(encoding="utf-8-sig")
    for path in folder.rglob("*.*"):
        if path.name != "README.txt":
            assert f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}" in text


def test_an_empty_database_exports_headers(world: World, tmp_path: Path) -> None:
    folder = exported(world, tmp_path)
    assert exported(world, tmp_path) == folder
    assert all(read(folder, name) == [] for name in TABLES)
