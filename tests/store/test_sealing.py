"""The sealer closes what can get no predecessor any more, and nothing slips in below a seal."""

import threading
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, select
from sqlalchemy.exc import IntegrityError

from callout.domain.audit import Seal
from callout.domain.instant import Instant, later
from callout.reports.verification import verify_record
from callout.store import schema
from callout.store.database import Database
from callout.store.migrate import upgrade
from callout.store.sealing import newest_seal, seal_ready, seals, tail, unsealed
from callout.store.transaction import Event, Ledger

NOW = Instant(1_783_000_000_000)


def note(db: Connection, what: str) -> None:
    Ledger(db, NOW).note(Event("示例"), detail=what)


def write(database: Database, *what: str) -> None:
    def work(db: Connection) -> None:
        for one in what:
            note(db, one)

    database.write(work)


def seal(database: Database) -> Seal | None:
    return database.write(lambda db: seal_ready(db, NOW))


def under(database: Database, it: Seal | None) -> list[str]:
    a = schema.audit
    rows = database.write(lambda db: db.execute(select(a).order_by(a.c.xid, a.c.id)).all())
    return [r.detail for r in rows if it and it.lo <= (r.xid, r.id) <= it.hi]


def sound(database: Database) -> bool:
    chain = database.write(seals)
    verdict = database.write(lambda db: verify_record(db, chain))
    return verdict.ok and all(a.hi < b.lo for a, b in pairwise(chain))


def test_the_next_seal_walks_nothing_that_is_sealed(tmp_path: Path) -> None:
    """Else each would take longer than the one before, and a red call would wait for it."""
    database, spoken = Database(f"sqlite:///{tmp_path}/record.sqlite3"), list[tuple[str, Any]]()
    upgrade(database)
    write(database, "一")
    seal(database)

    def hear(*given: Any) -> None:
        spoken.append((given[2], given[3]))

    event.listen(database.engine, "before_cursor_execute", hear)
    seal(database)
    event.remove(database.engine, "before_cursor_execute", hear)
    looked = [one for one in spoken if "ORDER BY audit.xid" in one[0]]
    plans = database.write(
        lambda db: [str(db.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()) for text, values in looked]
    )
    assert [("SEARCH audit" in plan, "(xid>?)" in plan) for plan in plans] == [(True, False), (True, True)]
    database.close()


def test_it_closes_so_many_at_a_time(database: Database) -> None:
    """A storm's entries are sealed in small bites: a red call must not wait until all are."""
    write(database, "一", "二", "三")
    sizes = [database.write(lambda db: seal_ready(db, NOW, 2)) for _ in range(3)]
    assert [made and made.count for made in sizes] == [2, 1, None]
    assert sound(database)


def test_it_closes_everything_that_waits(database: Database) -> None:
    write(database, "一", "二")
    write(database, "三")
    assert database.write(unsealed) == 3
    made = seal(database)
    assert made
    assert (made.seq, made.count) == (1, 3)
    assert under(database, made) == ["一", "二", "三"]
    assert database.write(unsealed) == 0
    assert sound(database)


def test_nothing_new_makes_no_seal(database: Database) -> None:
    assert seal(database) is None
    write(database, "一")
    seal(database)
    assert seal(database) is None
    newest = database.write(newest_seal)
    assert newest
    assert newest.seq == 1


def test_each_seal_stands_on_the_one_before(database: Database) -> None:
    for n in range(4):
        write(database, f"{n}", "再")
        seal(database)
    chain = database.write(seals)
    assert [s.seq for s in chain] == [1, 2, 3, 4]
    assert all(b.prev == a.hash for a, b in pairwise(chain))
    assert [s.seq for s in database.write(lambda db: seals(db, after=2))] == [3, 4]
    assert sound(database)


def test_the_same_number_is_never_given_twice(database: Database) -> None:
    """The number of a seal is its key: a second one with the same number cannot be written."""
    write(database, "一")
    made = seal(database)
    assert made
    row = {"lo": "0:0", "hi": "0:0", "count": 1, "root": "", "prev": "", "at": NOW, "hash": ""}
    with pytest.raises(IntegrityError):
        database.write(lambda db: db.execute(insert(schema.seal), row | {"seq": made.seq}))


def test_numbers_beyond_four_bytes_are_sealed(database: Database) -> None:
    """A busy installation has more transactions than an INTEGER holds."""
    blank: dict[str, Any] = dict.fromkeys(
        ("county", "event", "attempt", "ref", "before", "after", "actor", "commitment", "detail"), ""
    )
    first = 2**40 if database.engine.dialect.name == "sqlite" else 1
    place = {"id": 2**40, "xid": first, "at": NOW, "alert": 0, "post": 0}
    database.write(lambda db: db.execute(insert(schema.audit), blank | place))
    made = seal(database)
    assert made
    assert made.hi == (first, 2**40)
    database.write(lambda db: db.execute(insert(schema.audit), blank | place | {"id": 2**40 + 1}))
    assert database.write(unsealed) == 1
    again = seal(database)
    assert again
    assert (again.lo, again.count) == ((first, 2**40 + 1), 1)
    assert sound(database)


def test_who_watches_the_record_sees_it_grow(database: Database) -> None:
    write(database, "一", "二", "三")
    seen = database.write(lambda db: tail(db, 0, 2))
    assert [e.detail for e in seen] == ["一", "二"]
    assert [e.detail for e in database.write(lambda db: tail(db, seen[-1].id, 9))] == ["三"]


@pytest.fixture
def several(fresh_postgres: str) -> Any:
    """PostgreSQL, where several workers write at once."""
    database = Database(fresh_postgres)
    upgrade(database)
    yield database
    database.close()


def test_a_slow_transaction_holds_the_seal_back(several: Database) -> None:
    with several.engine.connect() as slow, slow.begin() as open_:
        note(slow, "慢的")
        write(several, "快的")
        assert seal(several) is None
        open_.commit()
    made = seal(several)
    assert under(several, made) == ["慢的", "快的"]
    assert sound(several)


def test_what_was_over_before_it_began_is_sealed(several: Database) -> None:
    write(several, "早的")
    with several.engine.connect() as slow, slow.begin() as open_:
        note(slow, "慢的")
        write(several, "快的")
        assert under(several, seal(several)) == ["早的"]
        open_.rollback()
    assert under(several, seal(several)) == ["快的"]
    assert sound(several)


def test_nothing_slips_in_below_a_seal(several: Database) -> None:
    """Two transactions take turns; whatever commits in whatever order, each seal begins after the one before."""
    for turn in range(6):
        with several.engine.connect() as one, several.engine.connect() as two:
            first, second = one.begin(), two.begin()
            note(one, f"甲{turn}")
            note(two, f"乙{turn}")
            note(one, f"甲再{turn}")
            (second if turn % 2 else first).commit()
            seal(several)
            note(one if turn % 2 else two, f"后{turn}")
            (first if turn % 2 else second).commit()
        seal(several)
    assert several.write(unsealed) == 0
    assert sum(s.count for s in several.write(seals)) == 6 * 4
    assert sound(several)


def test_workers_and_a_sealer_at_full_tilt(several: Database) -> None:
    workers = [Database(several.url) for _ in range(3)]

    def work(database: Database) -> None:
        for n in range(20):
            write(database, f"{n}", f"{n}再")

    threads = [threading.Thread(target=work, args=(one,)) for one in workers]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        seal(several)
    seal(several)
    for one in workers:
        one.close()
    assert (several.write(unsealed), sum(s.count for s in several.write(seals))) == (0, 3 * 20 * 2)
    assert sound(several)


def test_backward_time_is_reported(database: Database) -> None:
    write(database, "一")
    seal(database)
    database.write(lambda db: Ledger(db, later(NOW, -5_000)).note(Event("示例")))
    database.write(lambda db: seal_ready(db, later(NOW, -4_000)))
    verdict = database.write(lambda db: verify_record(db, seals(db)))
    assert verdict.ok
    assert [n for n in verdict.notes if "倒退" in n] == [
        "时钟倒退：封条2的时间早于封条1，差4000毫秒。",
        "时间倒退：有1处条目的时间早于前一条，最大5000毫秒。",
    ]
