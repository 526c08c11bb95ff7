"""Texts through Kannel as Debian ships it: bearerbox, smsbox and fakesmsc, which plays the carrier and one phone."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from aiohttp import web

from callout.channels import http_gateway
from callout.channels.http_gateway import kannel_reply_url
from callout.domain.attempt import ReceiptKind
from callout.domain.errors import CalloutError
from callout.ports import Called, Channel, Forged, Hooked, Inbound, InboundKind, Outcome, Refusal, Runs, Setup
from tests.channels.desk import HOOK_KEY as KEY
from tests.channels.desk import LONG, NOW, PHONE, SHORT, Ear, call, message
from tests.channels.peers import free_port, program, running

FAKESMSC = "/usr/lib/kannel/test/fakesmsc"


@dataclass
class Kannel:
    folder: Path
    send_port: int
    carrier_port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.send_port}/cgi-bin/sendsms"

    @contextmanager
    def carrier(self, *said: str) -> Iterator[Path]:
        """The carrier's side; phones say the given messages as soon as it is there. Yields what it was handed."""
        smsc = program("fakesmsc", "kannel-extras", FAKESMSC)
        log = self.folder / "fakesmsc.log"
        command = [smsc, "-H", "127.0.0.1", "-r", str(self.carrier_port), "-i", "0.01", "-m", str(len(said))]
        with running([*command, *(said or ("1 2 text nothing",))], log):
            yield log


@pytest.fixture
def hook_port() -> int:
    return free_port()


@pytest.fixture
def kannel(tmp_path: Path, hook_port: int) -> Iterator[Kannel]:
    bearerbox, smsbox = program("bearerbox", "kannel"), program("smsbox", "kannel")
    admin, inner, carrier, send = (free_port() for _ in range(4))
    reply = kannel_reply_url(f"http://127.0.0.1:{hook_port}/hooks/k", KEY)
    config = tmp_path / "kannel.conf"
    config.write_text(f"""
group = core
admin-port = {admin}
smsbox-port = {inner}
admin-password = {KEY}
box-allow-ip = 127.0.0.1

group = smsc
smsc = fake
smsc-id = FAKE
port = {carrier}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {send}

group = sendsms-user
username = callout
password = secret
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "{reply}"
""")
    with ExitStack() as stack:
        stack.enter_context(running([bearerbox, str(config)], tmp_path / "bearerbox.log", carrier))
        stack.enter_context(running([smsbox, str(config)], tmp_path / "smsbox.log", send))
        yield Kannel(tmp_path, send, carrier)


def channel_at(url: str, ear: Ear, public: str = "", secret: str = "secret", **more: Any) -> Channel:
    config = http_gateway.Config(
        url=url, user="callout", secret_env="CALLOUT_K", key_env="CALLOUT_KEY", sender="10690000", **more
    )
    secrets = {"secret": secret, "key": KEY}
    return http_gateway.channel(Setup("k", config, secrets, lambda: NOW, ear.hear, public))


@asynccontextmanager
async def hooks(channel: Channel, ear: Ear, port: int) -> AsyncIterator[None]:
    """Our addresses, as the web serves them."""
    assert isinstance(channel, Hooked)

    async def called(request: web.Request) -> web.Response:
        what = request.match_info["what"]
        thanks = channel.called(Called(what, request.raw_path, request.query_string, {}, await request.read()))
        await ear.hear(thanks.events)
        return web.Response(text=thanks.body)

    app = web.Application()
    app.router.add_get("/hooks/k/{what}", called)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield
    finally:
        await runner.cleanup()


SHORT_ONE = (InboundKind.RECEIPT, ReceiptKind.DELIVERED, "500156.a1", "")
LONG_ONE = (InboundKind.RECEIPT, ReceiptKind.DELIVERED, "500156.a2", "")
REPLY = (InboundKind.REPLY, "收到", "", PHONE)


def _said(one: Inbound) -> tuple[InboundKind, str, str, str]:
    return one.kind, one.body, one.attempt, one.e164


async def _handed(carrier: Path, many: int) -> list[tuple[str, str, str]]:
    """What the carrier was handed, once it has so many."""
    async with asyncio.timeout(60):
        while True:
            found = re.findall(r"<10690000 \+999000000000001 (\S+) (\S+)(?: data (\S+))?>", carrier.read_text())
            if len(found) >= many:
                return found
            await asyncio.sleep(0.05)


async def test_a_text_goes_through_kannel_and_its_receipts_and_a_reply_come_back(
    kannel: Kannel, hook_port: int
) -> None:
    ear = Ear()
    channel = channel_at(kannel.url, ear, f"http://127.0.0.1:{hook_port}")
    assert isinstance(channel, Runs)
    async with hooks(channel, ear, hook_port), channel.run():
        # The phone speaks as soon as its carrier is there: whoever is to hear it must be there before.
        with kannel.carrier(f"{PHONE} 10690000 text 收到") as carrier:
            ends = [await channel.submit(message()), await channel.submit(message("500156.a2", text=LONG))]
            heard = await ear.until(lambda heard: {SHORT_ONE, LONG_ONE, REPLY} <= {_said(one) for one in heard})
            handed = await _handed(carrier, 4)  # the receipt of a long text may come with its first part
    assert [end.outcome for end in ends] == [Outcome.ACCEPTED] * 2
    assert {one.attempt for one in heard} == {"500156.a1", "500156.a2", ""}
    assert unquote_to_bytes(handed[0][1]).decode("utf-16-be") == SHORT
    # The header of a part ends with its number; the gateway hands parts over in any order.
    parts = sorted((unquote_to_bytes(header), unquote_to_bytes(data)) for _, header, data in handed[1:])
    assert b"".join(data for _, data in parts).decode("utf-16-be") == LONG
    assert len(handed) == 4


async def test_kannel_refuses_a_wrong_password(kannel: Kannel) -> None:
    end = await channel_at(kannel.url, Ear(), secret="wrong").submit(message())
    assert (end.outcome, end.kind) == (Outcome.REFUSED, Refusal.CONFIG)


async def test_a_gateway_that_is_not_there_was_sent_nothing() -> None:
    end = await channel_at(f"http://127.0.0.1:{free_port()}/x", Ear()).submit(message())
    assert (end.outcome, end.kind) == (Outcome.REFUSED, Refusal.DOWN)


@asynccontextmanager
async def another(status: int, body: str) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """A gateway with manners of its own; yields its address and the forms that it was sent."""
    asked: list[dict[str, Any]] = []

    async def take(request: web.Request) -> web.Response:
        asked.append({**await request.post()})
        return web.Response(status=status, text=body)

    app = web.Application()
    app.router.add_post("/send", take)
    runner, port = web.AppRunner(app), free_port()
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}/send", asked
    finally:
        await runner.cleanup()


OTHER: dict[str, Any] = {
    "method": "POST",
    "params": {"mobile": "{to}", "content": "{text}", "sign": "{secret}", "back": "{receipts}", "ttl": "{minutes}"},
    "accepted": r'"code": *0.*"id": *"(?P<ref>\w+)"',
    "refused": r'"code": *4\d',
    "receipt_word": "",
}


@pytest.mark.parametrize(
    ("status", "body", "outcome", "kind"),
    [
        (200, '{"code": 0, "id": "m7"}', Outcome.ACCEPTED, None),
        (200, '{"code": 42}', Outcome.REFUSED, Refusal.ROUTE),
        (200, "<html>login</html>", Outcome.UNKNOWN, None),
        (302, "", Outcome.UNKNOWN, None),
        (400, "no such number", Outcome.REFUSED, Refusal.ROUTE),
        (401, "", Outcome.REFUSED, Refusal.CONFIG),
        (429, "", Outcome.THROTTLED, None),
        (500, '{"code": 0, "id": "m7"}', Outcome.UNKNOWN, None),
        (503, "", Outcome.UNKNOWN, None),
    ],
)
async def test_what_another_gateway_answers(status: int, body: str, outcome: Outcome, kind: Refusal | None) -> None:
    async with another(status, body) as (url, asked):
        end = await channel_at(url, Ear(), **OTHER).submit(message())
    assert (end.outcome, end.kind, end.ref) == (outcome, kind, "m7" if outcome is Outcome.ACCEPTED else "")
    assert asked == [{"mobile": PHONE, "content": SHORT, "sign": "secret", "ttl": "180"}]


def test_without_the_key_nobody_is_heard() -> None:
    channel = channel_at("http://127.0.0.1/x", Ear(), "https://callout.example")
    assert isinstance(channel, Hooked)
    told = "attempt=500156.a1&word=1"
    for query in (told, f"{told}&key=", f"{told}&key=0123456789abcdeg"):
        with pytest.raises(Forged):
            channel.called(call("receipt", query=query))
    queued = f"key={KEY}&attempt=500156.a1&word=4"
    assert channel.called(call("receipt", query=queued)).events == []
    assert channel.called(call("reply")).events == []
    (reply,) = channel.called(call("reply", "from=999000000000001&text=收到&id=7".encode())).events
    assert (reply.e164, reply.body, reply.event) == (PHONE, "收到", "k:7")
    assert channel.abilities(PHONE).answers
    assert not channel_at("http://127.0.0.1/x", Ear()).abilities(PHONE).answers  # nobody can call us


def test_settings_that_could_never_work_are_refused() -> None:
    with pytest.raises(ValueError, match="url"):
        http_gateway.Config(url="gateway", key_env="CALLOUT_KEY")
    with pytest.raises(ValueError, match="params"):
        http_gateway.Config(url="http://gateway", key_env="CALLOUT_KEY", params={"a": "{number}"})
    with pytest.raises(ValueError, match="words"):
        http_gateway.Config(url="http://gateway", key_env="CALLOUT_KEY", words={"1": "arrived"})
    config = http_gateway.Config(url="http://gateway.example", key_env="CALLOUT_KEY")
    assert config.real
    with pytest.raises(CalloutError, match="密钥"):
        http_gateway.channel(Setup("k", config, {"key": "short%20key123456"}, lambda: NOW, Ear().hear))
