"""gauge as an officer types it: readings in, what they say, a village's alarm, what happened, and the judgement."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from paho.mqtt import publish

from callout.domain.instant import BEIJING
from tests.channels.peers import free_port, program, running
from tests.cli.office import OFFICER, Office, stop, wait_for
from tests.sources.server import Reply, serving

WHO = ("--officer", OFFICER)


@pytest.fixture
def wet(office: Office, tmp_path: Path) -> Office:
    """A gauge has read 55 mm in the last ten minutes."""
    office.staffed(200)
    now = datetime.now(UTC).astimezone(BEIJING)
    file = tmp_path / "读数.csv"
    file.write_text(f"站号,时间,值\n示例R1,{now:%Y-%m-%d %H:%M:%S},55\n", encoding="utf-8")
    said = office("gauge", "import", str(file), *WHO)
    assert said.code == 0, said.err
    assert "新收 1 条，已有 0 条，没有采用 0 条" in said.out
    assert "引擎没有运行" in said.out
    return office


def test_what_the_gauges_say_is_shown(wet: Office) -> None:
    said = wet("gauge", "list").out
    assert "白马镇  1小时雨量 55" in said
    assert "白马镇 一小时雨量：橙色" in said
    assert "还没有接上的站：示例坡雨量站" in said
    assert wet("gauge", "list", "--json").document["observed"]["白马镇"]["3小时雨量"] == 55


def test_a_village_alarm_is_a_warning_at_once(wet: Office) -> None:
    where = ("gauge", "alarm", "白马镇", "--village", "示例村", "--hazard", "山洪", "--level", "红色")
    said = wet(*where, "--by", "示例村书记", "--what", "水到桥面", *WHO)
    assert said.code == 0, said.err
    assert "白马镇示例村报警临灾山洪红色预警" in said.out
    assert wet(*where, "--by", " ", "--what", "水到桥面", *WHO).code == 1


def test_a_threshold_is_judged_by_what_happened(wet: Office) -> None:
    now = datetime.now(UTC).astimezone(BEIJING)
    at = f"{now - timedelta(minutes=1):%Y-%m-%d %H:%M}"
    assert wet("gauge", "incident", "白马镇", "--hazard", "山洪", "--at", at, "--what", "漫桥", *WHO).code == 0
    days = ("--from", f"{now - timedelta(days=1):%Y-%m-%d}", "--to", f"{now:%Y-%m-%d}")
    said = wet("gauge", "judge", *days)
    assert "白马镇 1小时雨量 橙色 50 毫米" in said.out
    assert "不给建议值" in said.out
    assert wet("gauge", "judge", *days, "--json").document["thresholds"][0]["suggested"] is None
    assert (
        "看不懂时间"
        in wet("gauge", "incident", "白马镇", "--hazard", "山洪", "--at", "昨晚", "--what", "漫桥", *WHO).err
    )


def test_the_judgement_is_in_every_form_of_the_report_and_an_export_alone_gives_the_same(wet: Office) -> None:
    now = datetime.now(UTC).astimezone(BEIJING)
    at = f"{now - timedelta(minutes=1):%Y-%m-%d %H:%M}"
    assert wet("gauge", "incident", "白马镇", "--hazard", "山洪", "--at", at, "--what", "示例张漫桥", *WHO).code == 0
    days = ("report", "--from", f"{now - timedelta(days=1):%Y-%m-%d}", "--to", f"{now:%Y-%m-%d}")
    found = wet(*days, "--format", "json").document["thresholds"]
    assert found[0]["area"] == "白马镇"
    assert {one["hits"] + one["misses"] for one in found} == {1}
    page, book, out = wet.home / "a.html", wet.home / "a.xlsx", wet.home / "out"
    assert wet(*days, "--format", "html", "--out", str(page)).code == 0
    html = page.read_text(encoding="utf-8")
    assert "白马镇 1小时雨量 山洪橙色：换一个值会怎样" in html
    assert "只有 1 次险情，少于 5 次，不给建议值" in html
    assert wet(*days, "--format", "xlsx", "--out", str(book)).code == 0
    sheets = load_workbook(book)
    assert ("白马镇", "1小时雨量", "山洪", "橙色", "50") in {row[:5] for row in sheets["阈值"].values}
    assert ("白马镇", "1小时雨量", "山洪", "橙色", "55") in {row[:5] for row in sheets["阈值曲线"].values}
    assert wet("audit", "export", str(out)).code == 0
    wet.database.unlink()
    alone = wet(*days, "--format", "json", "--export", str(out)).document["thresholds"]
    assert alone == found
    raw = [(out / "tables" / f"{name}.jsonl").read_text(encoding="utf-8") for name in ("reading", "incident")]
    assert not [text for text in raw if OFFICER in text or "示例张" in text]


def test_a_file_that_is_no_table_of_readings_says_why(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "读数.csv"
    office.staffed(200)
    for text, said in (("站号,时间\n", "缺少：值"), ("站号,时间,值\nR,昨天,1\n", "第 2 行的时间看不懂")):
        file.write_text(text, encoding="utf-8")
        answer = office("gauge", "import", str(file), *WHO)
        assert (answer.code, said in answer.err) == (1, True)


SOURCES = """\
gauges:
  - {{name: 示例·自建站, kind: mqtt, host: 127.0.0.1, port: {port}, tls: false, topics: [gauges/#]}}
  - {{name: 示例·水利局, kind: http, url: "{url}/readings", every_seconds: 10}}
"""


@pytest.mark.long
def test_an_engine_hears_its_gauges_from_a_broker_and_from_an_address(office: Office, tmp_path: Path) -> None:
    """Nobody pushes anything: 55 mm come by MQTT, a level by HTTP, and the township is called."""
    office.staffed(200)
    port, config, sources = free_port(), tmp_path / "broker.conf", tmp_path / "sources.yaml"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    broker = [program("mosquitto", "mosquitto", "/usr/sbin/mosquitto"), "-c", str(config)]
    now = datetime.now(UTC).astimezone(BEIJING)
    table = f"站号,时间,值\n示例W1,{now:%Y-%m-%d %H:%M:%S},181\n"
    with running(broker, tmp_path / "broker.log", port), serving() as http:
        http.script = lambda _path, _headers: Reply(table.encode(), kind="text/csv")
        sources.write_text(SOURCES.format(port=port, url=http.url), encoding="utf-8")
        with office.serving(CALLOUT_SOURCES=str(sources)) as engine:
            wait_for(lambda: "水位" in office("gauge", "list").out)
            body = json.dumps({"gauge": "示例R1", "at": now.isoformat(), "value": 55})
            publish.single("gauges/r1", body, qos=1, retain=True, hostname="127.0.0.1", port=port)
            wait_for(lambda: bool(office("status", "--json").document["called"]))
            said = stop(engine)
    assert "测站来源：示例·自建站，一直听着" in said
    assert "白马镇  1小时雨量 55" in office("gauge", "list").out
