"""The channels file: what an office may write, and what it is told when it does not fit."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from callout.domain.errors import RuleError
from callout.domain.form import Charset, Form, Overflow, Variable
from callout.ports import ACTUAL, SIMULATED, ChannelsPlan
from callout.rulebook.providers import read_channels


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a made-up provider."""

    account: str
    token_env: str
    senders: tuple[str, ...] = ()
    base_url: str = "https://api.example"
    spare_env: str = ""

    def __post_init__(self) -> None:
        if self.account == "wrong":
            raise ValueError("account 不对；请改正。")

    @property
    def real(self) -> bool:
        return "127.0.0.1" not in self.base_url


def config_of(kind: str) -> type:
    if kind == "absent":
        raise ModuleNotFoundError("No module named 'sdk'", name="sdk")
    return Config


def read(folder: Path, text: str) -> ChannelsPlan:
    path = folder / "channels.yaml"
    path.write_text(text, encoding="utf-8")
    return read_channels(path, ("absent", "letter"), config_of)


GOOD = """\
providers:
  - name: first
    type: letter
    regions: ["+852", "+853"]
    settings: {account: a, token_env: CALLOUT_TOKEN, senders: ["+9991"], base_url: "http://127.0.0.1:1"}
    forms:
      call:
        code: T1
        words: ${hazard}预警，请回1
        variables:
          - {name: hazard, value: "{{ m.hazard }}", longest: 9, charset: any, overflow: cut}
  - name: second
    type: letter
    settings: {account: b, token_env: CALLOUT_OTHER}
"""


def test_a_whole_file(tmp_path: Path) -> None:
    plan = read(tmp_path, GOOD)
    first, second = plan.providers
    assert (first.name, first.regions, first.real) == ("first", ("+852", "+853"), False)
    assert first.config == Config("a", "CALLOUT_TOKEN", ("+9991",), "http://127.0.0.1:1")
    gap = Variable("hazard", "{{ m.hazard }}", 9, Charset.ANY, Overflow.CUT)
    assert first.forms == {"call": Form("T1", "${hazard}预警，请回1", (gap,))}
    assert (second.regions, second.real, second.config.senders, second.forms) == ((), True, (), {})


@pytest.mark.parametrize(("live", "run"), [(True, ACTUAL), (False, SIMULATED)])
def test_only_a_real_provider_that_may_be_used_makes_an_actual_run(tmp_path: Path, live: bool, run: str) -> None:
    assert read(tmp_path, GOOD).run(live=live) == run


def test_providers_on_this_machine_never_make_an_actual_run(tmp_path: Path) -> None:
    plan = read(tmp_path, GOOD.partition("  - name: second")[0])
    assert (plan.run(live=True), ChannelsPlan().run(live=True)) == (SIMULATED, SIMULATED)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("type: letter\n    regions", "type: leter\n    regions", "第 3 行 providers[1].type：没有“leter”这种通道"),
        ("type: letter\n    regions", "type: absent\n    regions", "第 3 行 providers[1].type：通道“absent”要用的 sdk"),
        ("account: a", "acount: a", "第 5 行 providers[1].settings.acount：不认识的键“acount”；相近的有：account"),
        ("account: a, ", "", "第 5 行 providers[1].settings：缺少“account”"),
        ("account: a", "account: wrong", "第 5 行 providers[1].settings：account 不对"),
        ("account: a", "account: 12", "第 5 行 providers[1].settings.account：应为文字"),
        ("token_env: CALLOUT_TOKEN", "token_env: s3cret!", "settings.token_env：写法不对，应像“ALIYUN_SECRET”这样"),
        ("name: second", "name: first", "第 12 行 providers[2].name：通道“first”写了两次"),
        ('"+852"', '"852"', "第 4 行 providers[1].regions[1]：写法不对，应像“+86”“+86138”这样"),
        ("call:", "calls:", "第 8 行 providers[1].forms.calls：没有“calls”这种消息"),
        ("call:", "xxxxxx:", "没有“xxxxxx”这种消息；可用的有：all_clear、call、confirm、"),
        ("charset: any", "charset: all", "charset：只能写 "),
    ],
)
def test_a_mistake_is_named_with_line_and_key(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in GOOD
    with pytest.raises(RuleError) as caught:
        read(tmp_path, GOOD.replace(before, after))
    assert str(caught.value).startswith("channels.yaml")
    assert said in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="CALLOUT_CHANNELS"):
        read_channels(tmp_path / "none.yaml", (), config_of)
