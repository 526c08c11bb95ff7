"""Pushes of 阿里云, 腾讯云 and an HTTP gateway, over real HTTP to our own web: kept before the thanks."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import select

from callout.app import World, build
from callout.channels import load
from callout.cli.web import bound
from callout.domain.form import Form, Variable
from callout.ports import Provider, Runs, Setup
from callout.settings import Settings
from callout.simulation.clock import VirtualClock
from callout.simulation.ids import SeededIds
from callout.store import schema
from callout.store.ear import Ear
from tests.channels.desk import HOOK_KEY as KEY
from tests.channels.lines import PUBLIC, Lines, phone, serving
from tests.channels.peers import free_port
from tests.channels.sky import Sky
from tests.databases import new_database
from tests.scenarios.field import BAIMA, DAY, GRID_1, GRID_2, NIGHT, standard_roster

VENDOR_PATIENCE = 0.7
"""Seconds after which 阿里云 takes a push for failed and sends it again."""
FORMS = {
    kind: Form(f"T-{kind}", "${what}", (Variable("what", "{{ m.hazard }}{{ m.level.zh }}预警"),))
    for kind in ("call", "deputy", "superior", "standdown", "all_clear", "renewed", "which", "reminder")
}
SIMPLE = {"accepted": "^0", "words": {"ok": "delivered", "no": "undelivered"}, "receipt_word": "&word=WORD"}
CONFIGS: Mapping[str, Mapping[str, Any]] = {
    "aliyun_sms": {"access_key_id": "AK-demo", "access_key_secret_env": "X", "sign_name": "示例", "two_way": True},
    "aliyun_voice": {"access_key_id": "AK-demo", "access_key_secret_env": "X", "called_show_number": "057100000000",
                     "thanks_code": "TTS_9"},
    "tencent_sms": {"secret_id": "SK-demo", "secret_key_env": "X", "app_id": "1", "sign_name": "示例", "two_way": True},
    "tencent_voice": {"secret_id": "SK-demo", "secret_key_env": "X", "app_id": "1"},
    "http_gateway": SIMPLE | {"params": {"to": "{to}", "text": "{text}", "back": "{receipts}"}},
}  # fmt: skip
"""How each is set up, apart from the address of its cloud and the key of its pushes."""


@dataclass
class Cloud(Sky):
    """Takes everything, gives each its own id, and pushes as told."""

    kind: str
    inside: str
    taken: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self._answer)

    def _answer(self, action: str, params: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.taken.append(params)
        ref = f"ref{len(self.taken)}"
        if "Sms" in action and self.kind.startswith("aliyun"):
            return 200, {"Code": "OK", "BizId": ref}
        if self.kind.startswith("aliyun"):
            return 200, {"Code": "OK", "CallId": ref}
        if self.kind == "tencent_voice":
            return 200, {"Response": {"SendStatus": {"CallId": ref, "SessionContext": ""}, "RequestId": "r"}}
        status = {"SerialNo": ref, "Code": "Ok", "Message": "", "SessionContext": "", "Fee": 1, "IsoCode": "CN"}
        return 200, {"Response": {"SendStatusSet": [status], "RequestId": "r"}}

    async def gateway(self, request: web.Request) -> web.Response:
        self.taken.append(dict(request.query))
        return web.Response(text="0: ok")

    @property
    def to(self) -> list[str]:
        """Numbers in the order in which they were taken."""
        names = ("PhoneNumbers", "CalledNumber", "to")
        return [
            "+" + str(next((p[n] for n in names if n in p), "") or p["PhoneNumberSet"][0]).lstrip("+")
            for p in self.taken
        ]

    def nth(self, serial: int) -> int:
        """Which of the things taken went to this phone."""
        return self.to.index(phone(serial))

    async def push(self, what: str, told: object, key: str | None = KEY) -> tuple[int, str, float]:
        """(status, body, seconds) of one push in JSON."""
        query = "" if key is None else f"?key={key}"
        return await self.call("POST", f"/hooks/it/{what}{query}", json.dumps(told).encode())

    async def call(self, method: str, path: str, body: bytes = b"") -> tuple[int, str, float]:
        began = time.monotonic()
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.inside + path, data=body or None) as answer,
        ):
            said = await answer.text()
            return answer.status, said, time.monotonic() - began


Story = Callable[[Lines, Cloud], Coroutine[Any, Any, None]]


@asynccontextmanager
async def under(folder: Path, kind: str, night: bool) -> AsyncIterator[tuple[Lines, Cloud]]:
    """An engine whose only way is this one, at the simulated cloud."""
    socket = bound("127.0.0.1", 0)
    cloud, port = Cloud(kind, f"http://127.0.0.1:{socket.getsockname()[1]}"), free_port()
    async with AsyncExitStack() as stack:
        stack.callback(socket.close)
        far = web.Application()
        answers = cloud.gateway if kind == "http_gateway" else getattr(cloud, kind.partition("_")[0])
        far.router.add_route("*", "/", answers)
        runner = web.AppRunner(far)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", port).start()
        clock, ear = VirtualClock(NIGHT if night else DAY), Ear()
        provider = made(kind, f"http://127.0.0.1:{port}", clock, ear)
        if isinstance(provider.channel, Runs):
            await stack.enter_async_context(provider.channel.run())
        world = World(clock, SeededIds(1), (provider,), "demo", ear)
        database = new_database(f"sqlite:///{folder}/pushes.sqlite3")
        app = build(Settings(database_url=database.url), world, database)
        stack.callback(app.close)
        lines = Lines(app, None, cloud.inside)  # type: ignore[arg-type]  # no carrier of ours here
        app.intake = type(app.intake)(app.intake.store, lines.reader, app.intake.counties, "demo")
        app.use_rules()
        app.use_roster(standard_roster(), "示例·测试")
        await stack.enter_async_context(serving(app, socket))
        yield lines, cloud


def made(kind: str, url: str, clock: VirtualClock, ear: Ear) -> Provider:
    module = load(kind)
    where = {"url": f"{url}/"} if kind == "http_gateway" else {"endpoint": url}
    config = module.Config(key_env="K", **where, **CONFIGS[kind])
    secrets = {"key": KEY, "access_key_secret": "demo", "secret_key": "demo", "secret": ""}
    setup = Setup("it", config, secrets, clock.now, ear, PUBLIC)
    return Provider(module.channel(setup), module.CARRIES, (), config.real, FORMS)


def tell(folder: Path, kind: str, story: Story) -> None:
    async def run() -> None:
        async with asyncio.timeout(60), under(folder, kind, kind.endswith("voice")) as (lines, cloud):
            lines.alert(areas=[BAIMA])
            await lines.until(lambda: {phone(GRID_1), phone(GRID_2)} <= set(cloud.to))
            await lines.until(lambda: all(a[1] == "sent" for a in lines.attempts(GRID_1)))
            await story(lines, cloud)

    asyncio.run(run())


def receipts(kind: str, cloud: Cloud, serials: tuple[int, ...]) -> list[dict[str, Any]]:
    """What this provider pushes when these were reached."""
    found = []
    for nth in (cloud.nth(serial) for serial in serials):
        mobile = cloud.to[nth].lstrip("+")
        if kind == "aliyun_sms":
            found.append({"phone_number": mobile, "success": True, "err_code": "DELIVERED", "sms_size": "1",
                          "biz_id": f"ref{nth + 1}", "out_id": cloud.taken[nth]["OutId"]})  # fmt: skip
        elif kind == "tencent_sms":
            found.append({"nationcode": "999", "mobile": mobile, "report_status": "SUCCESS", "errmsg": "DELIVRD",
                          "sid": f"ref{nth + 1}"})  # fmt: skip
        elif kind == "aliyun_voice":
            found.append({"call_id": f"ref{nth + 1}", "status_code": "200000", "end_time": "2026-08-02 23:31:00",
                          "dtmf": "", "out_id": "", "duration": "20"})  # fmt: skip
        else:
            found.append({"voiceprompt_callback": {"result": "0", "callid": f"ref{nth + 1}", "mobile": mobile}})
    return found


def replies(kind: str, serial: int, words: str) -> list[dict[str, Any]]:
    mobile = phone(serial).lstrip("+")
    if kind == "aliyun_sms":
        return [{"phone_number": mobile, "content": words, "dest_code": "1069", "sequence_id": 7, "sign_name": "示例"}]
    return [{"nationcode": "999", "mobile": mobile.removeprefix("999"), "text": words, "extend": "", "time": 1}]


def key(kind: str, cloud: Cloud, serial: int, digit: str) -> list[dict[str, Any]]:
    ref = f"ref{cloud.nth(serial) + 1}"
    if kind == "aliyun_voice":
        return [{"call_id": ref, "status_code": "300000", "dtmf": digit, "tts_code": "T-call"}]
    return [{"voicekey_callback": {"callid": ref, "keypress": digit, "mobile": "1", "nationcode": "999"}}]


CLOUD_TEXTS, CLOUD_CALLS = ("aliyun_sms", "tencent_sms"), ("aliyun_voice", "tencent_voice")


@pytest.mark.parametrize("kind", CLOUD_TEXTS)
def test_receipts_in_a_batch_and_a_reply_are_kept_before_the_vendor_gives_up(tmp_path: Path, kind: str) -> None:
    """Several in one push, pushed twice, the receipt of an unknown text among them."""

    async def story(lines: Lines, cloud: Cloud) -> None:
        stranger = receipts(kind, cloud, (GRID_1,))[0] | {"out_id": "", "biz_id": "theirs", "sid": "theirs"}
        batch = [*receipts(kind, cloud, (GRID_1, GRID_2)), stranger, {"of": "next year"}]
        pushes = [await cloud.push("receipt", batch) for _ in range(3)]
        assert {status for status, _, _ in pushes} == {200}
        assert {0 in json.loads(said).values() for _, said, _ in pushes} == {True}
        assert min(seconds for _, _, seconds in pushes) < VENDOR_PATIENCE
        kept = [r.body for r in lines.rows(select(schema.inbound).where(schema.inbound.c.kind == "receipt"))]
        assert kept == ["delivered"] * 3
        await lines.until(lambda: lines.attempts(GRID_1)[0] == ("sms", "sent", "delivered"))
        for _ in range(2):
            assert (await cloud.push("reply", replies(kind, GRID_1, "收到")))[0] == 200
        await lines.until(lambda: lines.state(GRID_1) == "answered")
        assert lines.answers(GRID_1) == [("acknowledged", "reply")]

    tell(tmp_path, kind, story)


@pytest.mark.parametrize("kind", CLOUD_CALLS)
def test_a_key_in_the_call_is_an_answer_and_its_end_is_none(tmp_path: Path, kind: str) -> None:
    """The end is pushed first, as it may be."""

    async def story(lines: Lines, cloud: Cloud) -> None:
        assert (await cloud.push("call", receipts(kind, cloud, (GRID_1, GRID_2))))[0] == 200
        await lines.until(lambda: lines.attempts(GRID_2)[0][2])
        assert lines.answers(GRID_1) == []
        assert [(await cloud.push("call", key(kind, cloud, GRID_1, "1")))[0] for _ in range(2)] == [200, 200]
        await lines.until(lambda: lines.state(GRID_1) == "answered")
        assert lines.answers(GRID_1) == [("acknowledged", "key")]
        assert lines.state(GRID_2) != "answered"

    tell(tmp_path, kind, story)


@pytest.mark.parametrize("kind", [*CLOUD_TEXTS, *CLOUD_CALLS])
def test_without_the_key_nothing_is_kept(tmp_path: Path, kind: str) -> None:
    """The vendors sign nothing: the key in the address is all that tells them from anybody else."""

    async def story(lines: Lines, cloud: Cloud) -> None:
        what = "call" if kind in CLOUD_CALLS else "receipt"
        batch = receipts(kind, cloud, (GRID_1,))
        for wrong in (None, "", "0123456789abcdeX", KEY + "0", KEY.upper(), "%E9%92%A5"):
            assert (await cloud.push(what, batch, wrong))[0] == 403
        assert (await cloud.push("nothing", batch))[0] == 404
        assert lines.rows(select(schema.inbound)) == []

    tell(tmp_path, kind, story)


def test_rubbish_behind_the_right_key_breaks_nothing(tmp_path: Path) -> None:
    async def story(lines: Lines, cloud: Cloud) -> None:
        for body in (b"", b"{", b"[1, null]", b"\xff\xfe", b'"1"', b'[{"phone_number": {}}]'):
            for what in ("receipt", "reply"):
                assert (await cloud.call("POST", f"/hooks/it/{what}?key={KEY}", body))[0] == 200
        assert lines.answers(GRID_1) == []

    tell(tmp_path, "aliyun_sms", story)


def test_what_cannot_be_kept_is_pushed_again(tmp_path: Path) -> None:
    """阿里云 asks for 50X where a push was not taken, and sends it again after 1, 5 and 10 minutes."""

    async def story(lines: Lines, cloud: Cloud) -> None:
        ear, batch = lines.app.world.ear, receipts("aliyun_sms", cloud, (GRID_1,))
        keep, ear.keep = ear.keep, None
        assert (await cloud.push("receipt", batch))[0] == 503
        ear.keep = keep
        assert (await cloud.push("receipt", batch))[0] == 200
        await lines.until(lambda: lines.attempts(GRID_1)[0][2] == "delivered")

    tell(tmp_path, "aliyun_sms", story)


def test_an_http_gateway_calls_back_where_it_was_told(tmp_path: Path) -> None:
    """The address of a receipt comes with the text; the key is in it, and without it nothing is heard."""

    async def story(lines: Lines, cloud: Cloud) -> None:
        address = cloud.taken[cloud.nth(GRID_1)]["back"].removeprefix(PUBLIC)
        told = address.replace("WORD", "ok")
        assert (await cloud.call("GET", told.replace(KEY, "0" * 16)))[0] == 403
        assert (await cloud.call("GET", told.partition("?")[0]))[0] == 403
        assert [(await cloud.call("GET", told))[0] for _ in range(2)] == [200, 200]
        await lines.until(lambda: lines.attempts(GRID_1)[0] == ("sms", "sent", "delivered"))
        said = dict(parse_qsl(f"key={KEY}&id=9&from=%2B{phone(GRID_1)[1:]}&text=%E6%94%B6%E5%88%B0"))
        reply = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in said.items())
        assert (await cloud.call("GET", f"/hooks/it/reply?{reply}"))[0] == 200
        assert (await cloud.call("POST", f"/hooks/it/reply?key={KEY}", reply.encode()))[0] == 200
        await lines.until(lambda: lines.state(GRID_1) == "answered")
        assert lines.answers(GRID_1) == [("acknowledged", "reply")]

    tell(tmp_path, "http_gateway", story)
