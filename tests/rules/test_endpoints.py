"""The list of sources on the network: what it says, and errors that name file, line and key."""

from pathlib import Path

import pytest

from callout.app import MachineChance, SystemClock
from callout.cli.listening import listeners
from callout.domain.errors import CalloutError, RuleError
from callout.domain.instant import MINUTE, SECOND
from callout.domain.listening import Endpoint, EndpointKind, GaugeAddress, GaugeBroker, introduced
from callout.rulebook.endpoints import read_endpoints
from callout.settings import Settings

FULL = """\
sources:
  - name: 示例·订阅
    kind: feed
    url: https://warnings.example.org/rss.xml
  - name: 示例·中继
    kind: document
    url: http://127.0.0.1:8080/now.json
    every_seconds: 30
    silent_minutes: 5
    county: "500156"
    header: X-Key
    key_env: CALLOUT_KEY_EXAMPLE
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "sources.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_full_list(tmp_path: Path) -> None:
    assert read_endpoints(write(tmp_path, FULL)).sources == (
        Endpoint("示例·订阅", EndpointKind.FEED, "https://warnings.example.org/rss.xml"),
        Endpoint(
            "示例·中继",
            EndpointKind.DOCUMENT,
            "http://127.0.0.1:8080/now.json",
            every=30 * SECOND,
            silent_after=5 * MINUTE,
            county="500156",
            header="X-Key",
            key_env="CALLOUT_KEY_EXAMPLE",
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("https://warnings", "http://warnings", "第 4 行 sources[1].url：网址应是 https"),
        ("https://warnings", "https://user:word@warnings", "第 4 行 sources[1].url：网址应是 https"),
        ("https://warnings.example.org/rss.xml", "ftp://x/", "第 4 行 sources[1].url"),
        ("http://127.0.0.1:8080", "http://127.0.0.1.example.org", "第 7 行 sources[2].url"),
        ("http://127.0.0.1:8080", "http://[1", "第 7 行 sources[2].url"),
        ("示例·中继", "示例·订阅", "第 5 行 sources[2].name：来源“示例·订阅”写了两次"),
        ("示例·订阅", "a@b", "第 2 行 sources[1].name：名称不能为空"),
        ("every_seconds: 30", "every_seconds: 1", "第 8 行 sources[2].every_seconds：不能小于 10"),
        ("every_seconds: 30", "every_seconds: 300", "第 9 行 sources[2].silent_minutes：应比"),
        ("kind: feed", "kind: fee", "第 3 行 sources[1].kind"),
        ('"500156"', '"5001"', "第 10 行 sources[2].county"),
        ("CALLOUT_KEY", "HOME", "第 12 行 sources[2].key_env"),
        ("header:", "heder:", "相近的有：header"),
        ("    url: https://warnings.example.org/rss.xml\n", "", "缺少“url”"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in FULL
    with pytest.raises(RuleError) as caught:
        read_endpoints(write(tmp_path, FULL.replace(old, new)))
    assert str(caught.value).startswith("sources.yaml")
    assert said in str(caught.value)


def test_a_list_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="读不出来"):
        read_endpoints(tmp_path / "none.yaml")
    path = tmp_path / "sources.yaml"
    path.write_bytes("名".encode("gb18030"))
    with pytest.raises(RuleError, match="UTF-8"):
        read_endpoints(path)


def test_the_key_comes_from_the_environment_and_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(sources=write(tmp_path, FULL))
    with pytest.raises(CalloutError, match="请设置环境变量 CALLOUT_KEY_EXAMPLE"):
        listeners(settings, SystemClock(), MachineChance())
    monkeypatch.setenv("CALLOUT_KEY_EXAMPLE", "x")
    assert [one.endpoint.name for one in listeners(settings, SystemClock(), MachineChance())] == [
        "示例·订阅",
        "示例·中继",
    ]
    assert listeners(Settings(), SystemClock(), MachineChance()) == []


GAUGES = """\
gauges:
  - name: 示例·水利局
    kind: http
    url: https://water.example.org/readings.csv
    every_seconds: 120
    silent_minutes: 45
    key_env: CALLOUT_KEY_EXAMPLE
  - name: 示例·自建站
    kind: mqtt
    host: broker.example.org
    topics: [gauges/+/reading, "#"]
    user: callout
    key_env: CALLOUT_KEY_EXAMPLE
    session: callout-500156
"""


def test_sources_of_readings(tmp_path: Path) -> None:
    address, broker = read_endpoints(write(tmp_path, GAUGES)).gauges
    key = "CALLOUT_KEY_EXAMPLE"
    assert address == GaugeAddress(
        "示例·水利局", "https://water.example.org/readings.csv", 120 * SECOND, 45 * MINUTE, key_env=key
    )
    assert broker == GaugeBroker(
        "示例·自建站", "broker.example.org", ("gauges/+/reading", "#"), user="callout", key_env=key,
        session="callout-500156",
    )  # fmt: skip
    assert introduced(address) == "测站来源：示例·水利局，每 120 秒问一次，45 分钟没有能用的读数就转人工"
    assert introduced(broker) == "测站来源：示例·自建站，一直听着，30 分钟没有能用的读数就转人工"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("https://water", "http://water", "第 4 行 gauges[1].url：网址应是 https"),
        ("silent_minutes: 45", "silent_minutes: 2", "第 6 行 gauges[1].silent_minutes：应比"),
        ("    every_seconds: 120\n", "    topics: [a]\n", "第 5 行 gauges[1].topics：kind 是 http 的来源用不着"),
        ("    host: broker.example.org\n", "", "gauges[2]：mqtt 来源要写 host"),
        ("    host: broker.example.org\n", "    host: a b\n", "gauges[2].host"),
        ("gauges/+/reading", "gauges/x+/reading", "gauges[2].topics[1]：不是 MQTT 主题"),
        ("gauges/+/reading", "gauges/#/reading", "gauges[2].topics[1]：不是 MQTT 主题"),
        ("    user: callout\n", "    tls: false\n", "gauges[2].tls：只有对本机才能关掉"),
        ("    user: callout\n", "", "gauges[2]：user 和 key_env"),
        ("    user: callout\n", "    url: https://x/\n", "gauges[2].url：kind 是 mqtt 的来源用不着"),
        ("示例·自建站", "示例·水利局", "gauges[2].name：来源“示例·水利局”写了两次"),
    ],
)
def test_mistakes_in_sources_of_readings(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GAUGES
    with pytest.raises(RuleError) as caught:
        read_endpoints(write(tmp_path, GAUGES.replace(old, new)))
    assert said in str(caught.value)
