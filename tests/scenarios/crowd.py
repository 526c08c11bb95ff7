"""More people in one township than a window holds."""

import asyncio

from callout.domain.level import Level
from callout.domain.pace import WINDOW
from callout.domain.roster import Post
from tests.scenarios.conftest import Opener
from tests.scenarios.field import BAIMA, LEADER_BAIMA, Field, make_alert, person, standard_roster

VACANT = (90, 91)
"""Posts that nobody holds: their calls go to the superior of the crowd."""


def crowded(open_county: Opener, level: Level, *, plan_all: bool = True) -> Field:
    """More posts in one township than fit into a window, all under its leader, are open and not yet called."""
    standard, crowd = standard_roster(), range(100, 100 + WINDOW + 6)
    posts = [Post(n, BAIMA, "网格员", f"示例·网格员{n}", n, superior=LEADER_BAIMA) for n in crowd]
    posts += [Post(n, BAIMA, "网格员", f"示例·网格员{n}", None, superior=LEADER_BAIMA) for n in VACANT]
    people = (*standard.responders, *map(person, crowd))
    field = open_county(roster=standard_roster(posts=(*standard.posts, *posts), responders=people))
    field.take_in(make_alert(field.clock.now(), level), settle=False)

    plan_on(field)
    while plan_all and plan_on(field):
        pass
    return field


def plan_on(field: Field) -> int:
    """The plan stage takes a step, as the engine would let it: how many rows moved."""

    async def step() -> int:
        return (await field.app.stages["plan"]()).moved

    return asyncio.run(step())


def called(field: Field) -> list[int]:
    """Posts that have been called, after the sender has taken one step."""
    asyncio.run(field.app.sender.run_once())
    return [post for post, state in field.states().items() if state == "waiting"]


def planned(field: Field, alert: int) -> int:
    """How many callouts of the alert are open."""
    return len(field.states(alert))
