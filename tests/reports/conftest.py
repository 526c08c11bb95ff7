"""The small database of the report tests, on both engines."""

from collections.abc import Iterator

import pytest

from callout.store.migrate import upgrade
from tests.reports.world import World


@pytest.fixture
def world() -> Iterator[World]:
    """In memory, with a roster in use and no alert yet."""
    yield from _opened("sqlite://")


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest) -> Iterator[World]:
    """The same on SQLite and on PostgreSQL: the reports' SQL is written once."""
    if request.param == "sqlite":
        yield from _opened("sqlite://")
    else:
        url: str = request.getfixturevalue("fresh_postgres")
        yield from _opened(url.replace("postgresql://", "postgresql+psycopg://", 1))


def _opened(url: str) -> Iterator[World]:
    world = World(url)
    upgrade(world.database)
    world.use_roster()
    yield world
    world.database.close()
