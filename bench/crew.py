"""Real `callout serve` processes and a simulated carrier beside them: started, killed while their slots are full."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Row, func, select

from bench.county import SEED, warning
from callout.app import App
from callout.domain.attempt import AttemptState
from callout.simulation.twilio.options import ACCOUNT, TOKEN
from callout.store import schema

LATENCY = 500
"""Milliseconds after which the carrier answers: so late that the slots are full however busy the machine is."""
PATIENCE = 300.0
_FULL = 0.9
CHANNELS = f"""
providers:
  - name: sms
    type: twilio_sms
    settings: {{account_sid: {ACCOUNT}, auth_token_env: SIMULATED, senders: ["+99900000000001"],
                base_url: "URL", per_sender: 0}}
  - name: voice
    type: twilio_voice
    settings: {{account_sid: {ACCOUNT}, auth_token_env: SIMULATED, senders: ["+99900000000001"],
                base_url: "URL", per_second: 0}}
"""
_T = schema.attempt
_OPEN = (AttemptState.CLAIMED, AttemptState.SUBMITTING)


@contextmanager
def carrier(port: int = 0) -> Iterator[str]:
    """`callout simulate-carrier`; gives its address. In the end it is killed with SIGKILL."""
    command = [sys.executable, "-m", "callout", "simulate-carrier", "--port", f"{port}", "--latency", f"{LATENCY}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield next(found[0] for line in process.stdout if (found := re.search(r"http://\S+", line)))
        finally:
            process.kill()


@dataclass(slots=True)
class Engine:
    """One that runs."""

    process: subprocess.Popen[bytes]
    owner: str
    """As it signs its attempts; empty until it has made one."""


@dataclass(slots=True)
class Crew:
    """The engines on one database."""

    app: App
    home: Path
    slots: int
    patience: float = PATIENCE
    """Seconds for which full slots are waited for: a ladder pauses between its steps."""
    engines: list[Engine] = field(default_factory=list)
    _owners: set[str] = field(default_factory=set)
    _chance: random.Random = field(default_factory=lambda: random.Random(SEED))

    @classmethod
    @contextmanager
    def of(cls, app: App, carrier: str, slots: int, patience: float = PATIENCE) -> Iterator["Crew"]:
        """At this carrier, in the folder that holds the rules. Whatever happens, none outlives it."""
        home = app.settings.rules.parent
        (home / "channels.yaml").write_text(CHANNELS.replace("URL", carrier), encoding="utf-8")
        crew = cls(app, home, slots, patience)
        try:
            yield crew
        finally:
            for one in crew.engines:
                one.process.kill()
                one.process.wait()

    def warn(self) -> None:
        """The orange warning, from now on."""
        inbox = self.home / "data" / "inbox"
        inbox.mkdir(parents=True)
        (inbox / "orange.xml").write_bytes(warning(self.app.world.clock.now()).raw)

    def start(self) -> None:
        """One more; known by the first attempt that no other has signed."""
        own = {"CALLOUT_DATABASE_URL": self.app.settings.database_url, "CALLOUT_CHANNELS": "channels.yaml",
               "SIMULATED": TOKEN, "CALLOUT_SLOTS": f"{self.slots}", "CALLOUT_RULES": "rules"}  # fmt: skip
        with (self.home / "log").open("ab") as log:
            process = subprocess.Popen([sys.executable, "-m", "callout", "serve", "--no-web"], cwd=self.home,
                                       env=os.environ | own, stdout=log, stderr=log)  # fmt: skip
        self.engines.append(Engine(process, ""))
        fresh = set[str]()
        if self.comes(lambda: fresh.update(self._unsigned()) or fresh, self.patience):
            self.engines[-1].owner = fresh.pop()
            self._owners.add(self.engines[-1].owner)

    def kill(self) -> set[str]:
        """The one that has run longest, at any moment while its slots are full; what it had on its way. Empty: over."""
        victim = self.engines[0]
        if not self.comes(lambda: self._warm(victim) and self._full(victim), self.patience):
            return set()
        time.sleep(self._chance.uniform(0, LATENCY / 1000))
        victim.process.send_signal(signal.SIGKILL)
        victim.process.wait()
        flying = self.flying(victim)
        self.engines.remove(victim)
        self.start()
        return flying

    def finish(self, doubtful: set[str]) -> None:
        """Everybody has been tried once, and these are settled; then they are stopped as by an operator."""
        self.until(lambda: self.all_tried() and not doubtful & {row.id for row in self._open()})
        self.stop()

    def stop(self) -> None:
        """As an operator does."""
        for one in self.engines:
            one.process.send_signal(signal.SIGTERM)
        for one in self.engines:
            one.process.wait(PATIENCE)

    def until(self, holds: Callable[[], Any]) -> None:
        """Wait for it. Raises TimeoutError with the end of what the engines said."""
        if not self.comes(holds, PATIENCE):
            raise TimeoutError((self.home / "log").read_text(encoding="utf-8")[-2_000:])

    def comes(self, holds: Callable[[], Any], patience: float) -> bool:
        """Whether it comes in so many seconds."""
        end = time.monotonic() + patience
        while not (found := holds()) and time.monotonic() < end:
            time.sleep(0.05)
        return bool(found)

    def _open(self) -> Sequence[Row[Any]]:
        """Attempts that have not ended."""
        query = select(_T.c.id, _T.c.owner, _T.c.state).where(_T.c.state.in_(_OPEN))
        return self.app.database.read(lambda db: db.execute(query).all())

    def flying(self, one: Engine) -> set[str]:
        """What it has on its way to the carrier."""
        return {row.id for row in self._open() if (row.owner, row.state) == (one.owner, AttemptState.SUBMITTING)}

    def _warm(self, one: Engine) -> bool:
        """Whether it has filled its slots once: until then it reads templates and opens connections."""
        sent = select(func.count()).where(_T.c.owner == one.owner, _T.c.state == AttemptState.SENT)
        return int(self.app.database.read(lambda db: db.execute(sent).scalar_one())) >= self.slots

    def _full(self, one: Engine) -> bool:
        return len(self.flying(one)) >= _FULL * self.slots

    def _unsigned(self) -> set[str]:
        """Names under attempts that are of no engine so far."""
        return {row.owner for row in self._open()} - self._owners

    def all_tried(self) -> bool:
        """Whether everybody has been tried at least once."""
        c, a, told = schema.callout, schema.alert_county, schema.attempt_callout
        tried = select(told.c.attempt).where(told.c.county == c.c.county, told.c.alert == c.c.alert,
                                             told.c.post == c.c.post, told.c.round == c.c.round)  # fmt: skip
        waiting = select(c.c.post).where(~tried.exists()).limit(1)
        planned = select(a.c.alert).where(a.c.state == "planned").limit(1)
        return self.app.database.read(lambda db: bool(db.execute(planned).first()) and not db.execute(waiting).first())
