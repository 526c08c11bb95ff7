"""A rehearsal on the office's own channels: their limits, prices and ways to answer, and none of them is connected."""

import asyncio
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from callout.cli.rehearse import ground_of
from callout.domain.errors import CalloutError
from callout.domain.instant import MINUTE, SECOND
from callout.domain.ladder import ChannelKind
from callout.rehearsal.assumptions import Assumptions
from callout.rehearsal.play import Stage, through
from callout.rehearsal.rehearsing import Asked, rehearse
from callout.rehearsal.setting import Setting
from callout.reports.rehearsal_words import gateway_words, yuan
from callout.settings import Settings
from callout.simulation.gateways import ASSUMED_GATEWAYS, limits
from tests.rehearsal.storms import ROOT, only, setting

SMALL = only(setting(), 2)
"""One orange warning for three townships, by day."""
CHANNELS = """\
providers:
  - name: tex
    type: http_gateway
    settings: {url: "https://gateway.example/send", key_env: TEX_KEY, per_second: 3, cost_fen: 4}
  - name: cloud
    type: aliyun_voice
    settings:
      access_key_id: synthetic
      access_key_secret_env: CLOUD_SECRET
      key_env: CLOUD_KEY
      called_show_number: "02300000000"
      thanks_code: TTS_1
    forms: {call: FORM, deputy: FORM, superior: FORM}
""".replace(
    "FORM",
    """{
      code: TTS_2, words: "${what}，请按1。",
      variables: [{name: what, value: "{{ m.hazard }}{{ m.level.zh }}预警"}]}""",
)


class Wish:
    """What the command asks for."""

    behaviour: Path | None = None
    roster: Path | None = None
    sample = 60


def own(folder: Path, text: str = CHANNELS, public_url: str = "https://callout.example") -> Setting:
    file = folder / "channels.yaml"
    file.write_text(text, encoding="utf-8")
    settings = Settings.model_construct(
        rules=ROOT / "rules", templates=ROOT / "templates", channels=file, public_url=public_url
    )
    return replace(ground_of(settings, Wish()), storm=SMALL.storm)


def test_limits_at_three_scopes_and_prices_are_those_of_the_channels_file(tmp_path: Path) -> None:
    there = own(tmp_path)
    assert there.gateways_from == "通道文件 channels.yaml"
    text, voice = there.gateways
    assert (text.name, text.per_second, text.fen) == ("tex", 3.0, 4.0)
    assert limits(text) == ["整条通道每秒 3"]
    assert limits(voice) == ["同一号码 1分钟 1 次", "同一号码 1小时 5 次", "同一号码 24小时 20 次"]
    document = rehearse(Asked(there, (1,)))
    tex, cloud = document["result"]["gateways"]
    assert document["gateways_from"] == "通道文件 channels.yaml"
    assert tex["sent"]["median"] > 0
    assert tex["busiest_beat"]["high"] == 3 * document["beat_ms"] / SECOND
    assert tex["yuan"]["median"] >= tex["sent"]["median"] * 4 // 100
    assert yuan(cloud) == "没有写价格"
    assert "tex：整条通道每秒 3，单价 4 分" in gateway_words(document)


def test_no_number_is_called_more_often_than_the_channel_takes(tmp_path: Path) -> None:
    there = own(tmp_path)
    stage = Stage(there)
    with stage.open(1) as (_, driver, network):
        asyncio.run(through(driver, there))
        times = defaultdict(list)
        for one in network.journal("cloud"):
            times[one.e164].append(one.at)
    stage.close()
    assert sum(map(len, times.values())) > 0
    assert all(b - a >= MINUTE for each in times.values() for a, b in pairwise(each))


def test_a_channel_on_which_nobody_can_answer_brings_no_answer(tmp_path: Path) -> None:
    there = own(tmp_path, public_url="")
    assert not any(gateway.hears for gateway in there.gateways if ChannelKind.VOICE in gateway.kinds)


def test_what_the_file_of_assumptions_says_comes_first_and_a_file_without_a_way_home_is_said(tmp_path: Path) -> None:
    away = CHANNELS.replace("    type:", '    regions: ["+852"]\n    type:')
    with pytest.raises(CalloutError, match=r"没有一条能到 \+86 的通道"):
        own(tmp_path, away)
    wish = Wish()
    wish.behaviour = tmp_path / "b.yaml"
    wish.behaviour.write_text(
        "source: 自己的\ngateways: [{name: 一, kinds: [短信, 语音], per_second: 1}]", encoding="utf-8"
    )
    file = tmp_path / "channels.yaml"
    settings = Settings.model_construct(rules=ROOT / "rules", templates=ROOT / "templates", channels=file)
    assert [one.name for one in ground_of(settings, wish).gateways] == ["一"]
    plain = Settings.model_construct(rules=ROOT / "rules", templates=ROOT / "templates")
    assert ground_of(plain, Wish()).gateways is ASSUMED_GATEWAYS
    assert Assumptions().gateways is ASSUMED_GATEWAYS
