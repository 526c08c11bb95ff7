"""callout channels templates: what reviewers would say, and whether what is in use was approved."""

import json
from pathlib import Path

import pytest

from callout.domain.form import Form, Variable
from callout.render.review import against_approved, faults, numbered
from tests.cli.office import Office

CHANNELS = """
providers:
  - name: ali
    type: aliyun_sms
    settings: {access_key_id: AK, access_key_secret_env: CALLOUT_A, key_env: CALLOUT_K, sign_name: 示例区}
    forms:
      call:
        code: SMS_1
        words: ${what}，${place}，请落实：${measure}。收到请回1，无法到岗请回2。
        variables:
          - {name: what, value: "{{ m.hazard }}{{ m.level.zh }}预警"}
          - {name: place, value: "{{ m.area }}"}
          - {name: measure, value: "{{ m.measure }}", longest: 35}
      deputy: {code: SMS_2, words: "${what}，示例乡书记没有应答，请收到后回1。",
               variables: [{name: what, value: "{{ m.hazard }}预警"}]}
      superior: {code: SMS_2, words: "${what}，示例乡书记没有应答，请收到后回1。",
                 variables: [{name: what, value: "{{ m.hazard }}预警"}]}
      desk: {code: SMS_3, words: "值班台有待办事项，请回到值班台。"}
  - name: gateway
    type: http_gateway
    settings: {url: "http://127.0.0.1:9/x", key_env: CALLOUT_K}
"""
APPROVED = """
SMS_1: ${what}，${place}，请落实：${measure}。收到请回1，无法到岗请回2。
SMS_2: "{1}，示例乡书记没有应答，请收到后回1。"
SMS_3: 值班台有待办事项，请回到值班台。
"""


@pytest.fixture
def channels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "channels.yaml"
    file.write_text(CHANNELS, encoding="utf-8")
    monkeypatch.setenv("CALLOUT_CHANNELS", str(file))
    return file


@pytest.mark.usefixtures("channels")
def test_what_must_be_submitted_is_listed_with_an_example(office: Office) -> None:
    said = office("channels", "templates")
    assert said.code == 0, said
    assert "送审文字  ${what}，${place}，请落实：${measure}。收到请回1，无法到岗请回2。" in said.out
    assert "序号写法  {1}，{2}，请落实：{3}。收到请回1，无法到岗请回2。" in said.out
    assert "填写示例  暴雨橙色预警，示例乡、示例镇，请落实：转移临崖临坎人员。收到请回1，无法到岗请回2。" in said.out
    assert "gateway" not in said.out  # takes any words
    assert "没有与已核准的文字核对" in said.out


@pytest.mark.usefixtures("channels")
def test_what_is_in_use_must_be_what_was_approved(office: Office, tmp_path: Path) -> None:
    approved = tmp_path / "approved.yaml"
    approved.write_text(APPROVED, encoding="utf-8")
    assert office("channels", "templates", "--approved", str(approved)).code == 0
    approved.write_text(APPROVED.replace("请回2。", "请回3。").replace("SMS_3", "SMS_9"), encoding="utf-8")
    said = office("channels", "templates", "--approved", str(approved), "--json")
    assert said.code == 1
    told = json.loads(said.out)
    assert not told["ok"]
    assert {(one["kind"], *one["problems"]) for one in told["templates"] if one["problems"]} == {
        ("call", "编号 SMS_1 核准的文字不同：${what}，${place}，请落实：${measure}。收到请回1，无法到岗请回3。"),
        ("desk", "编号 SMS_3 不在已核准的清单里"),
    }


def test_a_kind_of_call_without_template_is_named(office: Office, channels: Path) -> None:
    text = channels.read_text(encoding="utf-8")
    channels.write_text(text.replace("      desk: {code", "      all_clear: {code"), encoding="utf-8")
    said = office("channels", "templates")
    assert said.code == 1
    assert "ali  叫值班室（desk）  没有编号" in said.out
    assert "没有模板，这类消息不会从这里发出；请送审一条，再写进通道文件的 forms: desk" in said.err


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{{ m.area }}", "{{ m.aera }}", "变量 place 的 value 里写了 m.aera，没有这一项；相近的有：area、late；请改正"),
        ("{{ m.area }}", "{{ m.zzzzz }}", "没有这一项；可用的有：county、hazard、"),
        ("{{ m.area }}", "{{ m.area", "变量 place 的 value 不是能用的 Jinja 写法"),
        (
            "longest: 35",
            "longest: 5",
            "模板变量 measure 有 8 字，最多 5 字；请改它的 value、longest、charset 或 overflow",
        ),
    ],
)
def test_a_gap_that_cannot_be_filled_is_named_with_what_to_do(
    office: Office, channels: Path, old: str, new: str, told: str
) -> None:
    channels.write_text(channels.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    said = office("channels", "templates")
    assert said.code == 1
    assert told in said.err


@pytest.mark.usefixtures("channels")
def test_what_cannot_be_told_for_want_of_a_template_is_named(office: Office) -> None:
    """Without one for 解除 nobody is told by this gateway that the warning has ended."""
    for command in (("channels", "templates"), ("doctor",)):
        assert "没有这些告知的模板：撤回告知（standdown）、" in str(office(*command))
        assert "解除通知（all_clear）" in str(office(*command))


@pytest.mark.usefixtures("channels")
def test_an_approved_list_that_is_none_is_refused_in_one_sentence(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "approved.yaml"
    for text in ("- SMS_1\n", "SMS_1: [a]\n", "a: b: c"):
        file.write_text(text, encoding="utf-8")
        said = office("channels", "templates", "--approved", str(file))
        assert said.code == 1
        assert "编号: 文字" in said.err
    assert "读不出来" in office("channels", "templates", "--approved", str(tmp_path / "none")).err


def test_without_such_providers_there_is_nothing_to_submit(office: Office) -> None:
    assert "不用送审" in office("channels", "templates").out


WHAT, PLACE = Variable("what", "{{ m.hazard }}"), Variable("place", "{{ m.area }}")


@pytest.mark.parametrize(
    ("words", "variables", "fault"),
    [
        ("${what}${place}有雨", (WHAT, PLACE), "挨在一起"),
        ("${what}，${place}。", (WHAT, PLACE), "整条都是变量"),
        ("【示例】${what}来了", (WHAT,), "“【”"),
        ("${what}见 https://示例", (WHAT,), "“https:”"),
        ("${what}在${area}", (WHAT,), "没有写在 variables"),
        ("有雨", (WHAT,), "没有用到"),
        ("${what}来了", (WHAT, WHAT), "写了两次"),
        ("${what}来了" + "雨" * 490, (WHAT,), "超过 500 字"),
    ],
)
def test_what_reviewers_refuse_is_said_before(words: str, variables: tuple[Variable, ...], fault: str) -> None:
    assert [one for one in faults(Form("S", words, variables)) if fault in one]


def test_a_good_template_has_no_fault_and_may_be_approved_in_either_writing() -> None:
    form = Form("S", "${place}：${what}，收到请回1。", (PLACE, WHAT))
    assert faults(form) == []
    assert numbered(form) == "{1}：{2}，收到请回1。"
    assert against_approved(form, {"S": " {1}：{2}，收到请回1。"}) == ""
    assert against_approved(form, {"S": "{2}：{1}，收到请回1。"})
