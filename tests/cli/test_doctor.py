"""doctor: what an office learns about its channels before the season."""

import json
from pathlib import Path

import pytest

from tests.cli.office import Office

TWILIO = """\
providers:
  - name: texts
    type: twilio_sms
    settings: {account_sid: AC1, auth_token_env: CALLOUT_TWILIO_TOKEN, senders: ["+99900000000001"]}
  - name: calls
    type: twilio_voice
    settings: {account_sid: AC1, auth_token_env: CALLOUT_TWILIO_TOKEN, senders: ["+99900000000001"]}
"""


@pytest.fixture
def channels(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    (tmp_path / "channels.yaml").write_text(TWILIO, encoding="utf-8")
    monkeypatch.setenv("CALLOUT_CHANNELS", str(tmp_path / "channels.yaml"))
    monkeypatch.setenv("CALLOUT_PUBLIC_URL", "https://callout.example")
    monkeypatch.delenv("CALLOUT_TWILIO_TOKEN", raising=False)
    return office


def test_without_a_channels_file_the_phones_are_simulated(office: Office) -> None:
    said = office("doctor")
    assert (said.code, "电话是模拟的" in said.out + said.err) == (0, True)


def test_a_ladder_that_relies_on_an_answer_that_twilio_cannot_bring_from_china_is_refused(channels: Office) -> None:
    said = channels("doctor")
    words = said.out + said.err
    assert said.code == 1
    assert "calls（语音）：到不了 +86" in words
    assert "第 1 步（白天）：这个通道收不到答复" in words
    assert "整条阶梯（夜间）：没有一步收得到答复" in words
    assert "请设置环境变量 CALLOUT_TWILIO_TOKEN" in words


def test_abroad_the_same_ladder_is_carried_and_no_secret_is_shown(
    channels: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLOUT_TWILIO_TOKEN", "s3cret")
    said = channels("doctor", "--number", "+852", "--json")
    found = json.loads(said.out)
    assert (said.code, found["ok"]) == (0, True)
    assert "s3cret" not in said.out + said.err


def test_rules_check_says_it_too(channels: Office) -> None:
    said = channels("rules", "check")
    assert "没有一步收得到答复" in said.out + said.err
