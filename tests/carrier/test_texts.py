"""Texts: sent by the official SDK, followed to the phone, and heard back at a webhook that checks every signature."""

import asyncio

import pytest
from twilio.base.exceptions import TwilioRestException

from callout.simulation.twilio.options import Limits
from tests.carrier.stage import DEAD, NONSENSE, OFF, PROMPT, SENDER, SILENT, Stage, play
from tests.simulation.phones import NIGHT, TEXT, number

SERVICE = "MG" + "a" * 32


def test_a_text_is_delivered_and_answered() -> None:
    async def story(stage: Stage) -> None:
        text = await stage.text(PROMPT)
        assert (text.status, text.direction, text.num_segments, text.date_sent) == ("queued", "outbound-api", "1", None)
        await stage.ear.wait(lambda: bool(stage.ear.at("/sms")))
        assert stage.told(text.sid) == ["sent", "delivered"]
        assert {one.query["attempt"] for one in stage.ear.at("/status")} == {"500156.abc"}
        [answer] = stage.ear.at("/sms")
        assert (answer.form["From"], answer.form["To"]) == (PROMPT, SENDER)
        assert answer.form["Body"].startswith(("收到", "1", "已收到"))
        assert answer.form["FromCity"] == ""
        again = await stage.client.messages(text.sid).fetch_async()
        assert (again.status, again.body, again.error_code) == ("delivered", TEXT, None)
        assert again.date_sent is not None

    play(story)


def test_every_text_has_an_id_of_its_own() -> None:
    async def story(stage: Stage) -> None:
        sids = [(await stage.text(number(n))).sid for n in range(20)]
        assert len(set(sids)) == 20

    play(story)


def test_a_silent_phone_takes_the_text_and_says_nothing() -> None:
    async def story(stage: Stage) -> None:
        text = await stage.text(SILENT)
        await stage.until(text.sid, "delivered")
        assert not stage.ear.at("/sms")

    play(story)


def test_people_answer_only_what_asks_for_an_answer() -> None:
    async def story(stage: Stage) -> None:
        await stage.text(PROMPT, "示例县暴雨预警已解除。")
        asked = await stage.text(PROMPT)
        await stage.ear.wait(lambda: bool(stage.ear.at("/sms")))
        await stage.until(asked.sid, "delivered")
        assert len(stage.ear.at("/sms")) == 1

    play(story)


def test_a_messaging_service_is_accepted_first_and_counts_no_parts_yet() -> None:
    async def story(stage: Stage) -> None:
        text = await stage.text(PROMPT, TEXT * 3, messaging_service_sid=SERVICE)
        assert (text.status, text.num_segments, text.from_) == ("accepted", "0", None)
        await stage.until(text.sid, "delivered")
        assert stage.told(text.sid) == ["queued", "sent", "delivered"]
        assert {one.form["MessagingServiceSid"] for one in stage.ear.at("/status")} == {SERVICE}
        assert (await stage.client.messages(text.sid).fetch_async()).num_segments == "3"

    play(story, senders=frozenset({SENDER}))


def test_a_dead_number_is_undelivered_after_sent_or_never_heard_of() -> None:
    async def story(stage: Stage) -> None:
        dead = [await stage.text(DEAD) for _ in range(6)]
        await stage.ear.wait(lambda: any("undelivered" in stage.told(one.sid) for one in dead))
        told = next(one for one in dead if "undelivered" in stage.told(one.sid))
        assert stage.told(told.sid) == ["sent", "undelivered"]
        codes = {one.form["ErrorCode"] for one in stage.ear.at("/status") if one.form["MessageStatus"] == "undelivered"}
        assert codes == {"30005"}
        assert (await stage.client.messages(told.sid).fetch_async()).error_code == 30005

    play(story)


def test_a_text_whose_validity_ends_in_the_queue_is_never_sent() -> None:
    """One segment a second, six before it, five seconds of validity."""

    async def story(stage: Stage) -> None:
        before = [await stage.text(SILENT, TEXT * 4) for _ in range(2)]
        late = await stage.text(PROMPT, validity_period=5)
        await stage.until(late.sid, "failed")
        assert stage.told(late.sid) == ["failed"]
        assert (await stage.client.messages(late.sid).fetch_async()).error_code == 30036
        assert not stage.carrier.network.tally.journal(PROMPT)
        for one in before:
            await stage.until(one.sid, "delivered")

    play(story, limits=Limits(segments=1), speed=20.0)


def test_a_phone_that_is_off_beyond_the_validity_never_gets_the_text() -> None:
    async def story(stage: Stage) -> None:
        text = await stage.text(OFF, validity_period=600)
        await stage.until(text.sid, "undelivered")
        assert stage.told(text.sid) == ["sent", "undelivered"]
        assert (await stage.client.messages(text.sid).fetch_async()).error_code == 30003
        assert not stage.carrier.network.tally.journal(OFF)

    play(story, start=NIGHT)


def test_a_sender_may_not_queue_more_than_ten_hours() -> None:
    async def story(stage: Stage) -> None:
        for _ in range(2):  # eleven segments each, at one in forty minutes
            await stage.text(SILENT, TEXT * 13)
        with pytest.raises(TwilioRestException) as refused:
            await stage.text(SILENT)
        assert refused.value.code == 21611

    play(story, limits=Limits(segments=1 / 2400), speed=1.0)


def test_whoever_says_stop_gets_nothing_until_start() -> None:
    async def story(stage: Stage) -> None:
        say = stage.carrier.texts.say
        say(PROMPT, " stop ", SENDER)
        await stage.ear.wait(lambda: bool(stage.ear.at("/sms")))
        assert stage.ear.at("/sms")[0].form["OptOutType"] == "STOP"
        with pytest.raises(TwilioRestException) as refused:
            await stage.text(PROMPT)
        assert (refused.value.status, refused.value.code) == (400, 21610)
        await stage.text(SILENT)
        say(PROMPT, "START", SENDER)
        assert (await stage.text(PROMPT)).status == "queued"

    play(story)


def test_a_sentence_with_stop_in_it_is_only_a_sentence() -> None:
    async def story(stage: Stage) -> None:
        stage.carrier.texts.say(PROMPT, "please do not stop", SENDER)
        await stage.ear.wait(lambda: bool(stage.ear.at("/sms")))
        assert "OptOutType" not in stage.ear.at("/sms")[0].form
        assert (await stage.text(PROMPT)).status == "queued"

    play(story)


def test_what_the_webhook_answers_goes_back_to_the_person() -> None:
    async def story(stage: Stage) -> None:
        stage.ear.answers["/sms"] = lambda form: f"<Response><Message>您答复了：{form['Body']}</Message></Response>"
        stage.carrier.texts.say(PROMPT, "在哪里", SENDER)
        journal = stage.carrier.network.tally.journal
        async with asyncio.timeout(60):
            while not journal(PROMPT):
                await asyncio.sleep(0.01)
        assert [one["words"] for one in journal(PROMPT)] == ["您答复了：在哪里"]
        [_, back] = reversed(await stage.client.messages.list_async())
        assert (back.direction, back.to) == ("outbound-reply", PROMPT)

    play(story)


def test_some_texts_fail_later_with_the_code_that_the_options_name() -> None:
    async def story(stage: Stage) -> None:
        filtered = await stage.text(NONSENSE)
        await stage.until(filtered.sid, "undelivered")
        assert (await stage.client.messages(filtered.sid).fetch_async()).error_code == 30007
        assert not stage.ear.at("/sms")

    play(story, undelivered={NONSENSE: 30007})
