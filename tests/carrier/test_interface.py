"""What the interface refuses, how it lists, and what it shows of itself."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from twilio.base.exceptions import TwilioRestException

from callout.domain.errors import CalloutError
from callout.simulation.twilio.options import ACCOUNT, TOKEN, Limits, Options
from callout.simulation.twilio.request import delivered_to, is_loopback
from callout.simulation.twilio.server import CarrierServer
from tests.carrier import sdk
from tests.carrier.stage import PROMPT, SENDER, SILENT, Stage, play
from tests.simulation.phones import TEXT, number

MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
CALLS = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
GOOD_TEXT = {"To": PROMPT, "From": SENDER, "Body": TEXT}
GOOD_CALL = {"To": PROMPT, "From": SENDER, "Twiml": "<Response/>"}


async def ask(stage: Stage, path: str, form: dict[str, str] | None = None, token: str = TOKEN) -> tuple[int, Any]:
    """One bare request, without the SDK."""
    headers = {"Authorization": aiohttp.encode_basic_auth(ACCOUNT, token)} if token else {}
    method = "GET" if form is None else "POST"
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, stage.carrier.url + path, data=form, headers=headers) as answer,
    ):
        return answer.status, await answer.json()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "12345"}, 21211),
        ({"To": "+0999"}, 21211),
        ({"From": ""}, 21603),
        ({"From": "+1"}, 21212),
        ({"From": "+999000000000077"}, 21606),
        ({"MessagingServiceSid": "MG1"}, 21705),
        ({"Body": ""}, 21602),
        ({"Body": "示" * 1601}, 21617),
        ({"ValidityPeriod": "0"}, 20001),
        ({"ValidityPeriod": "36001"}, 20001),
        ({"StatusCallback": "http://192.0.2.1/x"}, 21609),
        ({"StatusCallback": "https://example.com/x"}, 21609),
        ({"StatusCallback": "http://a_b.localhost/x"}, 21609),
        ({"StatusCallback": "nothing"}, 21609),
        ({"To": number(901)}, 21408),
    ],
)
def test_a_text_that_twilio_would_refuse(change: dict[str, str], code: int) -> None:
    async def story(stage: Stage) -> None:
        status, body = await ask(stage, MESSAGES, GOOD_TEXT | change)
        assert (status, body["status"], body["code"]) == (400, 400, code)
        assert body["message"]
        assert body["more_info"].endswith(f"/errors/{code}")
        assert (await ask(stage, MESSAGES, GOOD_TEXT))[0] == 201

    play(story, senders=frozenset({SENDER}), refuse={number(901): 21408})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": ""}, 21201),
        ({"To": "x"}, 21211),
        ({"From": ""}, 21213),
        ({"From": "+1"}, 21212),
        ({"Twiml": ""}, 21205),
        ({"Twiml": "x" * 4001}, 20001),
        ({"Url": "http://198.51.100.7/voice"}, 21205),
        ({"StatusCallback": "ftp:/x"}, 21609),
        ({"MachineDetection": "Perhaps"}, 20001),
        ({"Timeout": "601"}, 20001),
        ({"Method": "PUT"}, 20001),
        ({"To": number(902)}, 21215),
    ],
)
def test_a_call_that_twilio_would_refuse(change: dict[str, str], code: int) -> None:
    async def story(stage: Stage) -> None:
        status, body = await ask(stage, CALLS, GOOD_CALL | change)
        assert (status, body["code"]) == (400, code)
        assert (await ask(stage, CALLS, GOOD_CALL | {"To": number(901)}))[0] == 201

    play(story, refuse={number(901): 21614}, refuse_calls={number(902): 21215})


@pytest.mark.parametrize("token", ["", "wrong"])
def test_nothing_without_the_right_credentials(token: str) -> None:
    async def story(stage: Stage) -> None:
        for form in (None, GOOD_TEXT):
            status, body = await ask(stage, MESSAGES, form, token)
            assert (status, body["code"], body["message"]) == (401, 20003, "Authenticate")
        assert not [name for name in stage.counts if name.startswith("text")]

    play(story)


def test_what_does_not_exist_is_not_found() -> None:
    async def story(stage: Stage) -> None:
        for path in (
            MESSAGES.replace(".json", "/SM0.json"),
            "/2010-04-01/Elsewhere.json",
            f"/2010-04-01/Accounts/AC{'2' * 32}.json",
        ):
            status, body = await ask(stage, path)
            assert (status, body["code"]) == (404, 20404)
        with pytest.raises(TwilioRestException) as refused:
            await stage.client.calls("CA" + "0" * 32).fetch_async()
        assert refused.value.code == 20404
        assert (await stage.client.api.accounts(ACCOUNT).fetch_async()).status == "active"

    play(story)


def test_lists_come_newest_first_in_pages_that_do_not_shift() -> None:
    async def story(stage: Stage) -> None:
        sent = [(await stage.text(SILENT)).sid for _ in range(7)]
        other = (await stage.text(PROMPT)).sid
        seen = []
        async for one in await stage.client.messages.stream_async(to=SILENT, page_size=3):
            seen.append(one.sid)
            if len(seen) == 2:
                await stage.text(SILENT)
        assert seen == sent[::-1]
        everything = [one.sid for one in await stage.client.messages.list_async()]
        assert other in everything
        assert len(everything) == 9
        assert [one.sid for one in await stage.client.messages.list_async(limit=1, from_="+99911111111")] == []
        status, body = await ask(stage, f"{MESSAGES}?PageToken=nonsense")
        assert (status, body["code"]) == (400, 20001)

    play(story)


def test_a_queued_text_is_in_no_list_by_date() -> None:
    async def story(stage: Stage) -> None:
        first = await stage.text(SILENT)
        await stage.until(first.sid, "delivered")
        queued = await stage.text(SILENT)
        hour = timedelta(hours=1)
        now = datetime.now(UTC)
        recent = await stage.client.messages.list_async(to=SILENT, date_sent_after=now - hour)
        assert [one.sid for one in recent] == [first.sid]
        assert await stage.client.messages.list_async(to=SILENT, date_sent_before=now - hour) == []
        every = await stage.client.messages.list_async(to=SILENT)
        assert [one.sid for one in every] == [queued.sid, first.sid]

    play(story, limits=Limits(segments=0.01))


def test_calls_are_listed_by_status_and_start() -> None:
    async def story(stage: Stage) -> None:
        silent, prompt = await stage.call(SILENT), await stage.call(PROMPT, twiml="<Response><Hangup/></Response>")
        await stage.until(silent.sid, "no-answer")
        await stage.until(prompt.sid, "completed")
        found = await stage.client.calls.list_async(status="no-answer")
        assert [one.sid for one in found] == [silent.sid]
        recent = await stage.client.calls.list_async(start_time_after=datetime.now(UTC) - timedelta(hours=1))
        assert {one.sid for one in recent} == {silent.sid, prompt.sid}

    play(story)


def test_too_many_requests_are_told_so_and_nothing_is_taken() -> None:
    async def story(stage: Stage) -> None:
        codes = []
        for _ in range(6):
            try:
                await stage.text(SILENT)
            except TwilioRestException as error:
                codes.append((error.status, error.code))
        assert set(codes) == {(429, 20429)}
        assert stage.counts["text taken"] == 6 - len(codes)

    play(story, limits=Limits(requests=2))


def test_the_blocking_client_works_too() -> None:
    async def story(stage: Stage) -> None:
        client = sdk.blocking(stage.carrier.url)
        text = await asyncio.to_thread(client.messages.create, to=PROMPT, from_=SENDER, body=TEXT)
        assert (await asyncio.to_thread(client.messages(text.sid).fetch)).to == PROMPT

    play(story)


def test_a_public_address_is_signed_and_loopback_is_called() -> None:
    """As behind a proxy that takes TLS away: the signature is over what the world sees."""

    async def story(stage: Stage) -> None:
        text = await stage.text(PROMPT)
        await stage.until(text.sid, "delivered")

    play(story, public="https://callout.example/hooks")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "http://localhost/x", "http://[::1]:8/x", "https://127.9.9.9"])
def test_loopback(url: str) -> None:
    assert is_loopback(url)
    assert delivered_to(url, {}) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/",
        "http://localhost.example/",
        "http://127.0.0.1@192.0.2.1/",
        "http://0.0.0.0/",
        "",
        "http://",
        "http://2130706433/",
    ],
)
def test_elsewhere(url: str) -> None:
    assert not is_loopback(url)
    assert delivered_to(url, {"https://callout.example": "http://192.0.2.1"}) == ""


def test_it_serves_this_machine_alone() -> None:
    with pytest.raises(CalloutError, match="回环"):
        CarrierServer(Options(), host="0.0.0.0")


def test_a_port_that_is_taken() -> None:
    async def run() -> None:
        async with CarrierServer(Options()) as first:
            port = int(first.url.rpartition(":")[2])
            with pytest.raises(CalloutError, match="占用"):
                await CarrierServer(Options(), port).__aenter__()

    asyncio.run(run())


def test_the_status_shows_counts_and_no_number() -> None:
    async def story(stage: Stage) -> None:
        text = await stage.text(PROMPT)
        await stage.until(text.sid, "delivered")
        async with aiohttp.ClientSession() as session:
            shown = await (await session.get(f"{stage.carrier.url}/simulated/status")).json()
            page = await (await session.get(stage.carrier.url)).text()
        assert shown["text delivered"] == 1
        assert "text delivered" in page
        assert "+999" not in page + json.dumps(shown)

    play(story)


def test_only_synthetic_phones_are_kept_in_the_journal() -> None:
    async def story(stage: Stage) -> None:
        real, synthetic = await stage.text("+44123456789"), await stage.text(PROMPT)
        await stage.ear.wait(lambda: all(len(stage.told(one.sid)) == 2 for one in (real, synthetic)))
        async with aiohttp.ClientSession() as session:
            got = await (await session.get(f"{stage.carrier.url}/simulated/phones")).json()
        assert {one["to"] for one in got} == {PROMPT}

    play(story)


def test_a_person_can_be_made_to_say_something_over_http() -> None:
    async def story(stage: Stage) -> None:
        said = {"from": PROMPT, "to": SENDER, "body": "收到B3"}
        async with aiohttp.ClientSession() as session:
            assert (await session.post(f"{stage.carrier.url}/simulated/say", json=said)).status == 201
        await stage.ear.wait(lambda: bool(stage.ear.at("/sms")))
        assert stage.ear.at("/sms")[0].form["Body"] == "收到B3"

    play(story)
