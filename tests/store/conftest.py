"""The store's tests run on both databases."""

from collections.abc import Callable, Iterator

import pytest

from callout.store.database import Database
from tests.databases import Shelf

Opener = Callable[[], Database]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database without tables."""
    url = "sqlite://" if request.param == "sqlite" else request.getfixturevalue("fresh_postgres")
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def database(shelf: Shelf) -> Iterator[Database]:
    """A database with the newest schema and no rows."""
    with shelf.lend() as lent:
        yield lent
