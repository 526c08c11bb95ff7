"""Real faults, each judged from outside; needs root for the disk and the link.

python -m tests.drills.faults [server] [replica] [disk] [link] [web] [provider]    prints a Markdown table
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

from bench import callbacks
from callout.app import RandomIds, SystemClock, World, build
from callout.settings import Settings
from tests.channels.peers import free_port
from tests.drills.dead_provider import provider_dies
from tests.drills.postgres import replica, server
from tests.drills.site import Site, site, until

Figures = dict[str, Any]
NAMESPACE, OUTSIDE, INSIDE = "callout-b", "callout-va", "callout-vb"
HERE, THERE, NET = "10.213.7.1", "10.213.7.2", "10.213.7.0/30"
BOTH_BEAT = "SELECT 1 FROM engine_beat WHERE beat_at > (SELECT max(beat_at) - 5000 FROM engine_beat)"
COLUMNS = ("fault", "due", "called", "lost", "unknown", "twice, marked")


def server_stops(away: float = 20) -> Iterator[Figures]:
    """PostgreSQL is stopped in the midst of a red warning: once as on a shutdown, once as on a crash."""
    for mode in ("fast", "immediate"):
        with server() as found, site(found.url()) as here, here.worker("a", "--no-web"), here.worker("b", "--no-web"):
            here.warn("a")
            until(lambda here=here: here.attempts() >= 20)  # type: ignore[misc]
            found.stop(mode)
            time.sleep(away)
            found.start()
            until(here.all_called)
            yield {"fault": f"PostgreSQL stopped ({mode}) for {away:.0f} s, 2 workers", **here.judge()}


def replica_takes_over() -> Iterator[Figures]:
    """The database's machine dies in the midst of a red warning, and its replica, which was in step, is promoted."""
    with ExitStack() as open_:
        first = open_.enter_context(server())
        second = open_.enter_context(replica(first))
        open_.callback(first.start)  # so that it can be stopped like any other
        hosts = f"host=127.0.0.1,127.0.0.1&port={first.port},{second.port}&target_session_attrs=read-write"
        here = open_.enter_context(site(f"postgresql://postgres@/postgres?{hosts}"))
        for name in ("a", "b"):
            open_.enter_context(here.worker(name, "--no-web"))
        here.warn("a")
        until(lambda: here.attempts() >= 20)
        first.stop("immediate")
        second.run("promote")
        begun = time.monotonic()
        until(here.all_called)
        took = round(time.monotonic() - begun)
        yield {"fault": f"PostgreSQL dies, its replica is promoted; all called {took} s later", **here.judge()}


def link_cut() -> Iterator[Figures]:
    """Two hosts: the second loses the link to the database for a minute in the midst of its work, then has it again."""
    with ExitStack() as open_:
        open_.enter_context(link())
        found = open_.enter_context(server(guests=NET))
        here = open_.enter_context(site(found.url()))
        away = found.url(HERE).replace("postgresql://", "postgresql+psycopg://")
        open_.enter_context(here.worker("a", "--no-web"))
        inside = ("ip", "netns", "exec", NAMESPACE)
        open_.enter_context(here.worker("b", "--no-web", before=inside, address=away))
        until((here.home / "b" / "data" / "inbox").is_dir)
        here.warn("a")
        until(lambda: len(here.ask("SELECT DISTINCT owner FROM attempt")) > 1)
        _ip("link", "set", OUTSIDE, "down")
        begun = time.monotonic()
        until(here.all_called)
        healed = max(0.0, 60 - (time.monotonic() - begun))
        took = round(time.monotonic() - begun)
        time.sleep(healed)
        _ip("link", "set", OUTSIDE, "up")
        until(lambda: len(here.ask(BOTH_BEAT)) == 2)
        yield {"fault": f"link of 1 of 2 hosts cut for 60 s; the other had called all after {took} s", **here.judge()}


@contextmanager
def link() -> Iterator[None]:
    """A host of its own (a network namespace) with one cable to this one."""
    try:
        _ip("netns", "add", NAMESPACE)
        _ip("link", "add", OUTSIDE, "type", "veth", "peer", "name", INSIDE)
        _ip("link", "set", INSIDE, "netns", NAMESPACE)
        _ip("addr", "add", f"{HERE}/30", "dev", OUTSIDE)
        _ip("link", "set", OUTSIDE, "up")
        for words in (f"addr add {THERE}/30 dev {INSIDE}", f"link set {INSIDE} up", "link set lo up"):
            _ip("-n", NAMESPACE, *words.split())
        yield
    finally:
        subprocess.run(["ip", "netns", "del", NAMESPACE], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", OUTSIDE], check=False, capture_output=True)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def web_killed() -> Iterator[Figures]:
    """The pages are killed with SIGKILL three times while a provider calls back; what it was thanked for is kept."""
    with server() as found, site(found.url()) as here:
        (here.home / "channels.yaml").write_text(callbacks.CHANNELS, encoding="utf-8")
        seen, port, replies = callbacks.Calls(), free_port(), [_reply(n) for n in range(900)]
        calling = Thread(target=lambda: asyncio.run(
            callbacks.call_back(f"http://127.0.0.1:{port}", replies, 16, seen)
        ))  # fmt: skip
        calling.start()
        for share in (0.2, 0.5, 0.8, 1.0):
            with pages(here, port):
                until(lambda share=share: len(seen.thanked) >= share * len(replies))  # type: ignore[misc]
        calling.join(60)
        kept = {row[0] for row in here.ask("SELECT event FROM inbound")}
        missing = {f"sms:{sid}:in" for sid in seen.thanked} - kept
        assert not missing, missing
        assert len(kept) == len(replies)
        yield {
            "fault": f"kill -9 of `callout web` 3 times under {len(replies)} webhooks at 16 connections",
            "due": len(replies), "called": len(kept), "lost": len(missing),
        }  # fmt: skip


def _reply(n: int) -> callbacks.Reply:
    return callbacks.Reply(f"SM{n:032}", f"+99900{n:011}", "1")


@contextmanager
def pages(here: Site, port: int) -> Iterator[None]:
    own = {
        "CALLOUT_DATABASE_URL": here.address, "CALLOUT_CHANNELS": "channels.yaml", "SIMULATED": callbacks.TOKEN,
        "CALLOUT_PUBLIC_URL": callbacks.PUBLIC, "PYTHONPATH": str(Path(__file__).parents[2]),
    }  # fmt: skip
    with (here.home / "web.log").open("a") as log:
        command = [sys.executable, "-m", "callout", "web", "--port", f"{port}"]
        process = subprocess.Popen(command, cwd=here.home, env=os.environ | own, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def disk_full() -> Iterator[Figures]:
    """SQLite on a disk of 24 MB that has no byte left when a red warning comes in; after 20 seconds it has again."""
    with tempfile.TemporaryDirectory(prefix="callout-disk-") as home:
        disk = Path(home) / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk], check=True)
        try:
            yield _on_a_full_disk(Path(home), disk)
        finally:
            subprocess.run(["umount", "-l", disk], check=False)


def _on_a_full_disk(home: Path, disk: Path) -> Figures:
    here = Site(f"sqlite:///{disk}/callout.sqlite3", home, 120)
    here.app.close()
    with here.worker("a", "--no-web") as engine:
        here.warn("a")
        until(lambda: here.attempts() >= 10)
        with suppress(OSError), (disk / "rubbish").open("wb") as rubbish:
            while True:
                rubbish.write(bytes(4096))
                rubbish.flush()
        time.sleep(20)
        stuck = here.attempts()
        (disk / "rubbish").unlink()
        until(here.all_called)
        alive = engine.poll() is None
    faults = (home / "a" / "log").read_text(encoding="utf-8").count("故障")
    how = f"{stuck} handed over before, engine {'lived' if alive else 'died'}, {faults} faults logged"
    fault = f"disk full for 20 s (SQLite on tmpfs); {how}"
    here.app = build(Settings(database_url=here.address), World(SystemClock(), RandomIds(), (), "demo"))
    try:
        return {"fault": fault, **here.judge()}
    finally:
        here.app.close()


def main(arguments: list[str]) -> int:
    """Play the drills named, or all; print the table."""
    chosen = [DRILLS[name] for name in arguments or DRILLS]
    rows = [figures for drill in chosen for figures in drill()]
    say = sys.stdout.write
    say(f"{datetime.now(UTC):%Y-%m-%d}, load {os.getloadavg()[0]:.1f}\n\n")
    say("| fault | due | called | lost | in doubt | twice, each marked |\n|---|---|---|---|---|---|\n")
    for one in rows:
        say("| " + " | ".join(f"{one.get(key, '–')}" for key in COLUMNS) + " |\n")
    return 0


DRILLS: Mapping[str, Callable[[], Iterator[Figures]]] = {
    "server": server_stops,
    "replica": replica_takes_over,
    "link": link_cut,
    "web": web_killed,
    "provider": provider_dies,
    "disk": disk_full,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
