"""What tests of the pages share: a small county with its pages open, on a real database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import office
from tests.scenarios.field import open_field
from tests.web.room import Room

__all__ = ["office"]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """The duty room of the small county of the field stories."""
    field = open_field(f"sqlite:///{tmp_path}/field.sqlite3")
    yield Room(field)
    field.app.close()
