"""The provider dies amid a red warning: a real carrier process, killed with SIGKILL, is away and comes back."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from bench.crew import CHANNELS, carrier
from callout.simulation.twilio.options import TOKEN
from tests.channels.peers import free_port
from tests.drills.postgres import server
from tests.drills.site import Site, site, until

AMID = 20
"""So many have been called, and half as many are under way, when it dies."""
FLYING = "SELECT id FROM attempt WHERE state = 'submitting'"
SERVICES = ("sms", "voice")
"""What is set up at this provider: each has a circuit of its own."""
UNCALLED = """SELECT 1 FROM callout c WHERE c.alert = 1 AND c.round = 0 AND NOT EXISTS (
    SELECT 1 FROM attempt t JOIN attempt_callout l ON l.county = t.county AND l.attempt = t.id
    WHERE l.county = c.county AND l.alert = c.alert AND l.post = c.post AND t.state = 'sent')"""
UNREPEATED = """SELECT d.post FROM attempt u JOIN attempt_callout d ON d.county = u.county AND d.attempt = u.id
    WHERE u.state = 'unknown' AND u.notice = '' AND NOT EXISTS (
        SELECT 1 FROM attempt t JOIN attempt_callout l ON l.county = t.county AND l.attempt = t.id
        WHERE l.county = d.county AND l.alert = d.alert AND l.post = d.post AND t.state = 'sent'
        AND t.claimed_at > u.claimed_at AND (t.channel <> u.channel OR t.number <> u.number OR t.repeated = 1))"""
"""Who had a call in doubt, and since then none in another way and no repetition with the mark."""


def provider_dies(away: float = 18) -> Iterator[dict[str, Any]]:
    """The provider of all texts and calls is killed amid a red warning, and is started again on its port."""
    with ExitStack() as open_:
        here = open_.enter_context(site(open_.enter_context(server()).url()))
        here.slots = 8
        port = free_port()
        (here.home / "channels.yaml").write_text(CHANNELS.replace("URL", f"http://127.0.0.1:{port}"), encoding="utf-8")
        here.own = {"CALLOUT_CHANNELS": str(here.home / "channels.yaml"), "SIMULATED": TOKEN}
        with carrier(port):
            for name in ("a", "b"):
                open_.enter_context(here.worker(name, "--no-web"))
            here.warn("a")
            until(lambda: here.attempts("state = 'sent'") >= AMID and len(here.ask(FLYING)) >= AMID / 2)
            flying = {row[0] for row in here.ask(FLYING)}
        died = time.monotonic()
        while_it_is_dead(here)
        time.sleep(max(0.0, away - (time.monotonic() - died)))
        with carrier(port):
            back = time.monotonic()
            until(lambda: not here.ask(UNCALLED) and here.all_called())
            took = round(time.monotonic() - back)
            until(lambda: not lines(here))
            doubtful = what_became_of(here, flying)
            figures = here.judge()
            assert figures["called"] == figures["due"]
            assert here.says("status")["lost"] == 0
        fault = f"provider killed (-9) for {away:.0f} s, {doubtful} of {len(flying)} hand-overs seen under way in doubt"
        yield {"fault": f"{fault}; all called {took} s after it was back, 2 workers", **figures}


def lines(here: Site) -> Counter[str]:
    """What the officer's list says of providers: how many lines about each."""
    told = [one["note"] for one in here.says("human-calls", "list")["human_calls"] if one["kind"] == "provider_down"]
    return Counter(next(name for name in SERVICES if f"“{name}”" in note) for note in told)


def while_it_is_dead(here: Site) -> None:
    """Nobody is lost, and the list has one line for each of its services, whoever was to be called by it."""
    until(lambda: len(lines(here)) == len(SERVICES), 15)
    seen = here.says("status")
    assert (seen["lost"], seen["due"] > AMID) == (0, True)
    assert lines(here) == dict.fromkeys(SERVICES, 1)


def what_became_of(here: Site, flying: set[str]) -> int:
    """Each hand-over that was under way is sent, in doubt, or never had a connection; every doubt was made good.

    How many are in doubt."""
    ends = [row[1:] for row in here.ask("SELECT id, state, reason FROM attempt") if row[0] in flying]
    assert all(state in {"sent", "unknown"} or reason == "ClientConnectorError" for state, reason in ends), ends
    doubtful = len([state for state, _ in ends if state == "unknown"])
    assert doubtful > 0
    assert not here.ask(UNREPEATED)
    return doubtful
