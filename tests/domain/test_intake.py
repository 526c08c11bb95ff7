"""Whether an alert may open callouts by itself, how long it is valid, and when two messages are the same."""

from dataclasses import replace
from typing import Any

import pytest

from callout.domain.alert import Alert, MsgType, Status
from callout.domain.area import ASSUMED_VALIDITY, Coverage
from callout.domain.headline import NO_LEVEL, SPLIT
from callout.domain.human_call import HumanCallKind
from callout.domain.instant import HOUR, Instant, later
from callout.domain.intake import (
    LATE,
    AlertState,
    Known,
    Verdict,
    digest,
    document,
    duplicate,
    judge,
    lag,
    late,
    marked,
    validity,
)
from callout.domain.level import Hazard, Level
from tests.scenarios.field import DAY, make_alert

PLAIN = Coverage("500156", frozenset({"gb2260:500156"}))


def judged(alert: Alert, coverage: Coverage = PLAIN, expires: Instant | None = None) -> Verdict:
    return judge(alert, coverage, expires, DAY)


def kinds(verdict: Verdict) -> list[HumanCallKind]:
    return [kind for kind, _ in verdict.work]


def test_a_clear_alert_opens_its_callouts_without_anybody() -> None:
    """Automatic is the default."""
    assert judged(make_alert(DAY), expires=later(DAY, 1)) == Verdict(AlertState.RECEIVED)


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.ACTUAL])
def test_exercises_tests_and_drafts_never_call_anybody(status: Status) -> None:
    """Kept and shown, whatever else they say."""
    alert = replace(make_alert(DAY, msg_type=MsgType.CANCEL), status=status)
    assert judged(alert) == Verdict(AlertState.NOT_ACTUAL)


@pytest.mark.parametrize(
    ("msg_type", "kind"),
    [
        (MsgType.CANCEL, HumanCallKind.CANCELLED),
        (MsgType.ACK, HumanCallKind.UNDECIDED),
        (MsgType.ERROR, HumanCallKind.UNDECIDED),
    ],
)
def test_what_is_no_warning_waits_for_a_human(msg_type: MsgType, kind: HumanCallKind) -> None:
    """A Cancel, an acknowledgement or an error message opens no callout by itself."""
    verdict = judged(make_alert(DAY, msg_type=msg_type))
    assert (verdict.state, kinds(verdict)) == (AlertState.HELD, [kind])


@pytest.mark.parametrize("msg_type", [MsgType.ALERT, MsgType.UPDATE, MsgType.UNKNOWN])
def test_every_kind_of_warning_calls(msg_type: MsgType) -> None:
    """A source that does not say what kind of message it sends still warns."""
    assert judged(make_alert(DAY, msg_type=msg_type)).state is AlertState.RECEIVED


def test_an_alert_that_is_over_when_it_arrives_goes_to_the_officer() -> None:
    """The last moment of validity is over; one millisecond before is not."""
    verdict = judged(make_alert(DAY), expires=DAY)
    assert (verdict.state, kinds(verdict)) == (AlertState.HELD, [HumanCallKind.LATE_ALERT])
    assert judged(make_alert(DAY), expires=later(DAY, 1)).state is AlertState.RECEIVED


@pytest.mark.parametrize(("level", "hazard"), [(None, "暴雨"), (Level.RED, None)])
def test_without_a_level_or_a_hazard_a_human_decides(level: Level | None, hazard: str | None) -> None:
    """With the reader's own doubts as the note, else a general one."""
    alert = make_alert(DAY, level, hazard=hazard)
    assert judged(alert) == Verdict(AlertState.HELD, ((HumanCallKind.UNDECIDED, "灾种或级别无法判定"),))
    doubtful = replace(alert, doubts=("颜色看不清", "没有代码"))
    assert judged(doubtful).work == ((HumanCallKind.UNDECIDED, "颜色看不清；没有代码"),)


def test_a_headline_that_contradicts_the_kind_of_message_stops_the_engine() -> None:
    """A warning whose words say 解除 is decided by a human, not called."""
    alert = make_alert(DAY)
    lifted = replace(alert, infos=(replace(alert.info, headline="武隆区气象台解除暴雨橙色预警"),))
    verdict = judged(lifted)
    assert (verdict.state, kinds(verdict)) == (AlertState.HELD, [HumanCallKind.UNDECIDED])


def lifting(*doubts: str, headline: str = "武隆区气象台解除暴雨橙色预警") -> Alert:
    alert = make_alert(DAY, msg_type=MsgType.CANCEL, headline=headline)
    return replace(alert, doubts=doubts)


@pytest.mark.parametrize("doubts", [(), (NO_LEVEL,)])
def test_a_clear_cancel_is_carried_out(doubts: tuple[str, ...]) -> None:
    """Also one that names no level: it lifts whatever stands."""
    assert judged(lifting(*doubts)) == Verdict(AlertState.RECEIVED)


def test_a_cancel_that_is_not_clear_lifts_nothing() -> None:
    """Contradicting words, any other doubt of the reader, an area that nobody is sure of: a human does it."""
    unsure = replace(PLAIN, doubts=("区划存疑",))
    for verdict in (
        judged(lifting(headline="武隆区气象台发布暴雨橙色预警")),
        judged(lifting(NO_LEVEL, "灾种不一致")),
        judged(lifting(), unsure),
    ):
        assert (verdict.state, kinds(verdict)) == (AlertState.HELD, [HumanCallKind.CANCELLED])
        assert "没有自动解除" in verdict.work[0][1]
    assert judged(lifting(), unsure).work[0][1].endswith("；区划存疑")


def test_a_cancel_has_no_end() -> None:
    """Nothing is assumed either: an all-clear is told whenever it comes."""
    assert validity(replace(lifting(), infos=(replace(lifting().info, expires=None),)), DAY) == (None, False)


def test_a_split_that_the_text_settled_needs_no_human() -> None:
    """The reader's doubt that townships may differ is answered; its other doubts stay."""
    alert = replace(make_alert(DAY), doubts=(f"{SPLIT}黄色，可能分乡镇分级", "发布时间存疑"))
    assert judged(alert, replace(PLAIN, settled=True)).work == ((HumanCallKind.UNDECIDED, "发布时间存疑"),)
    assert judged(alert).work[0][1].startswith(SPLIT)


def test_a_late_arrival_is_marked_with_its_lag() -> None:
    """A quarter of an hour is still on time."""
    alert, limit = make_alert(DAY), later(DAY, LATE)
    assert (late(DAY, limit), late(DAY, later(limit, 1))) == (False, True)
    assert marked(alert, limit) == alert
    assert marked(alert, later(DAY, 2 * HOUR + LATE)).marks == ("迟到：发布后2小时15分钟才收到",)
    assert (lag(DAY, later(DAY, LATE)), lag(DAY, Instant(DAY - 1))) == ("15分钟", "0分钟")


def test_doubts_about_an_alert_that_can_be_called_stop_nobody() -> None:
    """The callouts open and a human looks at the doubts meanwhile."""
    alert = replace(make_alert(DAY), doubts=("发布时间存疑",))
    verdict = judged(alert, replace(PLAIN, doubts=("区划存疑",)))
    assert verdict == Verdict(AlertState.RECEIVED, ((HumanCallKind.UNDECIDED, "发布时间存疑；区划存疑"),))


def test_the_message_says_when_it_ends() -> None:
    """Nothing is assumed then."""
    assert validity(make_alert(DAY, hours=3), DAY) == (later(DAY, 3 * HOUR), False)


@pytest.mark.parametrize("level", list(Level))
def test_a_missing_end_is_assumed_by_level(level: Level) -> None:
    """Marked 推定, counted from the sending."""
    assert validity(make_alert(DAY, level, hours=None), DAY) == (later(DAY, ASSUMED_VALIDITY[level]), True)


def test_an_assumed_end_is_marked_on_the_record() -> None:
    """推定, with the time; what the message said itself needs no mark."""
    [mark] = marked(make_alert(DAY, hours=None), DAY).marks
    assert mark == "来文没有写失效时间，推定有效至 2026-08-02 16:00:00"
    said, nothing = make_alert(DAY, hours=3), make_alert(DAY, None, hours=None)
    assert (marked(said, DAY), marked(nothing, DAY)) == (said, nothing)


def test_an_alert_that_came_late_is_not_over_before_it_was_heard() -> None:
    """The assumed validity begins one hour before the arrival at the earliest."""
    old = make_alert(Instant(DAY - 48 * HOUR), Level.RED, hours=None)
    assert validity(old, DAY) == (later(Instant(DAY - HOUR), ASSUMED_VALIDITY[Level.RED]), True)


def test_without_a_level_no_end_can_be_assumed() -> None:
    """A human decides about it anyway."""
    assert validity(make_alert(DAY, None, hours=None), DAY) == (None, True)


def on_record(alert: Alert, number: int = 7) -> Known:
    info = alert.info
    return Known(
        number, alert.identifier, digest(alert), alert.msg_type, info.hazard or "", info.level or "", alert.sent
    )


def test_the_same_identifier_with_the_same_content_is_a_duplicate() -> None:
    """Other content under the same identifier is another message; both are kept."""
    alert = make_alert(DAY, identifier="x")
    known = [on_record(make_alert(DAY, Level.RED, identifier="x")), on_record(alert, 8)]
    again, other = make_alert(DAY, identifier="x"), make_alert(DAY, Level.BLUE, identifier="x")
    assert duplicate(known, again, digest(again)) == 8
    assert duplicate(known, other, digest(other)) is None


def relay(sent: Instant = DAY, level: Level = Level.ORANGE, **say: Any) -> Alert:
    return make_alert(sent, level, msg_type=MsgType.UNKNOWN, hours=None, **say)


@pytest.mark.parametrize(
    ("relayed", "is_known"),
    [
        (relay(DAY, identifier="x"), True),
        (relay(DAY, identifier="relay"), True),
        (relay(Instant(DAY + 59_000), identifier="x"), True),
        (relay(Instant(DAY + 60_000), identifier="x"), False),
        (relay(Instant(DAY + 1), identifier="relay"), False),
        (relay(DAY, Level.RED, identifier="x"), False),
        (relay(DAY, hazard=Hazard.GALE, identifier="x"), False),
        (relay(DAY, identifier="x", headline="武隆区气象台解除暴雨橙色预警"), False),
        (make_alert(DAY, identifier="x", hours=None), False),
    ],
)
def test_a_relay_that_says_less_is_the_same_message_once_more(relayed: Alert, is_known: bool) -> None:
    """Same hazard, level and time; anything else is kept, and so is the full message after its relay."""
    full = make_alert(DAY, identifier="x")
    assert duplicate([on_record(full)], relayed, digest(relayed)) == (7 if is_known else None)
    assert duplicate([on_record(relayed)], full, digest(full)) is None


def test_the_record_keeps_the_words_of_the_message() -> None:
    """As readable JSON, not as escapes."""
    assert '"headline":"武隆区气象台发布暴雨橙色预警"' in document(make_alert(DAY))
