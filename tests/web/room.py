"""The duty room in tests: a field story with its pages open."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient

from callout.domain.instant import Instant
from callout.web.application import create_app
from callout.web.site import EngineState, Site
from tests.scenarios.field import COUNTY, Field

ADDRESS = "http://duty.example"


@dataclass
class Room:
    """One story and a browser without JavaScript before it."""

    field: Field
    faults: list[str] = dataclasses.field(default_factory=list)
    engine: str = "running"

    @property
    def site(self) -> Site:
        app = self.field.app
        return Site(
            store=app.store,
            rulebooks=app.rulebooks,
            clock=app.world.clock,
            ids=app.world.ids,
            county=COUNTY,
            templates=app.settings.templates,
            public_url=ADDRESS,
            engine=self._engine,
            fault=lambda name, error: self.faults.append(f"{name}: {error!r}"),
        )

    def _engine(self, now: Instant) -> EngineState:
        return EngineState(self.engine, now, "模拟通道")

    def browser(self, **more: Any) -> TestClient:
        """A browser that has not signed in."""
        return TestClient(create_app(self.site), base_url=ADDRESS, follow_redirects=False, **more)
