"""The board: its counts are those of the account, it shows what lies below one's place, and what to do next."""

import asyncio
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from fastapi import Request

from callout.cli.web import provider_states
from callout.domain.circuit import CircuitState
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.instant import HOUR
from callout.domain.level import Level
from callout.domain.user import Role, Scope, ScopeKind
from callout.pipeline import plan
from callout.reports.account import account
from callout.reports.board import BoardStand, DueCounts, board
from callout.rulebook.reading import parse, read_files
from callout.web.board import Drawn, Filter, changed, draw, stream
from callout.web.boards import Mark
from callout.web.lookout import Lookout
from tests.scenarios.field import (
    BAIMA,
    COUNTY,
    GRID_1,
    GRID_2,
    GRID_3,
    JIANGKOU,
    NIGHT,
    SMS,
    Field,
    make_alert,
    open_field,
    standard_roster,
)
from tests.web.room import HERE, Room


def stand(field: Field, scope: Scope = HERE) -> BoardStand:
    app = field.app
    return app.database.read(lambda db: board(db, DueCounts(app.rulebooks), scope, field.clock.now()))


def agrees(field: Field) -> None:
    """Every count of the board is the account's, alert by alert and township by township."""
    app, seen = field.app, stand(field)
    alive = {one.line.alert for one in seen.alerts}
    counted = app.database.read(lambda db: account(db, app.rulebooks, alerts=alive))
    for line, tally in counted.per_alert:
        [mine] = [one.total for one in seen.alerts if one.line.alert == line.alert]
        assert (mine.due, mine.called, mine.answered, mine.open) == (
            tally.due,
            tally.called,
            tally.answered,
            tally.open,
        ), line.alert
        assert mine.unreached == tally.exhausted + tally.expired_unanswered
        assert mine.settled == tally.informed + tally.superseded + tally.lifted
        assert mine.missing == 0
    new = {one.line.alert for one in seen.alerts if not one.overtaken}
    counted = app.database.read(lambda db: account(db, app.rulebooks, alerts=new))
    areas = {area: count for (_, area), (_, count) in seen.by_area.items()}
    assert {a: areas[a].answered for _, a in counted.per_area} == {
        a: t.answered for (_, a), t in counted.per_area.items()
    }
    assert counted.total.due == sum(count.due for count in areas.values())


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_board_counts_what_the_account_counts(request: pytest.FixtureRequest, tmp_path: Any, database: str) -> None:
    url = request.getfixturevalue("migrated_postgres") if database == "postgresql" else f"sqlite:///{tmp_path}/a.db"
    field = open_field(url, NIGHT)
    agrees(field)
    field.alert(Level.YELLOW, identifier="first", areas=(BAIMA, JIANGKOU))
    agrees(field)
    field.reply(GRID_1, "收到")
    field.wait(90)
    agrees(field)
    field.alert(Level.YELLOW, identifier="again", areas=(BAIMA, JIANGKOU), references=("first",))
    agrees(field)
    field.reply(GRID_2, "收到")
    agrees(field)
    field.alert(Level.RED, identifier="red", areas=(BAIMA,), references=("first",))
    field.reply(GRID_2, "无法到岗")
    agrees(field)
    field.wait(2 * HOUR / 1000)
    agrees(field)
    field.app.close()


def test_a_lost_row_shows_at_once(room: Room) -> None:
    room.field.alert(Level.ORANGE)
    assert stand(room.field).total.missing == 0
    room.field.app.database.write(
        lambda db: db.exec_driver_sql(f"DELETE FROM callout WHERE post = {GRID_3} AND round = 0")
    )
    assert stand(room.field).total.missing == 1
    assert "有 1 岗应叫而没有记录" in room.officer().get("/").text


def test_whoever_belongs_to_a_township_sees_its_counts_only(room: Room) -> None:
    room.field.alert(Level.ORANGE)
    whole, part = stand(room.field), stand(room.field, Scope(ScopeKind.TOWNSHIP, COUNTY, BAIMA))
    department = stand(room.field, Scope(ScopeKind.DEPARTMENT, COUNTY, roles=("网格员",)))
    assert (whole.total.due, part.total.due, department.total.due) == (6, 3, 3)
    assert (part.total.called, department.total.called) == (3, 3)
    assert set(part.alerts[0].by_area) == {BAIMA}
    assert stand(room.field, Scope(ScopeKind.COUNTY, "500153")).alerts == ()
    assert stand(room.field, Scope(ScopeKind.CITY)).total == whole.total


NEXT_DOOR = "500999"


def with_a_neighbour(field: Field) -> None:
    """A second county in the same database, a copy of the first under a code and a name of its own."""

    def moved(text: str) -> str:
        return text.replace(COUNTY, NEXT_DOOR).replace("武隆区", "示例区")

    files = {moved(name): moved(text) for name, text in read_files(field.app.settings.rules).items()}
    book, roster = parse(files, NEXT_DOOR), standard_roster(county=NEXT_DOOR)
    roster = replace(roster, posts=tuple(replace(post, area=moved(post.area)) for post in roster.posts))
    field.app.store.write(lambda work: work.rosters.use_rulebook(book, files))
    field.app.use_roster(roster, "示例·测试")


def test_a_city_sees_each_county_and_their_sum_and_one_by_one(room: Room) -> None:
    with_a_neighbour(room.field)
    room.field.alert(Level.ORANGE)
    room.field.alert(Level.RED, areas=[BAIMA.replace(COUNTY, NEXT_DOOR)], identifier="next door")
    room.field.reply(GRID_3, "收到")
    city = room.officer(scope=Scope(ScopeKind.CITY), login="city")
    table = text_of(city.get("/").text.partition('id="counties"')[2].partition("</section>")[0])
    assert "武隆区 橙色 6 6 1 0" in table
    assert "示例区 红色 4 4 0 0" in table
    assert "合计 10 10 1 0" in table
    one = city.get(f"/?county={NEXT_DOOR}").text
    assert ("红色" in one.partition('id="alerts"')[2], 'id="d-500156-' in one) == (True, False)
    here = room.officer().get("/").text
    assert "各区县" not in here, "one county needs no sum"
    assert (NEXT_DOOR in here, here.count("<b>白马镇</b>")) == (False, 1)


def test_the_timer_tells_the_next_step_and_the_latest_end(room: Room) -> None:
    room.field.alert(Level.ORANGE)
    [one] = stand(room.field).alerts
    assert one.next_at == room.field.app.agenda().next_at()
    assert one.done_at is not None
    assert (one.next_at or 0) < one.done_at
    room.field.wait((one.done_at - room.field.clock.now()) / 1000)
    assert stand(room.field).total.open == 0, "steps that reach nobody are skipped: it may be sooner, never later"


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_page_says_what_is_in_force_in_words_and_what_to_do_next(room: Room) -> None:
    browser = room.officer()
    assert "现在不用做什么" in browser.get("/").text
    room.field.alert(Level.ORANGE)
    shown = text_of(browser.get("/").text)
    assert "橙色 暴雨" in shown
    assert "应叫 6 已叫 6 已应 0 在叫 6" in shown
    room.field.reply(GRID_2, "1人受伤")
    shown = text_of(browser.get("/").text)
    assert "下一步： 1 项等人认领，最急的是示例·白马镇网格员二" in shown
    assert "“1人受伤”" in shown


def test_an_engine_that_does_not_beat_is_the_first_thing_to_see(room: Room) -> None:
    room.engine = "silent"
    shown = text_of(room.officer().get("/").text)
    assert "引擎没有心跳" in shown
    assert "下一步： 叫系统管理员重启引擎" in shown


def test_the_board_can_be_narrowed(room: Room) -> None:
    room.field.alert(Level.ORANGE, identifier="a", areas=(BAIMA,))
    room.field.alert(Level.YELLOW, identifier="b", areas=(JIANGKOU,), headline="武隆区气象台发布暴雨黄色预警")
    browser = room.officer()

    def shows(query: str) -> list[str]:
        return re.findall(r'<article class="alert (\w+)"', browser.get(f"/?{query}").text)

    assert shows("") == ["orange", "yellow"]
    assert shows("level=yellow") == ["yellow"]
    assert shows(f"area={BAIMA}") == ["orange"]
    assert shows("q=黄色") == ["yellow"]
    assert shows("q=没有的") == []


def test_an_administrator_has_no_board(room: Room) -> None:
    browser = room.officer(Role.ADMINISTRATOR)
    room.field.alert(Level.ORANGE)
    assert "暴雨" not in browser.get("/").text
    assert browser.get("/events").status_code == 403


def test_only_what_has_changed_is_sent(room: Room) -> None:
    """The changes are asked for as the stream does, look by look."""
    room.field.alert(Level.ORANGE)
    look = Look(room)
    first = look()
    assert {"state", "next", "alerts", "tiles", "items"} <= set(first)
    assert look() == []
    room.field.reply(GRID_2, "收到")
    assert set(look()) == {f"sum-{COUNTY}-1", f"towns-{COUNTY}-1", "tiles"}
    room.field.reply(GRID_1, "无法到岗")
    assert {"next", "items"} <= set(look())
    assert look.alarm["said"] == room.field.clock.now()
    assert look.alarm["red"] == 0
    room.field.alert(Level.RED, identifier="red")
    assert "alerts" in look()
    assert look.alarm["red"] == 2


def test_a_stream_says_that_the_session_is_over_and_ends(room: Room) -> None:
    look = Look(room)

    async def all_of_it() -> str:
        eye = Lookout[Mark, Drawn](room.pages.state.boards.mark)
        return "".join([one async for one in stream(look.request, eye, look.viewer, Filter())])

    assert heard(asyncio.run(all_of_it()))[-1] == ("over", {})


class Look:
    """One browser that follows the board."""

    def __init__(self, room: Room) -> None:
        room.officer(login="looker")
        store = room.field.app.store
        self.viewer = store.read(lambda work: work.users.find("looker")).viewer  # type: ignore[union-attr]
        scope = {"type": "http", "method": "GET", "path": "/events", "headers": [], "query_string": b"",
                 "app": room.pages, "server": ("duty.example", 80), "scheme": "http"}  # fmt: skip
        self.request = Request(scope, receive=still_there)
        self.shown: dict[str, str] = {}
        self.alarm: dict[str, int] = {}

    def __call__(self) -> list[str]:
        """The ids of the parts that it is sent now."""
        sent = heard("".join(changed(draw(self.request, self.viewer, Filter()), self.shown)))
        self.alarm = next(data for name, data in sent if name == "alarm")
        return [data["id"] for name, data in sent if name == "part"]


async def still_there() -> dict[str, str]:
    """The browser has not gone away."""
    return {"type": "http.request"}


def heard(text: str) -> list[tuple[str, Any]]:
    found = re.findall(r"event: (\w+)\ndata: (.*)\n\n", text)
    return [(name, json.loads(data)) for name, data in found]


def test_the_board_says_when_what_is_due_will_have_left(room: Room) -> None:
    """Nothing has left yet; a gateway takes a text in ten seconds. Red goes first."""
    room.field.take_in(make_alert(room.field.clock.now(), Level.ORANGE), settle=False)
    planning = plan.Planning(room.field.app.store, room.field.app.rulebooks)
    while plan.run_once(planning).moved:
        pass
    assert "还有 6 人待叫，预计 10:00 前发完" in room.officer().get("/").text
    room.rates = {SMS: 0.01}
    assert "还有 6 人待叫，预计 10:08 前发完" in room.officer().get("/").text


def test_each_provider_says_how_it_does(room: Room) -> None:
    """By this process's own circuit where it has one, else by what the officers were told."""
    app = room.field.app
    assert [(one.name, one.word, one.ok) for one in provider_states(app)] == [("scripted", "正常", True)]
    item = NewHumanCall(COUNTY, 0, 0, HumanCallKind.PROVIDER_DOWN, "scripted@20260802100000")
    app.store.write(lambda work: work.humans.open([item], 0))
    [state] = provider_states(app)
    assert (state.word, state.ok) == ("不通，10:00 起，改走其他通道", False)
    app.store.write(lambda work: work.humans.heard_again("scripted", "通道已恢复", HumanCallKind.PROVIDER_DOWN))
    fleet = app.sender.fleet
    opened = replace(fleet.circuit("scripted", "+999"), state=CircuitState.OPEN, since=room.field.clock.now())
    fleet.circuits["scripted", "+999"] = opened
    [state] = provider_states(app)
    assert (state.name, state.ok) == ("scripted +999", False)
