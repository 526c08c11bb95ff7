from dataclasses import replace

import pytest

from callout.domain.duty import Duty, compile_duty
from callout.domain.errors import RosterError
from callout.domain.instant import Instant
from callout.domain.roster import ContactMethod, NumberKind, Post, Responder, Roster, Shift

PHONE = ContactMethod("+9995001560000001", NumberKind.MOBILE)
ANNA, MUTE = Responder(1, "示例·甲", (PHONE,)), Responder(2, "示例·乙", ())
DESK = Post(10, "gb2260:500156", "值班室", "示例·值班室", 1, 2, 11)
NEXT = Post(11, "gb2260:500156", "防汛办", "示例·防汛办", 1)


def shift(post: int, responder: int) -> Shift:
    return Shift(post, responder, Instant(0), Instant(1000))


def roster(*posts: Post, shifts: tuple[Shift, ...] = ()) -> Roster:
    return Roster("v1", "500156", posts, (ANNA, MUTE), shifts)


def test_a_duty_says_everything_about_its_post() -> None:
    assert compile_duty(roster(DESK, NEXT)) == (
        Duty(10, "gb2260:500156", "值班室", "示例·值班室", 1, 2, 11, usable=True),
        Duty(11, "gb2260:500156", "防汛办", "示例·防汛办", 1, None, None, usable=True),
    )


@pytest.mark.parametrize(
    ("holder", "on_shift", "why"),
    [
        (1, None, ""),
        (2, None, "no_number"),
        (None, None, "vacant"),
        (None, 1, ""),
        (None, 2, "no_number"),
        (2, 1, ""),
        (1, 2, ""),
    ],
)
def test_who_can_be_reached(holder: int | None, on_shift: int | None, why: str) -> None:
    shifts = (shift(10, on_shift),) if on_shift else ()
    (duty, _) = compile_duty(roster(replace(DESK, holder=holder), NEXT, shifts=shifts))
    assert (duty.usable, duty.why_unusable) == (why == "", why)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (roster(NEXT, replace(DESK, holder=7)), "岗位第 2 行（示例·值班室）：任职人 7 不在责任人名单里"),
        (roster(NEXT, replace(DESK, deputy=7)), "岗位第 2 行（示例·值班室）：副职 7 不在责任人名单里"),
        (roster(DESK), "岗位第 1 行（示例·值班室）：上级岗位 11 不在岗位表里"),
        (roster(NEXT, shifts=(shift(11, 1), shift(9, 1))), "值班表第 2 行：岗位 9 不在岗位表里"),
        (roster(NEXT, shifts=(shift(11, 9),)), "值班表第 1 行：值班人 9 不在责任人名单里"),
        (roster(NEXT, NEXT), "岗位第 2 行：编号 11 重复"),
        (replace(roster(NEXT), responders=(ANNA, ANNA)), "责任人第 2 行：编号 1 重复"),
    ],
)
def test_what_leads_nowhere_is_refused_with_row_and_mend(broken: Roster, message: str) -> None:
    with pytest.raises(RosterError) as refused:
        compile_duty(broken)
    assert str(refused.value).startswith(message)
    assert "请" in str(refused.value)
