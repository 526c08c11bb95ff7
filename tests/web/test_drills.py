"""Drills in the duty room: everybody sees what is planned and how it goes; a shift leader plans, starts and ends."""

from collections import Counter

from callout.domain.drill import Drill, DrillState, GivesWay
from callout.domain.level import Hazard, Level
from callout.domain.user import Role, Scope, ScopeKind
from callout.pipeline.drill import NEEDS_SWITCH
from callout.reports.drill_score import exercises
from tests.scenarios.drilling import NAME, found, order
from tests.scenarios.field import BAIMA, COUNTY, DEPUTY, GRID_1, GRID_2, GRID_3, LEADER_BAIMA
from tests.web.room import Room


def test_a_leader_starts_it_by_its_name_watches_the_score_and_ends_it(room: Room) -> None:
    drill = order(room.field, GRID_1, GRID_2)
    page = f"/drills/{drill.county}"
    officer, leader = room.officer(Role.OFFICER), room.officer(Role.LEADER)
    assert NAME in officer.get("/drills").text
    assert "计划中" in officer.get("/drills").text
    assert "启动演练" not in officer.get(page).text
    assert officer.post(f"{page}/start", typed=NAME).status_code == 403
    asked = leader.get(page).text
    assert "启动后名单上的 2 个电话会真的响" in asked
    assert f"照样输入演练名称“{NAME}”" in asked
    refused = leader.post(f"{page}/start", typed="别的名称")
    assert refused.status_code == 422
    assert "没有启动，没有拨打任何电话" in refused.text
    assert leader.post(f"{page}/start", typed=NAME).status_code == 303
    room.field.settle()
    room.field.reply(GRID_1, "1")
    room.field.settle()
    score = officer.get(page).text
    assert "到现在的评分" in score
    assert "第一步限时内" in score
    assert "还没有应" in score
    assert leader.post(f"{page}/end", why="讲评").status_code == 422
    assert leader.post(f"{page}/end", why="讲评", sure="true").status_code == 303
    assert found(room.field, drill.county).state is DrillState.OVER
    assert "结束：讲评" in officer.get(page).text
    assert "还没有应" not in officer.text
    officer.client.cookies.set("callout-language", "en")
    assert "Within the first step" in officer.get(page).text
    assert leader.post(f"{page}/end", sure="true").status_code == 422


def test_a_blind_drill_is_seen_by_leaders_only_until_it_is_over_and_real_phones_need_the_switch(room: Room) -> None:
    drill = order(room.field, GRID_1, announced=False)
    page = f"/drills/{drill.county}"
    officer, leader = room.officer(Role.OFFICER), room.officer(Role.LEADER)
    assert NAME not in officer.get("/drills").text
    assert officer.get(page).status_code == 404
    assert "双盲" in leader.get("/drills").text
    room.no_drills = NEEDS_SWITCH
    del room.pages
    barred = room.officer(Role.LEADER, login="leader.two")
    assert "CALLOUT_DRILL_LIVE=1" in barred.get(page).text
    assert "启动演练" not in barred.get(page).text
    assert barred.post(f"{page}/start", typed=NAME).status_code == 422
    assert found(room.field, drill.county).state is DrillState.PLANNED
    assert barred.post(f"{page}/end", sure="true").status_code == 303
    assert NAME in officer.get("/drills").text


def plan_of(**changes: str | list[str]) -> dict[str, str | list[str]]:
    """The form filled in: 白马 takes part, in two hours."""
    form: dict[str, str | list[str]] = {
        "county": COUNTY, "name": "示例·汛前拉练", "ordered_by": "示例·局长", "begins": "2026-08-02T12:00",
        "ends": "2026-08-02T14:00", "hazard": "暴雨", "level": "orange", "areas": [BAIMA], "people": "",
        "channels": ["sms", "voice"], "gives_way": "any", "notice": "60",
    }  # fmt: skip
    return form | changes


def planned(room: Room) -> Drill:
    [only] = room.field.app.store.read(lambda work: exercises(work, COUNTY))
    return only


def test_a_leader_plans_a_drill_its_people_are_told_in_time_and_again_when_it_is_cancelled(room: Room) -> None:
    officer, leader = room.officer(Role.OFFICER), room.officer(Role.LEADER)
    assert "/drills/plan" not in officer.get("/drills").text
    assert officer.get("/drills/plan").status_code == 403
    assert officer.post("/drills/plan", **plan_of()).status_code == 403
    assert "/drills/plan" in leader.get("/drills").text
    empty = leader.get("/drills/plan").text
    assert 'value="2026-08-02T11:00"' in empty
    assert "白马镇" in empty
    made = leader.post("/drills/plan", **plan_of(people=f"示例·人员{GRID_3}\n"))
    drill = planned(room)
    assert (made.status_code, made.headers["location"]) == (303, f"/drills/{drill.county}")
    assert (drill.hazard, drill.level, drill.announced, drill.gives_way) == (
        Hazard.RAINSTORM, Level.ORANGE, True, GivesWay.ANY,
    )  # fmt: skip
    page = leader.get(f"/drills/{drill.county}").text
    assert "名单上的岗位：白马镇 3、江口镇 1" in page
    room.field.settle()
    assert room.field.phones.got == []
    room.field.wait(61 * 60)
    told = {int(m.e164[-7:]) for _, m in room.field.phones.got}
    assert told == {LEADER_BAIMA, GRID_1, GRID_2, GRID_3, DEPUTY}
    assert "取消演练" in page
    assert leader.post(f"/drills/{drill.county}/end", why="大雨改期", sure="true").status_code == 303
    room.field.settle()
    assert Counter(int(m.e164[-7:]) for _, m in room.field.phones.got) == dict.fromkeys(told, 2)
    assert planned(room).state is DrillState.OVER


def test_what_is_wrong_with_a_plan_is_said_and_nothing_is_lost_of_the_form(room: Room) -> None:
    leader = room.officer(Role.LEADER)
    for wrong, said in (
        ({"name": " "}, "请写演练名称，和谁决定演练"),
        ({"begins": "八点"}, "时间没有写对"),
        ({"ends": "2026-08-02T11:00"}, "结束时间应在开始时间之后"),
        ({"begins": "2026-08-02T08:00", "ends": "2026-08-02T09:00"}, "计划的结束时间已过"),
        ({"channels": []}, "至少一种"),
        ({"areas": []}, "名单是空的"),
        ({"people": "没有这个人\n"}, "第 1 行：名册里没有这个人"),
        ({"county": "500999"}, "不在您的范围内"),
    ):
        answer = leader.post("/drills/plan", **plan_of(**wrong))
        assert answer.status_code == 422, wrong
        assert said in answer.text
        assert 'value="示例·局长"' in answer.text
    assert room.field.app.store.read(lambda work: exercises(work, COUNTY)) == []


def test_only_a_leader_of_the_whole_county_plans_and_where_no_drill_may_ring_nobody_is_told(room: Room) -> None:
    town = room.officer(Role.LEADER, Scope(ScopeKind.TOWNSHIP, COUNTY, BAIMA), login="town.leader")
    assert "/drills/plan" not in town.get("/drills").text
    assert "要由区县（或全市）的带班领导来做" in town.get("/drills/plan").text
    assert town.post("/drills/plan", **plan_of()).status_code == 422
    room.no_drills = NEEDS_SWITCH
    del room.pages
    barred = room.officer(Role.LEADER, login="leader.two")
    assert "CALLOUT_DRILL_LIVE=1" in barred.get("/drills/plan").text
    assert barred.post("/drills/plan", **plan_of(blind="true")).status_code == 303
    assert not planned(room).announced
    room.field.wait(61 * 60)
    assert room.field.phones.got == []
