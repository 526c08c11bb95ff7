"""Which steps of a ladder come in time, by the engine's own rules: the ground of the search for counter-examples."""

from datetime import datetime

from callout.domain.conditions import Facts
from callout.domain.instant import BEIJING, HOUR, MINUTE, instant, later
from callout.domain.ladder import ChannelKind, Target
from callout.domain.level import Hazard, Level
from callout.domain.proof.reaching import reaches
from callout.domain.proof.space import everywhere
from callout.rulebook.reading import parse
from tests.domain.proof_county import FILES, roster

NIGHT = instant(datetime(2026, 7, 1, 3, tzinfo=BEIJING))
RED = Facts(Hazard.RAINSTORM, Level.RED, NIGHT, "暴雨红色预警")


def test_every_post_that_is_asked_has_its_steps_in_order_and_none_after_the_time() -> None:
    book, people = parse(FILES, "500156"), roster()
    where, hour, minute = everywhere(book), (NIGHT, later(NIGHT, HOUR)), (NIGHT, later(NIGHT, MINUTE))
    found = reaches(book, people, RED, where, hour)
    asked = {post.id for post in people.posts if found.get(post.id)}
    assert asked
    steps = found[min(asked)]
    assert [one.at for one in steps] == sorted(one.at for one in steps)
    assert steps[0].at == NIGHT
    assert steps[0].channel is ChannelKind.VOICE
    assert steps[0].target is Target.HOLDER
    assert steps[0].name
    soon = reaches(book, people, RED, where, minute)[min(asked)]
    assert len(soon) < len(steps)
    assert all(one.at <= later(NIGHT, MINUTE) for one in soon)
    assert reaches(book, people, Facts(None, None), where, hour) == {}
