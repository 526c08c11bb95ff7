"""A modem that is gammu's dummy driver, behind the real gammu-smsd."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from callout.channels import gammu
from callout.domain.attempt import ReceiptKind
from callout.domain.errors import CalloutError
from callout.domain.instant import Instant
from callout.ports import Channel, InboundKind, Outcome, Runs, Setup
from tests.channels.desk import LONG, NOW, PHONE, Ear, message
from tests.channels.peers import program, running


def _smsdrc(home: Path, model: str = "dummy") -> Path:
    for name in ("inbox", "outbox", "sent", "error", "phone/sms/1"):
        (home / name).mkdir(parents=True, exist_ok=True)
    file = home / "smsdrc"
    file.write_text(f"""[gammu]
model = {model}
connection = none
port = {home}/phone
gammuloc = /dev/null
[smsd]
service = files
logfile = {home}/smsd.log
inboxpath = {home}/inbox/
outboxpath = {home}/outbox/
sentsmspath = {home}/sent/
errorsmspath = {home}/error/
inboxformat = unicode
transmitformat = unicode
commtimeout = 1
sendtimeout = 5
loopsleep = 1
receivefrequency = 1
""")
    return file


@contextmanager
def daemon(home: Path) -> Iterator[None]:
    smsd = program("gammu-smsd", "gammu-smsd")
    with running([smsd, "-c", str(home / "smsdrc")], home / "daemon.log"):
        yield


@asynccontextmanager
async def modem(home: Path, ear: Ear, now: list[Instant] | None = None) -> AsyncIterator[Channel]:
    program("gammu-smsd-inject", "gammu-smsd")
    times = now or [NOW]
    config = gammu.Config(smsdrc=_smsdrc(home), dummy=True, look_seconds=0.05)
    channel = gammu.channel(Setup("modem", config, {}, lambda: times[-1], ear.hear))
    assert isinstance(channel, Runs)
    async with asyncio.timeout(60), channel.run():
        yield channel


def arrives(home: Path, *parts: str) -> None:
    """A text comes in on the dummy phone, in one part or several."""
    for at, text in reversed(list(enumerate(parts, 1))):
        udh = f"UDH = 0500034D{len(parts):02X}{at:02X}\n" if len(parts) > 1 else ""
        (home / "phone/sms/1" / str(at)).write_text(
            f'[SMSBackup000]\nPDU = Deliver\nSMSC = "+999000000000000"\nState = UnRead\nNumber = "{PHONE}"\n'
            f'Name = ""\n{udh}Coding = Unicode_No_Compression\nFolder = 1\nLength = {len(text)}\nClass = -1\n'
            "ReplySMSC = False\nRejectDuplicates = False\nReplaceMessage = 0\nMessageReference = 0\n"
            f"DateTime = 20260802T220000Z\nText00 = {text.encode('utf-16-be').hex().upper()}\n"
        )


def _words(section: str) -> str:
    """The words of one part; the daemon writes down a part again each time that it notes something about it."""
    lines = [line.partition(" = ")[2] for line in section.splitlines() if line.startswith("Text")]
    return bytes.fromhex("".join(lines)).decode("utf-16-be")


async def test_a_text_goes_out_and_replies_come_in(tmp_path: Path) -> None:
    ear = Ear()
    async with modem(tmp_path, ear) as channel:
        arrives(tmp_path, "收到，", "但路断了")
        with daemon(tmp_path):
            end = await channel.submit(message(text=LONG))
            heard = await ear.count(2)
    assert end.outcome is Outcome.ACCEPTED
    assert {(one.kind, one.body, one.attempt, one.e164) for one in heard} == {
        (InboundKind.RECEIPT, ReceiptKind.SENT, "500156.a1", ""),
        (InboundKind.REPLY, "收到，但路断了", "", PHONE),
    }
    sent = (tmp_path / "sent" / end.ref).read_text(encoding="utf-8", errors="replace")
    parts = {section[:3]: _words(section) for section in sent.split("[SMSBackup")[1:]}
    assert "".join(parts[number] for number in sorted(parts)) == LONG
    assert (tmp_path / "smsd.log").read_text().count("Transmitted") == 3
    assert list((tmp_path / "inbox").iterdir()) == []  # read, kept, and put away


async def test_without_a_daemon_a_text_is_taken_back_in_time(tmp_path: Path) -> None:
    ear, now = Ear(), [NOW]
    async with modem(tmp_path, ear, now) as channel:
        end = await channel.submit(message())
        assert (tmp_path / "outbox" / end.ref).exists()
        now.append(Instant(NOW + 301_000))
        (receipt,) = await ear.count(1)
    assert (receipt.body, receipt.attempt) == (ReceiptKind.EXPIRED, "500156.a1")
    assert list((tmp_path / "outbox").iterdir()) == []


async def test_what_cannot_be_kept_stays_in_the_inbox(tmp_path: Path) -> None:
    ear = Ear(failing=1)
    async with modem(tmp_path, ear):
        (tmp_path / "inbox/IN20260802_220000_00_+999000000000001_00.txt").write_bytes("1".encode("utf-16"))
        (reply,) = await ear.count(1)
    assert (reply.body, ear.failing) == ("1", 0)


async def test_a_part_that_is_missing_makes_a_text_that_is_no_answer(tmp_path: Path) -> None:
    ear = Ear()
    async with modem(tmp_path, ear):
        (tmp_path / "inbox/IN20260802_220000_00_+999000000000001_01.txt").write_bytes("收到".encode("utf-16"))
        (reply,) = await ear.count(1)
    assert reply.body == "收到〔长短信不完整〕"


def test_a_configuration_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    program("gammu-smsd-inject", "gammu-smsd")

    def build(**more: Any) -> Channel:
        return gammu.channel(
            Setup("modem", gammu.Config(smsdrc=tmp_path / "smsdrc", **more), {}, lambda: NOW, Ear().hear)
        )

    with pytest.raises(CalloutError, match="smsdrc"):
        build()
    _smsdrc(tmp_path, "at")
    assert gammu.Config(smsdrc=tmp_path / "smsdrc").real
    with pytest.raises(CalloutError, match="dummy"):
        build(dummy=True)
    (tmp_path / "smsdrc").write_text((tmp_path / "smsdrc").read_text().replace("unicode", "detail"))
    with pytest.raises(CalloutError, match="inboxformat"):
        build()
    with pytest.raises(CalloutError, match="没有安装"):
        build(inject="no-such-program")
