"""What an officer's call can come to, and what the list puts first."""

from callout.domain.desk import ALERTS, DANGER, CallResult
from callout.domain.human_call import HumanCallKind


def test_only_an_answer_or_a_refusal_ends_an_item() -> None:
    assert [one.zh for one in CallResult if one.ends] == ["本人确认", "他人代答", "拒绝或无法到岗"]
    assert [one.zh for one in CallResult if not one.ends] == ["无人接", "号码错误", "已派人上门"]


def test_what_somebody_said_comes_first_and_a_channel_that_is_gone_before_all_whom_it_does_not_reach() -> None:
    K = HumanCallKind
    order = [K.ASKED, K.PROVIDER_DOWN, K.EXHAUSTED, K.UNDECIDED, K.PERSON_SILENT]
    ranks = [DANGER.get(kind, ALERTS) for kind in order]
    assert ranks == sorted(set(ranks))
