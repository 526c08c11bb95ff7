"""The small database of the report tests, on both engines."""

from collections.abc import Iterator

import pytest

from tests.databases import Shelf
from tests.reports.world import World


@pytest.fixture
def world(sqlite_shelf: Shelf) -> Iterator[World]:
    """In memory, with a roster in use and no alert yet."""
    yield from _opened(sqlite_shelf)


@pytest.fixture
def either(shelf: Shelf) -> Iterator[World]:
    """The same on SQLite and on PostgreSQL: the reports' SQL is written once."""
    yield from _opened(shelf)


def _opened(shelf: Shelf) -> Iterator[World]:
    with shelf.lend() as database:
        world = World(database)
        world.use_roster()
        yield world
