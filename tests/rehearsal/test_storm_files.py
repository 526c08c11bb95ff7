"""Storms: written ones become documents that the intake reads without a doubt; recorded ones are taken as they are."""

import json
from pathlib import Path

import pytest

from callout.domain.alert import MsgType
from callout.domain.errors import CalloutError
from callout.domain.level import Level
from callout.rehearsal.storm import find_storm, shipped
from callout.rulebook.reading import parse, read_files
from callout.sources.reading import DocumentReader
from tests.rehearsal.storms import ROOT

COUNTY = parse(read_files(ROOT / "rules"), "500156").county
HEAD = "storm: 试\nwarnings:\n"


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_storm_is_read_without_a_doubt(name: str) -> None:
    storm = find_storm(name, DocumentReader(), COUNTY)
    assert storm.refused == ()
    assert all(alert.doubts == () and alert.info.level and alert.info.hazard for alert in storm.alerts)
    assert storm.opens < storm.incoming[0].at <= storm.incoming[-1].at < storm.ends


def test_a_written_storm_has_its_references_areas_and_end() -> None:
    first, _, update, cancel = find_storm("noon-in-town", DocumentReader(), COUNTY).alerts
    assert (first.info.level, [area.desc for area in first.info.areas]) == (
        Level.YELLOW,
        ["仙女山街道", "火炉镇", "桐梓镇"],
    )
    assert update.msg_type is MsgType.UPDATE
    assert update.references == cancel.references != ()
    assert cancel.msg_type is MsgType.CANCEL


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{at: "2026-08-02 20:00", hazard: 流星, level: 红}', "第 3 行 warnings.1..hazard：不认识灾种“流星”"),
        ('{at: "2026-08-02 20:00", hazard: 暴雨, level: 紫}', "级别应是 蓝、黄、橙、红"),
        ('{at: "2026-02-30 20:00", hazard: 暴雨, level: 红}', "没有“2026-02-30 20:00”这个时间"),
        ('{at: "2026-08-02 20:00", hazard: 暴雨, level: 红, areas: [东京]}', "没有乡镇“东京”"),
        ('{at: "2026-08-02 20:00", hazard: 暴雨, level: 红, kind: 解除}', "要用 of 写明"),
        ('{at: "2026-08-02 20:00", hazard: 暴雨, level: 红, kind: 喊}', "应是发布、变更、解除之一"),
    ],
)
def test_what_is_wrong_in_a_storm_file_is_named_with_its_line(line: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "试.yaml"
    file.write_text(f"{HEAD}  - {line}\n", encoding="utf-8")
    with pytest.raises(CalloutError, match=said):
        find_storm(str(file), DocumentReader(), COUNTY)


def test_a_folder_of_records_is_a_storm_and_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    record = {"adcode": "500156", "type": "暴雨", "color": "橙色", "level": "Ⅱ", "name": "武隆区"}
    times = ("2026-08-02T19:43:34Z", "2026-07-14T02:09:41Z")
    lines = [json.dumps({**record, "issued": at, "expires": "2026-08-02T23:00:00Z"}) for at in times]
    (tmp_path / "a.jsonl").write_text("\n".join([*lines, "{坏"]), encoding="utf-8")
    (tmp_path / "b.xml").write_text("<nothing/>", encoding="utf-8")
    (tmp_path / "README.md").write_text("不是来文", encoding="utf-8")
    storm = find_storm(str(tmp_path), DocumentReader(), COUNTY)
    assert [alert.info.level for alert in storm.alerts] == [Level.ORANGE, Level.ORANGE]
    assert storm.incoming[0].at < storm.incoming[1].at
    assert len(storm.refused) == 2


def test_a_storm_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(CalloutError, match=r"没有风暴“台风眼”.*wulong-2026-08"):
        find_storm("台风眼", DocumentReader(), COUNTY)
