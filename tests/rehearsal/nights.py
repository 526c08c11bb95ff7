"""Small nights for tests, and audit entries made by hand."""

import asyncio
from pathlib import Path
from typing import Any

from callout.domain.audit import Entry
from callout.domain.instant import Instant
from callout.rehearsal.demo import Demo, Frame, prepare
from callout.settings import Settings

PEOPLE = 60
COUNTY = "500156"


def night(folder: Path, seed: int = 1, people: int = PEOPLE) -> Demo:
    """A night that has not begun, on a database in `folder`."""
    return prepare(Settings.model_construct(database_url=f"sqlite:///{folder / 'demo.db'}"), people, seed)


def run(demo: Demo) -> list[Frame]:
    """The whole night."""

    async def frames() -> list[Frame]:
        return [frame async for frame in demo.frames()]

    return asyncio.run(frames())


def entry(event: str, **values: Any) -> Entry:
    """An audit entry of which only some fields matter."""
    blank: dict[str, Any] = {
        "id": 1,
        "xid": 0,
        "county": COUNTY,
        "at": Instant(0),
        "event": event,
        "alert": 1,
        "post": 0,
        "attempt": "",
        "ref": "",
        "before": "",
        "after": "",
        "actor": "engine",
        "commitment": "",
        "detail": "",
    }
    return Entry(**blank | values)
