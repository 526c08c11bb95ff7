"""Webhooks: the signature before anything else, one durable insert, then thanks."""

import asyncio
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest
from sqlalchemy import select
from twilio.request_validator import RequestValidator
from yarl import URL

from callout.channels import twilio_sms
from callout.channels.twilio_account import RETRIES
from callout.ports import Inbound, Setup
from callout.simulation.twilio.options import ACCOUNT, TOKEN, HookFault, Troubles
from callout.store import schema
from callout.web import pause
from tests.channels.lines import PUBLIC, SENDER, Lines, phone, tell
from tests.scenarios.field import BAIMA, GRID_1

PATH = "/hooks/sms/sms"
REAL_PAUSE = pause.SECONDS
TWILIOS_PATIENCE = 15
"""Seconds for one webhook with all its repetitions."""
REPLY = {"MessageSid": "SM1", "From": phone(GRID_1), "To": SENDER, "Body": " 收到 ", "FromCity": "", "NewIn2027": "x"}


async def post(lines: Lines, form: dict[str, str], signature: str | None, path: str = PATH) -> int:
    """The status that a call with this signature is answered with."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Host": "inside.example"}
    headers |= {} if signature is None else {"X-Twilio-Signature": signature}
    async with aiohttp.ClientSession() as session:
        address = URL(f"{lines.inside}{path}", encoded=True)
        async with session.post(address, data=urlencode(form), headers=headers) as answer:
            await answer.read()
            return answer.status


def sign(form: dict[str, str], path: str = PATH, token: str = TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(f"{PUBLIC}{path}", form))


def kept(lines: Lines) -> list[tuple[str, str]]:
    i = schema.inbound
    return [(r.event, r.kind) for r in lines.rows(select(i).order_by(i.c.event))]


def test_a_signed_call_is_kept_with_blank_and_unknown_fields_behind_a_proxy(tmp_path: Path) -> None:
    """The signature is over the public address; Host and scheme that arrive here are the proxy's."""

    async def story(lines: Lines) -> None:
        assert await post(lines, REPLY, sign(REPLY)) == 200
        assert kept(lines) == [("sms:SM1:in", "reply")]

    tell(tmp_path, story)


def test_a_replayed_call_is_thanked_and_kept_once(tmp_path: Path) -> None:
    async def story(lines: Lines) -> None:
        assert [await post(lines, REPLY, sign(REPLY)) for _ in range(3)] == [200, 200, 200]
        assert len(kept(lines)) == 1

    tell(tmp_path, story)


def test_a_signature_counts_whether_or_not_the_fragment_is_signed_with_the_address(tmp_path: Path) -> None:
    """We ask for repetitions in a fragment, and Twilio's documents do not say what it signs then."""

    async def story(lines: Lines) -> None:
        assert await post(lines, REPLY, sign(REPLY, PATH + RETRIES)) == 200
        assert kept(lines) == [("sms:SM1:in", "reply")]

    tell(tmp_path, story)


FORGED = {
    "no signature": None,
    "an empty one": "",
    "another's token": sign(REPLY, token="guessed"),
    "of another text": sign(REPLY | {"Body": "1"}),
    "without the blank field": sign({k: v for k, v in REPLY.items() if v}),
    "for the address inside": RequestValidator(TOKEN).compute_signature(f"http://inside.example{PATH}", REPLY),
    "for another path": sign(REPLY, path="/hooks/sms/message"),
    "with another fragment": sign(REPLY, path=PATH + "#rc=1"),
    "not of this alphabet": "签名",
}


@pytest.mark.parametrize("signature", list(FORGED.values()), ids=list(FORGED))
def test_a_forged_call_is_turned_away_and_leaves_nothing(tmp_path: Path, signature: str | None) -> None:
    async def story(lines: Lines) -> None:
        assert await post(lines, REPLY, signature) == 403
        assert kept(lines) == []

    tell(tmp_path, story)


def test_whoever_runs_it_is_told_of_calls_that_were_turned_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A wrong public address turns the provider itself away: nothing comes in, and that is seen."""

    async def story(lines: Lines) -> None:
        assert [await post(lines, REPLY, "forged") for _ in range(5)] == [403] * 5

    tell(tmp_path, story)
    said = [r.getMessage() for r in caplog.records if "回调被拒" in r.getMessage()]
    assert [one.partition("：")[0] for one in said] == [f"回调被拒 通道=sms 次数={n}" for n in (1, 2, 4)]
    assert "请核对 CALLOUT_PUBLIC_URL" in said[0]


@pytest.mark.parametrize("path", ["/hooks/nobody/sms", "/hooks/sms/nothing"])
def test_an_address_that_nobody_answers_at(tmp_path: Path, path: str) -> None:
    async def story(lines: Lines) -> None:
        assert await post(lines, REPLY, sign(REPLY, path=path), path) == 404
        assert kept(lines) == []

    tell(tmp_path, story)


def test_a_status_names_our_attempt_by_the_query_that_was_signed(tmp_path: Path) -> None:
    """An id with characters that need escaping comes back as it was; another id would break the signature."""

    async def story(lines: Lines) -> None:
        form = {"MessageSid": "SM9", "MessageStatus": "sent", "RawDlrDoneDate": "2608021030"}
        path = "/hooks/sms/message?attempt=500156.a%2Bb"
        assert await post(lines, form, sign(form, path), path) == 200
        i = schema.inbound
        [row] = lines.rows(select(i))
        assert (row.attempt, row.body, row.provider, row.ref) == ("500156.a+b", "sent", "sms", "SM9")
        assert await post(lines, form, sign(form, path), path.replace("%2Bb", "c")) == 403

    tell(tmp_path, story)


def test_what_cannot_be_kept_is_not_thanked_for(tmp_path: Path) -> None:
    """It is answered with an error, so that it is sent again."""

    async def story(lines: Lines) -> None:
        keep, lines.app.world.ear.keep = lines.app.world.ear.keep, None
        assert await post(lines, REPLY, sign(REPLY)) == 503
        lines.app.world.ear.keep = keep
        assert await post(lines, REPLY, sign(REPLY)) == 200
        assert len(kept(lines)) == 1

    tell(tmp_path, story)


def test_what_cannot_be_kept_is_answered_after_a_pause_and_everything_else_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Repetitions that come at once would all fall into the same outage."""
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(pause, "SECONDS", REAL_PAUSE)
    monkeypatch.setattr(pause, "wait", wait)

    async def story(lines: Lines) -> None:
        assert [await post(lines, REPLY, sign(REPLY)), await post(lines, REPLY, None)] == [200, 403]
        assert waits == []
        lines.app.world.ear.keep = None
        assert await post(lines, REPLY | {"MessageSid": "SM2"}, sign(REPLY | {"MessageSid": "SM2"})) == 503
        assert waits == [REAL_PAUSE]

    tell(tmp_path, story)


async def test_no_more_calls_wait_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pause, "SECONDS", 1000.0)
    monkeypatch.setattr(pause, "MOST", 2)
    waiting = pause.Pause()
    calls = [asyncio.create_task(waiting()) for _ in range(2)]
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await waiting()  # is let go at once
    for one in calls:
        one.cancel()
    assert [type(end) for end in await asyncio.gather(*calls, return_exceptions=True)] == [asyncio.CancelledError] * 2
    assert waiting.waiting == 0


def test_six_calls_fit_into_the_time_that_twilio_takes_for_them() -> None:
    times = 1 + int(RETRIES.partition("rc=")[2].partition("&")[0])
    assert 10 < times * REAL_PAUSE < TWILIOS_PATIENCE


ALONE = 2
"""What fails with others is tried once more by itself before the call is answered with an error."""


def test_what_could_not_be_kept_is_told_again_and_nothing_is_lost(tmp_path: Path) -> None:
    """Twilio repeats what was answered with an error only where the address asks for it, and ours do."""

    async def story(lines: Lines) -> None:
        ear, tried = lines.app.world.ear, Counter[str]()
        keep = ear.keep
        assert keep is not None

        def away(events: list[Inbound]) -> int:
            """Each event fails with the others, then alone: it is answered with 503 at least once."""
            tried.update(one.event for one in events)
            if min(tried[one.event] for one in events) <= ALONE:
                raise OSError("the database is away")
            return keep(events)

        ear.keep = away
        lines.alert(areas=[BAIMA])
        await lines.sent(GRID_1)
        lines.say(GRID_1, "收到")
        await lines.until(lambda: lines.state(GRID_1) == "answered")
        await lines.until(lambda: ("sms", "sent", "delivered") in lines.attempts(GRID_1))

    tell(tmp_path, story)


def test_beside_webhooks_what_was_never_heard_can_be_fetched(tmp_path: Path) -> None:
    """With `pull` as well, an outage longer than Twilio's patience loses no reply and no receipt."""

    async def story(lines: Lines) -> None:
        lines.alert(areas=[BAIMA])
        await lines.sent(GRID_1)
        lines.say(GRID_1, "收到")
        world = lines.app.world
        config = twilio_sms.Config(ACCOUNT, "X", (SENDER,), base_url=lines.carrier.url, pull=True)
        both = twilio_sms.channel(Setup("sms", config, {"auth_token": TOKEN}, world.clock.now, world.ear, PUBLIC))
        async with both.run():
            while lines.state(GRID_1) != "answered" or ("sms", "sent", "delivered") not in lines.attempts(GRID_1):
                lines.app.take_in(await both.poll())
                await lines.app.settle()
        assert lines.carrier.network.tally.counts["hook fault lost"]

    tell(tmp_path, story, troubles=Troubles(hooks={HookFault.LOST: 1.0}))
