"""Whom a user stands for, and below which place."""

import pytest

from callout.domain.user import Right, Role, Scope, ScopeKind, Viewer

SERVED = ["500156", "500153"]
CITY = Scope(ScopeKind.CITY)
COUNTY = Scope(ScopeKind.COUNTY, "500156")
TOWNSHIP = Scope(ScopeKind.TOWNSHIP, "500156", "stats:500156101")
SCHOOLS = Scope(ScopeKind.DEPARTMENT, "500156", roles=("学校安全责任人",))


@pytest.mark.parametrize(
    ("scope", "county", "area", "role", "below"),
    [
        (CITY, "500153", "stats:500153101", "网格员", True),
        (COUNTY, "500156", "stats:500156101", "网格员", True),
        (COUNTY, "500153", "stats:500153101", "网格员", False),
        (TOWNSHIP, "500156", "stats:500156101", "网格员", True),
        (TOWNSHIP, "500156", "stats:500156102", "网格员", False),
        (TOWNSHIP, "500156", "gb2260:500156", "区应急值班室", False),
        (TOWNSHIP, "500153", "stats:500156101", "网格员", False),
        (SCHOOLS, "500156", "stats:500156101", "学校安全责任人", True),
        (SCHOOLS, "500156", "stats:500156101", "网格员", False),
        (SCHOOLS, "500153", "stats:500156101", "学校安全责任人", False),
    ],
)
def test_a_scope_ends_at_its_border(scope: Scope, county: str, area: str, role: str, below: bool) -> None:
    assert scope.holds(county, area, role) is below


def test_a_city_sees_every_county_and_a_county_itself() -> None:
    assert CITY.counties(SERVED) == SERVED
    assert TOWNSHIP.counties(SERVED) == ["500156"]
    assert Scope(ScopeKind.COUNTY, "500101").counties(SERVED) == []


def test_the_record_names_a_user_and_the_name_they_sign_in_with() -> None:
    viewer = Viewer(1, "zhiban", "示例·值班员", "主任科员", Role.OFFICER, COUNTY)
    assert viewer.actor == "示例·值班员（zhiban）"
    assert viewer.grants == {Role.OFFICER}
    assert [role.zh for role in Role] == ["值班员", "带班领导", "审计员", "管理员"]


def test_a_program_has_rights_and_no_role() -> None:
    program = Viewer(0, "key:1", "示例程序", "程序", None, COUNTY, frozenset({Right.READ}))
    assert program.grants == {Right.READ}
    assert [right.zh for right in Right] == ["读取", "送入", "处理"]


def test_a_scope_can_be_written_down() -> None:
    assert [one.text for one in (CITY, COUNTY, TOWNSHIP, SCHOOLS)] == [
        "city",
        "county/500156",
        "township/500156/stats:500156101",
        "department/500156/学校安全责任人",
    ]
    assert [kind.zh for kind in ScopeKind] == ["全市", "区县", "乡镇", "部门"]
