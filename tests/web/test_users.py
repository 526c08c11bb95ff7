"""The administrator's page and the command that adds the first of them."""

import re

from callout.domain.user import Role, ScopeKind
from callout.store import schema
from callout.web import staff
from tests.cli.office import OFFICER, Office
from tests.web.room import PASSWORD, Browser, Room


def shown_once(browser: Browser) -> str:
    found = re.search(r'class="once".*?<code class="secret">([^<]+)</code>', browser.text, re.S)
    return found[1] if found else ""


def test_an_administrator_takes_somebody_on_and_lets_them_go(room: Room) -> None:
    admin, other = room.officer(Role.ADMINISTRATOR, login="guanli"), room.browser()
    form = {"login": "zhang.san", "name": "示例·张三", "role": "officer", "kind": "township", "county": "500156"}
    admin.post("/users", **form, township="白马镇")
    password = shown_once(admin)
    assert re.fullmatch(r"\w{4}-\w{4}-\w{4}-\w{4}", password)
    assert password not in admin.get("/users").text
    assert "武隆区白马镇" in admin.text.partition("zhang.san")[2]
    other.sign_in("zhang.san", password)
    other.change_password(password, PASSWORD)
    assert other.get("/account").status_code == 200
    assert "武隆区白马镇" in other.text
    admin.post("/users/zhang.san/reset")
    assert shown_once(admin) not in ("", password)
    assert other.get("/account").status_code == 303
    admin.post("/users/zhang.san/close")
    assert room.browser().sign_in("zhang.san", PASSWORD).status_code == 403
    assert admin.post("/users/zhang.san/reopen").status_code == 303
    events = [one.event.partition(".")[2] for one in room.field.audit(*EVENTS) if "zhang.san" in one.detail]
    assert events == ["described", "password_changed", "password_reset", "closed", "reopened"]


EVENTS = [f"office_user.{word}" for word in ("described", "password_changed", "password_reset", "closed", "reopened")]


def test_what_cannot_be_is_said_in_one_sentence(room: Room) -> None:
    admin = room.officer(Role.ADMINISTRATOR, login="guanli")
    good = {"login": "zhang.san", "name": "示例·张三", "role": "officer", "kind": "county", "county": "500156"}
    for wrong, said in (
        ({"login": "Zhang San"}, "登录名用小写字母开头"),
        ({"login": "guanli"}, "已经有人用"),
        ({"name": ""}, "请写姓名"),
        ({"county": "500101"}, "没有区县"),
        ({"kind": "township", "township": "不存在镇"}, "没有乡镇"),
        ({"kind": "department"}, "部门要写明管哪些岗位"),
        ({"kind": "world"}, "请选范围"),
    ):
        answer = admin.post("/users", **(good | wrong))
        assert (answer.status_code, said in answer.text) == (422, True), said
    assert len(room.field.rows(schema.office_user.select())) == 1
    assert admin.post("/users/guanli/close").status_code == 409
    assert admin.post("/users/nobody/close").status_code == 409


def test_a_key_is_shown_once_and_kept_as_a_hash(room: Room) -> None:
    admin = room.officer(Role.ADMINISTRATOR, login="guanli")
    place = {"kind": "department", "county": "武隆区", "roles": "学校安全责任人、网格员"}
    admin.post("/keys", name="示例程序", rights=["read", "report"], days="30", **place)
    key = shown_once(admin)
    [row] = room.field.rows(schema.api_key.select())
    assert key.startswith(f"ck_{row.id}_")
    assert key not in str(row)
    assert (row.rights, row.scope_roles) == ("read,report", "学校安全责任人,网格员")
    assert "武隆区（学校安全责任人、网格员）" in admin.get("/users").text
    assert admin.post("/keys", name="示例程序", days="30", **place).status_code == 422
    assert admin.post(f"/keys/{row.id}/close").status_code == 303
    assert admin.post(f"/keys/{row.id}/close").status_code == 409


def test_places_are_told_as_people_say_them(room: Room) -> None:
    served = staff.places(room.field.app.store, room.field.app.rulebooks)
    for kind in ScopeKind:
        words = staff.PlaceWords(kind, "500156", "白马镇", "网格员")
        assert staff.scope_words(staff.scope_in(words, served), served) in (
            *("全市", "武隆区", "武隆区白马镇", "武隆区（网格员）"),
        )


def test_the_first_administrator_comes_by_command(office: Office) -> None:
    said = office("user", "add", "guanli", "--name", "示例管理员", "--role", "administrator", "--officer", OFFICER)
    assert said.code == 0
    assert re.search(r"\w{4}-\w{4}-\w{4}-\w{4}", said.out)
    assert "已经有人用" in office("user", "add", "guanli", "--name", "示例", "--officer", OFFICER).err
    assert office("user", "reset", "guanli", "--officer", OFFICER).code == 0
    assert office("user", "close", "guanli", "--officer", OFFICER).code == 0
    assert "已停用" in office("user", "list").out
    assert office("user", "reopen", "guanli", "--officer", OFFICER).code == 0
    [one] = office("user", "list", "--json").document
    assert (one["login"], one["role"], one["must_change"], one["open"]) == ("guanli", "administrator", True, True)
    assert office("user", "close", "nobody", "--officer", OFFICER).code == 1
