"""The table of roles by route: every route has its line, every line its route, and the guard keeps to both."""

import re
from dataclasses import dataclass

import pytest
from fastapi.routing import APIRoute

from callout.domain.user import Right, Role
from callout.web import staff
from callout.web.access import ACCESS
from callout.web.application import ROUTERS
from tests.web.room import HERE, Browser, Room

DENIED = 403
PROGRAMS = [frozenset({right}) for right in Right]


def routes() -> set[tuple[str, str]]:
    """Every (method, path) that the pages answer."""
    every = [route for router in ROUTERS for route in router.routes]
    assert all(isinstance(route, APIRoute) for route in every), "anything else would pass by the guard"
    return {(method, route.path) for route in every if isinstance(route, APIRoute) for method in route.methods or ()}


def test_every_route_has_its_line_and_every_line_its_route() -> None:
    assert routes() == set(ACCESS)


@dataclass(frozen=True)
class Caller:
    """Somebody who tries every route."""

    browser: Browser
    headers: dict[str, str]

    def tries(self, method: str, path: str) -> int:
        """The status that this route answers with."""
        address = re.sub(r"\{\w+(:path)?\}", "1", path)
        return int(self.browser.client.request(method, address, headers=self.headers).status_code)


def closed_to(grants: frozenset[Role | Right]) -> list[tuple[str, str]]:
    return sorted(line for line, allowed in ACCESS.items() if allowed is not None and not allowed & grants)


@pytest.mark.parametrize("role", Role)
def test_what_a_role_must_not_do_is_refused(room: Room, role: Role) -> None:
    browser = room.officer(role)
    caller = Caller(browser, {"X-CSRF": browser.csrf})
    closed = closed_to(frozenset({role}))
    assert {line: caller.tries(*line) for line in closed} == dict.fromkeys(closed, DENIED)
    assert not [line for line in menu(browser) if caller.tries("GET", line) == DENIED]


def menu(browser: Browser) -> list[str]:
    browser.get("/account")
    return re.findall(r'<a href="(/\w*)"', browser.text.partition("</nav>")[0])


@pytest.mark.parametrize("rights", PROGRAMS, ids=[",".join(one) for one in PROGRAMS])
def test_what_a_program_has_no_right_to_is_refused(room: Room, rights: frozenset[Right]) -> None:
    text = staff.make_key(room.field.app.store, staff.NewKey("示例程序", rights, HERE, 30), "示例·测试")
    caller = Caller(room.browser(), {"Authorization": f"Bearer {text}"})
    closed = closed_to(frozenset(rights))
    assert {line: caller.tries(*line) for line in closed} == dict.fromkeys(closed, DENIED)


def test_without_a_sign_in_nothing_opens_but_what_is_for_everybody(room: Room) -> None:
    caller = Caller(room.browser(), {})
    closed = sorted(line for line, allowed in ACCESS.items() if allowed is not None)
    assert {line: caller.tries(*line) for line in closed} == dict.fromkeys(closed, 401)


def test_a_key_opens_nothing_once_it_is_closed_over_or_altered(room: Room) -> None:
    store = room.field.app.store
    text = staff.make_key(store, staff.NewKey("示例程序", frozenset({Right.READ}), HERE, 1), "示例·测试")
    browser = room.browser()

    def shown(key: str) -> int:
        return Caller(browser, {"Authorization": f"Bearer {key}"}).tries("GET", "/users")

    assert (shown(text), shown(text + "x"), shown("ck_" + "0" * 8 + "_x"), shown("")) == (403, 401, 401, 401)
    room.wait(24 * 3_600_000)
    assert shown(text) == 401
    other = staff.make_key(store, staff.NewKey("示例程序", frozenset({Right.READ}), HERE, 1), "示例·测试")
    assert shown(other) == 403
    staff.close_key(store, other.split("_")[1], "示例·测试")
    assert shown(other) == 401
