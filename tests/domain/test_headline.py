"""Hazard, level and action as headlines write them; every contradiction reaches a human."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.alert import CodeSystem, Geocode, MsgType
from callout.domain.headline import action_doubts, geocode, hazard_named, issuer, judge, read_headline
from callout.domain.level import Hazard, Level

BLUE, YELLOW, ORANGE, RED = Level.BLUE, Level.YELLOW, Level.ORANGE, Level.RED


@pytest.mark.parametrize(
    ("headline", "hazard", "level", "lifts"),
    [
        ("示例区气象台发布暴雨蓝色预警[IV级/一般]", Hazard.RAINSTORM, BLUE, False),
        ("示例区气象台发布暴雨蓝色预警[Ⅳ级/一般]", Hazard.RAINSTORM, BLUE, False),
        ("示例区气象台解除大风蓝色预警[IV/一般]", Hazard.GALE, BLUE, True),
        ("示例区气象台继续发布高温黄色预警信号", Hazard.HEAT, YELLOW, False),
        ("示例区气象台升级发布暴雪橙色预警信号[II级/严重]", Hazard.SNOWSTORM, ORANGE, False),
        ("示例区气象台变更发布暴雨红色预警[I级/特别严重]", Hazard.RAINSTORM, RED, False),
        ("示例区气象台更新雷电黄色预警信号[III级/较重]", Hazard.LIGHTNING, YELLOW, False),
        ("示例区气象台降级发布暴雨黄色预警", Hazard.RAINSTORM, YELLOW, False),
        ("示例区气象台撤销大雾橙色预警", Hazard.FOG, ORANGE, True),
        ("示例区水利局、气象台联合发布山洪灾害气象风险橙色预警", Hazard.FLASH_FLOOD, ORANGE, False),
        ("示例区地质灾害防治指挥部发布暴雨黄色预警", Hazard.RAINSTORM, YELLOW, False),
        ("示例区发布地质灾害气象风险黄色预警", Hazard.LANDSLIDE, YELLOW, False),
        ("示例区气象台发布雷暴大风黄色预警", Hazard.THUNDER_GALE, YELLOW, False),
        ("示例区气象台发布雷雨大风黄色预警", Hazard.THUNDER_GALE, YELLOW, False),
        ("示例区气象台发布森林（草原）火险橙色预警信号", Hazard.FOREST_FIRE, ORANGE, False),
        ("示例区气象台发布强对流（雷暴大风、冰雹）黄色预警", Hazard.CONVECTION, YELLOW, False),
        ("示例区气象台发布中小河流洪水气象风险蓝色预警", Hazard.RIVER_FLOOD, BLUE, False),
        ("示例区气象台发布气象干旱橙色预警", Hazard.DROUGHT, ORANGE, False),
        ("示例区气象台将暴雨橙色预警信号降级为暴雨黄色预警信号", Hazard.RAINSTORM, YELLOW, False),
        ("示例区气象台将高温橙色预警升级为红色", Hazard.HEAT, RED, False),
        ("将甲街道、乙镇暴雨橙色预警降级为黄色，其余镇街暴雨黄色预警仍生效", Hazard.RAINSTORM, YELLOW, False),
        ("黄石市气象台发布霾黄色预警", Hazard.HAZE, YELLOW, False),
        ("暴雨橙色预警", Hazard.RAINSTORM, ORANGE, None),
        ("示例区气象台解除暴雨蓝色预警并发布大雾黄色预警", None, None, None),
        ("示例区气象台发布洪水预警", Hazard.FLOOD, None, False),
        ("示例区气象台发布海上大风黄色预警", None, YELLOW, False),
        ("示例区气象台发布台风暴雨橙色预警", None, ORANGE, False),
        ("示例区防指启动防汛Ⅳ级应急响应", None, None, None),
        ("Example District issues an orange warning", None, None, None),
        ("", None, None, None),
    ],
)
def test_headlines(headline: str, hazard: Hazard | None, level: Level | None, lifts: bool | None) -> None:
    read = read_headline(headline)
    assert (read.lifts, *(found[0] if len(found) == 1 else None for found in (read.hazards, read.levels))) == (
        lifts,
        hazard,
        level,
    )


@pytest.mark.parametrize(
    ("given_fields", "hazard", "level", "doubt"),
    [
        ((Hazard.RAINSTORM, "", "", RED), Hazard.RAINSTORM, RED, None),
        ((None, "", "示例区气象台发布暴雨提示信息", None), Hazard.RAINSTORM, None, "提示类信息"),
        ((Hazard.RAINSTORM, "", "示例区气象台发布暴雨橙色预警[II级/严重]", ORANGE), Hazard.RAINSTORM, ORANGE, None),
        ((None, "", "示例区气象台发布台风蓝色预警", BLUE), Hazard.TYPHOON, BLUE, None),
        ((None, "", "示例区气象台发布高温红色预警", None), Hazard.HEAT, RED, None),
        ((None, "高温", "", RED), Hazard.HEAT, RED, None),
        ((None, "地质灾害气象风险", "", YELLOW), Hazard.LANDSLIDE, YELLOW, None),
        (
            (None, "", "示例区发布预警", None, "示例区气象台发布暴雨黄色预警：注意防范。"),
            Hazard.RAINSTORM,
            YELLOW,
            None,
        ),
        ((None, "tornado", "", RED), None, RED, "认不出灾种"),
        ((Hazard.RAINSTORM, "", "示例区气象台发布暴雨预警", None), Hazard.RAINSTORM, None, "认不出级别"),
        ((Hazard.RAINSTORM, "", "示例区气象台发布暴雨红色预警", BLUE), Hazard.RAINSTORM, RED, "蓝色、红色"),
        ((Hazard.RAINSTORM, "", "示例区气象台发布暴雨红色预警[IV级/一般]", None), Hazard.RAINSTORM, RED, "红色、蓝色"),
        (
            (Hazard.RAINSTORM, "", "示例区气象台发布暴雨红色预警、暴雨黄色预警", None),
            Hazard.RAINSTORM,
            RED,
            "红色、黄色",
        ),
        ((Hazard.GALE, "", "示例区气象台发布暴雨黄色预警", YELLOW), Hazard.GALE, YELLOW, "大风、暴雨"),
        ((None, "高温", "示例区气象台发布暴雨黄色预警", YELLOW), Hazard.RAINSTORM, YELLOW, "暴雨、高温"),
        ((None, "", "示例区气象台发布台风、暴雨黄色预警", None), Hazard.TYPHOON, YELLOW, "台风、暴雨"),
        (
            (Hazard.RAINSTORM, "", "发布暴雨黄色预警", YELLOW, "甲镇暴雨橙色预警，其余暴雨黄色预警"),
            Hazard.RAINSTORM,
            YELLOW,
            "橙色",
        ),
    ],
)
def test_the_judgement_of_a_message(
    given_fields: tuple[Hazard | None, str, str, Level | None],
    hazard: Hazard | None,
    level: Level | None,
    doubt: str | None,
) -> None:
    found_hazard, found_level, doubts = judge(*given_fields)
    assert (found_hazard, found_level) == (hazard, level)
    assert len(doubts) == (doubt is not None)
    assert (doubt or "") in "".join(doubts)
    assert all("需人工" in sentence for sentence in doubts)


def test_another_hazard_in_the_text_is_no_split_level() -> None:
    text = "示例区气象台发布暴雨黄色预警：预计有强降水，地质灾害气象风险橙色预警仍在生效。"
    assert judge(Hazard.RAINSTORM, "", "示例区气象台发布暴雨黄色预警", YELLOW, text) == (Hazard.RAINSTORM, YELLOW, ())


@pytest.mark.parametrize(
    ("msg_type", "headline", "doubtful"),
    [
        (MsgType.ALERT, "示例区气象台发布暴雨蓝色预警", False),
        (MsgType.CANCEL, "示例区气象台解除暴雨蓝色预警", False),
        (MsgType.ALERT, "示例区气象台解除暴雨蓝色预警", True),
        (MsgType.CANCEL, "示例区气象台发布暴雨蓝色预警", True),
        (MsgType.CANCEL, "", False),
    ],
)
def test_a_headline_that_contradicts_the_message_type(msg_type: MsgType, headline: str, doubtful: bool) -> None:
    assert bool(action_doubts(msg_type, headline)) is doubtful


@pytest.mark.parametrize(
    ("name", "hazard"),
    [
        ("暴雨", Hazard.RAINSTORM),
        ("森林（草原）火险", Hazard.FOREST_FIRE),
        ("台风、暴雨", None),
        ("海上大风", None),
        ("暴雨之后的心情", None),
        ("", None),
    ],
)
def test_bare_names(name: str, hazard: Hazard | None) -> None:
    assert hazard_named(name) == hazard


@pytest.mark.parametrize("hazard", Hazard)
@pytest.mark.parametrize("level", Level)
def test_every_hazard_in_every_colour(hazard: Hazard, level: Level) -> None:
    headline = f"示例区气象台发布{hazard}{level.zh}预警信号"
    assert judge(None, "", headline, None) == (hazard, level, ())


@pytest.mark.parametrize(
    ("raw", "system", "value"),
    [
        ("500156", CodeSystem.GB2260, "500156"),
        ("500000", CodeSystem.GB2260, "500000"),
        ("500156000", CodeSystem.GB2260, "500156"),
        ("500156000000", CodeSystem.GB2260, "500156"),
        ("50015600000000", CodeSystem.GB2260, "500156"),
        ("500156101000", CodeSystem.UNDECLARED, "500156101"),
        ("50015610100000", CodeSystem.UNDECLARED, "500156101"),
        ("500156100000", CodeSystem.UNDECLARED, "500156100"),
        ("500156101200", CodeSystem.UNDECLARED, "500156101200"),
        (" ５００１５６ ", CodeSystem.GB2260, "500156"),
    ],
)
def test_area_codes(raw: str, system: CodeSystem, value: str) -> None:
    assert geocode(raw) == Geocode(system, value)


@pytest.mark.parametrize(
    "raw", ["", "50015", "5001561", "000000", "50015610120101", "五零零一五六", "50 0156", "500156\n1"]
)
def test_what_is_no_area_code(raw: str) -> None:
    assert geocode(raw) is None


WORDS = (
    "暴雨",
    "大风",
    "橙色",
    "红色",
    "预警",
    "发布",
    "解除",
    "升级为",
    "，",
    "（",
    "）",
    "[IV级/一般]",
    "甲镇",
    "从",
    "a",
)


@given(st.lists(st.sampled_from(WORDS)).map("".join) | st.text())
def test_no_text_breaks_the_reading_and_doubts_explain_what_is_missing(text: str) -> None:
    hazard, level, doubts = judge(None, text, text, None, text)
    assert (hazard is not None and level is not None) or doubts


@given(st.text())
def test_no_text_breaks_the_area_code(text: str) -> None:
    found = geocode(text)
    assert found is None or (len(found.value) in (6, 9, 12) and found.value.isascii())


@pytest.mark.parametrize(
    ("headline", "expected"),
    [
        ("武隆区气象台发布暴雨蓝色预警[IV级/一般]", "武隆区气象台"),
        ("武隆区气象台变更发布暴雨黄色预警", "武隆区气象台"),
        ("某县水利局、某县气象局联合发布山洪灾害橙色预警", "某县水利局"),
        ("某市气象台解除大风蓝色预警", "某市气象台"),
        ("暴雨橙色预警", ""),
        ("", ""),
    ],
)
def test_issuer_is_the_office_that_the_headline_opens_with(headline: str, expected: str) -> None:
    assert issuer(headline) == expected
