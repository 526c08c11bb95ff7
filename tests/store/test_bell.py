"""PostgreSQL wakes engines of other processes."""

import asyncio

import psycopg
from sqlalchemy import make_url

from callout.store.bell import hearing
from callout.store.database import Database

_CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
)


def test_a_connection_that_was_cut_is_opened_again(migrated_postgres: str) -> None:
    """What was written meanwhile may have rung unheard: it rings once when somebody listens again."""
    database = Database(migrated_postgres)
    heard: list[int] = []

    async def story() -> None:
        rung = asyncio.Event()

        def ring() -> None:
            heard.append(len(heard))
            rung.set()

        async with hearing(database.engine, ring, again=0.01):
            await rung.wait()
            rung.clear()
            with psycopg.connect(make_url(migrated_postgres).render_as_string(False), autocommit=True) as db:
                db.execute(_CUT)
            await rung.wait()

    asyncio.run(asyncio.wait_for(story(), 60))
    database.close()
    assert len(heard) == 2
