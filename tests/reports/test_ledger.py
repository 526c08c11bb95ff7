"""叫应台账: every field of the field, nothing personal unless asked for, and files that do no harm."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from callout.domain.instant import HOUR
from callout.reports.ledger import ledger, lines_of
from callout.reports.ledger_page import LAYOUTS, VOLUME, page, volumes
from callout.reports.ledger_scope import Asked, Shown
from callout.reports.paper import pdf
from callout.reports.tables import Table, as_csv, as_json
from callout.reports.workbook import workbook
from callout.store import schema
from tests.paper import paper_or_skip
from tests.reports.test_record import storm
from tests.reports.world import BAIMA, COUNTY, T0, Books, World
from tests.shape import ROOT

ABOUT = {"导出人": "示例审计员", "封条": "封条 7", "校验值": "ab" * 32}
REPLY = "示例：=已转移12人，请派车"


def tables(world: World, shown: Shown | None = None, *alerts: int) -> dict[str, Table]:
    wanted = alerts or (1,)

    def read(db: object) -> list[Table]:
        lines = [line for line in lines_of(db, COUNTY) if line.alert in wanted]  # type: ignore[arg-type]
        asked = Asked(COUNTY, "示例区", lines, {BAIMA: "示例白马镇"}, shown or Shown())
        return ledger(db, Books(), asked)  # type: ignore[arg-type]

    found: list[Table] = world.database.read(read)
    return {table.title: table for table in found}


def rows(table: Table) -> list[dict[str, object]]:
    return [dict(zip(table.heads, row, strict=True)) for row in table.rows]


def night(world: World) -> None:
    """The storm of the export's tests, and more: a deputy, a reply in words, a roster that was changed meanwhile."""
    storm(world)
    world.put(schema.alert_reference, alert=1, identifier="示例-0")
    world.attempt(4, name="up", target="deputy", responder=5, claimed_at=T0 + 60_000, channel="voice",
                  receipt="heard_whole", receipt_at=T0 + 90_000, tells="picked_up,ended,heard,recording",
                  picked_up_at=T0 + 66_000, ended_at=T0 + 90_000, heard_s=24, recording="RE0123")  # fmt: skip
    world.put(schema.personal, commitment="said", kind="text", salt=b"s", value=REPLY)
    world.answer(4, "contact", ref="r4", body="said")
    world.put(schema.human_call, county=COUNTY, alert=1, post=4, kind="asked", about="r4", note="", state="closed",
              lane=1, opened_at=T0, closed_by="示例·值班员", outcome="已派车")  # fmt: skip
    world.put(schema.incident, county=COUNTY, id="i1", area=BAIMA, hazard="滑坡", at=T0 + HOUR, officer="示例·值班员",
              what="示例村后山滑坡，联系+999 0000 0001", entered_at=T0 + 2 * HOUR)  # fmt: skip
    world.put(schema.personal, commitment="they", kind="name", salt=b"s", value="示例人7、示例人8")
    world.put(schema.journal, county=COUNTY, id=1, kind="consultation", at=T0, entered_at=T0 + 1, alert=1, follows=0,
              attendees="they", text="会商：夜间还有大到暴雨", ref="", officer="示例·带班领导")  # fmt: skip
    listed(world)
    world.put(schema.county, county=COUNTY, name="示例区", roster="v0")
    world.use_roster()


def listed(world: World) -> None:
    """A 转移台账 that names post 4 for two places, and a newer one that came after the warning."""
    for version, at in (("t1", T0 - HOUR), ("t2", T0 + HOUR)):
        world.put(schema.relocation_version, county=COUNTY, version=version, loaded_at=at, loaded_by="tester")
    blank = dict.fromkeys(("place", "risk", "lying", "hazards", "level", "shelter", "route", "signal", "care"), "")
    same = blank | {"county": COUNTY, "area": BAIMA, "ord": 1, "within": 0, "keeper": 0, "organizer": 4}
    world.put(schema.personal, commitment="home", kind="site", salt=b"s", value="示例敬老院")
    world.put(schema.relocation_site, version="t1", site="s1", kind="养老机构", name="home", households=0, people=42,
              immobile=30, **same)  # fmt: skip
    world.put(schema.relocation_site, version="t1", site="s2", kind="隐患点", name="", households=3, people=9,
              immobile=0, **same)  # fmt: skip
    world.put(schema.relocation_site, version="t2", site="s1", kind="学校", name="", households=0, people=1,
              immobile=0, **same)  # fmt: skip


def test_the_fields_of_the_field_are_there(either: World) -> None:
    night(either)
    found = tables(either)
    assert list(found) == [
        *("预警", "叫应", "呼叫", "应答", "升级", "反馈", "人工叫应", "熔断", "险情", "值班日志", "值班", "修改历史"),
    ]
    [warning] = rows(found["预警"])
    assert (warning["引用"], warning["级别"], warning["影响区域"]) == (
        "示例-0",
        "橙色",
        "示例白马镇、stats:500156102",
    )
    callouts = {row["岗位号"]: row for row in rows(found["叫应"])}
    assert len(callouts) == 9, "who was due and has no row stands there too"
    assert (callouts[3]["状态"], callouts[3]["规则"]) == ("缺失：应叫而没有记录", "r1")
    assert (callouts[2]["区划体系"], callouts[1]["区划码"], callouts[1]["层级"]) == (
        "国家统计局",
        "500156101",
        "乡镇（街道）",
    )
    calls = {row["尝试编号"]: row for row in rows(found["呼叫"])}
    spoken = calls[f"{COUNTY}.up"]
    assert [spoken[name] for name in ("对象", "接通时间", "挂断时间", "收听秒数", "录音")] == [
        *("副职", "2025-06-15 08:01:06", "2025-06-15 08:01:30", 24, "有录音（不显示编号）"),
    ]
    assert callouts[4]["包保对象"] == "养老机构 1 处 42 人，行动不便 30 人；隐患点 1 处 9 人", (
        "by the list of that minute"
    )
    assert callouts[1]["包保对象"] == ""
    told, entered = rows(found["险情"])
    assert (entered["预警"], entered["区划"], entered["内容"]) == ("示例-1", "示例白马镇", "示例村后山滑坡，联系…")
    assert (told["来源"], told["处理"]) == ("回话", "示例·值班员；已派车")
    [entry] = rows(found["值班日志"])
    assert (entry["类别"], entry["预警"], entry["内容"]) == ("会商（1+7+N）", "示例-1", "会商：夜间还有大到暴雨")
    [up] = rows(found["升级"])
    assert (up["岗位号"], up["从"], up["到"], up["原因"]) == (4, "本岗", "副职", "限时内未应答")
    assert rows(found["反馈"])[0]["转移人数"] == 12
    assert rows(found["熔断"])[0]["对象数"] == 2


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"tells": ""}, ["未记录", "未记录", "未记录", "未记录"]),
        ({"tells": "-"}, ["渠道不提供", "渠道不提供", "渠道不提供", "不录音"]),
        ({"tells": "picked_up,ended,heard"}, ["未记录", "未记录", "未记录", "不录音"]),
        (
            {"tells": "picked_up,ended,heard", "receipt": "busy", "ended_at": T0},
            ["未接通", "2025-06-15 08:00:00", "", ""],
        ),
        ({"tells": "-", "channel": "sms"}, ["", "", "", ""]),
    ],
)
def test_what_is_not_there_says_why(world: World, given: dict[str, object], words: list[str]) -> None:
    world.alert()
    world.callout(1)
    call: dict[str, Any] = {"channel": "voice", **given}
    world.attempt(1, **call)
    [said] = rows(tables(world)["呼叫"])
    assert [said[name] for name in ("接通时间", "挂断时间", "收听秒数", "录音")] == words
    assert {row["包保对象"] for row in rows(tables(world)["叫应"])} == {"未记录"}, "no 转移台账 was ever loaded"


def test_a_text_beside_a_held_call_says_for_which_step_it_stands_and_the_call_is_no_second_escalation(
    world: World,
) -> None:
    """All voice is lost: deputy and superior are texted, and rung as soon as the line is back."""
    world.alert()
    world.callout(1)
    world.attempt(1, claimed_at=T0)
    up = [("deputy", 2, "sms", "2 outage"), ("superior", 3, "sms", "3 window"),
          ("deputy", 2, "voice", ""), ("superior", 3, "voice", "")]  # fmt: skip
    for at, (target, person, channel, step) in enumerate(up, 1):
        world.attempt(1, name=f"up{at}", target=target, responder=person, channel=channel, instead=step,
                      claimed_at=T0 + at * 60_000)  # fmt: skip
    found = tables(world)
    assert [(row["渠道"], row["代叫"]) for row in rows(found["呼叫"])] == [
        *(("短信", ""), ("短信", "代第2步，通道都不通"), ("短信", "代第3步，这个号码已打满")),
        *(("语音", ""), ("语音", "")),
    ]
    assert [(row["从"], row["到"]) for row in rows(found["升级"])] == [("本岗", "副职"), ("副职", "上级")]
    assert "代第2步，通道都不通" in page("示例台账", ABOUT, [*found.values()], ROOT / "templates")


def test_a_roster_changed_after_the_warning_stands_in_the_history(either: World) -> None:
    night(either)
    history = rows(tables(either)["修改历史"])
    assert [(row["事项"], row["操作人"]) for row in history] == [
        ("名册 loaded", "tester"),
        ("方案和名册 roster_in_force", "tester"),
    ]


def test_nothing_personal_leaves_the_house_unless_it_was_asked_for(world: World) -> None:
    night(world)
    masked = json.dumps(as_json([*tables(world).values()]), ensure_ascii=False)
    assert "示例人" not in masked
    assert "+999" not in masked
    for hidden in (REPLY, "RE0123", "示例敬老院"):
        assert hidden not in masked
    full = json.dumps(as_json([*tables(world, Shown(full=True)).values()]), ensure_ascii=False)
    for shown in ("示例人5", "+999000000004", REPLY, "RE0123", "示例敬老院", "示例人7、示例人8"):
        assert shown in full


def test_what_was_erased_stays_erased(world: World) -> None:
    night(world)
    world.change(schema.personal, {"commitment": "said"}, value=None, salt=None)
    found = rows(tables(world, Shown(full=True))["应答"])
    assert [row["原文"] for row in found if row["岗位号"] == 4 and row["方式"] == "有回话，未应答"] == ["已删除"]


def test_several_warnings_stand_in_one_ledger(world: World) -> None:
    night(world)
    world.alert(2, sent=T0 + HOUR)
    world.all_answered(alert=2)
    found = tables(world, None, 1, 2)
    assert [len(found[name].rows) for name in ("预警", "叫应")] == [2, 18]
    assert "预警2" in page("示例台账", ABOUT, [*found.values()], ROOT / "templates")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", '=HYPERLINK("x")'])
def test_no_cell_of_any_file_is_a_formula(cell: str) -> None:
    table = Table("示例", ("一", "=二"), [(cell, 3)])
    book = load_workbook(io.BytesIO(workbook(cell, {"导出人": cell}, [table])))
    assert {c.data_type for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None} <= {
        "s",
        "n",
    }
    assert book["示例"]["A2"].value == cell
    assert book["示例"]["A2"].quotePrefix
    [_, line] = list(csv.reader(io.StringIO(as_csv(table).decode("utf-8-sig"), newline="")))
    assert line == [f"'{cell}", "3"]


def test_a_workbook_has_its_heads_and_filters(world: World) -> None:
    night(world)
    book = load_workbook(io.BytesIO(workbook("示例台账", ABOUT, [*tables(world).values()])))
    assert book.sheetnames[:3] == ["说明", "预警", "叫应"]
    assert {row[0].value: row[1].value for row in book["说明"].iter_rows()}["校验值"] == ABOUT["校验值"]
    assert (book["叫应"].freeze_panes, book["叫应"].auto_filter.ref, book["叫应"].max_row) == ("A2", "A1:S10", 10)


def test_control_signs_spoil_no_workbook() -> None:
    assert load_workbook(io.BytesIO(workbook("示例", {}, [Table("示例", ("一",), [("a\x00b\x0bc" * 9_000,)])])))


def test_every_field_of_a_folded_table_is_somewhere_on_paper(world: World) -> None:
    night(world)
    for title, layout in LAYOUTS.items():
        placed = {name.lstrip("*") for _, names, _ in layout for name in names}
        assert placed == set(tables(world)[title].heads), title


def test_a_long_ledger_comes_in_volumes_each_of_which_tells_of_the_warnings() -> None:
    first, calls, rest = (
        Table("预警", ("预警",), [("示例-1",)]),
        Table("呼叫", ("一",), [(n,) for n in range(VOLUME + 5)]),
        Table("应答", ("一",), []),
    )
    one, two = volumes([first, calls, rest])
    assert [table.title for table in one] == ["预警", "呼叫"]
    assert [(table.title, len(table.rows)) for table in two] == [("预警", 1), ("呼叫", 5), ("应答", 0)]
    assert [row for part in (one, two) for row in part[1].rows] == calls.rows
    assert len(volumes([first, Table("呼叫", ("一",), [(1,)] * VOLUME), rest])) == 1


@pytest.mark.long
def test_on_paper_heads_and_checkpoint_stand_on_every_page_and_fonts_travel_with_it(world: World) -> None:
    paper_or_skip()
    night(world)
    found = tables(world)
    long = Table("叫应", found["叫应"].heads, [*found["叫应"].rows] * 12)
    html = page("示例台账<b>", ABOUT, [found["预警"], long], ROOT / "templates")
    paper = PdfReader(io.BytesIO(pdf(html)))
    texts = [each.extract_text() for each in paper.pages]
    assert len(texts) > 2
    for text in texts:
        assert "岗位" in text
        assert ABOUT["校验值"] in text
        assert f"共 {len(texts)} 页" in text
    assert "示例台账<b>" in texts[0]
    fonts = [font.get_object() for each in paper.pages for font in each["/Resources"]["/Font"].values()]  # type: ignore[index]
    inside = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
    assert all({"/FontFile2", "/FontFile3"} & set(one.get_object()) for one in inside)


def test_paper_fetches_nothing(tmp_path: Path) -> None:
    paper_or_skip()
    secret = tmp_path / "secret.svg"
    secret.write_text("<svg xmlns='http://www.w3.org/2000/svg'><text>机密</text></svg>", encoding="utf-8")
    made = PdfReader(io.BytesIO(pdf(f"<p>示例</p><img src='{secret.as_uri()}'>")))
    assert "机密" not in made.pages[0].extract_text()


def test_without_a_chinese_font_there_is_a_sentence_and_no_paper(tmp_path: Path) -> None:
    paper_or_skip()
    (tmp_path / "fonts.conf").write_text("<?xml version='1.0'?><fontconfig><dir>/nowhere</dir></fontconfig>")
    script = "from callout.reports.paper import pdf\ntry: pdf('<p>示例</p>')\nexcept Exception as e: print(e)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT,
        env={**os.environ, "FONTCONFIG_FILE": str(tmp_path / "fonts.conf")},
    )  # fmt: skip
    assert "请安装 fonts-noto-cjk" in done.stdout
