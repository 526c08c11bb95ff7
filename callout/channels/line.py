"""One logged-in connection to a carrier's gateway: a window of texts under way, and a line that is kept alive.

CMPP and SMPP differ in their bytes, not in their manners. A `Dialect` knows the bytes.
"""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from callout.channels.parts import Place
from callout.domain.attempt import ReceiptKind
from callout.ports import Message, Submission
from callout.ports.ending import ended

LONGEST = 4096
"""Bytes; no message of these protocols to one number comes near it."""
MISSED = 3
"""Tests of a silent line without answer after which it is dead."""


class Broken(ValueError):
    """Bytes that are no message of the protocol."""


class NotSent(ConnectionError):
    """There is no connection, and no byte has left."""


class Rejected(ConnectionError):
    """The gateway does not let us in."""

    def __init__(self, status: int) -> None:
        super().__init__(f"login status {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Welcome:
    """The answer to a login; 0 lets us in."""

    status: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gateway made of one submit."""

    ref: str
    refusal: Submission | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a submit; no kind where the report says nothing that is final."""

    ref: str
    kind: ReceiptKind | None
    stat: str


@dataclass(frozen=True, slots=True)
class Text:
    """What a phone said, or a part of it."""

    event: str
    src: str
    dest: str
    text: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The gateway ends the session."""


Event = Welcome | Answer | Report | Text | Goodbye | None


@dataclass(frozen=True, slots=True)
class Frame:
    """One message from the gateway, and the bytes that acknowledge it (empty: none are due)."""

    sequence: int
    event: Event
    thanks: bytes = b""


Part = Callable[[int], bytes]
"""One submit; only its sequence number is missing."""


class Dialect(Protocol):
    """The bytes of a protocol. Every message begins with its own length in four bytes."""

    @property
    def header(self) -> int:
        """Bytes of the shortest message."""

    def login(self, sequence: int) -> bytes:
        """Who we are."""

    def parts(self, message: Message, sender: str, reference: int) -> Sequence[Part]:
        """The submits that carry a message."""

    def ping(self, sequence: int) -> bytes:
        """A test of the line."""

    def goodbye(self, sequence: int) -> bytes:
        """The end of the session."""

    def read(self, frame: bytes) -> Frame:
        """Understand a message. Raises Broken where the session cannot go on."""


Delivered = Callable[[Report | Text], Awaitable[bool]]
"""Keeps what the gateway said; True once it is durable."""


async def read_frame(reader: StreamReader, header: int) -> bytes:
    """One whole message. Raises Broken or IncompleteReadError."""
    length = await reader.readexactly(4)
    size = int.from_bytes(length, "big")
    if not header <= size <= LONGEST:
        raise Broken(f"length {size}")
    return length + await reader.readexactly(size - 4)


class Line:
    """A connection from login to the end. Submits beyond the window wait; none is ever repeated."""

    def __init__(self, streams: tuple[StreamReader, StreamWriter], dialect: Dialect, window: int) -> None:
        self._reader, self._writer = streams
        self._dialect = dialect
        self._window = asyncio.Semaphore(window)
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._hearing: set[asyncio.Task[None]] = set()
        self._sequence = count(1)
        self._unanswered = 0
        self._heard = asyncio.Event()
        self._closed = False

    async def login(self) -> None:
        """Say who we are. Raises Rejected with the gateway's status."""
        self._writer.write(self._dialect.login(next(self._sequence)))
        event = self._dialect.read(await read_frame(self._reader, self._dialect.header)).event
        if not isinstance(event, Welcome):
            raise Broken("no answer to the login")
        if event.status:
            raise Rejected(event.status)

    async def submit(self, part: Part) -> "asyncio.Future[Answer]":
        """Hand one part over as soon as the window has room; its answer comes with the future.

        Raises NotSent where no byte has left. The future fails with ConnectionError where the line broke before the
        answer; giving up on it takes nothing back, and a late answer still arrives there.
        """
        await self._window.acquire()
        if self._closed:
            self._window.release()
            raise NotSent("no connection")
        sequence = next(self._sequence)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(lambda _: self._window.release())
        self._waiting[sequence] = answer
        self._writer.write(part(sequence))
        return answer

    async def run(self, delivered: Delivered, idle: float) -> None:
        """Listen until the line ends, which raises ConnectionError or Broken; log out when cancelled."""
        keeper = asyncio.create_task(self._keep_alive(idle))
        reading = asyncio.create_task(self._read(delivered))
        try:
            done, _ = await asyncio.wait({keeper, reading}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except asyncio.CancelledError:
            self._writer.write(self._dialect.goodbye(next(self._sequence)))
            raise
        finally:
            await ended((keeper, reading))

    async def close(self) -> None:
        """Give the connection back; what is still under way ends in doubt."""
        self._closed = True
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(ConnectionResetError("the line broke before the answer"))
                answer.exception()  # whoever gave up on it is not there to hear
        self._waiting.clear()
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def _keep_alive(self, idle: float) -> None:
        while self._unanswered < MISSED:
            self._heard.clear()
            try:
                async with asyncio.timeout(idle):
                    await self._heard.wait()
            except TimeoutError:
                self._unanswered += 1
                self._writer.write(self._dialect.ping(next(self._sequence)))
                await self._writer.drain()
        raise ConnectionResetError("nobody answers any more")

    async def _read(self, delivered: Delivered) -> None:
        while True:
            try:
                raw = await read_frame(self._reader, self._dialect.header)
            except asyncio.IncompleteReadError:
                raise ConnectionResetError("the gateway hung up") from None
            self._unanswered = 0
            self._heard.set()
            self._take(self._dialect.read(raw), delivered)

    def _take(self, frame: Frame, delivered: Delivered) -> None:
        match frame.event:
            case Answer() as answer:
                waiting = self._waiting.pop(frame.sequence, None)
                if waiting and not waiting.done():
                    waiting.set_result(answer)
            case Report() | Text() as said:
                task = asyncio.create_task(self._hear(said, frame.thanks, delivered))
                self._hearing.add(task)
                task.add_done_callback(self._hearing.discard)
                return
            case Goodbye():
                self._writer.write(frame.thanks)
                raise ConnectionResetError("the gateway logged us out")
            case _:
                pass
        self._writer.write(frame.thanks)

    async def _hear(self, said: Report | Text, thanks: bytes, delivered: Delivered) -> None:
        """The gateway is thanked only once what it said is kept; otherwise it says it again."""
        if await delivered(said) and not self._closed:
            self._writer.write(thanks)


async def dial(host: str, port: int, within: float) -> tuple[StreamReader, StreamWriter]:
    """An open TCP connection. Raises OSError or TimeoutError."""
    async with asyncio.timeout(within):
        return await asyncio.open_connection(host, port)
