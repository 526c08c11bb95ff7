"""What the tests of the simulation share: synthetic numbers, messages and moments."""

from datetime import datetime
from itertools import count

from callout.domain.instant import BEIJING, Instant, instant
from callout.domain.ladder import ChannelKind
from callout.domain.level import Level
from callout.domain.meaning import Meaning
from callout.ports import Message
from callout.simulation.people import Person, Temperament, person

DAY = instant(datetime(2026, 8, 1, 10, 0, tzinfo=BEIJING))
NIGHT = instant(datetime(2026, 8, 1, 2, 0, tzinfo=BEIJING))
SEED = 1
MEANING = Meaning("示例县", "暴雨", Level.RED, "示例镇", DAY, None, "", "示例气象台", run="demo")
TEXT = "【叫应】【演示】示例县暴雨红色预警（示例气象台08:00发布）：示例镇。收到回1，无法到岗回2，需要支援回3。"
CODED = TEXT[:-1] + "（加编号，如1B3）。"


def number(nth: int) -> str:
    """A synthetic number: no country has the code 999."""
    return f"+999{nth:09d}"


def numbers_of(temperament: Temperament, many: int = 60, seed: int = SEED) -> list[str]:
    """The first numbers behind which this seed puts such people."""
    found = (number(n) for n in count() if person(seed, number(n)).temperament is temperament)
    return [next(found) for _ in range(many)]


def people_of(temperament: Temperament) -> list[Person]:
    return [person(SEED, e164) for e164 in numbers_of(temperament)]


def sms(e164: str, text: str = TEXT, expires_at: Instant | None = None, wants_answer: bool = True) -> Message:
    return Message(f"500156.s{e164[4:]}", e164, ChannelKind.SMS, text, expires_at, wants_answer, DAY, MEANING)


def voice(e164: str, text: str = TEXT, nth: int = 1, wants_answer: bool = True) -> Message:
    return Message(f"500156.v{nth}{e164[4:]}", e164, ChannelKind.VOICE, text, None, wants_answer, DAY, MEANING)
