"""Drills in the duty room: everybody sees what is planned and how it goes, a shift leader alone starts and ends one."""

from callout.domain.drill import DrillState
from callout.domain.user import Role
from callout.pipeline.drill import NEEDS_SWITCH
from tests.scenarios.drilling import NAME, found, order
from tests.scenarios.field import GRID_1, GRID_2
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
