"""Signing in by another system, against a certified OpenID Connect provider from npm, over real HTTP on loopback.

`CALLOUT_TEST_NPM` names a folder where `npm install` has put oidc-provider. See `.ci/run`.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests
from sqlalchemy import select

from callout.cli.logs import secrets_of
from callout.cli.web import identity_provider
from callout.domain.errors import CalloutError
from callout.domain.user import Role
from callout.ports import ChannelsPlan
from callout.settings import Settings
from callout.store import schema
from callout.web import staff
from callout.web.oidc import IdentityProvider, Registration
from tests.scenarios.field import Field, open_field
from tests.web.room import ADDRESS, Browser, Room

PROGRAM = "node_modules/oidc-provider/lib/index.js"
SECRET = "a synthetic secret of the client"
LOGIN = "zhiban"


@contextmanager
def provider(address: str = ADDRESS) -> Iterator[str]:
    """A provider that knows these pages; gives its issuer. Skips the test where npm has not put it."""
    home, node = os.environ.get("CALLOUT_TEST_NPM", ""), shutil.which("node")
    if not home or node is None or not (Path(home) / PROGRAM).is_file():
        pytest.skip("CALLOUT_TEST_NPM names no folder with oidc-provider")
    script = str(Path(__file__).with_name("identity_provider.mjs"))
    asked = [node, script, home, f"{address}/sign-in/other/back", f"{address}/sign-in"]
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        try:
            assert running.stdout
            yield running.stdout.readline().strip()
        finally:
            running.kill()


def registered(issuer: str, claim: str = "sub", address: str = ADDRESS) -> IdentityProvider:
    back = f"{address}/sign-in/other/back"
    who = Registration(issuer, "callout", SECRET, claim, frozenset({"mfa"}), "统一身份认证", back)
    return IdentityProvider(who)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider() as one:
        yield one


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Field]:
    one = open_field(f"sqlite:///{tmp_path}/field.sqlite3")
    yield one
    one.app.close()


def bound_room(field: Field, issuer: str, subject: str, claim: str = "sub") -> Room:
    room = Room(field, identity=registered(issuer, claim))
    room.hire(LOGIN)
    staff.bind(field.app.store, LOGIN, subject, "示例·测试")
    return room


def away(address: str, name: str) -> str:
    """What somebody does at the provider: a name, consent. Gives where it sends the browser back to."""
    with requests.Session() as session:
        answer = session.get(address, allow_redirects=False, timeout=60)
        for _ in range(12):
            goal = urljoin(answer.url, answer.headers.get("location", ""))
            if goal.startswith(ADDRESS):
                return goal
            answer = onward(session, answer, goal, name)
    raise AssertionError("the provider does not send the browser back")


def onward(session: requests.Session, answer: requests.Response, goal: str, name: str) -> requests.Response:
    """Follow a redirect, or fill the form."""
    if answer.is_redirect:
        return session.get(goal, allow_redirects=False, timeout=60)
    form = re.search(r'action="([^"]+)".*?name="prompt" value="(\w+)"', answer.text, re.S)
    assert form, answer.text
    filled = {"prompt": form[2], "login": name, "password": "anything"}
    return session.post(form[1], data=filled, allow_redirects=False, timeout=60)


def to_the_provider(browser: Browser, then: str = "/desk") -> str:
    answer = browser.get(f"/sign-in/other?next={then}")
    assert answer.status_code == 303
    return str(answer.headers["location"])


def signed_in(browser: Browser, name: str) -> Any:
    return browser.get(away(to_the_provider(browser), name).removeprefix(ADDRESS))


def test_who_is_bound_gets_in_and_the_printed_password_opens_nothing_any_more(field: Field, issuer: str) -> None:
    room = Room(field, identity=registered(issuer))
    printed = room.hire(LOGIN)
    admin, browser = room.officer(Role.ADMINISTRATOR, login="guanli"), room.browser()
    assert "统一身份" in admin.get("/users").text
    assert admin.post(f"/users/{LOGIN}/bind", subject=" officer-7 ").status_code == 303
    asked = parse_qs(urlsplit(to_the_provider(browser)).query)
    assert (asked["code_challenge_method"], asked["response_type"]) == (["S256"], ["code"])
    answer = signed_in(browser, "officer-7")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    assert "示例·值班员" in browser.get("/desk").text
    assert room.browser().sign_in(LOGIN, printed).status_code == 403
    [vouched] = field.audit("user_session.vouched")
    assert vouched.detail == f"login={LOGIN} by={issuer}"
    gone = browser.post("/sign-out")
    assert "同时退出" in browser.get(gone.headers["location"]).text
    assert browser.get("/sign-in/other/out").headers["location"].startswith(f"{issuer}/session/end?client_id=callout")
    assert room.faults == []


def test_who_is_not_bound_stays_out_and_nobody_is_made(field: Field, issuer: str) -> None:
    room = bound_room(field, issuer, "officer-7")
    browser = room.browser()
    answer = signed_in(browser, "stranger")
    assert (answer.status_code, "没有绑定您的账户" in answer.text) == (403, True)
    assert browser.get("/desk").headers["location"].startswith("/sign-in")
    staff.dismiss(field.app.store, LOGIN, "示例·测试")
    assert signed_in(browser, "officer-7").status_code == 403
    assert len(field.rows(select(schema.office_user))) == 1
    assert [one.outcome for one in field.rows(select(schema.sign_in_try))] == ["failed", "failed"]


def test_an_address_counts_only_where_the_provider_has_proven_it(field: Field, issuer: str) -> None:
    room = bound_room(field, issuer, "wang@example.test", "email")
    assert signed_in(room.browser(), "wang").headers["location"] == "/desk"
    staff.bind(field.app.store, LOGIN, "unproven@example.test", "示例·测试")
    answer = signed_in(room.browser(), "unproven")
    assert (answer.status_code, "没有给出可以核对的身份" in answer.text) == (403, True)


def test_the_second_step_is_asked_for_here_unless_it_was_taken_there(field: Field, issuer: str) -> None:
    room = bound_room(field, issuer, "officer-7")

    def work(writing: Any) -> None:
        user = staff.known(writing, LOGIN)
        writing.users.change(user, "totp_on", "示例·测试", totp="A" * 32, totp_used=0)

    field.app.store.write(work)
    browser = room.browser()
    assert signed_in(browser, "officer-7").headers["location"].startswith("/sign-in/code")
    assert browser.get("/desk").headers["location"].startswith("/sign-in")
    staff.bind(field.app.store, LOGIN, "stepped-7", "示例·测试")
    assert signed_in(room.browser(), "stepped-7").headers["location"] == "/desk"


def test_what_does_not_fit_together_signs_nobody_in(field: Field, issuer: str) -> None:
    room = bound_room(field, issuer, "officer-7")
    mine, other = room.browser(), room.browser()
    back = away(to_the_provider(mine), "officer-7").removeprefix(ADDRESS)
    assert other.get(back).status_code == 403
    to_the_provider(other)
    assert other.get(back).status_code == 403
    bent = re.sub(r"iss=[^&]+", "iss=http%3A%2F%2Fevil.example", back)
    assert mine.get(bent).status_code == 403
    assert mine.get(back).status_code == 403
    fresh = away(to_the_provider(mine), "officer-7").removeprefix(ADDRESS)
    state = parse_qs(urlsplit(fresh).query)["state"][0]
    assert mine.get(f"/sign-in/other/back?state={state}&error=access_denied").status_code == 403
    again = away(to_the_provider(mine), "officer-7").removeprefix(ADDRESS)
    wrong = re.sub(r"code=[^&]+", "code=guessed", again)
    assert mine.get(wrong).status_code == 403
    assert mine.get("/desk").headers["location"].startswith("/sign-in")
    assert room.faults == []


def test_a_token_for_another_browser_or_another_nonce_is_not_believed(issuer: str) -> None:
    mine, theirs = registered(issuer), registered(issuer)
    address, begun = mine.begin("/")
    _, elsewhere = theirs.begin("/")
    code = parse_qs(urlsplit(away(address, "officer-7")).query)["code"][0]
    for swapped in (elsewhere, type(begun)(begun.state, "another nonce", begun.verifier, "/")):
        with pytest.raises(CalloutError, match="不可信"):
            mine.finish(swapped, code, "")


def test_a_provider_that_is_silent_or_another_lets_the_password_in(field: Field, issuer: str) -> None:
    room = Room(field, identity=registered("http://127.0.0.1:9"))
    answer = room.browser().get("/sign-in/other")
    assert (answer.status_code, "没有回应" in answer.text, "密码" in answer.text) == (503, True, True)
    room = Room(field, identity=registered(f"{issuer}/"))
    assert "不可信" in room.browser().get("/sign-in/other").text
    plain = Room(field)
    assert plain.browser().get("/sign-in/other").status_code == 404
    assert "/sign-in/other" not in plain.browser().get("/sign-in").text


def test_one_identity_is_one_persons(field: Field) -> None:
    room = Room(field, identity=registered("http://127.0.0.1:9"))
    admin = room.officer(Role.ADMINISTRATOR, login="guanli")
    room.hire(LOGIN)
    room.hire("other")
    admin.post(f"/users/{LOGIN}/bind", subject="officer-7")
    assert "已经绑定给 zhiban" in admin.post("/users/other/bind", subject="officer-7").text
    admin.post(f"/users/{LOGIN}/bind", subject="")
    assert admin.post("/users/other/bind", subject="officer-7").status_code == 303


def test_the_settings_make_a_provider_and_the_secret_is_struck_out_of_logs() -> None:
    given: dict[str, Any] = {
        "oidc_issuer": "https://id.example",
        "oidc_client_secret": SECRET,
        "public_url": "https://callout.example",
    }
    made = identity_provider(Settings(**given, oidc_client_id="callout", oidc_mfa="mfa, otp"))
    assert made
    assert made.registration.back == "https://callout.example/sign-in/other/back"
    assert made.registration.second_steps == {"mfa", "otp"}
    assert SECRET not in repr(made.registration)
    assert SECRET in secrets_of(Settings(**given), ChannelsPlan())
    assert identity_provider(Settings()) is None
    with pytest.raises(CalloutError, match="CALLOUT_OIDC_CLIENT_ID"):
        identity_provider(Settings(**given))
    with pytest.raises(ValueError, match="https"):
        Settings(oidc_issuer="http://id.example")
