"""A database that is moved to another server goes on with its record: nothing new sorts below what is sealed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, select

from callout.app import App, RandomIds, SystemClock, World, build
from callout.domain.instant import Instant
from callout.reports.verification import verify_record
from callout.settings import Settings
from callout.store import schema
from callout.store.backup import BackupError, copy_out, put_back
from callout.store.database import Database
from callout.store.epochs import base_of, begin_epoch
from callout.store.migrate import upgrade
from callout.store.sealing import seal_ready, seals, unsealed
from callout.store.transaction import Event, Ledger

NOW = Instant(1_783_000_000_000)


def note(app: App, *what: str) -> None:
    for one in what:
        app.store.write(lambda work, one=one: work.ledger.note(Event("示例"), detail=one))  # type: ignore[misc]


@contextmanager
def engine(url: str) -> Iterator[App]:
    app = build(Settings(database_url=url), World(SystemClock(), RandomIds(), (), "demo"))
    try:
        yield app
    finally:
        app.close()


def burn(url: str, transactions: int = 4_000) -> None:
    """Use up transaction numbers, as a server does that has run for a while."""
    each = "FOR i IN 1..{} LOOP BEGIN INSERT INTO burnt VALUES (i); EXCEPTION WHEN division_by_zero THEN END; END LOOP"
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("CREATE TABLE burnt (i int)")
        db.execute(f"DO $$ BEGIN {each.format(transactions)}; END $$".encode())
        db.execute("DROP TABLE burnt")


def sound(app: App) -> bool:
    chain = app.database.read(seals)
    return app.database.read(lambda db: verify_record(db, chain)).ok


def events(app: App) -> list[str]:
    a = schema.audit
    return list(app.database.read(lambda db: db.execute(select(a.c.detail).order_by(a.c.xid, a.c.id)).scalars().all()))


@pytest.mark.usefixtures("postgres_programs")
def test_the_record_goes_on_above_its_seals_on_a_server_that_counts_from_the_start(
    fresh_postgres: str, elsewhere: str, tmp_path: Path
) -> None:
    """Sealed entries, and one that no seal had reached when the copy was made."""
    burn(fresh_postgres)
    with engine(fresh_postgres) as old:
        note(old, "一", "二")
        old.seal()
        note(old, "未封")
        copy_out(fresh_postgres, tmp_path / "copy")
    put_back(elsewhere, tmp_path / "copy")
    with engine(elsewhere) as new:
        assert new.database.read(base_of) > 4_000
        note(new, "三")
        new.seal()
        assert new.database.read(unsealed) == 0
        assert sound(new)
        said = events(new)
        assert said[:3] == ["一", "二", "未封"]
        assert said[-1] == "三"
    with engine(elsewhere) as again:  # nothing moves twice
        note(again, "四")
        again.seal()
        assert len(again.database.read(lambda db: db.execute(select(schema.epoch)).all())) == 1
        assert sound(again)


@pytest.mark.usefixtures("postgres_programs")
def test_without_an_epoch_the_record_would_be_broken(fresh_postgres: str, elsewhere: str, tmp_path: Path) -> None:
    """What the epoch is for: the same move, and an entry written with the bare number of the new server."""
    burn(fresh_postgres)
    with engine(fresh_postgres) as old:
        note(old, "一")
        old.seal()
        copy_out(fresh_postgres, tmp_path / "copy")
    put_back(elsewhere, tmp_path / "copy")
    raw = Database(elsewhere)
    raw.write(lambda db: Ledger(db, NOW).note(Event("示例"), detail="低"))
    assert raw.read(unsealed) == 0
    assert raw.write(lambda db: verify_record(db, []).ok) is False
    raw.close()


def test_the_sealer_itself_notices_a_move(fresh_postgres: str) -> None:
    """A process that has been connected all along asks again before each seal."""
    database = Database(fresh_postgres)
    upgrade(database)

    def far_ahead(db: Connection) -> None:
        Ledger(db, NOW).note(Event("示例"), detail="一")
        db.exec_driver_sql("UPDATE audit SET xid = xid + 1000000")

    database.write(far_ahead)
    made = database.write(lambda db: seal_ready(db, NOW))
    assert made
    database.write(lambda db: Ledger(db, NOW).note(Event("示例"), detail="二"))
    again = database.write(lambda db: seal_ready(db, NOW))
    assert again
    assert made.count + again.count == 3
    assert database.read(unsealed) == 0
    assert database.read(lambda db: verify_record(db, seals(db)).ok)
    database.close()


def test_a_server_that_was_not_moved_has_no_epoch(database: Database) -> None:
    database.write(lambda db: Ledger(db, NOW).note(Event("示例")))
    assert database.write(lambda db: begin_epoch(db, NOW)) is False
    assert database.read(base_of) == 0


@pytest.mark.usefixtures("postgres_programs")
def test_a_dump_that_is_none_leaves_nothing(elsewhere: str, tmp_path: Path) -> None:
    (tmp_path / "copy").write_bytes(b"not a dump")
    with pytest.raises(BackupError, match="pg_restore 没有做成"):
        put_back(elsewhere, tmp_path / "copy")


SOMEWHERE = "postgresql+psycopg://a:b@127.0.0.1:1/c"


def test_without_the_programs_it_is_said_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"没有找到 pg_dump.*apt install postgresql-client）"):
        copy_out(SOMEWHERE, tmp_path / "copy", [tmp_path])
    assert list(tmp_path.iterdir()) == []


def program(folder: Path, *said: str) -> Path:
    """A pg_dump that says this and fails."""
    folder.mkdir()
    file = folder / "pg_dump"
    file.write_text("\n".join(["#!/bin/sh", *(f"echo '{one}' >&2" for one in said), "exit 1"]), encoding="utf-8")
    file.chmod(0o755)
    return folder


def test_programs_that_are_older_than_the_server_are_passed_over_and_else_named(tmp_path: Path) -> None:
    """A pg_dump 15 beside a server 18: its words, and the package that mends it."""
    old = program(
        tmp_path / "15",
        "pg_dump: error: aborting because of server version mismatch",
        "pg_dump: detail: server version: 18.6; pg_dump version: 15.20",
    )
    with pytest.raises(BackupError, match=r"pg_dump 比服务器旧.*apt install postgresql-client-18"):
        copy_out(SOMEWHERE, tmp_path / "copy", [tmp_path, old])
    newer = program(tmp_path / "18", "connection refused")
    with pytest.raises(BackupError, match="pg_dump 没有做成：connection refused"):
        copy_out(SOMEWHERE, tmp_path / "copy", [old, newer])
