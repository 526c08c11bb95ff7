"""A higher level keeps what the lower ones ask, and says it in few words."""

import pytest

from callout.domain.measures import measure_of, parts, told
from callout.domain.rule import StopWorkCode

RED = "撤：危险区人员应转尽转；通信中断时逐户叫醒；禁：解除前不得返回。"
ORANGE = "撤：先转移老幼病残；断：危险桥涵设卡；报人数。"
YELLOW = "禁：停办户外活动；疏：游客离开河道"


def test_each_part_has_its_code() -> None:
    assert parts(ORANGE) == [
        (StopWorkCode.WITHDRAW, "撤：先转移老幼病残"),
        (StopWorkCode.CUT, "断：危险桥涵设卡"),
        (None, "报人数"),
    ]
    assert [code for code, _ in parts("停学：全天；停:露天作业")] == [StopWorkCode.SCHOOL, StopWorkCode.STOP]


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ([], ""),
        (["", ""], ""),
        (["知晓预警。"], "知晓预警。"),
        (["知晓预警。", "到岗。"], "到岗。"),
        ([ORANGE, RED], f"{RED.rstrip('。')}；断：危险桥涵设卡。"),
        ([YELLOW, ORANGE, RED], f"{RED.rstrip('。')}；断：危险桥涵设卡；疏：游客离开河道。"),
        ([ORANGE, ""], ORANGE),
        ([RED, "撤：同前；断：同前；禁：同前"], "撤：同前；断：同前；禁：同前"),
    ],
)
def test_what_a_post_is_told(texts: list[str], said: str) -> None:
    assert told(texts) == said


def test_only_the_rules_that_call_the_post_speak() -> None:
    assert measure_of({"a", "c"}, {"a": ORANGE, "b": YELLOW, "c": RED}) == f"{RED.rstrip('。')}；断：危险桥涵设卡。"
