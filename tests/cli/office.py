"""An office for tests: a folder with a database, a roster, and the commands as an officer types them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callout.__main__ import run
from callout.cli.pulse import pulse_file
from callout.domain.instant import BEIJING
from callout.settings import Settings
from callout.store.database import sqlite_path

STORM = Path(__file__).parents[2] / "callout" / "rehearsal" / "storms" / "wulong-2026-08"
OFFICER = "示例值班员"
PATIENCE = 180.0
"""Seconds after which a test gives up waiting."""

_SAMPLES: dict[int, bytes] = {}
"""Databases with a sample roster, by the number of its people."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one command said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Office:
    home: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def database(self) -> Path:
        return self.home / "callout.sqlite3"

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    def __call__(self, *arguments: str) -> Said:
        """Run a command in this process."""
        self.capsys.readouterr()
        code = run(arguments)
        out, err = self.capsys.readouterr()
        return Said(code, out, err)

    def staffed(self, people: int) -> "Office":
        """With a database in which `roster sample` has been run; it is run once per test worker."""
        assert not self.database.exists()
        if people not in _SAMPLES:
            assert self("roster", "sample", "--people", str(people)).code == 0
            _SAMPLES[people] = self.database.read_bytes()
        else:
            self.database.write_bytes(_SAMPLES[people])
        return self

    def process(self, *arguments: str, stdin: bytes = b"") -> Said:
        """Run a command as a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "callout", *arguments],
            cwd=self.home,
            input=stdin,
            capture_output=True,
            check=False,
            timeout=PATIENCE,
            env=environment(),
        )
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode())

    @contextmanager
    def serving(self, *options: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
        """A running engine; ended by its id, whatever happens."""
        with subprocess.Popen(
            [sys.executable, "-m", "callout", "serve", *options],
            cwd=self.home,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment() | settings,
        ) as engine:
            try:
                wait_for(lambda: engine.poll() is not None or self._beats())
                yield engine
            finally:
                if engine.poll() is None:
                    engine.kill()

    def _beats(self) -> bool:
        """Asked by a whole command only once the engine has left a first sign: it would cost more than the start."""
        settings = Settings()
        if sqlite_path(settings.database_url) and not pulse_file(settings).exists():
            return False
        said = self("status", "--json")
        return said.code == 0 and said.document["engine"]["state"] == "running"

    def write(self, folder: Path, serial: int, level: str = "03-orange") -> Path:
        """A fresh warning, put into `folder` by an atomic rename."""
        return write_warning(folder, serial, level)


def environment() -> dict[str, str]:
    return {"CALLOUT_WEB_PORT": "0", **os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


def stop(engine: subprocess.Popen[str]) -> str:
    """End an engine as an operator does; what it had said."""
    engine.send_signal(signal.SIGTERM)
    out, _ = engine.communicate(timeout=PATIENCE)
    return out


def wait_for(done: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Poll until `done`, but not for ever. Looking takes a third of the time at most: the other needs it."""
    until = time.monotonic() + patience
    begun = time.monotonic()
    while not done():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(max(0.05, 2 * (time.monotonic() - begun)))
        begun = time.monotonic()


def write_warning(folder: Path, serial: int, level: str = "03-orange") -> Path:
    """A warning issued now, put into `folder` by an atomic rename."""
    now = datetime.now(UTC).astimezone(BEIJING)
    text = (STORM / f"{level}.xml").read_text(encoding="utf-8")
    fields = {
        "identifier": f"50015641600000_2026{serial:010d}",
        "references": "",
        "sendTime": f"{now:%Y-%m-%d %H:%M:%S}+08:00",
        "msgType": "Alert",
        "effective": f"{now:%Y-%m-%d %H:%M:%S}+08:00",
        "expires": f"{now + timedelta(hours=5):%Y-%m-%d %H:%M:%S}+08:00",
    }
    for name, value in fields.items():
        before, _, rest = text.partition(f"<{name}>")
        text = f"{before}<{name}>{value}</{name}>{rest.partition(f'</{name}>')[2]}"
    part = folder / f"{serial}.xml.part"
    part.write_text(text, encoding="utf-8")
    return part.rename(folder / f"{serial}.xml")
