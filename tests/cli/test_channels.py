"""callout channels templates: what reviewers would say, and whether what is in use was approved."""

import json
from pathlib import Path

import pytest

from callout.domain.form import Form, Variable
from callout.render.review import against_approved, asks_for_key, asks_for_reply, faults, numbered
from tests.cli.office import Office

CHANNELS = """
providers:
  - name: ali
    type: aliyun_sms
    settings: {access_key_id: AK, access_key_secret_env: CALLOUT_A, key_env: CALLOUT_K, sign_name: 示例区,
               two_way: true}
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
    monkeypatch.setenv("CALLOUT_PUBLIC_URL", "https://callout.example")
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


def test_a_template_that_asks_for_a_reply_where_none_is_heard_is_named_with_its_mend(
    office: Office, channels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People would answer into nothing, and the ladder would go on over their heads."""
    shut = CHANNELS.replace("two_way: true", "two_way: false")
    mend = "请向服务商开通上行（短信回复）后在通道的 settings 里写 two_way: true，或改用不请人回复的文字（重新送审）"
    channels.write_text(shut, encoding="utf-8")
    said = office("channels", "templates", "--json")
    told = {(one["provider"], one["kind"]): one["problems"] for one in said.document["templates"]}
    assert (said.code, said.document["ok"]) == (1, False)
    named = {
        kind: f"{words}（{kind}，“回1”）"
        for kind, words in {"call": "叫应", "deputy": "叫副职", "superior": "叫上级"}.items()
    }

    def line(*kinds: str) -> str:
        return f"通道“ali”收不到回复，模板却请人回复：{'、'.join(named[kind] for kind in kinds)}；答了没人听见，{mend}"

    assert told == {("ali", "desk"): []} | {("ali", kind): [line(kind)] for kind in named}
    found = office("doctor", "--json").document["findings"]
    assert {"grave": False, "text": line(*named)} in found

    channels.write_text(CHANNELS, encoding="utf-8")
    assert "请人回复" not in str(office("doctor"))
    monkeypatch.delenv("CALLOUT_PUBLIC_URL")  # nobody can bring a reply
    assert "答了没人听见，请设 CALLOUT_PUBLIC_URL，或改用" in office("channels", "templates").err


def test_a_channel_for_numbers_abroad_hears_no_reply_whatever_is_set(office: Office, channels: Path) -> None:
    abroad = CHANNELS.replace("    type: aliyun_sms\n", '    type: aliyun_sms\n    regions: ["+852"]\n')
    channels.write_text(abroad, encoding="utf-8")
    for command in (("channels", "templates"), ("doctor",)):
        assert "答了没人听见，请改用不请人回复的文字" in str(office(*command))


VOICE = """
providers:
  - name: hall
    type: aliyun_voice
    settings: {access_key_id: AK, access_key_secret_env: CALLOUT_A, key_env: CALLOUT_K,
               called_show_number: "057100000000", thanks_code: TTS_9}
    forms:
      call: {code: TTS_1, words: "${what}，收到请按1，无法到岗请按2。",
             variables: [{name: what, value: "{{ m.hazard }}预警"}]}
      deputy: {code: TTS_2, words: "示例乡书记没有应答，按1号预案执行，收到请回复短信。"}
      superior: {code: recorded.wav, words: "示例乡书记没有应答，收到请按井号键。"}
      desk: {code: TTS_4, words: "值班台有待办事项，本次来电不能按键答复，请回到值班台。"}
"""


def test_a_script_that_asks_for_a_key_where_none_is_heard_is_named_with_its_mend(
    office: Office, channels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cloud tells of a key by calling us: where it cannot, whoever pressed 1 is called again all the same."""
    channels.write_text(VOICE, encoding="utf-8")
    for command in (("channels", "templates"), ("doctor",)):
        assert "请人按键" not in str(office(*command))
    monkeypatch.delenv("CALLOUT_PUBLIC_URL")
    mend = "按了没人听见，请设 CALLOUT_PUBLIC_URL，或改用不请人按键的话术（重新送审）"
    call, superior = "叫应（call，“按1”）", "叫上级（superior，“按井号键”）"
    said = office("channels", "templates", "--json")
    assert said.code == 1
    assert {one["kind"]: one["problems"] for one in said.document["templates"]} == {
        "call": [f"通道“hall”收不到按键，模板却请人按键：{call}；{mend}"],
        "deputy": [],
        "superior": [f"通道“hall”收不到按键，模板却请人按键：{superior}；{mend}"],
        "desk": [],
    }
    found = office("doctor", "--json").document["findings"]
    assert {"grave": False, "text": f"通道“hall”收不到按键，模板却请人按键：{call}、{superior}；{mend}"} in found


def test_a_notice_that_is_read_out_must_ask_for_no_key_even_where_calls_are_answered(
    office: Office, channels: Path
) -> None:
    asking = '      all_clear: {code: TTS_5, words: "示例预警已解除，收到请按1。"}\n'
    channels.write_text(VOICE + asking, encoding="utf-8")
    told = (
        "通道“hall”播放通知时收不到按键，模板却请人按键：解除通知（all_clear，“按1”）；按了没人听见，"
        "请改用不请人按键的话术（重新送审）"
    )
    said = office("channels", "templates", "--json")
    assert said.code == 1
    assert [told] == [problem for one in said.document["templates"] for problem in one["problems"]]
    assert {"grave": False, "text": told} in office("doctor", "--json").document["findings"]


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


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("收到请回复1。", "回复1"),
        ("收到请回复。", "回复"),
        ("收到请回1，无法到岗请回2。", "回1"),
        ("收到回１", "回１"),
        ("收到请回Y", "回Y"),
        ("请回“收到”", "回“"),
        ("是，回：在任；不是，回：不在任", "回："),
        ("收到请回短信", "回短信"),
        ("不能到岗请回复2", "回复2"),
        ("收到请回${answer}", "回1"),
        ("收到请回${code}", "回"),
        ("本短信不能回复，收到请电话告知值班室。", ""),
        ("请勿直接回复，收到请电告值班室。", ""),
        ("本号码不支持回复，请勿回复本短信。", ""),
        ("无需回复。", ""),
        ("您的回复已记入，未回复的由值班员打电话。", ""),
        ("预警解除前不得返回1号楼，撤回2人，请回到值班台，道路已恢复。", ""),
    ],
)
def test_which_words_ask_for_a_reply(words: str, asked: str) -> None:
    answer, code = Variable("answer", "1{{ m.code }}"), Variable("code", "{{ m.code }}")
    assert asks_for_reply(Form("S", words, (answer, code))) == asked


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("收到请按1，无法到岗请按2，需要支援请按3。", "按1"),
        ("收到请按１", "按１"),
        ("收到请按 1 键", "按 1 键"),
        ("收到请按数字1", "按数字1"),
        ("收到请按一，无法到岗请按二。", "按一"),
        ("收到请按1号键", "按1号键"),
        ("收到请按#", "按#"),
        ("收到请按任意键", "按任意键"),
        ("无法到岗请按键告知", "按键"),
        ("不能到岗请按2", "按2"),
        ("收到请按“1”", "按“"),
        ("收到请按${answer}", "按1"),
        ("收到请按${code}", "按"),
        ("本次来电不能按键答复，收到请回复短信。", ""),
        ("无需按键，请勿按1。", ""),
        ("您已按键，您的按键已记录，未按键的由值班员打电话。", ""),
        ("请按1号预案、按一级响应、按关键岗位名单、按要求、按2小时一次报告，按2026年方案执行。", ""),
        ("收到请回复1。", ""),
    ],
)
def test_which_words_ask_for_a_key(words: str, asked: str) -> None:
    answer, code = Variable("answer", "1{{ m.code }}"), Variable("code", "{{ m.code }}")
    assert asks_for_key(Form("S", words, (answer, code))) == asked
