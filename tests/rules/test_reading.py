import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.errors import RuleError
from callout.domain.feedback import FeedbackKind
from callout.domain.instant import HOUR, MINUTE
from callout.domain.ladder import ChannelKind, Target
from callout.domain.rule import Call, Condition, FeedbackDuty, StopWorkCode, StopWorkProposal
from callout.rulebook.reading import parse, read_files, version

AREAS = """\
county: {gb2260: "500156", name: 示例区}
townships:
  - {name: 白马镇, stats: "500156101", mca: "500156107"}
  - {name: 石桥苗族土家族乡, alias: 石桥乡, stats: null, mca: "500156216"}
"""
LADDERS = """\
ladders:
  red:
    strictness: 40
    steps:
      - {target: 本人, number: 1, day: 短信, night: 语音, wait: 60秒}
      - {target: superior, day: voice, night: voice, wait: 5分钟}
"""
COUNTY = """\
county: {gb2260: "500156", name: 示例区}
desk: {role: 区应急值班室, ladder: red}
roles: [区应急值班室]
rules:
  - id: 值守
    hazard: 暴雨
    calls:
      - {roles: [区应急值班室], ladder: red}
"""
TOWNSHIP = """\
township: {system: stats, code: "500156101", name: 白马镇}
roles: [值班员, 网格员]
rules:
  - id: 橙色起
    hazard: [暴雨, flash_flood]
    level: {at_least: 橙色}
    calls:
      - roles:
          - 值班员
          - 网格员
        ladder: red
    measure: 上门喊应
    feedback:
      - {kind: 转移, within: 2小时, roles: [网格员]}
      - {kind: 到岗, within: 30m}
"""
INDUSTRY = """\
industry: 建设
roles: [工地负责人]
rules:
  - id: 停工
    hazard: 暴雨
    level: red
    stop_work:
      - {code: 停工, role: 工地负责人, measure: 停止露天作业}
"""
FILES = {
    "areas/500156.yaml": AREAS,
    "county.yaml": COUNTY,
    "industries/construction.yaml": INDUSTRY,
    "ladders.yaml": LADDERS,
    "townships/500156101-白马镇.yaml": TOWNSHIP,
}
SIGNAL = Condition("kind", "预警信号")
TOWN = "townships/500156101-白马镇.yaml"
SITE = "industries/construction.yaml"


def refusal(files: dict[str, str], county: str = "500156") -> str:
    with pytest.raises(RuleError) as refused:
        parse(files, county)
    return str(refused.value)


def test_a_small_rulebook_reads_as_written() -> None:
    book = parse(FILES, "500156")
    baima, shiqiao = book.county.townships
    assert (book.county.key, baima.key, shiqiao.key) == ("gb2260:500156", "stats:500156101", "mca:500156216")
    assert shiqiao.aliases == ("石桥乡",)
    assert book.planned == {baima.key}
    assert (book.desk_role, book.desk_ladder) == ("区应急值班室", "red")
    first, second = book.ladders["red"].steps
    assert (first.target, first.number, first.day, first.night, first.wait) == (
        Target.HOLDER,
        1,
        ChannelKind.SMS,
        ChannelKind.VOICE,
        60_000,
    )
    assert (second.target, second.number, second.wait) == (Target.SUPERIOR, 1, 300_000)


def test_rules_say_where_they_hold_and_what_they_ask() -> None:
    county, industry, township = parse(FILES, "500156").rules
    assert (county.id, county.areas) == ("county/值守", frozenset({"gb2260:500156"}))
    assert county.when == (Condition("hazard", "暴雨"), SIGNAL)
    assert (industry.areas, industry.when[1]) == (frozenset(), Condition("level", "red"))
    assert industry.proposals == (StopWorkProposal(StopWorkCode.SITE, "工地负责人", "停止露天作业"),)
    assert (township.id, township.plan) == ("500156101-白马镇/橙色起", "500156101-白马镇")
    assert township.areas == {"stats:500156101"}
    assert township.when == (Condition("hazard", "暴雨,山洪"), Condition("level_at_least", "orange"), SIGNAL)
    assert township.calls == (Call(("值班员", "网格员"), "red"),)
    assert township.measure == "上门喊应"
    assert township.feedback == (
        FeedbackDuty(FeedbackKind.MOVED, 2 * HOUR, ("网格员",)),
        FeedbackDuty(FeedbackKind.ON_POST, 30 * MINUTE, ("值班员", "网格员")),
    )


def test_a_township_without_a_statistics_code_is_named_by_the_other_system() -> None:
    plan = TOWNSHIP.replace(
        '{system: stats, code: "500156101", name: 白马镇}', "{system: mca, code: '500156216', name: 石桥苗族土家族乡}"
    )
    book = parse({**FILES, "townships/石桥.yaml": plan}, "500156")
    assert "mca:500156216" in book.planned


def test_the_version_depends_on_every_text_and_name_but_not_on_order() -> None:
    assert parse(dict(reversed(FILES.items())), "500156").version == parse(FILES, "500156").version == version(FILES)
    assert version({**FILES, TOWN: TOWNSHIP + "\n"}) != version(FILES)
    assert version({"a": "b"}) != version({"b": "a"})


def test_files_of_another_county_are_left_alone() -> None:
    assert parse({**FILES, "areas/500110.yaml": "not: [read"}, "500156").county.code == "500156"


def mistakes() -> Iterator[tuple[str, ...]]:
    """The rows of mistakes.txt; a `\\n` there is a line break."""
    for line in Path(__file__).with_name("mistakes.txt").read_text(encoding="utf-8").splitlines():
        row = tuple(part.replace("\\n", "\n") for part in line.split(" | "))
        if row[0] in FILES:
            yield row


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        *mistakes(),
        (TOWN, "    hazard:", "\thazard:", "第 5 行：YAML 写法有误；缩进里有制表符"),
        (TOWN, "上门喊应", "\x07", "第 12 行：有不可见的控制字符"),
        (TOWN, "上门喊应", "2026-13-45", "：有不存在的日期，或括号层次过深"),
        (TOWN, "上门喊应", "[" * 5000, "：有不存在的日期，或括号层次过深"),
    ],
)
def test_every_mistake_is_named_with_file_line_key_and_mend(file: str, old: str, new: str, message: str) -> None:
    assert old in FILES[file]
    said = refusal({**FILES, file: FILES[file].replace(old, new, 1)})
    assert said.removeprefix(file).lstrip().startswith(message)
    assert re.search("请|应为|不能|只能", said)


@given(
    st.sampled_from(sorted(FILES)), st.integers(0, 400), st.sampled_from(["", "：", "\n", "[", "- ", "x: ", "  ", "0"])
)
def test_a_damaged_file_is_read_or_refused_and_never_crashes(file: str, at: int, junk: str) -> None:
    text = FILES[file]
    damaged = {**FILES, file: text[:at] + junk + text[at + 1 :]}
    try:
        outcome = parse(damaged, "500156").version
    except RuleError as refused:
        outcome = str(refused)
    assert outcome == version(damaged) or outcome.startswith(tuple(FILES))


def test_full_width_punctuation_is_pointed_out() -> None:
    assert "中文冒号" in refusal({**FILES, TOWN: TOWNSHIP.replace("roles: [值班员", "roles： [值班员")})


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"townships/x.yml": TOWNSHIP}, "townships/x.yml：不认识的规则文件"),
        ({"x.yaml": TOWNSHIP}, "x.yaml：不认识的规则文件"),
        ({"township/x.yaml": TOWNSHIP}, "township/x.yaml：不认识的规则文件"),
        ({"townships/sub/x.yaml": TOWNSHIP}, "townships/sub/x.yaml：不认识的规则文件"),
        ({"townships/x.yaml": TOWNSHIP}, f"townships/x.yaml 第 1 行 township：白马镇已有方案 {TOWN}"),
        ({"townships/construction.yaml": TOWNSHIP}, f"townships/construction.yaml：与 {SITE} 同名"),
        ({"townships/a,b.yaml": TOWNSHIP}, "townships/a,b.yaml：文件名不能含逗号"),
        ({"townships/x.yaml": "# 空\n"}, "townships/x.yaml 第 1 行：文件是空的"),
        ({"townships/x.yaml": "[]"}, "townships/x.yaml 第 1 行：应为“键: 值”的形式"),
        ({SITE: INDUSTRY + INDUSTRY[INDUSTRY.index("  - id") :]}, f"{SITE} 第 1 行：规则编号“停工”写了两次"),
    ],
)
def test_files_that_nobody_would_follow_are_refused(extra: dict[str, str], message: str) -> None:
    assert refusal({**FILES, **extra}).startswith(message)


@pytest.mark.parametrize("name", ["county.yaml", "ladders.yaml"])
def test_a_missing_file_is_named(name: str) -> None:
    assert refusal({k: v for k, v in FILES.items() if k != name}) == f"{name}：缺少这个文件；请补上。"


def test_an_unknown_county_is_named() -> None:
    assert refusal(FILES, "500110") == "areas/500110.yaml：缺少这个文件；请补上。"


def test_files_are_read_with_their_place_and_parse_again(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8-sig")
    (tmp_path / "townships" / ".~x.yaml").write_text("an editor's leaving", encoding="utf-8")
    (tmp_path / "roster.csv").write_text("another reader's file", encoding="utf-8")
    found = read_files(tmp_path)
    assert found == FILES
    assert parse(found, "500156") == parse(FILES, "500156")


def test_a_forgotten_suffix_is_not_a_silent_loss(tmp_path: Path) -> None:
    (tmp_path / "township.YML").write_text(TOWNSHIP, encoding="utf-8")
    assert refusal({**FILES, **read_files(tmp_path)}).startswith("township.YML：不认识的规则文件")


def test_a_folder_without_rules_and_a_foreign_encoding_are_named(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="没有规则文件"):
        read_files(tmp_path)
    (tmp_path / "county.yaml").write_bytes("岗位".encode("gbk"))
    with pytest.raises(RuleError, match=r"county.yaml：文件编码不是 UTF-8"):
        read_files(tmp_path)
