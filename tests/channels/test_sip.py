"""Calls over SIP and RTP on loopback; SIPp, which others wrote, picks up, presses keys, and hangs up."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from socket import SOCK_DGRAM
from typing import Any

import pytest

from callout.channels import sip
from callout.domain.attempt import ReceiptKind
from callout.domain.ladder import ChannelKind
from callout.ports import Channel, Inbound, InboundKind, Outcome, Refusal, Runs
from tests.channels.desk import NOW, PHONE, Ear, message, setup
from tests.channels.peers import free_port, program, running

DIGITS = Path("/usr/share/sip-tester")
_ANSWER = """
<send><![CDATA[
SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:];tag=[pid]SIPpTag01[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port];transport=[transport]>
Content-Type: application/sdp
Content-Length: [len]

{body}]]></send>
"""
_SDP = """v=0
o=user1 53655765 2353687637 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
"""
_OK = _ANSWER.format(status="200 OK", body="")


def pressed(key: str) -> str:
    play = f'<exec play_pcap_audio="{DIGITS}/dtmf_2833_{key}.pcap"/>'
    return f'<nop><action>{play}</action></nop><pause milliseconds="600"/>'


def picks_up(*then: str) -> str:
    """A phone that rings, is picked up, does things, and waits for us to hang up."""
    talk = "".join(then)
    answer = _ANSWER.format(status="200 OK", body=_SDP)
    ringing = _ANSWER.format(status="180 Ringing", body="")
    return f'<recv request="INVITE"/>{ringing}{answer}<recv request="ACK"/>{talk}<recv request="BYE"/>{_OK}'


def refuses(status: str) -> str:
    return f'<recv request="INVITE"/>{_ANSWER.format(status=status, body="")}<recv request="ACK"/>'


_INVITED = """<recv request="INVITE"><action>
<ereg regexp=".*" search_in="hdr" header="From:" assign_to="from"/>
<ereg regexp=".*" search_in="hdr" header="To:" assign_to="to"/>
</action></recv>"""
HANGS_UP = """<pause milliseconds="300"/><send><![CDATA[
BYE sip:callout@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From:[$to];tag=[pid]SIPpTag01[call_number]
To:[$from]
[last_Call-ID:]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send><recv response="200"/>"""


@contextmanager
def phone(scenario: str, folder: Path) -> Iterator[int]:
    """SIPp as the trunk and the one phone behind it; yields its port."""
    sipp, port = program("sipp", "sip-tester"), free_port(SOCK_DGRAM)
    if os.geteuid() != 0:
        pytest.skip("SIPp sends recorded key presses over a raw socket: root is needed")
    file = folder / "phone.xml"
    file.write_text(f'<?xml version="1.0" encoding="ISO-8859-1"?>\n<scenario name="phone">{scenario}</scenario>')
    command = [sipp, "-sf", str(file), "-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", str(port), "-m", "1"]
    with running([*command, "-nostdin", "-timeout", "30s"], folder / "sipp.log", port, TERM="dumb"):
        yield port


@asynccontextmanager
async def trunk(port: int, ear: Ear, **more: Any) -> AsyncIterator[Channel]:
    settings = {"answer_seconds": 0.6, "ring_seconds": 5.0, "times": 1} | more
    program("espeak-ng", "espeak-ng")
    config = sip.Config(trunk=f"127.0.0.1:{port}", user="10690000", local_address="127.0.0.1", **settings)
    channel = sip.channel(setup(config, ear))
    assert isinstance(channel, Runs)
    async with asyncio.timeout(60), channel.run():
        yield channel


def call(**more: Any) -> Any:
    return message(channel=ChannelKind.VOICE, text="暴雨，收到按1。", **more)


def _said(heard: list[Inbound]) -> list[tuple[InboundKind, str]]:
    assert {one.attempt for one in heard} == {"500156.a1"}
    return [(one.kind, one.body) for one in heard]


async def test_a_key_is_the_answer_and_ends_the_call(tmp_path: Path) -> None:
    ear = Ear()
    with phone(picks_up('<pause milliseconds="300"/>', pressed("1")), tmp_path) as port:
        async with trunk(port, ear) as channel:
            end = await channel.submit(call())
            heard = await ear.count(2)
    assert end.outcome is Outcome.ACCEPTED
    assert _said(heard) == [(InboundKind.KEY, "1"), (InboundKind.RECEIPT, ReceiptKind.HEARD_PART)]


async def test_a_wrong_key_is_asked_again_and_is_no_answer(tmp_path: Path) -> None:
    ear = Ear()
    with phone(picks_up(pressed("9"), pressed("2")), tmp_path) as port:
        async with trunk(port, ear) as channel:
            await channel.submit(call())
            heard = await ear.count(2)
    assert _said(heard)[0] == (InboundKind.KEY, "2")


async def test_whoever_listens_and_presses_nothing_has_heard_and_not_answered(tmp_path: Path) -> None:
    ear = Ear()
    with phone(picks_up(), tmp_path) as port:
        async with trunk(port, ear) as channel:
            await channel.submit(call())
            heard = await ear.count(1)
    assert _said(heard) == [(InboundKind.RECEIPT, ReceiptKind.HEARD_WHOLE)]
    assert (heard[0].facts.picked_up_at, heard[0].facts.heard_s) == (NOW, 0), "by the clock of the test, which stands"


async def test_whoever_hangs_up_early_has_heard_a_part(tmp_path: Path) -> None:
    ear = Ear()
    scenario = picks_up().replace('<recv request="INVITE"/>', _INVITED).replace(f'<recv request="BYE"/>{_OK}', HANGS_UP)
    with phone(scenario, tmp_path) as port:
        async with trunk(port, ear) as channel:
            await channel.submit(call())
            heard = await ear.count(1)
    assert _said(heard) == [(InboundKind.RECEIPT, ReceiptKind.HEARD_PART)]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("486 Busy Here", ReceiptKind.BUSY),
        ("603 Decline", ReceiptKind.REJECTED),
        ("404 Not Found", ReceiptKind.DEAD),
        ("503 Service Unavailable", ReceiptKind.FAILED),
    ],
)
async def test_a_call_that_nobody_takes_says_why(status: str, kind: ReceiptKind, tmp_path: Path) -> None:
    ear = Ear()
    with phone(refuses(status), tmp_path) as port:
        async with trunk(port, ear) as channel:
            await channel.submit(call())
            heard = await ear.count(1)
    assert _said(heard) == [(InboundKind.RECEIPT, kind)]


async def test_a_call_that_is_no_longer_needed_is_hung_up(tmp_path: Path) -> None:
    ear = Ear()
    with phone(picks_up(), tmp_path) as port:
        async with trunk(port, ear, answer_seconds=30.0, times=9) as channel:
            end = await channel.submit(call())
            await channel.hang_up("500156.a1", end.ref)
            heard = await ear.count(1)
    assert len(heard) == 1


async def test_too_many_calls_at_once_wait() -> None:
    async with trunk(9, Ear(), most_calls=0) as channel:
        assert (await channel.submit(call())).outcome is Outcome.THROTTLED


async def test_before_it_runs_no_call_is_placed() -> None:
    program("espeak-ng", "espeak-ng")
    channel = sip.channel(setup(sip.Config(trunk="127.0.0.1", user="1"), Ear()))
    end = await channel.submit(call())
    assert (end.outcome, end.kind) == (Outcome.REFUSED, Refusal.DOWN)
    assert channel.abilities(PHONE).hangs_up
