"""doctor: what an office learns about its channels before the season."""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.office import Office

RULES = Path(__file__).parents[2] / "rules"
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
    assert "阶梯“red”第 1 步（白天）、第 2 步（夜间）：短信收不到答复；请配" in words
    assert "阶梯“red”第 2、3、4、5 步（白天）、第 1、3、4、5 步（夜间）：没有语音通道到得了" in words
    assert "整条阶梯（白天、夜间）：没有一步收得到答复" in words
    assert words.count("阶梯“red”") == 3  # a line for each thing, not for each step
    assert "texts（短信）：+86 收不到答复，回执推送，短信不能带答复链接" in words
    assert "请设置环境变量 CALLOUT_TWILIO_TOKEN" in words


def test_abroad_the_same_ladder_is_carried_and_no_secret_is_shown(
    channels: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLOUT_TWILIO_TOKEN", "s3cret")
    said = channels("doctor", "--number", "+852", "--json")
    found = json.loads(said.out)
    assert (said.code, found["ok"]) == (0, True)
    assert "s3cret" not in said.out + said.err


ONE_WAY = """\
providers:
  - name: gate
    type: http_gateway
    settings:
      url: http://127.0.0.1:9/send
      params: {to: "{to}", text: "{text}"}
      key_env: CALLOUT_GATE_KEY
      two_way: false
      links: true
"""


def test_a_text_that_only_leads_to_the_page_can_be_answered(
    channels: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway without replies: with links the ladder has its answer."""
    (tmp_path / "channels.yaml").write_text(ONE_WAY, encoding="utf-8")
    monkeypatch.setenv("CALLOUT_GATE_KEY", "0123456789abcdef")
    assert "短信收不到答复" in str(channels("doctor"))
    monkeypatch.setenv("CALLOUT_LINK_KEY", "0123456789abcdef")
    said = str(channels("doctor"))
    assert "短信带答复链接" in said
    assert "短信收不到答复" not in said


def test_which_texts_lead_to_the_page_for_answers(channels: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        "texts（短信）：+852 短信回复，回执推送，短信不带答复链接（要设" in channels("doctor", "--number", "+852").out
    )
    monkeypatch.setenv("CALLOUT_LINK_KEY", "0123456789abcdef")
    assert "texts（短信）：+852 短信回复，回执推送，短信带答复链接" in channels("doctor", "--number", "+852").out


def test_a_closed_network_is_told_that_keys_cannot_be_fetched(
    channels: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CALLOUT_PUBLIC_URL")
    pulled = TWILIO.replace('senders: ["+99900000000001"]}', 'senders: ["+99900000000001"], pull: true}')
    (tmp_path / "channels.yaml").write_text(pulled, encoding="utf-8")
    said = channels("doctor", "--number", "+852").out
    assert "calls（语音）：+852 收不到答复（按键取不回来，只能推送），回执要去取" in said
    assert "texts（短信）：+852 短信回复，回执要去取" in said


def test_replies_that_are_only_pushed_are_lost_in_a_longer_outage(
    channels: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hint: nobody is unreached for it. Calls have no such mend, and in mainland China nobody can reply at all."""
    hint, file = "通道“texts”的回复只靠推送：数据库或网络中断超过约 15 秒，", tmp_path / "channels.yaml"
    monkeypatch.setenv("CALLOUT_TWILIO_TOKEN", "s3cret")
    found = channels("doctor", "--number", "+852", "--json").document
    [said] = [one for one in found["findings"] if "只靠推送" in one["text"]]
    assert (said["grave"], said["text"].startswith(hint), "pull: true" in said["text"]) == (False, True, True)
    assert found["ok"]
    both = TWILIO.replace('senders: ["+99900000000001"]}', 'senders: ["+99900000000001"], pull: true}')
    here = TWILIO.replace("    type: twilio_sms\n", '    type: twilio_sms\n    regions: ["+86"]\n')
    for mended in (both, here):
        file.write_text(mended, encoding="utf-8")
        assert "只靠推送" not in str(channels("doctor"))
    file.write_text(TWILIO, encoding="utf-8")
    monkeypatch.delenv("CALLOUT_PUBLIC_URL")  # nothing is pushed, which is said by itself
    assert "只靠推送" not in str(channels("doctor"))


def test_rules_check_says_it_too(channels: Office) -> None:
    said = channels("rules", "check")
    assert "没有一步收得到答复" in said.out + said.err
    told = json.loads(channels("rules", "check", "--json").out)
    assert any(one["grave"] and "没有一步收得到答复" in one["text"] for one in told["ladders"])


def test_rules_check_says_that_the_ladders_were_not_held_against_a_file_that_cannot_be_read(
    channels: Office, tmp_path: Path
) -> None:
    (tmp_path / "channels.yaml").write_text("public_url: https://callout.example\n" + TWILIO, encoding="utf-8")
    said = channels("rules", "check")
    assert "阶梯没有按通道核对：channels.yaml 第 1 行 public_url：不认识的键" in said.out + said.err


ALIYUN = """\
providers:
  - name: ali
    type: aliyun_voice
    settings: {access_key_id: AK, access_key_secret_env: CALLOUT_A, key_env: CALLOUT_K,
               called_show_number: "057100000000", thanks_code: TTS_9}
"""


def test_a_step_that_the_limit_of_a_number_forbids_is_named_with_what_to_do(
    channels: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Aliyun rings a number once a minute: a ladder that rings it again after 40 seconds is refused."""
    (tmp_path / "channels.yaml").write_text(ALIYUN, encoding="utf-8")
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules)
    ladders = (rules / "ladders.yaml").read_text(encoding="utf-8")
    quick = "{target: 本人, number: 1, day: 语音, night: 语音, wait: 40秒}"
    first = "{target: 本人, number: 1, day: 短信, night: 语音, wait: 60秒}"
    assert first in ladders
    (rules / "ladders.yaml").write_text(ladders.replace(first, quick, 1), encoding="utf-8")
    monkeypatch.setenv("CALLOUT_RULES", str(rules))
    limit = "第 2 步（白天）：叫同一号码太密，通道限每 1分钟 1 次、每 1小时 5 次、每 24小时 20 次；请把前面"
    for command in (("doctor",), ("rules", "check")):
        assert f"阶梯“red”{limit}" in str(channels(*command))


CLOUDS = """\
providers:
  - name: ali
    type: aliyun_sms
    settings: {access_key_id: AK, access_key_secret_env: CALLOUT_A, key_env: CALLOUT_K, sign_name: 示例区}
  - name: tx
    type: tencent_sms
    settings: {secret_id: SK, secret_key_env: CALLOUT_A, key_env: CALLOUT_K, app_id: "1", sign_name: 示例区}
"""


@pytest.mark.parametrize("command", [("doctor",), ("rules", "check")])
def test_a_cloud_whose_uplink_may_be_opened_is_told_so(
    channels: Office, tmp_path: Path, command: tuple[str, ...]
) -> None:
    """Another channel is not the only mend, and the nearest is one line."""
    file = tmp_path / "channels.yaml"
    for cloud in (
        CLOUDS.partition("  - name: tx")[0],
        "providers:\n  - name: tx" + CLOUDS.partition("  - name: tx")[2],
    ):
        file.write_text(cloud, encoding="utf-8")
        words = str(channels(*command))
        assert "短信收不到答复；请向服务商开通上行（短信回复）后在通道的 settings 里写 two_way: true，或配一个" in words
        file.write_text(cloud.replace("sign_name: 示例区", "sign_name: 示例区, two_way: true"), encoding="utf-8")
        assert "短信收不到答复" not in str(channels(*command))


def test_messages_without_an_approved_template_are_named_in_words(channels: Office, tmp_path: Path) -> None:
    (tmp_path / "channels.yaml").write_text(ALIYUN, encoding="utf-8")
    said = str(channels("doctor"))
    assert "forms 里还没有：叫应（call）、叫副职（deputy）、叫上级（superior）、叫值班室（desk）" in said
