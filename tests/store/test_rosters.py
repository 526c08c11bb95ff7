"""A roster as large as a city's goes in piece by piece: a server does not wait long for the next statement."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from callout.rulebook.roster import roster_sample
from callout.store import rosters
from tests.scenarios.field import open_field


def test_a_roster_goes_in_in_pieces_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rosters, "PIECE", 70)
    field = open_field(f"sqlite:///{tmp_path}/pieces.sqlite3")
    rows: list[tuple[str, int]] = []

    def watch(*told: Any) -> None:
        _connection, _cursor, statement, many, _context, several = told
        if several:
            rows.append((statement.split()[2], len(many)))

    event.listen(field.app.database.engine, "before_cursor_execute", watch)
    try:
        book = field.app.use_rules()
        roster = roster_sample(book.county, 400, 3, book)
        field.app.use_roster(roster, "示例·测试")
        put = Counter[str]()
        for table, count in rows:
            put[table] += count
        assert max(count for _, count in rows) == 70
        assert put["responder"] == 400
        assert put["duty"] == len(roster.posts)
        assert put["contact"] == sum(len(one.contacts) for one in roster.responders)
    finally:
        field.app.close()
