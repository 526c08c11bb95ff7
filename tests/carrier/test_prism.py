"""Our requests and the simulated carrier's answers, judged by Twilio's own description of its interface."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from callout.domain.instant import HOUR, later
from callout.ports import Bridge, Connects, InboundKind, Outcome, Pulls, Reconciles, Runs
from callout.simulation.twilio.server import CarrierServer
from callout.store.ear import Ear
from tests.carrier import sdk
from tests.carrier.prism import folder, prism
from tests.carrier.stage import PROMPT, SENDER, SILENT, Stage, play
from tests.channels.lines import PUBLIC, providers
from tests.simulation.phones import DAY, TEXT, sms, voice

HOOKS = f"{PUBLIC}/hooks"
SERVICE = "MG" + "a" * 32
EVENTS = ["initiated", "ringing", "answered", "completed"]


def talk(client: Any) -> None:
    """Every request that we make of Twilio, in the forms in which we make them. Prism always has another page."""
    told = {"status_callback": f"{HOOKS}/status?attempt=500156.abc"}
    text = client.messages.create(to=PROMPT, from_=SENDER, body=TEXT, validity_period=600, **told)
    client.messages.create(to=PROMPT, messaging_service_sid=SERVICE, body=TEXT * 3, validity_period=36_000, **told)
    spoken = {"machine_detection": "Enable", "timeout": 30, "status_callback_event": EVENTS, **told}
    call = client.calls.create(to=SILENT, from_=SENDER, url=f"{HOOKS}/voice?attempt=500156.abc", **spoken)
    client.calls(call.sid).update(status="completed")
    inline = client.calls.create(to=PROMPT, from_=SENDER, twiml="<Response><Hangup/></Response>", **spoken)
    client.messages(text.sid).fetch()
    client.calls(inline.sid).fetch()
    client.messages.list(to=PROMPT, limit=1, page_size=1000)
    client.calls.list(to=PROMPT, limit=1, page_size=1000)
    client.api.accounts(client.account_sid).fetch()


async def hand_over(url: str) -> None:
    """What our own channels send: texts from a number and from a service, a call, and its end."""
    usual = {"timeout_seconds": sdk.PATIENCE}
    for sms_more in ({}, {"messaging_service_sid": SERVICE}):
        texts, calls = (one.channel for one in providers(url, lambda: DAY, Ear(), usual | sms_more, usual))
        assert isinstance(texts, Runs)
        assert isinstance(calls, Runs)
        async with texts.run(), calls.run():
            sent = [await texts.submit(sms(PROMPT, expires_at=later(DAY, HOUR))), await calls.submit(voice(SILENT))]
            assert [one.outcome for one in sent] == [Outcome.ACCEPTED, Outcome.ACCEPTED]
            await calls.hang_up("", sent[1].ref)
            assert isinstance(calls, Connects)
            assert (await calls.connect(Bridge("500156.desk", PROMPT, SILENT))).outcome is Outcome.ACCEPTED


async def look_back(url: str) -> None:
    """What our own channels ask afterwards: what became of a text, and what came in where nobody can call us."""
    closed = {"pull": True, "timeout_seconds": sdk.PATIENCE}
    texts, calls = (one.channel for one in providers(url, lambda: DAY, Ear(), closed, closed))
    assert isinstance(texts, Runs)
    assert isinstance(texts, Reconciles)
    assert isinstance(calls, Runs)
    async with texts.run(), calls.run():
        await texts.find("500156.abc", PROMPT, DAY)
        rings = await calls.submit(voice(SILENT))
        assert rings.outcome is Outcome.ACCEPTED
        for channel in (texts, calls):
            assert isinstance(channel, Pulls)
            assert InboundKind.RECEIPT in {one.kind for one in await channel.poll()}
        await calls.hang_up("", rings.ref)


@pytest.mark.long
def test_our_requests_are_what_twilio_describes(tmp_path: Path) -> None:
    with prism(folder(), tmp_path, "mock") as url:
        client = sdk.blocking(url)
        talk(client)
        asyncio.run(hand_over(url))
        wrong: tuple[dict[str, Any], ...] = (
            {"schedule_type": "soon"},
            {"validity_period": "long"},
            {"messaging_service_sid": "MG1"},
        )
        for mistake in wrong:
            with pytest.raises(TwilioRestException) as refused:
                client.messages.create(**{"to": PROMPT, "from_": SENDER, "body": TEXT} | mistake)
            assert refused.value.status == 422


def test_the_carriers_answers_are_what_twilio_describes(tmp_path: Path) -> None:
    """Prism stands between the official SDK and the carrier and turns every deviation into an error."""
    home = folder()

    async def story(stage: Stage) -> None:
        with ExitStack() as stack:
            between = prism(home, tmp_path, "proxy", stage.carrier.url, "--errors")
            url = await asyncio.to_thread(stack.enter_context, between)
            client = sdk.blocking(url)
            await asyncio.to_thread(talk, client)
            await hand_over(url)
            await _ended(stage)
            await look_back(url)
            await _ended(stage)
            await asyncio.to_thread(_read, client)
            await asyncio.to_thread(_deviate, client, stage.carrier)

    play(story, reach={PUBLIC: "http://127.0.0.1:9"}, speed=20.0)


OVER = {"completed", "canceled"}


async def _ended(stage: Stage) -> None:
    """Until every text and call has come to its end, so that ended ones are judged too."""
    while any(one.status not in ("delivered",) for one in await stage.client.messages.list_async(to=PROMPT)):
        await asyncio.sleep(0.05)
    while "completed" not in (seen := {one.status for one in await stage.client.calls.list_async()}) or seen - OVER:
        await asyncio.sleep(0.05)


def _read(client: Any) -> None:
    assert {one.status for one in client.messages.list(to=PROMPT, page_size=1)} == {"delivered"}
    assert {one.status for one in client.calls.list()} == {"completed", "canceled"}


def _deviate(client: Any, carrier: CarrierServer) -> None:
    """An answer that Twilio would not give is found: else the test above could not fail."""
    text = client.messages.list(to=PROMPT)[0]  # it has come to its end: nothing but this changes it
    carrier.texts.ledger.get(text.sid).status = "arrived"
    with pytest.raises(TwilioRestException) as found:
        client.messages(text.sid).fetch()
    assert found.value.status == 500
