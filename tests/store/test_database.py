"""One writer, readers that cannot write, and nothing reported as done that a crash could undo."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import DBAPIError

from callout.domain.instant import Instant
from callout.store import schema
from callout.store.database import Database, DatabaseBusy, SoleWriter, sqlite_path
from callout.store.erasing import erase
from callout.store.migrate import upgrade
from callout.store.transaction import Ledger


@pytest.fixture(params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A database in a file, or on a server, with one empty table."""
    file = f"sqlite:///{tmp_path / 'new' / 'callout.db'}"
    database = Database(file if request.param == "sqlite" else request.getfixturevalue("fresh_postgres"))
    database.write(lambda db: db.execute(text("CREATE TABLE seen (what TEXT PRIMARY KEY)")))
    yield database
    database.close()


def put(db: Connection, what: str) -> None:
    db.execute(text("INSERT INTO seen VALUES (:what)"), {"what": what})


def seen(db: Connection) -> list[str]:
    return [str(row.what) for row in db.execute(text("SELECT what FROM seen ORDER BY what"))]


def test_a_write_is_there_for_every_reader_when_it_returns(opened: Database) -> None:
    opened.write(lambda db: put(db, "一"))
    assert opened.read(seen) == ["一"]
    other = Database(opened.url)
    assert other.read(seen) == ["一"]
    other.close()


def test_an_error_undoes_all_of_it(opened: Database) -> None:
    def fails(db: Connection) -> None:
        put(db, "一")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        opened.write(fails)
    assert opened.read(seen) == []


@pytest.mark.parametrize("way", ["write", "read"])
def test_a_connection_that_broke_is_replaced_by_the_next_transaction(opened: Database, way: str) -> None:
    def breaks(db: Connection) -> None:
        driver: Any = db.connection.driver_connection
        driver.close()
        db.execute(text("SELECT what FROM seen"))

    opened.write(lambda db: put(db, "一"))
    run = getattr(opened, way)
    with pytest.raises(DBAPIError):
        run(breaks)
    assert run(seen) == ["一"]


def test_a_reader_cannot_write(opened: Database) -> None:
    with pytest.raises(DBAPIError):
        opened.read(lambda db: put(db, "一"))
    assert opened.read(seen) == []


def test_a_reader_sees_one_moment(opened: Database) -> None:
    """What is committed while it reads belongs to the next reader."""

    def read(db: Connection) -> list[list[str]]:
        before = seen(db)
        opened.write(lambda other: put(other, "中途"))
        return [before, seen(db)]

    assert opened.read(read) == [[], []]
    assert opened.read(seen) == ["中途"]


def test_a_reading_within_a_reading_is_no_second_transaction() -> None:
    """In memory there is one connection: who looks up something while reading must not be refused."""
    with closing(Database("sqlite://")) as database:
        assert database.read(lambda _: database.read(lambda db: db.execute(text("SELECT 1")).scalar_one())) == 1
        assert database.read(lambda db: db.execute(text("SELECT 2")).scalar_one()) == 2


def test_writers_of_one_process_take_turns(opened: Database) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work(db: Connection, name: str) -> None:
        inside.append(1)
        most.append(len(inside))
        put(db, name)
        inside.pop()

    threads = [threading.Thread(target=lambda n=n: opened.write(lambda db: work(db, f"{n}"))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (max(most), len(opened.read(seen))) == (1, 8)


CRASH = """
import os, signal, sys
from sqlalchemy import text
from callout.store.database import Database
database = Database(sys.argv[1])
def put(what):
    return lambda db: db.execute(text("INSERT INTO seen VALUES (:what)"), {"what": what})
database.write(put("done"))
def half(db):
    put("half")(db)
    os.kill(os.getpid(), signal.SIGKILL)
database.write(half)
"""


def test_a_killed_process_leaves_what_it_reported_and_nothing_half_done(opened: Database) -> None:
    url = opened.engine.url.render_as_string(hide_password=False)
    killed = subprocess.run([sys.executable, "-c", CRASH, url], check=False, cwd=Path(__file__).parents[2])
    assert killed.returncode == -signal.SIGKILL
    assert opened.read(seen) == ["done"]


def test_sqlite_writes_to_the_disk_before_it_says_so(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    said = database.write(
        lambda db: [db.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    )
    version = database.write(lambda db: str(db.exec_driver_sql("SELECT sqlite_version()").scalar()))
    database.close()
    assert said == ["wal", 2]
    assert tuple(map(int, version.split("."))) >= (3, 51)


def test_one_process_alone_writes_a_file(tmp_path: Path) -> None:
    file = tmp_path / "new" / "a.db"
    first = SoleWriter(file)
    with pytest.raises(DatabaseBusy, match=r"a\.db 正由另一个 callout 进程使用"):
        SoleWriter(file)
    other = SoleWriter(tmp_path / "b.db")
    first.release()
    SoleWriter(file).release()
    other.release()


def test_a_dead_process_holds_no_lock(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    code = (
        "import os, sys, pathlib; from callout.store.database import SoleWriter; "
        "it = SoleWriter(pathlib.Path(sys.argv[1])); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", code, os.fspath(file)], check=False, cwd=Path(__file__).parents[2])
    assert killed.returncode == -signal.SIGKILL
    SoleWriter(file).release()


@pytest.mark.parametrize(("url", "path"), [
    ("sqlite:///a/b.db", "a/b.db"), ("sqlite://", None), ("sqlite:///:memory:", None), ("postgresql://x/y", None),
])  # fmt: skip
def test_the_file_of_an_address(url: str, path: str | None) -> None:
    found = sqlite_path(url)
    assert (found and found.as_posix()) == path


def test_what_is_erased_is_not_left_in_the_file(tmp_path: Path) -> None:
    """Neither in the pages that were freed nor in the log beside the file."""
    database = Database(f"sqlite:///{tmp_path}/callout.sqlite3")
    upgrade(database)
    rows = [{"commitment": f"{n}", "kind": "reply", "salt": b"1", "value": f"示例回话{n:04}"} for n in range(50)]
    database.write(lambda db: db.execute(insert(schema.personal), rows))

    def files() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.iterdir())

    database.fold_log()
    assert "示例回话0007".encode() in files()
    gone = [f"{n}" for n in range(40)]
    database.write(lambda db: erase(Ledger(db, Instant(1)), gone, "示例", "示例"))
    database.fold_log()
    assert "示例回话0007".encode() not in files()
    assert "示例回话0045".encode() in files()
    database.close()
