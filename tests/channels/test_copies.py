"""Copies to real programs: aiosmtpd for mail, Debian's mosquitto with a loudspeaker, a web server for groups."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from aiohttp import web
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from callout.channels import copy_email, copy_group, copy_mqtt
from callout.channels.building import Surroundings
from callout.channels.copying import TYPES, assemble_copies, load_copy
from callout.domain.broadcast import Audience
from callout.domain.errors import CalloutError, RuleError
from callout.domain.instant import HOUR, Instant
from callout.domain.level import Level
from callout.ports import Outcome, Refusal, Runs
from callout.ports.copies import CopyEntry, CopySetup, CopyWay, Leaflet, Paper
from callout.rulebook.copies import read_copies
from tests.channels.desk import NOW, Ear
from tests.channels.peers import free_port, program, running

LEAFLET = Leaflet(
    "500156.1.horn", "【演示】示例区暴雨橙色预警", "示例区暴雨橙色预警。", "orange", Instant(NOW + HOUR), NOW
)


async def _nobody(_leaflet: str, _device: str) -> None:
    raise AssertionError("nothing acknowledges here")


class Mailbox:
    """Takes mail, or says no with `verdict`."""

    def __init__(self, verdict: str = "250 OK") -> None:
        self.verdict = verdict
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(message_from_bytes(content, policy=default))
        return self.verdict

    async def handle_RCPT(self, _s: Any, _e: Any, envelope: Envelope, address: str, _o: Any) -> str:
        if address.startswith("nobody"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@contextmanager
def post_office(box: Mailbox) -> Iterator[int]:
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def mail(port: int, *to: str) -> CopyWay:
    config = copy_email.Config(
        host="127.0.0.1", port=port, sender="callout@office.example", to=to or ("a@x.example", "b@x.example"),
        start_tls=False,
    )  # fmt: skip
    return copy_email.way(CopySetup("mail", config, {}, _nobody))


async def test_a_mail_goes_to_all_with_one_id_for_every_try() -> None:
    box = Mailbox()
    with post_office(box) as port:
        end = await mail(port).submit(LEAFLET)
    (got,) = box.mails
    assert end.outcome is Outcome.ACCEPTED
    assert (got["Subject"], got["To"], got["Message-ID"]) == (
        LEAFLET.title, "a@x.example, b@x.example", "<500156.1.horn@office.example>",
    )  # fmt: skip
    assert got.get_content().strip() == LEAFLET.text


async def test_documents_go_with_the_mail() -> None:
    """For programs, and for the printer of an office that keeps paper."""
    papers = (Paper("a.xml", "application/cap+xml", b"<alert/>"), Paper("a.txt", "text/plain", "签收人".encode()))
    box = Mailbox()
    with post_office(box) as port:
        await mail(port).submit(replace(LEAFLET, documents=papers))
    (got,) = box.mails
    assert got.get_body().get_content().strip() == LEAFLET.text  # type: ignore[union-attr]
    parts = [(one.get_filename(), one.get_content_type(), one.get_content()) for one in got.iter_attachments()]
    assert [(name, kind) for name, kind, _ in parts] == [("a.xml", "application/cap+xml"), ("a.txt", "text/plain")]
    assert (parts[0][2], parts[1][2].strip()) == (b"<alert/>", "签收人")


async def test_what_a_mail_server_says_no_with() -> None:
    with post_office(Mailbox("554 not today")) as port:
        assert (await mail(port).submit(LEAFLET)).outcome is Outcome.REFUSED
        assert (await mail(port, "nobody@x.example").submit(LEAFLET)).kind is Refusal.CONTACT
    with post_office(Mailbox()) as port:
        some = await mail(port, "nobody@x.example", "a@x.example").submit(LEAFLET)
    assert (some.outcome, some.reason) == (Outcome.ACCEPTED, "1 个收件人被拒")
    assert (await mail(free_port()).submit(LEAFLET)).kind is Refusal.DOWN


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[int]:
    mosquitto, port = program("mosquitto", "mosquitto", "/usr/sbin/mosquitto"), free_port()
    config = tmp_path / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
    with running([mosquitto, "-c", str(config)], tmp_path / "mosquitto.log", port):
        yield port


@asynccontextmanager
async def horns(port: int, heard: list[tuple[str, str]]) -> AsyncIterator[CopyWay]:
    async def acknowledged(leaflet: str, device: str) -> None:
        heard.append((leaflet, device))

    config = copy_mqtt.Config(host="127.0.0.1", port=port, topic="horns/demo", tls=False, longest_pause_seconds=0.05)
    way = copy_mqtt.way(CopySetup("horns", config, {}, acknowledged))
    assert isinstance(way, Runs)
    async with asyncio.timeout(60), way.run():
        yield way


async def sent(way: CopyWay) -> None:
    while (await way.submit(LEAFLET)).outcome is not Outcome.ACCEPTED:
        await asyncio.sleep(0.02)  # the line is coming up


async def test_a_loudspeaker_gets_the_warning_with_its_end_and_acknowledges(broker: int) -> None:
    heard: list[tuple[str, str]] = []
    horn = aiomqtt.Client("127.0.0.1", broker, protocol=aiomqtt.ProtocolVersion.V5)
    async with horns(broker, heard) as way, horn:
        await horn.subscribe("horns/demo", qos=1)
        await sent(way)
        got = await anext(aiter(horn.messages))
        told = json.loads(got.payload if isinstance(got.payload, bytes) else b"")
        for rubbish in (b"", b"[]", b"7", b'{"device": "x"}', b"\xff"):
            await horn.publish("horns/demo/ack", rubbish, qos=1)
        await horn.publish("horns/demo/ack", json.dumps({"id": told["id"], "device": "horn-7"}).encode(), qos=1)
        while not heard:
            await asyncio.sleep(0.01)
    assert told == {
        "id": LEAFLET.id, "title": LEAFLET.title, "text": LEAFLET.text, "level": "orange", "kind": "warning",
        "expires": "2026-08-02T23:00:00+08:00",
    }  # fmt: skip
    assert (got.retain, got.qos) == (False, 1)
    assert got.properties is not None
    assert 3590 <= getattr(got.properties, "MessageExpiryInterval", 0) <= 3600
    assert heard == [(LEAFLET.id, "horn-7")]


async def test_a_warning_is_not_kept_for_a_loudspeaker_that_comes_later(broker: int) -> None:
    async with horns(broker, []) as way:
        await sent(way)
    async with aiomqtt.Client("127.0.0.1", broker) as late:
        await late.subscribe("horns/demo", qos=1)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(aiter(late.messages)), 0.2)


async def test_without_a_broker_nothing_was_sent(tmp_path: Path) -> None:
    async with horns(free_port(), []) as way:
        end = await way.submit(LEAFLET)
    assert (end.outcome, end.kind) == (Outcome.REFUSED, Refusal.DOWN)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("status", "outcome"), [(200, Outcome.ACCEPTED), (500, Outcome.UNKNOWN)])
async def test_a_group_is_told_by_apprise(status: int, outcome: Outcome) -> None:
    got: list[dict[str, Any]] = []

    async def take(request: web.Request) -> web.Response:
        got.append(await request.json())
        return web.Response(status=status)

    app, port = web.Application(), free_port()
    app.router.add_post("/bot", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        secrets = {"url": f"json://127.0.0.1:{port}/bot"}
        way = copy_group.way(CopySetup("group", copy_group.Config(url_env="CALLOUT_G", local=True), secrets, _nobody))
        end = await way.submit(LEAFLET)
    finally:
        await runner.cleanup()
    assert end.outcome is outcome
    assert [(one["title"], one["message"]) for one in got] == [(LEAFLET.title, LEAFLET.text)]


@pytest.mark.parametrize("url", ["wecombot://", "dingtalk://", "feishu://", "no-such://x"])
def test_an_address_that_apprise_cannot_use_is_named_without_its_secret(url: str) -> None:
    with pytest.raises(CalloutError, match="CALLOUT_G") as refused:
        copy_group.way(CopySetup("group", copy_group.Config(url_env="CALLOUT_G"), {"url": url}, _nobody))
    assert url not in str(refused.value)


def test_the_groups_of_china_are_known_to_apprise() -> None:
    for url in ("wecombot://botkey1234567890", "dingtalk://abcdefghij1234567890", "feishu://abcdefghij1234567890"):
        copy_group.way(CopySetup("group", copy_group.Config(url_env="CALLOUT_G"), {"url": url}, _nobody))


FILE = """
copies:
  - name: horns
    type: mqtt
    lowest: 橙
    counties: ["500156"]
    settings: {host: 127.0.0.1, port: 1883, topic: horns, tls: false}
  - name: offices
    type: email
    settings: {host: mail.example, sender: a@x.example, to: [b@x.example], user: a, password_env: CALLOUT_MAIL}
"""


def _read(tmp_path: Path, text: str = FILE) -> tuple[CopyEntry, ...]:
    (tmp_path / "copies.yaml").write_text(text, encoding="utf-8")
    return read_copies(tmp_path / "copies.yaml", TYPES, lambda kind: load_copy(kind).Config)


def test_the_copies_file_says_who_gets_what(tmp_path: Path) -> None:
    horns_, offices = _read(tmp_path)
    assert horns_.audience == Audience("horns", frozenset({"500156"}), Level.ORANGE, real=False)
    assert (offices.audience.real, offices.config.to) == (True, ("b@x.example",))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("type: mqtt", "type: mqqt", "mqtt"),
        ("name: offices", "name: horns", "写了两次"),
        ("lowest: 橙", "lowest: 黑", "lowest"),
        ("topic: horns,", "topic: 'a/#',", "topic"),
        ("host: 127.0.0.1, port", "host: horns.example, port", "tls"),
        ("[b@x.example]", "[b]", "邮箱"),
        ("copies:", "copy:", "copies"),
    ],
)
def test_a_mistake_in_the_copies_file_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(RuleError, match=told):
        _read(tmp_path, FILE.replace(old, new))
    with pytest.raises(RuleError, match="CALLOUT_COPIES"):
        read_copies(tmp_path / "none.yaml", TYPES, lambda kind: load_copy(kind).Config)


def test_nothing_real_is_built_without_leave_and_no_secret_may_be_missing(tmp_path: Path) -> None:
    def around(live: bool, **environment: str) -> Surroundings:
        return Surroundings(live, environment, lambda: NOW, Ear().hear, "")

    entries = _read(tmp_path)
    with pytest.raises(CalloutError, match="CALLOUT_LIVE=1"):
        assemble_copies(entries, around(False), _nobody)
    assert len(assemble_copies(entries[:1], around(False), _nobody)) == 1
    with pytest.raises(CalloutError, match="CALLOUT_MAIL"):
        assemble_copies(entries, around(True), _nobody)
    assert len(assemble_copies(entries, around(True, CALLOUT_MAIL="secret"), _nobody)) == 2
