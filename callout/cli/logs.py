"""The log of a running process: lines for people or JSON for programs, in Beijing time, and never a number or a secret.

Whatever any library logs passes here; what could be a telephone number, and every secret that the process knows, is
taken out of the finished line.
"""

import io
import json
import logging
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import fields

from sqlalchemy.engine import make_url

from callout.domain.attempt import without_numbers
from callout.domain.instant import HOUR, SECOND
from callout.ports import ChannelsPlan
from callout.settings import Settings

_SHORTEST = 4
"""A shorter secret would take ordinary words along."""
_TIME = re.compile(r"(?<![\d+-])20\d\d-[01]\d-[0-3]\d[ T][0-2]\d:[0-5]\d(?!\d)")
"""A date with its time of day, such as 2026-08-02 20:15: digits enough for a telephone, and none."""


def open_log(settings: Settings, plan: ChannelsPlan) -> logging.Handler:
    """Send our own lines (INFO) and everybody else's warnings to stderr; returns the handler."""
    lines = logging.StreamHandler()
    lines.setFormatter(Discreet(as_json=settings.log_json, secrets=secrets_of(settings, plan)))
    root, ours = logging.getLogger(), logging.getLogger("callout")
    root.addHandler(lines)
    ours.setLevel(logging.INFO)
    return lines


@contextmanager
def printed(settings: Settings) -> Iterator[None]:
    """Where the log is for programs, what is printed for people becomes lines of it: nothing else is among them.

    The log must have been opened: it keeps the stderr of before.
    """
    if not settings.log_json:
        yield
        return
    with redirect_stdout(_Printed(logging.INFO)), redirect_stderr(_Printed(logging.WARNING)):
        yield


class _Printed(io.StringIO):
    def __init__(self, level: int) -> None:
        super().__init__()
        self._level, self._begun = level, ""

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            if line.strip():
                logging.getLogger("callout").log(self._level, "%s", line)
        return len(text)


def secrets_of(settings: Settings, plan: ChannelsPlan) -> frozenset[str]:
    """Every secret that this process may hold: of the settings, of the database's address, of the providers."""
    given = [getattr(settings, name) for name in type(settings).model_fields]
    found = {one.get_secret_value() for one in given if hasattr(one, "get_secret_value")}
    found.add(str(make_url(settings.database_url).password or ""))
    for entry in plan.providers:
        named = [getattr(entry.config, f.name) for f in fields(entry.config) if f.name.endswith("_env")]
        found |= {os.environ.get(name, "") for name in named if name}
    return frozenset(one for one in found if len(one) >= _SHORTEST)


class Discreet(logging.Formatter):
    """One line per event; numbers and secrets are struck out."""

    def __init__(self, *, as_json: bool = False, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._as_json = as_json
        self._secrets = sorted(secrets, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        said = self._discreet(super().format(record))
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(record.created + 8 * HOUR // SECOND))
        if not self._as_json:
            return f"{at} {said}"
        document = {"at": f"{at}+08:00", "level": record.levelname, "logger": record.name, "message": said}
        return json.dumps(document, ensure_ascii=False)

    def _discreet(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "…")
        times = _TIME.findall(text)
        between = iter([*times, ""])
        return "".join(without_numbers(part) + next(between) for part in _TIME.split(text))
