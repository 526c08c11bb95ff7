"""The naive design on the same work: one APScheduler job per callout in a store, each a blocking call of the SDK."""

import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from bench import sending
from bench.sending import ACCOUNT, SENDER, TEXT, TOKEN, Rate, peer
from bench.servers import Server
from bench.tables import Table
from callout.store.database import Database

THREADS, PATIENCE = 10, 120.0
"""APScheduler's own default of threads."""


@dataclass(frozen=True, slots=True)
class Naive:
    """One run."""

    database: str
    jobs: int
    sent: int
    dropped: int
    failed: int
    adding: float
    seconds: float


class _To:
    """The SDK's client, led to the bench's peer."""

    url = ""
    client: Client | None = None

    @classmethod
    def send(cls, to: str) -> None:
        """What each job does."""
        assert cls.client is not None
        cls.client.messages.create(to=to, from_=SENDER, body=TEXT)


class _Led(TwilioHttpClient):
    def request(self, method, url, *rest, **named):  # type: ignore[no-untyped-def]
        return super().request(method, _To.url + url.partition("api.twilio.com")[2], *rest, **named)


def send(to: str) -> None:
    """A job must be found by name."""
    _To.send(to)


def run(server: Server, jobs: int, latency: int) -> tuple[Naive, Rate]:
    """Every job is due at the same instant, as a warning's first step is; ours does the same work after it."""
    return _naive(server, jobs, latency), sending.run(server, jobs, 1, (latency,))[0]


def _naive(server: Server, jobs: int, latency: int) -> Naive:
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    with server.filled(_empty) as copies, copies() as url, peer(latency) as address:
        _To.url, _To.client = address, Client(ACCOUNT, TOKEN, http_client=_Led())
        return _story(server.name, url, jobs)


def _empty(url: str) -> None:
    database = Database(url)
    database.write(lambda _: None)
    database.close()


def _story(name: str, url: str, jobs: int) -> Naive:
    counts, ended = {EVENT_JOB_EXECUTED: 0, EVENT_JOB_MISSED: 0, EVENT_JOB_ERROR: 0}, threading.Event()

    def note(event: JobExecutionEvent) -> None:
        counts[event.code] += 1
        if sum(counts.values()) >= jobs:
            ended.set()

    store = SQLAlchemyJobStore(url=url.replace("postgresql://", "postgresql+psycopg://"))
    executors = {"default": ThreadPoolExecutor(THREADS)}
    scheduler = BackgroundScheduler(jobstores={"default": store}, executors=executors, timezone=UTC)
    scheduler.add_listener(note, EVENT_JOB_EXECUTED | EVENT_JOB_MISSED | EVENT_JOB_ERROR)
    scheduler.start(paused=True)
    adding = _added(scheduler, jobs)
    begun = time.perf_counter()
    scheduler.resume()
    ended.wait(PATIENCE)
    seconds = time.perf_counter() - begun
    # Its thread may be at the database: what it holds while the store is closed would stay open.
    scheduler.pause()
    time.sleep(0.5)
    scheduler.shutdown()
    return Naive(
        name, jobs, counts[EVENT_JOB_EXECUTED], counts[EVENT_JOB_MISSED], counts[EVENT_JOB_ERROR], adding, seconds
    )


def _added(scheduler: BackgroundScheduler, jobs: int) -> float:
    """Put all jobs into the store before they are due, wait until they are, and return how long putting them took.

    Where the machine is too slow for that, all of them would be late before the scheduler has had a chance: again,
    with more time.
    """
    lead = jobs / 200 + 2
    while True:
        begun, due = time.perf_counter(), datetime.now(UTC) + timedelta(seconds=lead)
        for n in range(jobs):
            scheduler.add_job(send, "date", run_date=due, args=[f"+999{n:09d}"])
        adding = time.perf_counter() - begun
        left = (due - datetime.now(UTC)).total_seconds()
        if left > 0:
            time.sleep(left)
            return adding
        scheduler.remove_all_jobs()
        lead = 2 * adding


def table(found: list[tuple[Naive, Rate]]) -> Table:
    """As Markdown."""
    lines = []
    for x, ours in found:
        counts = [str(x.sent), f"**{x.dropped}**", str(x.failed), f"{x.sent / x.seconds:.0f}/s"]
        lines.append([x.database, "APScheduler", str(x.jobs), f"{x.jobs / x.adding:.0f}/s", *counts])
        lines.append(
            [x.database, "callout", str(ours.texts), "", str(ours.texts), "**0**", "0", f"{ours.ours[0]:.0f}/s"]
        )
    head = ["database", "design", "due at once", "added", "sent", "dropped (misfire)", "failed", "sent per second"]
    note = (
        f"APScheduler with its defaults (grace of 1 s, {THREADS} threads), SQLAlchemyJobStore, the blocking client. A "
        "dropped job is a person who is not called and of whom nothing is known. callout: the same peer, everything as "
        "in `sending`; how fast it opens callouts is `plan`."
    )
    return Table("The naive design", head, lines, note)
