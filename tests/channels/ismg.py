"""The far end of CMPP: a carrier's gateway that follows orders. It shares the codec with the channel, and no more;
that the codec itself is right is for tshark to say."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from callout.channels.cmpp.codec import authenticator, decode, encode, pack
from callout.channels.cmpp.pdus import (
    HEADER,
    ActiveTest,
    ActiveTestResp,
    Connect,
    ConnectResp,
    Deliver,
    DeliverResp,
    Pdu,
    StatusReport,
    Submit,
    SubmitResp,
    Terminate,
    TerminateResp,
    Version,
)
from callout.channels.line import read_frame

Order = int | Literal["hang", "cut"]
"""What becomes of a Submit: a Result, silence, or a connection that breaks before the answer."""


@dataclass
class Gateway:
    """One gateway on loopback."""

    version: Version
    secret: str = "shared"
    order: Callable[[Submit], Order] = lambda _: 0
    answers_tests: bool = True
    logins: list[Connect] = field(default_factory=list)
    submits: list[tuple[int, Submit]] = field(default_factory=list)
    """(Msg_Id that it got, the Submit)."""
    late: dict[int, int] = field(default_factory=dict)
    """Sequence numbers of what was left without answer, by Msg_Id."""
    taken: list[DeliverResp] = field(default_factory=list)
    tests: int = 0
    goodbyes: int = 0
    port: int = 0
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)
    _ids: "count[int]" = field(default_factory=lambda: count(0x5A5B_0000_0001))
    _sequence: "count[int]" = field(default_factory=lambda: count(1000))
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Gateway"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.cut()
            await server.wait_closed()

    async def until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not enough():
                self._news.clear()
                await self._news.wait()

    def cut(self) -> None:
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    def answer_late(self, msg_id: int) -> None:
        self._writers[-1].write(encode(SubmitResp(msg_id), self.version, self.late.pop(msg_id)))

    def report(self, msg_id: int, stat: str) -> None:
        report = StatusReport(msg_id, stat, "2608022200", "2608022201", "999000000000001", 7)
        content = pack(report, self.version)
        self.push(Deliver(next(self._ids), "10690000", "999000000000001", content, registered_delivery=1, msg_fmt=0))

    def push(self, pdu: Pdu) -> None:
        self._writers[-1].write(encode(pdu, self.version, next(self._sequence)))

    def reply(self, text: str, dest: str, src: str = "999000000000001") -> None:
        self.push(Deliver(next(self._ids), dest, src, text.encode("utf-16-be")))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                sequence, pdu = decode(await read_frame(reader, HEADER), self.version)
                self._answer(writer, sequence, pdu)
                self._news.set()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, writer: asyncio.StreamWriter, sequence: int, pdu: Pdu | None) -> None:
        answer: Pdu | None = None
        match pdu:
            case Connect():
                self.logins.append(pdu)
                right = authenticator(pdu.source, self.secret, str(pdu.timestamp).zfill(10)) == pdu.authenticator
                answer = ConnectResp(0 if right else 3, version=self.version)
                self._writers.append(writer)
            case Submit():
                answer = self._submitted(pdu, sequence)
            case ActiveTest():
                self.tests += 1
                answer = ActiveTestResp() if self.answers_tests else None
            case Terminate():
                self.goodbyes += 1
                answer = TerminateResp()
            case DeliverResp():
                self.taken.append(pdu)
        if answer is not None:
            writer.write(encode(answer, self.version, sequence))

    def _submitted(self, pdu: Submit, sequence: int) -> SubmitResp | None:
        order = self.order(pdu)
        self.submits.append((next(self._ids), pdu))
        if order == "cut":
            self.cut()
        self.late[self.submits[-1][0]] = sequence
        return SubmitResp(self.submits[-1][0], order) if isinstance(order, int) else None
