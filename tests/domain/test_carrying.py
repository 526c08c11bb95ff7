"""Whether the channels can carry a ladder: said before the season, naming the step."""

from dataclasses import replace

from callout.domain.abilities import Abilities, Answering, Receipts, Window
from callout.domain.carrying import Fault, faults
from callout.domain.instant import HOUR, MINUTE, SECOND
from callout.domain.ladder import ChannelKind, Ladder, Step, Target

SMS, VOICE = ChannelKind.SMS, ChannelKind.VOICE
TWO_WAY = Abilities(frozenset({Answering.REPLY, Answering.KEY}), Receipts.PUSH)
ONE_WAY = replace(TWO_WAY, answers=frozenset())
NO_ROAD = replace(ONE_WAY, reaches=False)
ALIYUN_VOICE = replace(TWO_WAY, windows=(Window(1, MINUTE), Window(5, HOUR), Window(20, 24 * HOUR)))
TENCENT_VOICE = replace(TWO_WAY, windows=(Window(1, 8 * HOUR, night_only=True),))


def ladder(*steps: tuple[ChannelKind, int], wait: int = 180 * SECOND) -> Ladder:
    """(channel, number) of each step, for the holder."""
    return Ladder("常用", 1, tuple(Step(Target.HOLDER, n, channel, channel, wait) for channel, n in steps))


def said(made: Ladder, **able: Abilities) -> list[tuple[int, bool, str]]:
    """(step, grave, why) by day; what is said by night too is not repeated."""
    return [
        (f.step, f.grave, f.why) for f in faults(made, {k: [able[k]] for k in ChannelKind if k in able}) if not f.night
    ]


def test_a_ladder_that_can_be_carried_has_no_fault() -> None:
    assert faults(ladder((SMS, 1), (VOICE, 1)), {SMS: [TWO_WAY], VOICE: [ALIYUN_VOICE]}) == ()


def test_a_step_without_a_way_is_named() -> None:
    """Twilio rings nobody in mainland China."""
    made = ladder((SMS, 1), (VOICE, 1))
    [(step, grave, why)] = said(made, sms=TWO_WAY, voice=NO_ROAD)
    assert (step, grave) == (2, True)
    assert why == "没有语音通道到得了这些号码；请在通道文件里加一个到得了的语音通道，或把这一步改成短信"
    assert said(made, sms=TWO_WAY) == [(2, True, why)]


def test_a_step_whose_answer_cannot_come_back_is_named() -> None:
    made = ladder((SMS, 1), (VOICE, 1))
    [(step, grave, why)] = said(made, sms=ONE_WAY, voice=TWO_WAY)
    assert (step, grave) == (1, False)
    assert why.startswith("短信收不到答复；请")
    [(step, grave, why)] = said(made, sms=TWO_WAY, voice=ONE_WAY)
    assert (step, grave) == (2, False)
    assert why.startswith("语音收不到按键；请")


def test_where_only_the_uplink_is_shut_the_mend_is_named_first() -> None:
    shut = replace(ONE_WAY, uplink_shut=True)
    [(step, grave, why)] = said(ladder((SMS, 1), (VOICE, 1)), sms=shut, voice=TWO_WAY)
    assert (step, grave) == (1, False)
    assert why.startswith("短信收不到答复；请向服务商开通上行（短信回复）后在通道的 settings 里写 two_way: true，或配")


def test_a_ladder_to_which_nobody_can_answer_is_refused() -> None:
    (_, whole) = said(ladder((SMS, 1)), sms=ONE_WAY)
    assert whole == (0, True, "没有一步收得到答复，所有人都会一直叫到人工；请至少给一步配上收得到答复的通道")


def test_two_calls_to_one_number_within_a_minute_are_named() -> None:
    made = ladder((VOICE, 1), (VOICE, 1), wait=40 * SECOND)
    [(step, grave, why)] = said(made, voice=ALIYUN_VOICE)
    assert (step, grave) == (2, True)
    assert "每 1分钟 1 次、每 1小时 5 次、每 24小时 20 次" in why
    assert said(ladder((VOICE, 1), (VOICE, 2), wait=40 * SECOND), voice=ALIYUN_VOICE) == []
    assert said(ladder((VOICE, 1), (VOICE, 1), wait=60 * SECOND), voice=ALIYUN_VOICE) == []


def test_the_sixth_call_of_an_hour_is_named() -> None:
    assert [step for step, _, _ in said(ladder(*[(VOICE, 1)] * 6), voice=ALIYUN_VOICE)] == [6]


def test_a_limit_of_the_night_is_named_for_the_night_only() -> None:
    found = faults(ladder((VOICE, 1), (VOICE, 1)), {VOICE: [TENCENT_VOICE]})
    why = "叫同一号码太密，通道限每 8小时 1 次（夜间）；请把前面几步的 wait 加长，或这一步改叫另一个号码"
    assert found == (Fault("常用", 2, True, True, why),)


def test_a_second_provider_without_the_limit_carries_it() -> None:
    assert faults(ladder((VOICE, 1), (VOICE, 1)), {VOICE: [TENCENT_VOICE, TWO_WAY]}) == ()
