"""Three kinds of messages that users mix up and rules keep apart: warning signals, briefings, emergency responses."""

import re
import unicodedata
from enum import StrEnum

from callout.domain.level import Hazard, Level


class AlertKind(StrEnum):
    """来文类别. Colours and the grades Ⅰ to Ⅳ of one kind say nothing about those of another."""

    SIGNAL = "预警信号"
    """A warning in force: what a rule means that does not say otherwise."""
    BRIEFING = "重要气象信息专报"
    """A forecast for whoever decides, ahead of time and for a wider area."""
    RESPONSE = "应急响应"
    """The order of a headquarters (指挥部) to its own people."""


_COLOURED = re.compile(r"[红橙黄蓝](?:色|(?=预警))")
_RESPONSE = "应急响应"
_BRIEFING = re.compile(r"专报|重要气象信息")
_GRADED = re.compile(r"(IV|III|II|I|[一二三四])级")
_GRADES = {
    "IV": Level.BLUE, "III": Level.YELLOW, "II": Level.ORANGE, "I": Level.RED,
    "四": Level.BLUE, "三": Level.YELLOW, "二": Level.ORANGE, "一": Level.RED,
}  # fmt: skip
_ABOUT: dict[str, Hazard] = {
    "防汛抗旱": Hazard.FLOOD,
    "防汛防台风": Hazard.FLOOD,
    "防汛": Hazard.FLOOD,
    "防台风": Hazard.TYPHOON,
    "抗旱": Hazard.DROUGHT,
    "地灾": Hazard.LANDSLIDE,
    "森林防火": Hazard.FOREST_FIRE,
    "森林防灭火": Hazard.FOREST_FIRE,
    **{hazard.value: hazard for hazard in Hazard},
}
_WORDS = re.compile("|".join(sorted(_ABOUT, key=len, reverse=True)))
_READ_AT_MOST = 500


def alert_kind(headline: str) -> AlertKind:
    """What kind of message has this headline; one that names a colour is a signal, whatever else it says."""
    plain = unicodedata.normalize("NFKC", headline[:_READ_AT_MOST])
    if _COLOURED.search(plain):
        return AlertKind.SIGNAL
    if _RESPONSE in plain:
        return AlertKind.RESPONSE
    return AlertKind.BRIEFING if _BRIEFING.search(plain) else AlertKind.SIGNAL


def graded(headline: str) -> tuple[Hazard | None, Level | None]:
    """What a briefing or a response is about, and its grade as a level (Ⅳ is the lowest); None where it does not say.

    将防汛Ⅳ级应急响应提升至Ⅲ级 has the last one.
    """
    plain = unicodedata.normalize("NFKC", headline[:_READ_AT_MOST])
    grades = [*_GRADED.finditer(plain)]
    if not grades:
        return None, None
    named = [_ABOUT[found[0]] for found in _WORDS.finditer(plain, 0, grades[-1].start())]
    return named[-1] if named else None, _GRADES[grades[-1][1]]
