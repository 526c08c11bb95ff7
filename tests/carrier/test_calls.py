"""Calls: ringing, picking up, TwiML, keys, machines and hanging up, driven by the official SDK."""

from collections.abc import Mapping

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.twiml.voice_response import Gather, VoiceResponse

from callout.domain.instant import SECOND
from callout.simulation.twilio.options import Limits
from tests.carrier.stage import BUSY, DEAD, HASTY, NONSENSE, OFF, PROMPT, REFUSER, SILENT, SLEEPER, Stage, play
from tests.simulation.phones import NIGHT

WORDS = "您好，这里是示例县预警叫应。示例气象台发布暴雨红色预警，影响示例镇。收到请按1，无法到岗请按2，需要支援请按3。"


def question(words: str = WORDS, **more: object) -> str:
    """As a warning is spoken: twice, one digit wanted; silence asks once more and then says good-bye."""
    said = VoiceResponse()
    said.append(_gather(words, **more))
    said.say("没有收到按键。", language="zh-CN")
    said.hangup()
    return str(said)


def _gather(words: str, **more: object) -> Gather:
    wanted = {"num_digits": 1, "action": "/key", "finish_on_key": "", "timeout": 5, **more}
    gather = Gather(**wanted)
    gather.say(words, language="zh-CN", loop=2)
    return gather


def answer(form: Mapping[str, str]) -> str:
    """1, 2 and 3 are thanked for; anything else is asked again."""
    if form["Digits"] not in ("1", "2", "3"):
        return question("按键不对，收到请按1，无法到岗请按2。")
    said = VoiceResponse()
    said.say("谢谢。", language="zh-CN")
    said.hangup()
    return str(said)


def listen(stage: Stage, **more: object) -> None:
    stage.ear.answers["/voice"] = lambda _: question(**more)  # type: ignore[arg-type]
    stage.ear.answers["/key"] = answer


def keys(stage: Stage) -> list[str]:
    return [one.form["Digits"] for one in stage.ear.at("/key")]


def test_a_person_picks_up_listens_and_presses_one() -> None:
    async def story(stage: Stage) -> None:
        listen(stage)
        call = await stage.call(PROMPT)
        assert (call.status, call.direction) == ("queued", "outbound-api")
        await stage.until(call.sid, "completed")
        assert stage.told(call.sid) == ["initiated", "ringing", "in-progress", "completed"]
        assert [one.form["SequenceNumber"] for one in stage.ear.at("/call")] == ["0", "1", "2", "3"]
        assert keys(stage) == ["1"]
        [asked] = stage.ear.at("/voice")
        assert (asked.query["attempt"], asked.form["CallStatus"]) == ("500156.abc", "in-progress")
        ended = stage.ear.at("/call")[-1].form
        assert ended["SipResponseCode"] == "200"
        assert int(ended["CallDuration"]) > 10
        assert (await stage.client.calls(call.sid).fetch_async()).duration == ended["CallDuration"]

    play(story)


def test_inline_words_are_played_too() -> None:
    async def story(stage: Stage) -> None:
        listen(stage)
        call = await stage.call(PROMPT, twiml=question(action=f"{stage.ear.url}/key"))
        await stage.until(call.sid, "completed")
        assert keys(stage) == ["1"]
        assert not stage.ear.at("/voice")

    play(story)


def test_whoever_cannot_come_presses_two() -> None:
    async def story(stage: Stage) -> None:
        listen(stage)
        call = await stage.call(REFUSER)
        await stage.until(call.sid, "completed")
        assert keys(stage) == ["2"]

    play(story)


def test_a_wrong_key_is_asked_again() -> None:
    """Some press the right one then; the seed says that this one does on the second or third call."""

    async def story(stage: Stage) -> None:
        listen(stage)
        for _ in range(5):
            call = await stage.call(NONSENSE)
            await stage.until(call.sid, "completed")
        pressed = keys(stage)
        assert pressed[0] not in ("1", "2", "3")
        assert "1" in pressed
        assert stage.counts["call said"] > 5

    play(story)


@pytest.mark.parametrize(
    ("who", "ends", "sip"),
    [(SILENT, "no-answer", "487"), (BUSY, "busy", "486"), (DEAD, "failed", "404"), (OFF, "no-answer", "480")],
)
def test_a_call_that_nobody_picks_up(who: str, ends: str, sip: str) -> None:
    async def story(stage: Stage) -> None:
        call = await stage.call(who)
        await stage.until(call.sid, ends)
        assert stage.told(call.sid) == ["initiated", "ringing", ends]
        end = stage.ear.at("/call")[-1].form
        assert (end["SipResponseCode"], end["CallDuration"]) == (sip, "0")
        assert not stage.ear.at("/voice")

    play(story, start=NIGHT)


def test_a_call_rings_no_longer_than_it_was_told() -> None:
    async def story(stage: Stage) -> None:
        call = await stage.call(SLEEPER, timeout=1)
        await stage.until(call.sid, "no-answer")

    play(story)


def test_whoever_hangs_up_at_once_pressed_nothing() -> None:
    async def story(stage: Stage) -> None:
        listen(stage)
        call = await stage.call(HASTY)
        await stage.until(call.sid, "completed")
        assert keys(stage) == []
        assert stage.counts["call left by the person"] == 1

    play(story)


def test_silence_is_told_where_the_question_wants_to_know() -> None:
    """A machine listens: it presses nothing."""

    async def story(stage: Stage) -> None:
        listen(stage, action_on_empty_result=True)
        stage.ear.answers["/key"] = lambda _: str(VoiceResponse())
        call = await stage.call(SILENT)
        await stage.until(call.sid, "completed")
        assert keys(stage) == [""]

    play(story, voicemail=1.0)


def test_a_machine_is_detected_and_hears_the_rest() -> None:
    async def story(stage: Stage) -> None:
        listen(stage)
        call = await stage.call(SILENT, machine_detection="Enable")
        await stage.until(call.sid, "completed")
        assert stage.ear.at("/voice")[0].form["AnsweredBy"] == "machine_start"
        assert (await stage.client.calls(call.sid).fetch_async()).answered_by == "machine_start"
        beep = await stage.call(SILENT, machine_detection="DetectMessageEnd")
        await stage.until(beep.sid, "completed")
        assert stage.ear.at("/voice")[1].form["AnsweredBy"] == "machine_end_beep"
        assert keys(stage) == []

    play(story, voicemail=1.0)


def test_a_person_is_detected_and_sometimes_misheard() -> None:
    async def story(stage: Stage) -> None:
        listen(stage)
        call = await stage.call(PROMPT, machine_detection="Enable")
        await stage.until(call.sid, "completed")
        assert stage.ear.at("/voice")[0].form["AnsweredBy"] == "machine_start"
        assert keys(stage) == ["1"]

    play(story, misheard=1.0)


def test_detection_beside_the_call_is_told_elsewhere() -> None:
    async def story(stage: Stage) -> None:
        listen(stage)
        told = {"async_amd": "true", "async_amd_status_callback": f"{stage.ear.url}/amd"}
        call = await stage.call(PROMPT, machine_detection="Enable", **told)
        await stage.until(call.sid, "completed")
        [found] = stage.ear.at("/amd")
        assert (found.form["CallSid"], found.form["AnsweredBy"]) == (call.sid, "human")
        assert "AnsweredBy" not in stage.ear.at("/voice")[0].form

    play(story)


def test_a_ringing_call_can_be_ended() -> None:
    async def story(stage: Stage) -> None:
        call = await stage.call(SILENT)
        await stage.until(call.sid, "ringing")
        ended = await stage.client.calls(call.sid).update_async(status="completed")
        assert ended.status == "canceled"
        await stage.until(call.sid, "canceled")
        with pytest.raises(TwilioRestException) as refused:
            await stage.client.calls(call.sid).update_async(status="completed")
        assert refused.value.code == 21220

    play(story, speed=20.0)


def test_a_call_in_progress_can_be_hung_up() -> None:
    async def story(stage: Stage) -> None:
        listen(stage, words=WORDS * 5)
        call = await stage.call(PROMPT)
        await stage.ear.wait(lambda: bool(stage.ear.at("/voice")))
        ended = await stage.client.calls(call.sid).update_async(status="completed")
        assert ended.status == "completed"
        await stage.until(call.sid, "completed")
        assert keys(stage) == []

    play(story, speed=50.0)


def test_words_that_never_come_end_the_call() -> None:
    async def story(stage: Stage) -> None:
        stage.ear.status = 500
        call = await stage.call(PROMPT)
        await stage.ear.wait(lambda: len(stage.ear.at("/call")) == 4)
        assert (await stage.client.calls(call.sid).fetch_async()).status == "completed"
        assert stage.counts["twiml not answered HTTP 500"] == 1

    play(story)


@pytest.mark.parametrize("words", ["<Response><Dial>1</Dial></Response>", "no xml", "<Other/>"])
def test_words_that_cannot_be_played_end_the_call(words: str) -> None:
    async def story(stage: Stage) -> None:
        stage.ear.answers["/voice"] = lambda _: words
        call = await stage.call(PROMPT)
        await stage.until(call.sid, "completed")
        assert [name for name in stage.counts if name.startswith("twiml refused")]

    play(story)


def test_calls_wait_for_their_turn() -> None:
    async def story(stage: Stage) -> None:
        first, second = await stage.call(PROMPT), await stage.call(REFUSER)
        assert int(first.queue_time) == 0
        assert 50 * SECOND < int(second.queue_time) <= 100 * SECOND

    play(story, limits=Limits(calls=0.01), speed=1.0)
