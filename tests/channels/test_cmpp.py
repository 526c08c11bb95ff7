"""CMPP field stories, against a gateway on loopback: what it takes, what it refuses, and when the line breaks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from callout.channels import cmpp
from callout.channels.cmpp.pdus import Deliver, Version
from callout.domain.attempt import ReceiptKind
from callout.domain.extension import named_by
from callout.ports import Channel, InboundKind, Outcome, Refusal, Runs
from tests.channels.desk import LONG, PHONE, SHORT, Ear, message, setup
from tests.channels.ismg import Gateway

BOTH = pytest.mark.parametrize("version", list(Version))


def account(**more: Any) -> cmpp.Config:
    return cmpp.Config(host="127.0.0.1", sp_id="901234", src_id="10690000", secret_env="CALLOUT_CMPP", **more)


@asynccontextmanager
async def line(gateway: Gateway, ear: Ear, secret: str = "shared", **more: Any) -> AsyncIterator[Channel]:
    """A channel that runs against the gateway."""
    protocol = "2.0" if gateway.version is Version.V20 else "3.0"
    config = account(port=gateway.port, protocol=protocol, longest_pause_seconds=0.02, **more)
    channel = cmpp.channel(setup(config, ear, {"secret": secret}))
    assert isinstance(channel, Runs)
    async with asyncio.timeout(60), channel.run():
        yield channel


@BOTH
async def test_a_text_goes_out_and_its_report_comes_back(version: Version) -> None:
    ear = Ear()
    async with Gateway(version).open() as gateway:
        async with line(gateway, ear) as channel:
            end = await channel.submit(message())
            ((msg_id, submit),) = gateway.submits
            gateway.report(msg_id, "DELIVRD")
            (receipt,) = await ear.count(1)
            await gateway.until(lambda: bool(gateway.taken))
        await gateway.until(lambda: gateway.goodbyes == 1)
    assert (end.outcome, end.ref) == (Outcome.ACCEPTED, str(msg_id))
    assert submit.content.decode("utf-16-be") == SHORT
    assert (submit.dest, submit.tp_udhi, submit.valid_time) == (PHONE.removeprefix("+"), 0, "260803010000032+")
    assert (receipt.kind, receipt.body, receipt.attempt) == (InboundKind.RECEIPT, ReceiptKind.DELIVERED, "500156.a1")


@BOTH
async def test_a_long_text_is_delivered_when_all_its_parts_are(version: Version) -> None:
    ear = Ear()
    async with Gateway(version).open() as gateway, line(gateway, ear) as channel:
        end = await channel.submit(message(text=LONG))
        ids = [msg_id for msg_id, _ in gateway.submits]
        for msg_id in ids[:2]:
            gateway.report(msg_id, "DELIVRD")
        await gateway.until(lambda: len(gateway.taken) == 2)
        assert ear.heard == []
        gateway.report(ids[2], "DELIVRD")
        (receipt,) = await ear.count(1)
    pdus = [pdu for _, pdu in gateway.submits]
    assert len(pdus) == 3
    assert "".join(pdu.content[6:].decode("utf-16-be") for pdu in pdus) == LONG
    assert [(pdu.content[:3], pdu.content[4:6]) for pdu in pdus] == [(b"\5\0\3", bytes((3, n))) for n in (1, 2, 3)]
    assert len({pdu.content[3] for pdu in pdus}) == 1
    assert end.ref == ",".join(map(str, ids))
    assert receipt.body == ReceiptKind.DELIVERED


async def test_a_reply_names_the_text_that_it_answers() -> None:
    ear = Ear()
    async with Gateway(Version.V20).open() as gateway, line(gateway, ear) as channel:
        await channel.submit(message("500156.a1"))
        await channel.submit(message("500156.a2"))
        first, second = (pdu.src_id for _, pdu in gateway.submits)
        gateway.reply("收到", first)
        gateway.reply("1", second)
        gateway.reply("收到", "10690000")
        heard = await ear.count(3)
    assert first != second
    assert first.startswith("10690000")
    ours = ["500156.a1", "500156.a2"]
    assert [(one.kind, one.body, named_by(one.extension, ours), one.e164) for one in heard] == [
        (InboundKind.REPLY, "收到", "500156.a1", PHONE),
        (InboundKind.REPLY, "1", "500156.a2", PHONE),
        (InboundKind.REPLY, "收到", "", PHONE),
    ]


async def test_a_reply_in_two_parts_is_read_whole() -> None:
    ear = Ear()
    async with Gateway(Version.V30).open() as gateway, line(gateway, ear):
        await gateway.until(lambda: bool(gateway.logins))
        for number, words in ((2, "但路断了"), (1, "收到，")):
            content = bytes((5, 0, 3, 77, 2, number)) + words.encode("utf-16-be")
            gateway.push(Deliver(number, "10690000", PHONE[1:], content, tp_udhi=1))
        (reply,) = await ear.count(1)
    assert reply.body == "收到，但路断了"


@pytest.mark.parametrize(
    ("result", "outcome", "kind"),
    [
        (8, Outcome.THROTTLED, None),
        (13, Outcome.REFUSED, Refusal.CONTACT),
        (9, Outcome.REFUSED, Refusal.ROUTE),
        (10, Outcome.REFUSED, Refusal.CONFIG),
        (6, Outcome.REFUSED, Refusal.CONTENT),
        (99, Outcome.REFUSED, Refusal.ROUTE),
    ],
)
async def test_what_a_gateway_says_no_with(result: int, outcome: Outcome, kind: Refusal | None) -> None:
    async with Gateway(Version.V30, order=lambda _: result).open() as gateway, line(gateway, Ear()) as channel:
        end = await channel.submit(message())
    assert (end.outcome, end.kind) == (outcome, kind)
    assert len(gateway.submits) == 1  # never again by itself


async def test_half_a_long_text_taken_is_unknown() -> None:
    gateway = Gateway(Version.V20, order=lambda pdu: 0 if pdu.pk_number == 1 else 8)
    async with gateway.open(), line(gateway, Ear()) as channel:
        assert (await channel.submit(message(text=LONG))).outcome is Outcome.UNKNOWN


async def test_a_line_that_breaks_before_the_answer_is_unknown_and_comes_back() -> None:
    gateway = Gateway(Version.V20, order=lambda _: "cut")
    async with gateway.open(), line(gateway, Ear()) as channel:
        assert (await channel.submit(message())).outcome is Outcome.UNKNOWN
        gateway.order = lambda _: 0
        assert (await channel.submit(message("500156.a2"))).outcome is Outcome.ACCEPTED
    assert [len(gateway.submits), len(gateway.logins)] == [2, 2]


async def test_an_answer_that_comes_too_late_still_proves_the_text() -> None:
    ear, gateway = Ear(), Gateway(Version.V20, order=lambda _: "hang")
    async with gateway.open(), line(gateway, ear) as channel:
        sending = asyncio.create_task(channel.submit(message()))
        while not gateway.submits:
            await asyncio.sleep(0.01)
        sending.cancel()
        await asyncio.wait([sending])
        msg_id = gateway.submits[0][0]
        gateway.answer_late(msg_id)
        gateway.report(msg_id, "UNDELIV")
        (receipt,) = await ear.until(lambda heard: any(one.attempt for one in heard))
    assert (receipt.attempt, receipt.body) == ("500156.a1", ReceiptKind.UNDELIVERED)


async def test_a_report_before_the_answer_finds_its_attempt() -> None:
    ear, gateway = Ear(), Gateway(Version.V20, order=lambda _: "hang")
    async with gateway.open(), line(gateway, ear) as channel:
        under_way = asyncio.create_task(channel.submit(message()))
        await gateway.until(lambda: bool(gateway.submits))
        msg_id = gateway.submits[0][0]
        gateway.report(msg_id, "MK:0001")
        await ear.count(1)
        gateway.answer_late(msg_id)
        end = await under_way
        heard = await ear.count(2)
    assert end.ref == str(msg_id)
    assert [(one.ref, one.attempt, one.body) for one in heard] == [
        (str(msg_id), "", ReceiptKind.DEAD),
        ("", "500156.a1", ReceiptKind.DEAD),
    ]


async def test_what_cannot_be_kept_is_not_acknowledged() -> None:
    ear = Ear(failing=1)
    async with Gateway(Version.V20).open() as gateway, line(gateway, ear):
        await gateway.until(lambda: bool(gateway.logins))
        gateway.reply("收到", "10690000")
        gateway.reply("收到", "10690000")
        await ear.count(1)
        await gateway.until(lambda: bool(gateway.taken))
    assert len(gateway.taken) == 1


async def test_a_wrong_password_is_our_configuration() -> None:
    gateway = Gateway(Version.V30)
    async with gateway.open(), line(gateway, Ear(), secret="wrong") as channel:
        await gateway.until(lambda: len(gateway.logins) > 1)
        end = await channel.submit(message())
    assert (end.outcome, end.kind) == (Outcome.REFUSED, Refusal.CONFIG)
    assert gateway.submits == []


async def test_a_silent_line_is_tested_and_given_up() -> None:
    gateway = Gateway(Version.V20, answers_tests=False)
    async with gateway.open(), line(gateway, Ear(), idle_seconds=0.02):
        await gateway.until(lambda: len(gateway.logins) > 1)
    assert gateway.tests >= 3


async def test_the_window_holds_back_what_is_too_much() -> None:
    gateway = Gateway(Version.V20, order=lambda _: "hang")
    async with gateway.open(), line(gateway, Ear(), window=2) as channel:
        waiting = [asyncio.create_task(channel.submit(message(f"500156.a{n}"))) for n in range(4)]
        await gateway.until(lambda: len(gateway.submits) == 2)
        gateway.answer_late(gateway.submits[0][0])
        await gateway.until(lambda: len(gateway.submits) == 3)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert len(gateway.submits) == 3  # whoever gave up while waiting has sent nothing


async def test_without_a_line_nothing_was_sent() -> None:
    config = account(connecting_seconds=0.0)
    channel = cmpp.channel(setup(config, Ear(), {"secret": "shared"}))
    end = await channel.submit(message())
    assert (end.outcome, end.kind) == (Outcome.REFUSED, Refusal.DOWN)
