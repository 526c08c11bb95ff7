"""预警信号, 重要气象信息专报 and 应急响应 are told apart; the grade of one is never the colour of another."""

import pytest

from callout.domain.alert_kind import AlertKind, alert_kind, graded
from callout.domain.headline import judge
from callout.domain.level import Hazard, Level

SIGNAL, BRIEFING, RESPONSE = AlertKind.SIGNAL, AlertKind.BRIEFING, AlertKind.RESPONSE


@pytest.mark.parametrize(
    ("headline", "kind", "about"),
    [
        ("示例区气象台发布暴雨橙色预警[II级/严重]", SIGNAL, None),
        ("示例区气象台发布暴雨预警", SIGNAL, (None, None)),
        ("针对暴雨橙色预警，示例区防指启动防汛Ⅲ级应急响应", SIGNAL, None),
        ("示例区防指启动防汛Ⅳ级应急响应", RESPONSE, (Hazard.FLOOD, Level.BLUE)),
        ("示例区防汛抗旱指挥部启动防汛四级应急响应", RESPONSE, (Hazard.FLOOD, Level.BLUE)),
        ("示例区防指将防汛Ⅳ级应急响应提升至Ⅲ级", RESPONSE, (Hazard.FLOOD, Level.YELLOW)),
        ("示例区防汛抗旱指挥部启动地质灾害Ⅱ级应急响应", RESPONSE, (Hazard.LANDSLIDE, Level.ORANGE)),
        ("示例区启动抗旱Ⅰ级应急响应", RESPONSE, (Hazard.DROUGHT, Level.RED)),
        ("示例区森防指启动森林防火Ⅲ级应急响应", RESPONSE, (Hazard.FOREST_FIRE, Level.YELLOW)),
        ("示例区启动Ⅲ级应急响应", RESPONSE, (None, Level.YELLOW)),
        ("示例区启动应急响应", RESPONSE, (None, None)),
        ("示例市气象局重要气象信息专报：暴雨Ⅳ级预警", BRIEFING, (Hazard.RAINSTORM, Level.BLUE)),
        ("", SIGNAL, (None, None)),
    ],
)
def test_kinds(headline: str, kind: AlertKind, about: tuple[Hazard | None, Level | None] | None) -> None:
    assert alert_kind(headline) is kind
    assert about is None or graded(headline) == about


def test_a_response_is_read_by_its_grade_and_leaves_no_doubt() -> None:
    assert judge(None, "", "示例区防指启动防汛Ⅲ级应急响应", None) == (Hazard.FLOOD, Level.YELLOW, ())


def test_a_response_whose_colour_says_something_else_is_a_doubt() -> None:
    _, level, doubts = judge(None, "", "示例区防指启动防汛Ⅲ级应急响应", Level.RED)
    assert (level, len(doubts)) == (Level.RED, 1)
