"""One model of people, two faces: whoever is called in-process and over HTTP answers the same."""

import asyncio

from callout.domain.instant import HOUR, later
from callout.domain.ladder import ChannelKind
from callout.ports import InboundKind, Message
from callout.simulation.carrier import Carrier
from callout.simulation.clock import VirtualClock
from tests.carrier.stage import SPEED, Stage, play
from tests.carrier.test_calls import WORDS, keys, listen
from tests.simulation.phones import DAY, MEANING, SEED, TEXT, number

PEOPLE = [number(n) for n in range(100, 140)]


def in_process(channel: ChannelKind, text: str, kind: InboundKind) -> dict[str, list[str]]:
    """What comes back from each of the people within an hour."""
    clock = VirtualClock(DAY)
    carrier = Carrier(clock, SEED)
    for e164 in PEOPLE:
        asyncio.run(carrier.submit(Message(e164, e164, channel, text, None, True, DAY, MEANING)))
    said: dict[str, list[str]] = {}
    for event in carrier.due(later(DAY, HOUR)):
        if event.kind is kind:
            said.setdefault(event.e164 or event.attempt, []).append(event.body)
    return said


def test_texts_are_answered_in_the_same_words() -> None:
    wanted = in_process(ChannelKind.SMS, TEXT, InboundKind.REPLY)

    async def story(stage: Stage) -> None:
        await asyncio.gather(*(stage.text(e164) for e164 in PEOPLE))
        await stage.ear.wait(lambda: len(stage.ear.at("/sms")) == sum(map(len, wanted.values())))
        said: dict[str, list[str]] = {}
        for one in stage.ear.at("/sms"):
            said.setdefault(one.form["From"], []).append(one.form["Body"])
        assert said == wanted
        assert len(said) > len(PEOPLE) / 2

    play(story, cast={}, seed=SEED, speed=2 * SPEED)


def test_calls_are_answered_by_the_same_keys() -> None:
    wanted = in_process(ChannelKind.VOICE, WORDS, InboundKind.KEY)

    async def story(stage: Stage) -> None:
        listen(stage)
        calls = await asyncio.gather(*(stage.call(e164) for e164 in PEOPLE))
        ends = {"completed", "busy", "no-answer", "failed"}
        await stage.ear.wait(lambda: all(ends & set(stage.told(one.sid)) for one in calls))
        said: dict[str, list[str]] = {}
        for one in stage.ear.at("/key"):
            said.setdefault(one.form["To"], []).append(one.form["Digits"])
        assert said == wanted
        assert len(keys(stage)) > len(PEOPLE) / 2

    play(story, cast={}, seed=SEED)
