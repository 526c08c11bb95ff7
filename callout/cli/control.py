"""How a writing command reaches the database: through the running engine where there is one, else by itself.

The engine listens on a Unix socket that only its own account may open. One request per connection, one JSON line:
{"verb", "args"} is answered by {"ok": true, "result"} or {"ok": false, "error"}.
"""

import asyncio
import json
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from callout.app import App, RandomIds, SystemClock, World, build, channels_plan
from callout.cli.db import open_database
from callout.domain.errors import CalloutError
from callout.ports import Provider
from callout.scheduler import log_fault
from callout.settings import Settings
from callout.store.database import DatabaseBusy, SoleWriter, sqlite_path
from callout.store.ear import Ear

Officer = Annotated[str, typer.Option("--officer", help="值班人员姓名，写入记录", metavar="姓名")]

Args = Mapping[str, Any]
Result = dict[str, Any]

_LONGEST_PATH = 107
"""Bytes of a Unix socket's path."""
_BUSY_FOR = 10.0
"""Seconds that a command waits for another one to finish."""
_ANSWER_WITHIN = 60.0
_ASK_WITHIN = 10.0
_CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Verb:
    """Something that a command asks the engine to do; `run` takes nothing in `args` for granted."""

    name: str
    run: Callable[[App, Args], Result]


@dataclass(frozen=True, slots=True)
class Route:
    """The way to the database."""

    ask: Callable[[Verb, Args], Result]
    engine: bool
    """Whether the running engine answers; otherwise nobody is called until one is started."""


def word(args: Args, name: str, most: int = 200) -> str:
    """A text argument; raises CalloutError for anything else."""
    value = args.get(name, "")
    if not isinstance(value, str) or len(value) > most:
        raise CalloutError(f"参数 {name} 应是不超过 {most} 字的文字")
    return value


def whole(args: Args, name: str, most: int = 2**53) -> int:
    """A number that is not negative; raises CalloutError for anything else."""
    value = args.get(name)
    if type(value) is not int or not 0 <= value <= most:
        raise CalloutError(f"参数 {name} 应是 0 到 {most} 的整数")
    return value


def open_app(settings: Settings, providers: Sequence[Provider], ear: Ear | None = None) -> App:
    """An engine without a beat; its county's rules are loaded where it is new. SQLite: the caller holds the lock.

    Raises CalloutError where real phones are meant and none are named: a warning would be taken for one of a demo.
    """
    if settings.live and settings.channels is None:
        raise CalloutError(
            "CALLOUT_LIVE=1 要用真实通道，请用 CALLOUT_CHANNELS 指明通道文件；只想试用，请去掉 CALLOUT_LIVE"
        )
    run = channels_plan(settings).run(live=settings.live)
    world = World(SystemClock(), RandomIds(), providers, run, ear or Ear())
    app = build(settings, world, open_database(settings))
    try:
        if settings.county not in {row.county for row in app.store.read(lambda work: work.rosters.counties())}:
            app.use_rules()
    except BaseException:
        app.close()
        raise
    return app


@contextmanager
def route(settings: Settings, busy_for: float = _BUSY_FOR) -> Iterator[Route]:
    """Through the running engine where it holds the database, else directly (PostgreSQL: always directly).

    Raises DatabaseBusy where another command holds it for more than `busy_for` seconds.
    """
    file = sqlite_path(settings.database_url)
    lock = _lock(file, busy_for) if file else None
    if file and lock is None:
        yield Route(lambda verb, args: _ask(file, settings, verb, args), engine=True)
        return
    try:
        app = open_app(settings, ())
        try:
            yield Route(lambda verb, args: verb.run(app, args), engine=False)
            if file:
                app.seal()
        finally:
            app.close()
    finally:
        if lock:
            lock.release()


def _lock(file: Path, busy_for: float) -> SoleWriter | None:
    """The lock, or None where an engine that answers holds it. Waits while another command holds it."""
    until = time.monotonic() + busy_for
    while True:
        try:
            return SoleWriter(file)
        except DatabaseBusy:
            if listens(file):
                return None
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def _connect(file: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(_ANSWER_WITHIN)
        connection.connect(os.fspath(_where(file)))
    except BaseException:
        connection.close()
        raise
    return connection


def listens(file: Path) -> bool:
    """Whether an engine listens beside the database; True also where this account may not ask."""
    try:
        _connect(file).close()
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def _ask(file: Path, settings: Settings, verb: Verb, args: Args) -> Result:
    line = json.dumps({"verb": verb.name, "args": args}).encode() + b"\n"
    if len(line) > longest(settings):
        raise CalloutError("内容太大，引擎不会接收")
    try:
        with _connect(file) as connection, connection.makefile("rb") as answers:
            connection.sendall(line)
            reply = json.loads(answers.readline())
    except (OSError, ValueError):
        raise CalloutError("没有等到引擎的答复，操作可能已经完成；请先用 callout status 查看") from None
    if not reply["ok"]:
        raise CalloutError(reply["error"])
    return dict(reply["result"])


def longest(settings: Settings) -> int:
    """Bytes of the longest request: one document in base64, and its name."""
    return 2 * settings.max_document_bytes + 65_536


def _beside(file: Path) -> Path:
    return file.with_name(file.name + ".socket")


def _where(file: Path) -> Path:
    """The socket: beside the database, or where the file beside it says when that path would be too long."""
    beside = _beside(file)
    if _fits(beside):
        return beside
    return Path(beside.with_name(beside.name + "-path").read_text(encoding="utf-8"))


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= _LONGEST_PATH


@dataclass(slots=True)
class Control:
    """The engine's side of the socket. Whatever comes in, the engine goes on."""

    app: App
    verbs: Sequence[Verb]
    _server: asyncio.Server | None = None
    _made: list[Path] = field(default_factory=list)
    _open: int = 0

    async def start(self, file: Path) -> None:
        """Listen; the caller holds the database's lock, so a socket that is there is a dead one."""
        path = _beside(file)
        if not _fits(path):
            note = path.with_name(path.name + "-path")
            path = Path(tempfile.mkdtemp(prefix="callout-")) / "socket"
            note.write_text(os.fspath(path), encoding="utf-8")
            self._made += [note, path.parent]
        self._made.insert(0, path)
        self._server = await asyncio.start_unix_server(
            self._one, sock=_listening(path), limit=longest(self.app.settings)
        )

    async def stop(self) -> None:
        """Listen no more, and leave nothing behind."""
        if self._server:
            self._server.close()
        for path in self._made:
            with suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            async with asyncio.timeout(_ASK_WITHIN):
                reply = await self._reply(reader)
                writer.write(json.dumps(reply).encode() + b"\n")
                await writer.drain()
        except (OSError, TimeoutError):
            pass  # whoever asked has gone, or never said anything
        finally:
            self._open -= 1
            writer.close()

    async def _reply(self, reader: asyncio.StreamReader) -> Result:
        if self._open > _CONNECTIONS:
            return _no("同时操作的人太多，请稍后再试")
        try:
            line = await reader.readline()
        except ValueError:
            return _no("请求太长")
        return self.answer(line) if line else _no("没有请求")

    def answer(self, line: bytes) -> Result:
        """What one request line is answered with. Never raises."""
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            return _no("请求不是有效的 JSON")
        try:
            return {"ok": True, "result": self._run(request)}
        except CalloutError as error:
            return _no(str(error))
        except Exception as error:
            log_fault("control", error)
            return _no(f"引擎内部出错（{type(error).__name__}），操作没有完成；请查看 serve 的日志")

    def _run(self, request: object) -> Result:
        if not isinstance(request, dict) or not isinstance(request.get("args"), dict):
            raise CalloutError("请求应写明 verb 和 args")
        verb = next((verb for verb in self.verbs if verb.name == request.get("verb")), None)
        if verb is None:
            raise CalloutError("引擎不认识这个操作；引擎和命令的版本可能不同")
        return verb.run(self.app, request["args"])


def _no(why: str) -> Result:
    return {"ok": False, "error": why}


def _listening(path: Path) -> socket.socket:
    """A socket at `path` that only this account may open, from the first moment on."""
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        listening.bind(os.fspath(path))
    except BaseException:
        listening.close()
        raise
    finally:
        os.umask(before)
    return listening
