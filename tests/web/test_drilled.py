"""While a drill runs the pages say so; of one that was not announced only the leader knows."""

from callout.domain.user import Role
from tests.scenarios.drilling import NAME, end, start
from tests.scenarios.field import GRID_1
from tests.web.room import Room


def test_the_desk_stands_under_the_line_of_a_drill_and_the_board_counts_nothing(room: Room) -> None:
    officer = room.officer(Role.OFFICER)
    assert NAME not in officer.get("/desk").text
    drill = start(room.field, GRID_1)
    page = officer.get("/desk").text
    assert "【演练】正在进行" in page
    assert NAME in page
    board = officer.get("/").text
    assert "暴雨" not in board.replace(NAME, "")
    end(room.field, drill)
    assert "【演练】正在进行" not in officer.get("/desk").text


def test_of_a_blind_drill_only_the_leader_knows(room: Room) -> None:
    start(room.field, GRID_1, announced=False)
    assert "【演练】正在进行" not in room.officer(Role.OFFICER).get("/desk").text
    assert "【演练】正在进行" in room.officer(Role.LEADER).get("/desk").text
