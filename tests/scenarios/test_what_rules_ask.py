"""What rules ask beside hazard and level: the kind of message, and warnings that are already in force."""

import pytest

from callout.domain.level import Hazard, Level
from callout.domain.roster import Post
from tests.scenarios.baima import changed
from tests.scenarios.conftest import Opener
from tests.scenarios.field import BAIMA, DAY, JIANGKOU, Field, person, standard_roster
from tests.scenarios.test_nobody_vanishes import the_account

GEOLOGIST_BAIMA, GEOLOGIST_JIANGKOU = 21, 22
"""驻守地质队员: an orange rain calls them only where a landslide warning is already in force."""


@pytest.fixture
def field(open_county: Opener) -> Field:
    posts = [
        Post(at, area, "驻守地质队员", f"示例·驻守地质队员{at}", at)
        for at, area in ((GEOLOGIST_BAIMA, BAIMA), (GEOLOGIST_JIANGKOU, JIANGKOU))
    ]
    people = (*standard_roster().responders, *(person(post.id) for post in posts))
    return open_county(DAY, changed("r2", *posts, responders=people))


def geologists(field: Field, alert: int) -> set[int]:
    return {GEOLOGIST_BAIMA, GEOLOGIST_JIANGKOU} & field.states(alert).keys()


def test_an_orange_rain_calls_the_geologists_where_a_landslide_warning_is_in_force(field: Field) -> None:
    """暴雨橙 while 地灾黄 in 白马 only; the recount sees what was so at that minute, also when it is over."""
    field.alert(Level.YELLOW, hazard=Hazard.LANDSLIDE, areas=[BAIMA], hours=1, identifier="slide")
    field.wait(60)
    field.alert(Level.ORANGE, identifier="rain")
    assert geologists(field, 2) == {GEOLOGIST_BAIMA}
    field.wait(2 * 3600)
    assert the_account(field).total.lost == 0


def test_without_the_other_warning_nobody_is_called_in_vain(field: Field) -> None:
    """Over, of another kind or of too low a level, it is no reason."""
    field.alert(Level.BLUE, hazard=Hazard.LANDSLIDE, areas=[JIANGKOU], identifier="blue")
    field.alert(Level.YELLOW, hazard=Hazard.LANDSLIDE, areas=[BAIMA], hours=1, identifier="slide")
    field.wait(3601)
    field.alert(Level.ORANGE, identifier="rain")
    assert geologists(field, 3) == set()


def test_an_emergency_response_is_no_signal(field: Field) -> None:
    """防汛Ⅲ级应急响应 is not a yellow warning: no rule for signals answers to it, and a human is asked."""
    field.alert(Level.YELLOW, headline="武隆区防指启动防汛Ⅲ级应急响应", identifier="response")
    assert field.states() == {}
    assert (0, "no_rule") in field.human_calls()
