"""Signing in: passwords, second steps, sessions, and those who try too often."""

import re

import pyotp
import pytest

from callout.domain.instant import HOUR, MINUTE, SECOND
from callout.domain.sign_in import FROM_HERE, SESSION, WINDOW
from callout.domain.user import Role
from callout.store import schema
from callout.web import staff
from tests.web.room import PASSWORD, Browser, Room


def home(browser: Browser) -> int:
    return int(browser.get("/").status_code)


def test_whoever_has_not_signed_in_is_sent_to_the_form(room: Room) -> None:
    answer = room.browser().get("/users")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/users")
    assert room.browser().client.get("/users").status_code == 401


def test_the_first_password_opens_nothing_but_its_own_change(room: Room) -> None:
    first, browser = room.hire("zhiban"), room.browser()
    assert browser.sign_in("zhiban", first).headers["location"] == "/password"
    assert browser.get("/").headers["location"] == "/password"
    assert "首个密码" in browser.get("/password").text
    assert browser.change_password(first, "short").status_code == 422
    assert browser.change_password(first, "zhiban zhiban").status_code == 422
    assert browser.change_password(first, first).status_code == 422
    assert browser.change_password("wrong", PASSWORD).status_code == 422
    assert browser.change_password(first, PASSWORD).headers["location"] == "/"
    assert home(browser) == 200
    assert room.browser().sign_in("zhiban", first).status_code == 403


def test_a_wrong_name_and_a_wrong_password_are_told_alike(room: Room) -> None:
    room.hire("zhiban")
    wrong, nobody = room.browser().sign_in("zhiban", "x"), room.browser().sign_in("nobody", "x")
    assert (wrong.status_code, nobody.status_code) == (403, 403)
    assert "登录名或密码不对" in wrong.text
    assert wrong.text.replace("zhiban", "") == nobody.text.replace("nobody", "")


def test_a_password_typed_as_a_name_is_kept_nowhere(room: Room) -> None:
    room.browser().sign_in(PASSWORD, "")
    tries, entries = room.field.rows(schema.sign_in_try.select()), room.field.audit("sign_in_try.failed")
    assert [one.login for one in tries] == [""]
    assert [(one.actor, PASSWORD in str(one)) for one in entries] == [("unknown", False)]


def test_too_many_tries_must_wait_and_others_need_not(room: Room) -> None:
    room.officer(login="zhiban")
    attacker = room.browser("192.0.2.66")
    for _ in range(FROM_HERE):
        assert attacker.sign_in("zhiban", "guess").status_code == 403
    held = attacker.sign_in("zhiban", PASSWORD)
    assert (held.status_code, held.headers["retry-after"]) == (429, "900")
    assert "15 分钟" in held.text
    assert room.browser().sign_in("zhiban", PASSWORD).status_code == 303
    room.wait(WINDOW)
    assert attacker.sign_in("zhiban", PASSWORD).status_code == 303


def test_the_count_lies_in_the_database_and_outlives_a_restart(room: Room) -> None:
    room.hire("zhiban")
    for _ in range(FROM_HERE):
        room.browser().sign_in("zhiban", "guess")
    assert room.browser().sign_in("zhiban", "guess").status_code == 429
    assert len(room.field.rows(schema.sign_in_try.select())) == FROM_HERE


def test_a_session_ends_with_the_shift_and_on_leaving(room: Room) -> None:
    browser = room.officer()
    room.wait(SESSION - 1)
    assert home(browser) == 200
    room.wait(1)
    assert home(browser) == 303
    again = room.browser()
    again.sign_in("officer.county", PASSWORD)
    cookie = dict(again.client.cookies)
    assert home(again) == 200
    assert again.post("/sign-out").headers["location"] == "/sign-in"
    assert home(again) == 303
    again.client.cookies.update(cookie)
    assert home(again) == 303, "the server has ended it, not only the browser"


def test_what_the_browser_holds_cannot_be_read_from_the_database(room: Room) -> None:
    browser = room.officer()
    [token] = browser.client.cookies.values()
    whole = [str(row) for table in schema.metadata.sorted_tables for row in room.field.rows(table.select())]
    assert not [row for row in whole if token in row or PASSWORD in row]


def test_a_new_password_and_a_closed_account_end_every_session(room: Room) -> None:
    first = room.officer(login="zhiban")
    second = room.browser()
    second.sign_in("zhiban", PASSWORD)
    second.change_password(PASSWORD, PASSWORD + "!")
    assert (home(first), home(second)) == (303, 200)
    staff.dismiss(room.field.app.store, "zhiban", "示例·管理员")
    assert home(second) == 303
    assert room.browser().sign_in("zhiban", PASSWORD + "!").status_code == 403
    staff.readmit(room.field.app.store, "zhiban", "示例·管理员")
    assert room.browser().sign_in("zhiban", PASSWORD + "!").status_code == 303


def test_a_form_from_another_site_does_nothing(room: Room) -> None:
    browser = room.officer()
    assert browser.client.post("/sign-out", data={"csrf": "0" * 32}).status_code == 403
    assert browser.client.post("/sign-out").status_code == 403
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert browser.client.post("/sign-out", data={"csrf": browser.csrf}, headers=elsewhere).status_code == 403
    assert home(browser) == 200
    assert browser.client.post("/sign-out", headers={"X-CSRF": browser.csrf}).status_code == 303


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_to_our_own_pages_only(room: Room, goal: str) -> None:
    room.officer(login="zhiban")
    assert room.browser().sign_in("zhiban", PASSWORD, next=goal).headers["location"] == "/"
    assert room.browser().sign_in("zhiban", PASSWORD, next="/users").headers["location"] == "/users"


def with_second_step(room: Room) -> pyotp.TOTP:
    browser = room.officer(login="zhiban")
    [secret] = re.findall(r'name="secret" value="(\w+)"', browser.get("/account").text)
    phone = pyotp.TOTP(secret)
    assert browser.post("/account/totp", secret=secret, code="000000").status_code == 422
    assert browser.post("/account/totp", secret=secret, code=code(room, phone)).status_code == 303
    assert "已启用" in browser.get("/account").text
    room.wait(MINUTE)
    return phone


def code(room: Room, phone: pyotp.TOTP) -> str:
    return phone.at(room.field.clock.now() // SECOND)


def test_the_second_step_is_asked_for_and_counts_once(room: Room) -> None:
    phone, browser, other = with_second_step(room), room.browser(), room.browser()
    for one in (browser, other):
        assert one.sign_in("zhiban", PASSWORD, next="/account").headers["location"] == "/sign-in/code?next=/account"
        assert home(one) == 303, "half signed in is not signed in"
    assert browser.post("/sign-in/code", code="123456").status_code == 403
    digits = code(room, phone)
    assert browser.post("/sign-in/code", code=digits, next="/account").headers["location"] == "/account"
    assert home(browser) == 200
    assert other.post("/sign-in/code", code=digits).status_code == 403
    assert home(other) == 303


def test_the_second_step_cannot_be_guessed_nor_waited_for(room: Room) -> None:
    phone, browser = with_second_step(room), room.browser()
    browser.sign_in("zhiban", PASSWORD)
    for _ in range(FROM_HERE):
        assert browser.post("/sign-in/code", code="123456").status_code == 403
    assert browser.post("/sign-in/code", code=code(room, phone)).status_code == 429
    room.wait(HOUR)
    assert browser.post("/sign-in/code", code=code(room, phone)).headers["location"] == "/sign-in"


def test_the_second_step_ends_with_the_password_or_a_reset(room: Room) -> None:
    with_second_step(room)
    password = staff.reset(room.field.app.store, "zhiban", "示例·管理员")
    browser = room.browser()
    assert browser.sign_in("zhiban", password).headers["location"] == "/password"
    browser.change_password(password, PASSWORD)
    assert "可以不用" in browser.get("/account").text


def test_the_second_step_can_be_given_up_with_the_password(room: Room) -> None:
    phone, browser = with_second_step(room), room.browser()
    browser.sign_in("zhiban", PASSWORD)
    browser.post("/sign-in/code", code=code(room, phone))
    assert browser.post("/account/totp/off", current="wrong").status_code == 422
    assert browser.post("/account/totp/off", current=PASSWORD).status_code == 303
    assert room.browser().sign_in("zhiban", PASSWORD).headers["location"] == "/"


def test_over_https_the_cookie_belongs_to_this_host_alone(room: Room) -> None:
    room.public_url = "https://duty.example"
    first = room.hire("zhiban")
    cookie = room.browser().sign_in("zhiban", first).headers["set-cookie"]
    assert cookie.startswith("__Host-callout=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"))
    answer = room.browser().get("/healthz")
    assert "max-age" in answer.headers["strict-transport-security"]


def test_signing_in_and_out_is_on_record(room: Room) -> None:
    first, browser = room.hire("shenji", Role.AUDITOR), room.browser()
    browser.sign_in("shenji", first)
    browser.change_password(first, PASSWORD)
    browser.post("/sign-out")
    kept = ("user_session.opened", "office_user.password_changed", "user_session.ended")
    found = [(one.event, one.actor) for one in room.field.audit(*kept)]
    opened, changed, ended = ((event, "示例·审计员（shenji）") for event in kept)
    assert found == [opened, changed, ended, opened, ended]
