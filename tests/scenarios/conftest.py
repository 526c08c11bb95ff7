"""Every story is told on both databases."""

from collections.abc import Callable, Iterator

import pytest

from callout.domain.instant import Instant
from callout.domain.roster import Roster
from tests.scenarios.field import DAY, Field, open_field

Opener = Callable[..., Field]


@pytest.fixture(params=["sqlite", "postgresql"])
def open_county(request: pytest.FixtureRequest) -> Iterator[Opener]:
    """Opens fields on fresh databases and closes them afterwards."""
    opened: list[Field] = []
    url = "sqlite://" if request.param == "sqlite" else request.getfixturevalue("migrated_postgres")

    def open_(start: Instant = DAY, roster: Roster | None = None, run: str = "actual") -> Field:
        opened.append(open_field(url, start, roster, run))
        return opened[-1]

    yield open_
    for one in opened:
        one.app.close()


@pytest.fixture
def field(open_county: Opener) -> Field:
    """The standard county by day."""
    return open_county()
