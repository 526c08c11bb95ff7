"""SMPP field stories against smpp34, a message centre over a codec that we did not write."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import smpp34

from callout.channels import smpp
from callout.channels.line import Frame, Report, Text
from callout.domain.attempt import ReceiptKind
from callout.domain.extension import named_by
from callout.ports import Channel, InboundKind, Outcome, Refusal, Runs
from tests.channels.desk import LONG, PHONE, SHORT, Ear, message, setup

Verdict = int | None
"""command_status to reject with; None takes the text."""


@dataclass
class Centre:
    """A message centre that follows orders."""

    port: int
    order: Callable[[smpp34.SubmitSmEvent], Verdict] = lambda _: None
    submits: list[smpp34.SubmitSmEvent] = field(default_factory=list)
    esme: smpp34.Esme | None = None
    bound: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, server: smpp34.Server) -> None:
        while True:
            match await server.next():
                case smpp34.Esme() as esme:
                    self.esme = esme
                    self.bound.set()
                case smpp34.SubmitSmEvent() as event:
                    self.submits.append(event)
                    verdict = self.order(event)
                    event.reject(verdict) if verdict else event.accept(f"m{len(self.submits)}")

    async def say(self, words: bytes, **more: Any) -> smpp34.DeliverSmResp:
        await self.bound.wait()
        assert self.esme is not None
        said: dict[str, Any] = {"source_addr": PHONE[1:], "destination_addr": "10690000", "data_coding": 8}
        return await self.esme.deliver_sm(short_message=words, **said | more)

    async def report(self, ref: str, stat: str) -> None:
        words = f"id:{ref} sub:001 dlvrd:001 submit date:2608022200 done date:2608022201 stat:{stat} err:00A text:"
        await self.say(words.encode(), esm_class=4, data_coding=0)


@asynccontextmanager
async def centre(**more: Any) -> AsyncIterator[Centre]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server, one = smpp34.Server("127.0.0.1", port, system_id="centre"), Centre(port, **more)
    await server.start()
    serving = asyncio.create_task(one.serve(server))
    try:
        async with asyncio.timeout(60):
            yield one
    finally:
        serving.cancel()
        await server.stop()


@asynccontextmanager
async def line(port: int, ear: Ear, **more: Any) -> AsyncIterator[Channel]:
    config = smpp.Config(
        host="127.0.0.1", port=port, src_id="10690000", secret_env="CALLOUT_SMPP", system_id="callout", **more
    )
    channel = smpp.channel(setup(config, ear, {"secret": "secret"}))
    assert isinstance(channel, Runs)
    async with channel.run():
        yield channel


async def test_a_text_goes_out_and_its_receipt_and_a_reply_come_back() -> None:
    ear = Ear()
    async with centre() as smsc, line(smsc.port, ear) as channel:
        end = await channel.submit(message())
        await smsc.report("m1", "DELIVRD")
        await smsc.say("收到".encode("utf-16-be"), destination_addr=smsc.submits[0].source_addr)
        heard = await ear.count(2)
    (submit,), ours = smsc.submits, ["500156.a1"]
    assert (end.outcome, end.ref) == (Outcome.ACCEPTED, "m1")
    assert (submit.destination_addr, submit.data_coding, submit.esm_class) == (PHONE[1:], 8, 0)
    assert submit.short_message.decode("utf-16-be") == SHORT
    assert {(one.kind, one.body, one.attempt or named_by(one.extension, ours), one.e164) for one in heard} == {
        (InboundKind.RECEIPT, ReceiptKind.DELIVERED, "500156.a1", ""),
        (InboundKind.REPLY, "收到", "500156.a1", PHONE),
    }


async def test_a_long_text_is_delivered_when_all_its_parts_are() -> None:
    ear = Ear()
    async with centre() as smsc, line(smsc.port, ear) as channel:
        end = await channel.submit(message(text=LONG))
        for ref in end.ref.split(","):
            assert ear.heard == []
            await smsc.report(ref, "DELIVRD")
        (receipt,) = await ear.count(1)
    assert len(smsc.submits) == 3
    parts = sorted(smsc.submits, key=lambda one: one.short_message[5])  # the centre may take them in any order
    assert "".join(one.short_message[6:].decode("utf-16-be") for one in parts) == LONG
    assert all(one.esm_class == 0x40 for one in smsc.submits)
    assert (receipt.body, receipt.attempt) == (ReceiptKind.DELIVERED, "500156.a1")


@pytest.mark.parametrize(
    ("status", "outcome", "kind"),
    [
        (0x58, Outcome.THROTTLED, None),
        (0x14, Outcome.THROTTLED, None),
        (0x0B, Outcome.REFUSED, Refusal.CONTACT),
        (0x0A, Outcome.REFUSED, Refusal.CONFIG),
        (0x08, Outcome.UNKNOWN, None),
    ],
)
async def test_what_a_centre_says_no_with(status: int, outcome: Outcome, kind: Refusal | None) -> None:
    async with centre(order=lambda _: status) as smsc, line(smsc.port, Ear()) as channel:
        end = await channel.submit(message())
    assert (end.outcome, end.kind) == (outcome, kind)
    assert len(smsc.submits) == 1


@pytest.mark.parametrize("wide", [False, True])
async def test_a_reply_in_two_parts_is_read_whole(wide: bool) -> None:
    ear = Ear()
    async with centre() as smsc, line(smsc.port, ear):
        for number, words in ((2, "但路断了"), (1, "收到，")):
            head = bytes((6, 8, 4, 1, 77, 2, number)) if wide else bytes((5, 0, 3, 77, 2, number))
            await smsc.say(head + words.encode("utf-16-be"), esm_class=0x40)
        (reply,) = await ear.count(1)
    assert reply.body == "收到，但路断了"


async def test_what_nobody_can_decode_still_reaches_a_human() -> None:
    ear = Ear()
    async with centre() as smsc, line(smsc.port, ear):
        assert (await smsc.say(b"\x01\x02", data_coding=0xE4)).is_success
        assert (await smsc.say(b"")).is_success
        heard = await ear.count(2)
    assert [(one.body, one.e164) for one in heard] == [(smpp.UNREADABLE, PHONE)] * 2


async def test_what_cannot_be_kept_is_not_acknowledged() -> None:
    ear = Ear(failing=1)
    async with centre() as smsc, line(smsc.port, ear):
        telling = asyncio.create_task(smsc.say("收到".encode("utf-16-be")))
        await ear.until(lambda _: ear.failing == 0)
        thanked, _ = await asyncio.wait({telling}, timeout=0.2)
        telling.cancel()
    assert not thanked


async def test_no_message_centre_is_no_text() -> None:
    async with line(9, Ear(), connecting_seconds=0.1) as channel:
        end = await channel.submit(message())
    assert (end.outcome, end.kind) == (Outcome.REFUSED, Refusal.DOWN)


def test_a_receipt_may_name_its_text_in_an_option() -> None:
    tlv = smpp34.Tlv(0x001E, b"abc\0")
    words = b"id:999 sub:001 dlvrd:000 submit date:2608022200 done date:2608022201 stat:UNDELIV err:001 text:"
    pdu = smpp34.DeliverSm("1", "2", words, esm_class=4, tlvs=[tlv], sequence_number=7)
    frame = smpp._Smpp(smpp.Config(host="127.0.0.1", src_id="1", secret_env="CALLOUT_S", system_id="c"), "").read(
        pdu.encode()
    )
    assert (frame.sequence, frame.event) == (7, Report("abc", ReceiptKind.UNDELIVERED, "UNDELIV"))


def test_a_carriers_own_status_is_no_riddle() -> None:
    dialect = smpp._Smpp(smpp.Config(host="127.0.0.1", src_id="1", secret_env="CALLOUT_S", system_id="c"), "")
    frame = dialect.read(bytes.fromhex("00000011 80000004 00000431 00000009 00"))
    assert isinstance(frame, Frame)
    assert not isinstance(frame.event, Text)
    assert smpp.refusal(0x431).kind is Refusal.ROUTE
