"""What goes wrong between a sender and a carrier: refused, lost, hanging, cut, out of order, twice."""

import asyncio
from collections import Counter

import aiohttp
import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException

from callout.simulation.twilio.hooks import Retries
from callout.simulation.twilio.network import Network
from callout.simulation.twilio.options import Fault, HookFault, Options, Outage, Troubles
from tests.carrier.stage import PROMPT, SILENT, Stage, play
from tests.simulation.phones import number


async def outcome(stage: Stage, to: str, patience: float = 60) -> str:
    """How one create ends for a sender that waits so many seconds."""
    try:
        async with asyncio.timeout(patience):
            return str((await stage.text(to)).status)
    except TimeoutError:
        return "silence"
    except TwilioRestException as error:
        return f"{error.status} {error.code}"
    except aiohttp.ClientError:
        return "cut"


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        (Fault.THROTTLED, "429 20429"),
        (Fault.UNAVAILABLE, "503 20503"),
        (Fault.BROKEN, "500 20500"),
        (Fault.HANG, "silence"),
        (Fault.HANG_TAKEN, "silence"),
        (Fault.RESET, "cut"),
        (Fault.RESET_TAKEN, "cut"),
    ],
)
def test_what_a_sender_sees_and_whether_the_phone_gets_it(fault: Fault, seen: str) -> None:
    async def story(stage: Stage) -> None:
        assert await outcome(stage, SILENT, 1 if seen == "silence" else 60) == seen
        stage.carrier.network.trouble.now = Troubles()
        await stage.text(PROMPT)
        await stage.ear.wait(lambda: bool(stage.ear.at("/sms")))
        found = await stage.client.messages.list_async(to=SILENT)
        assert len(found) == fault.taken
        assert bool(stage.carrier.network.tally.journal(SILENT)) is fault.taken

    play(story, troubles=Troubles(requests={fault: 1.0}))


def test_a_share_of_requests_fails_and_the_seed_says_which() -> None:
    async def drawn() -> list[Fault | None]:
        network = Network(Options(seed=7, troubles=Troubles(requests={Fault.THROTTLED: 0.2, Fault.BROKEN: 0.1})))
        return [network.trouble.request(number(n)) for n in range(1000)]

    first = asyncio.run(drawn())
    assert first == asyncio.run(drawn())
    found = Counter(first)
    assert 150 < found[Fault.THROTTLED] < 250
    assert 60 < found[Fault.BROKEN] < 140


@pytest.mark.long
def test_an_outage_takes_everything_and_ends() -> None:
    async def story(stage: Stage) -> None:
        assert await outcome(stage, PROMPT) == "503 20503"
        with pytest.raises(TwilioException):
            await stage.client.messages.list_async()
        async with asyncio.timeout(60):
            while await outcome(stage, PROMPT) == "503 20503":
                await asyncio.sleep(0.05)
        assert await outcome(stage, PROMPT) == "queued"

    play(story, outages=(Outage(0, 3_000, Fault.UNAVAILABLE),))


def test_an_outage_can_be_ordered_and_lifted_over_http() -> None:
    async def story(stage: Stage) -> None:
        async with aiohttp.ClientSession() as session:
            address = f"{stage.carrier.url}/simulated/troubles"
            await session.put(address, json={"outage": "429", "hooks": {"twice": 1}})
            assert await outcome(stage, PROMPT) == "429 20429"
            now = await (await session.put(address, json={"outage": None})).json()
        assert now == {"requests": {}, "hooks": {"twice": 1.0}, "outage": None}
        assert await outcome(stage, PROMPT) == "queued"

    play(story)


def test_webhooks_that_come_twice() -> None:
    async def story(stage: Stage) -> None:
        text = await stage.text(SILENT)
        await stage.ear.wait(lambda: len(stage.told(text.sid)) == 4)
        assert stage.told(text.sid) == ["sent", "sent", "delivered", "delivered"]

    play(story, troubles=Troubles(hooks={HookFault.TWICE: 1.0}))


def test_webhooks_that_are_lost() -> None:
    async def story(stage: Stage) -> None:
        text = await stage.text(PROMPT)
        while (await stage.client.messages(text.sid).fetch_async()).status != "delivered":
            await asyncio.sleep(0.02)
        assert not stage.ear.heard

    play(story, troubles=Troubles(hooks={HookFault.LOST: 1.0}))


def test_webhooks_in_the_wrong_order() -> None:
    """With half of them swapped, some text hears `delivered` before `sent`, and every one hears both."""

    async def story(stage: Stage) -> None:
        texts = [await stage.text(SILENT) for _ in range(12)]
        await stage.ear.wait(lambda: all(len(stage.told(one.sid)) == 2 for one in texts))
        orders = {tuple(stage.told(one.sid)) for one in texts}
        assert ("delivered", "sent") in orders

    play(story, troubles=Troubles(hooks={HookFault.SWAPPED: 0.5}))


def test_webhooks_that_come_late_all_come() -> None:
    async def story(stage: Stage) -> None:
        texts = [await stage.text(SILENT) for _ in range(8)]
        await stage.ear.wait(lambda: all(len(stage.told(one.sid)) == 2 for one in texts))

    play(story, troubles=Troubles(hooks={HookFault.LATE: 0.7}))


def test_a_webhook_that_nobody_takes_is_counted() -> None:
    async def story(stage: Stage) -> None:
        text = await stage.text(SILENT, status_callback="http://127.0.0.1:9/nobody")
        while stage.counts["hook failed connection refused"] < 2:
            await asyncio.sleep(0.02)
        assert (await stage.client.messages(text.sid).fetch_async()).status == "delivered"

    play(story)


@pytest.mark.parametrize(
    ("asked", "times"),
    [("", 1), ("#rc=3&rp=5xx", 4), ("#rc=9&rp=all", 6), ("#rc=x&rp=ct,rt", 1), ("#rc=0", 1)],
)
def test_a_webhook_that_failed_is_repeated_as_its_address_asks(asked: str, times: int) -> None:
    """By itself only what could not connect is told once more; the fragment is sent to nobody and signed by nobody."""

    async def story(stage: Stage) -> None:
        stage.ear.status = 503
        await stage.text(SILENT, status_callback=f"{stage.ear.url}/status?attempt=a{asked}")
        while stage.counts["hook failed HTTP 503"] < 2:
            await asyncio.sleep(0.02)
        assert Counter(one.form["MessageStatus"] for one in stage.ear.heard) == {"sent": times, "delivered": times}

    play(story)


def test_an_address_without_an_answer_is_tried_again_only_as_it_asks() -> None:
    assert [Retries.of("http://x/").again(1, why) for why in ("ct", "rt", "5xx", "")] == [True, False, False, False]
    assert not Retries.of("http://x/").again(2, "ct")
    assert [Retries.of("http://x/#rp=all").again(1, why) for why in ("rt", "4xx", "")] == [True, True, False]
