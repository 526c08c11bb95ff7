"""The views that others read: exactly the documented columns, on both databases, and nobody's name in them."""

import re
from typing import Any

import pytest
from sqlalchemy import text

from tests.reports.test_record import storm
from tests.reports.world import World
from tests.shape import ROOT


def documented() -> dict[str, list[str]]:
    """View → its columns, by docs/views.md: the names in the first sentence of each section."""
    page = (ROOT / "docs" / "views.md").read_text(encoding="utf-8")
    sections = re.findall(r"(?ms)^## (v_\w+)\n\n(.*?)(?=\n\n|\Z)", page)
    return {name: re.findall(r"`(\w+)`", body.partition(". ")[0]) for name, body in sections}


@pytest.mark.parametrize("view", documented())
def test_a_view_has_the_documented_columns(either: World, view: str) -> None:
    storm(either)
    rows = either.database.read(lambda db: db.execute(text(f"SELECT * FROM {view}")))  # our own names
    assert list(rows.keys()) == documented()[view]


def all_of(world: World, view: str) -> Any:
    return world.database.read(lambda db: db.execute(text(f"SELECT * FROM {view}")).all())  # our own


def test_views_count_what_is_there_and_name_nobody(either: World) -> None:
    storm(either)
    found = {view: all_of(either, view) for view in documented()}
    assert (len(found["v_alert"]), len(found["v_callout"]), len(found["v_stop_work"])) == (1, 8, 1)
    told = str(found)
    assert "示例2村书记" in told
    for secret in ("示例人", "+999", "示例·值班员"):
        assert secret not in told
