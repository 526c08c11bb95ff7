"""When a source is asked again, when its silence is an alarm, and what is said about it."""

from hypothesis import given
from hypothesis import strategies as st

from callout.domain.instant import HOUR, MINUTE, SECOND, Instant
from callout.domain.listening import (
    LONGEST_PAUSE,
    Endpoint,
    EndpointKind,
    GaugeAddress,
    GaugeBroker,
    Hearing,
    asked_again,
    introduced,
    is_silent,
)

NOW = Instant(1_785_672_000_000)


def test_good_answers_keep_the_interval_and_failures_double_it() -> None:
    pauses = [asked_again(NOW, 10 * SECOND, n, 0.0) - NOW for n in range(7)]
    assert pauses == [seconds * SECOND for seconds in (10, 5, 10, 20, 40, 60, 60)]
    assert asked_again(NOW, MINUTE, 0, 0.5) - NOW == 63 * SECOND
    assert asked_again(NOW, HOUR, 9, 0.0) - NOW == HOUR // 2


@given(st.integers(10, 3600), st.integers(0, 10**6), st.floats(0, 1, exclude_max=True))
def test_the_next_question_is_never_far_and_never_at_once(seconds: int, failures: int, chance: float) -> None:
    every = seconds * SECOND
    pause = asked_again(NOW, every, failures, chance) - NOW
    assert every // 2 <= pause <= max(every, LONGEST_PAUSE) * 1.1


def test_silence_begins_when_the_limit_has_passed() -> None:
    assert not is_silent(NOW, Instant(NOW - MINUTE + 1), MINUTE)
    assert is_silent(NOW, Instant(NOW - MINUTE), MINUTE)


def test_two_silences_are_told_apart_and_say_why() -> None:
    first, second = (Hearing("示例源", True, Instant(NOW + n), "HTTP 500") for n in (0, HOUR))
    assert (first.about, second.about) == ("示例源@20260802200000", "示例源@20260802210000")
    assert "从 08-02 20:00 起没有好的回答（HTTP 500）" in first.note
    assert "（" not in Hearing("示例源", True, NOW).note


def test_what_is_listened_to_is_said_in_one_line_and_its_silence_in_its_own_words() -> None:
    feed = Endpoint("示例源", EndpointKind.FEED, "https://example.org/")
    page = GaugeAddress("示例·水利局", "https://example.org/")
    broker = GaugeBroker("示例·自建站", "broker.example.org", ("gauges/#",))
    assert [introduced(one) for one in (feed, page, broker)] == [
        "预警源：示例源，每 60 秒问一次，15 分钟没有好的回答就转人工",
        "测站来源：示例·水利局，每 60 秒问一次，30 分钟没有能用的读数就转人工",
        "测站来源：示例·自建站，一直听着，30 分钟没有能用的读数就转人工",
    ]
    note = Hearing(page.name, True, NOW, "连不上", page.noun, page.loss).note
    assert note.startswith("测站来源“示例·水利局”从 08-02 20:00 起没有好的回答（连不上），其间的雨量、水位收不到")
