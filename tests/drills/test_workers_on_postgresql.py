"""Several real `callout serve` on one PostgreSQL under load: one is killed, and every connection breaks."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drills.site import Site, until


@pytest.fixture
def site(fresh_postgres: str, tmp_path: Path) -> Iterator[Site]:
    made = Site(fresh_postgres, tmp_path)
    yield made
    made.app.close()


@pytest.mark.long
def test_one_is_killed_and_connections_break_and_nobody_is_lost_or_rung_twice(site: Site) -> None:
    """Red to 120 people through three workers; kill -9 and broken connections in the midst of it."""
    with site.worker("a"), site.worker("b") as dying, site.worker("c"):
        site.warn("a", "c")
        until(lambda: site.attempts() >= 10)
        dying.send_signal(signal.SIGKILL)
        until(lambda: site.attempts() >= 40)
        site.ask(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        until(lambda: site.attempts() >= 60 and site.all_called())
        site.judge()
        assert len(site.ask("SELECT DISTINCT owner FROM attempt")) > 1
