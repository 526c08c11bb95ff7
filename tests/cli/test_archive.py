"""A whole database as one file: it is read, verified and reported from without the server that it came from."""

import pytest
from sqlalchemy import select

from callout.domain.level import Level
from callout.store import schema
from callout.store.database import Database
from tests.cli.office import OFFICER, Office
from tests.scenarios.field import BAIMA, GRID_1, GRID_2, open_field

COUNTED = ("due", "called", "answered", "lost", "human_calls", "reasons", "alerts")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_archive_is_read_like_the_database_and_its_record_is_whole(
    office: Office, kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A storm, a reply, an answer; then only the file is left."""
    url = f"sqlite:///{office.database}" if kind == "sqlite" else request.getfixturevalue("migrated_postgres")
    field = open_field(url)
    field.alert(Level.RED, areas=(BAIMA,))
    field.reply(GRID_1, "1")
    field.reply(GRID_2, "路断了，怎么办？")
    field.app.seal()
    field.app.close()
    monkeypatch.setenv("CALLOUT_DATABASE_URL", url)
    before = office("status", "--all", "--json").document
    file = office.home / "kept" / "2026.sqlite3"
    made = office("archive", str(file), "--officer", OFFICER)
    assert made.code == 0, made.err
    assert "全部封条和条目相符" in made.out
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in file.parent.iterdir()] == [file.name]
    assert "不会覆盖" in office("archive", str(file), "--officer", OFFICER).err
    entries = _entries(url)
    assert [(e.event, e.actor) for e in entries[-2:]] == [("archive.exported", OFFICER), ("archive.written", OFFICER)]
    monkeypatch.setenv("CALLOUT_DATABASE_URL", f"sqlite:///{file}")
    assert [e.id for e in _entries(f"sqlite:///{file}")] == [e.id for e in entries[:-1]]
    after = office("status", "--all", "--json").document
    assert {name: after.get(name) for name in COUNTED} == {name: before.get(name) for name in COUNTED}
    assert after["due"] > 0
    verified = office("audit", "verify", "--json")
    assert (verified.code, verified.document["ok"]) == (0, True)
    assert office("report", "--from", "2026-08-01", "--to", "2026-08-31", "--format", "json").document


def _entries(url: str) -> list:  # type: ignore[type-arg]
    database = Database(url)
    a = schema.audit
    found = database.read(lambda db: list(db.execute(select(a).order_by(a.c.xid, a.c.id))))
    database.close()
    return found


def test_a_damaged_record_is_archived_as_it_is_and_said_to_be(office: Office) -> None:
    field = open_field(f"sqlite:///{office.database}")
    field.app.seal()
    field.app.database.write(lambda db: db.exec_driver_sql("UPDATE audit SET actor = 'x' WHERE id = 1"))
    field.app.close()
    said = office("archive", str(office.home / "a.sqlite3"), "--officer", OFFICER)
    assert said.code == 2
    assert "条目" in said.err
