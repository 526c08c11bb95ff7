"""The duty room in tests: a field story with its pages open."""

import dataclasses
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from callout.cli.apart import SIMULATION
from callout.domain.instant import Instant, Millis, later
from callout.domain.sign_in import SESSION
from callout.domain.user import Role, Scope, ScopeKind
from callout.reports.finish import Rates
from callout.store.store import Work
from callout.store.users import NewUser
from callout.web import staff
from callout.web.application import create_app
from callout.web.identity import cookie_name
from callout.web.oidc import IdentityProvider
from callout.web.passwords import fresh_token, hashed, mark_of
from callout.web.site import EngineState, Exercising, Site
from tests.scenarios.field import COUNTY, Field

ADDRESS = "http://duty.example"
REFRESH = 'http-equiv="refresh"'
"""How a page without script keeps up."""
PRICES = {"示例短信": 5}
PASSWORD = "晴雨表 seven seven"
_SECRET = hashed(PASSWORD)
HERE = Scope(ScopeKind.COUNTY, COUNTY)


@dataclass
class Room:
    """One story and the browsers before it."""

    field: Field
    faults: list[str] = dataclasses.field(default_factory=list)
    engine: str = "running"
    public_url: str = ADDRESS
    identity: IdentityProvider | None = None
    rates: Rates = dataclasses.field(default_factory=dict)
    """Instead of what the scripted phones take."""
    no_drills: str = ""
    """Why no drill may be started."""
    connects: bool = False
    """Whether a provider can put officers through."""

    @property
    def site(self) -> Site:
        app = self.field.app
        return Site(
            store=app.store,
            rulebooks=app.rulebooks,
            clock=app.world.clock,
            ids=app.world.ids,
            intake=app.intake,
            renderer=app.sender.sending.renderer,
            rates=lambda: self.rates or app.sender.fleet.rates(),
            county=COUNTY,
            templates=app.settings.templates,
            public_url=self.public_url,
            engine=self._engine,
            fault=lambda name, error: self.faults.append(f"{name}: {error!r}"),
            hear=app.world.ear,
            connects=lambda *_: self.connects,
            seal=app.seal,
            prices=lambda: PRICES,
            link_key=app.settings.link_secret,
            exercising=Exercising(app.drilling, live=True, barred=self.no_drills),
            identity=self.identity,
        )

    def _engine(self, now: Instant) -> EngineState:
        return EngineState(self.engine, now, SIMULATION)

    def wait(self, span: Millis) -> None:
        """Let time pass before the pages; the engine does nothing meanwhile."""
        self.field.clock.advance(later(self.field.clock.now(), span))

    def browser(self, address: str = "127.0.0.1") -> "Browser":
        """A browser without JavaScript that has not signed in."""
        return Browser(TestClient(self.pages, ADDRESS, follow_redirects=False, client=(address, 50_000)))

    @cached_property
    def pages(self) -> FastAPI:
        """The pages, made once a story."""
        return create_app(self.site)

    def hire(self, login: str, role: Role = Role.OFFICER, scope: Scope = HERE) -> str:
        """Take somebody on; their first password."""
        new = NewUser(login, f"示例·{role.zh}", "", role, scope)
        return staff.engage(self.field.app.store, new, "示例·测试")

    def officer(self, role: Role = Role.OFFICER, scope: Scope = HERE, login: str = "") -> "Browser":
        """A browser of somebody who has changed the first password to PASSWORD and signed in."""
        login, browser = login or f"{role.value}.{scope.kind}", self.browser()
        browser.client.cookies.update(self.officer_cookie(login, role, scope))
        return browser

    def officer_cookie(self, login: str, role: Role = Role.OFFICER, scope: Scope = HERE) -> dict[str, str]:
        """What the browser of such a person holds."""
        token, ends = fresh_token(), later(self.field.clock.now(), SESSION)
        new = NewUser(login, f"示例·{role.zh}", "", role, scope)

        def work(writing: Work) -> None:
            if writing.users.add(new, _SECRET, "示例·测试"):
                fresh = staff.known(writing, login)
                writing.users.change(fresh, "password_changed", fresh.viewer.actor, must_change=0)
            user = staff.known(writing, login)
            writing.users.open_session(mark_of(token), user, "127.0.0.1", ends, half=False)

        self.field.app.store.write(work)
        return {cookie_name(self.site): token}


@dataclass
class Browser:
    """What a person does with a browser, form by form."""

    client: TestClient
    text: str = ""

    def get(self, path: str) -> Any:
        """Open a page; a redirect is not followed."""
        answer = self.client.get(path, headers={"Accept": "text/html"})
        self.text = answer.text
        return answer

    def post(self, path: str, **fields: Any) -> Any:
        """Send a form, with the mark that the last page of ours gave."""
        answer = self.client.post(path, data={"csrf": self.csrf} | fields)
        self.text = answer.text
        return answer

    @property
    def csrf(self) -> str:
        """The mark in the forms of the pages."""
        found = re.search(r'name="csrf" value="(\w+)"', self.text) or re.search(
            r'name="csrf" value="(\w+)"', self.client.get("/password").text
        )
        return found[1] if found else ""

    def sign_in(self, login: str, password: str, **more: str) -> Any:
        """Fill the form of the sign-in page."""
        return self.post("/sign-in", login=login, password=password, **more)

    def change_password(self, current: str, new: str) -> Any:
        """Fill the form of the password page."""
        return self.post("/password", current=current, new=new, again=new)
