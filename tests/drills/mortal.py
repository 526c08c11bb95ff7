"""A `callout` command as a real process that dies, or is halted, at a chosen side of a commit of its own.

python -m tests.drills.mortal FATE ARGUMENTS…  FATE: 9:17 dies at boundary 17, 19:17 is halted there, 0:0 lives
python -m tests.drills.mortal --serve          one forked command for each line of JSON: [folder, URL, FATE, ARGUMENTS…]
"""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from callout.__main__ import run

ROOT = Path(__file__).parents[2]
LIVES = "0:0"
_WRITING = "writing"
_PASSED = "boundaries.json"
_WRITES = re.compile(r"\s*(INSERT INTO|DELETE FROM|UPDATE) (\w+)")


def fate(at: int | str, ending: signal.Signals = signal.SIGKILL) -> str:
    """To be given to the process: what comes to it at which boundary, counted from 1, or at the first of that name."""
    return f"{int(ending)}:{at}"


def boundaries(folder: Path) -> list[str]:
    """Those that the last command in this folder passed; the first has number 1."""
    return list(json.loads((folder / _PASSED).read_text(encoding="utf-8")))


@dataclass(slots=True)
class Fate:
    """Both sides of every COMMIT that writes are boundaries, named by what the transaction deleted or wrote first."""

    ending: int
    at: str
    passed: list[str] = field(default_factory=list)
    written: str = ""

    def watch(self) -> None:
        """From here on, whatever database is opened."""
        event.listen(Engine, "engine_connect", self.opened)

    def opened(self, connection: Connection) -> None:
        """Of an engine; its transactions may end in the driver's own words, of which only the engine tells."""
        for name, hear in (("before_cursor_execute", self.execute), ("commit", self.commit)):
            if not event.contains(connection.engine, name, hear):
                event.listen(connection.engine, name, hear)

    def execute(self, connection: Connection, _cursor: object, statement: str, *_: Any) -> None:
        """A statement is about to be executed."""
        self.over()
        if found := _WRITES.match(statement):
            verb, table, before = found[1].split()[0], found[2], connection.info.get(_WRITING, "")
            if not before or (verb == "DELETE" and not before.startswith("DELETE")):
                connection.info[_WRITING] = f"{verb} {table}"

    def commit(self, connection: Connection) -> None:
        """A transaction is about to be committed."""
        self.over()
        if writing := connection.info.pop(_WRITING, ""):
            self.pass_by(f"{writing}: before commit")
            self.written = writing

    def over(self) -> None:
        """What was about to be committed has been, and the process has asked nothing since."""
        if self.written:
            written, self.written = self.written, ""
            self.pass_by(f"{written}: after commit")

    def pass_by(self, boundary: str) -> None:
        """The end of the process, if this is the one."""
        self.passed.append(boundary)
        if self.at in (str(len(self.passed)), boundary):
            os.kill(os.getpid(), self.ending)


def command(given: str, arguments: Sequence[str]) -> int:
    """Run a command under this fate; what it passed is left in its folder."""
    ending, _, at = given.partition(":")
    mine = Fate(int(ending), at)
    mine.watch()
    code = run(arguments)
    mine.over()
    Path(_PASSED).write_text(json.dumps(mine.passed), encoding="utf-8")
    return code


def serve() -> None:
    """A fresh process for each line on standard input, which spares the imports; prints how it ended."""
    for each in ("archive", "cut"):
        import_module(f"callout.cli.{each}")
    for line in sys.stdin:
        folder, url, given, *arguments = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os.chdir(folder)
            os.environ["CALLOUT_DATABASE_URL"] = url
            log = os.open("said", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
            os.dup2(log, 1)
            os.dup2(log, 2)
            code = command(given, arguments)
            sys.stdout.flush()
            os._exit(code)
        print(pid, flush=True)  # noqa: T201 - these two are what the caller reads
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)  # noqa: T201


class Mortals:
    """Runs commands, each in a fresh fork of a process that has only imported the code."""

    def __init__(self) -> None:
        line = [sys.executable, "-m", "tests.drills.mortal", "--serve"]
        self._server = subprocess.Popen(line, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def begin(self, folder: Path, url: str, given: str, *arguments: str) -> int:
        """Returns the process's id. What it says is added to `said` in the folder."""
        assert self._server.stdin
        self._server.stdin.write(json.dumps([str(folder), url, given, *arguments]) + "\n")
        self._server.stdin.flush()
        return self.number()

    def number(self) -> int:
        """The id of the process that was begun; then its exit status, once it has ended."""
        assert self._server.stdout
        return int(self._server.stdout.readline())

    def run(self, folder: Path, url: str, given: str, *arguments: str) -> int:
        """The exit status of a command."""
        self.begin(folder, url, given, *arguments)
        return self.number()

    def stop(self) -> None:
        """Let go of the process."""
        self._server.communicate()


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        serve()
    else:
        sys.exit(command(sys.argv[1], sys.argv[2:]))
