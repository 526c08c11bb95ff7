"""Nobody on shift next night: found ahead of time, in one line on the board and in the handover."""

import re
from dataclasses import replace

from callout.domain.instant import HOUR, MINUTE, later
from callout.domain.roster import Roster, Shift
from callout.domain.user import Scope, ScopeKind
from tests.scenarios.field import BAIMA, COUNTY, DESK, GRID_1, LEADER_BAIMA, Field, standard_roster
from tests.web.room import Browser, Room


def use(field: Field, roster: Roster, name: str, *shifts: tuple[int, int, int]) -> None:
    """Shifts of (post, from, to), in hours from now, each by the person with the post's number."""
    now = field.clock.now()
    own = tuple(Shift(post, post, later(now, begins * HOUR), later(now, ends * HOUR)) for post, begins, ends in shifts)
    field.app.use_roster(replace(roster, version=name, shifts=own), "示例")


def line(browser: Browser) -> str:
    """What the board says of shifts."""
    text = re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", browser.get("/").text.partition("<main")[2]))
    found = re.search(r"值班缺口.*?起.*?(?=查找)", text)
    return found[0] if found else ""


def test_a_gap_is_one_line_with_who_is_called_then_and_who_can_fill_it(room: Room) -> None:
    roster = standard_roster()
    browser = room.officer()
    assert line(browser) == "", "posts that never had shifts are their holders'"
    use(room.field, roster, "s1", (GRID_1, -1, 8), (GRID_1, 20, 400))
    room.wait(2 * MINUTE)
    [grid] = [post for post in roster.posts if post.id == GRID_1]
    assert grid.superior == LEADER_BAIMA
    said = line(browser)
    assert said.startswith(f"值班缺口1处，最早{grid.title}8月2日18:00起，到时叫任职人示例·人员{GRID_1}")
    assert f"；请示例·人员{LEADER_BAIMA}补排" in said
    handover = browser.get("/journal/handover").text
    assert f"{grid.title} 08-02 18:00 至 08-03 06:00 没有人值班，到时叫任职人" in handover
    assert f"示例·人员{GRID_1}" not in handover, "what goes into the log has no names"
    use(room.field, roster, "s2", (GRID_1, -1, 400))
    room.wait(2 * MINUTE)
    assert line(browser) == ""


def test_where_the_post_is_vacant_nobody_can_be_called_and_the_line_is_red(room: Room) -> None:
    posts = tuple(replace(p, holder=None) if p.id == DESK else p for p in standard_roster().posts)
    use(room.field, replace(standard_roster(), posts=posts), "s1", (DESK, -1, 3))
    browser = room.officer()
    assert "到时没有人可叫" in line(browser)
    assert 'class="state fault"><a href="/journal/handover"' in browser.text
    town = room.officer(scope=Scope(ScopeKind.TOWNSHIP, COUNTY, BAIMA), login="town")
    assert line(town) == "", "a township cannot open the handover"
