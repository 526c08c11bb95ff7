"""Every story is told on both databases."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from callout.domain.instant import Instant
from callout.domain.roster import Roster
from tests.databases import Shelf
from tests.scenarios.field import DAY, Field, open_field

Opener = Callable[..., Field]


@pytest.fixture
def open_county(shelf: Shelf) -> Iterator[Opener]:
    """Opens fields on empty databases."""
    with ExitStack() as lent:

        def open_(start: Instant = DAY, roster: Roster | None = None, run: str = "actual", **more: Any) -> Field:
            return open_field(lent.enter_context(shelf.lend()), start, roster, run, **more)

        yield open_


@pytest.fixture
def field(open_county: Opener) -> Field:
    """The standard county by day."""
    return open_county()
