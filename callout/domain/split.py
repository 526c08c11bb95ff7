"""One message, several levels (分乡镇分级): which township has which, by its infos and by its text.

将甲街道暴雨橙色降级为黄色，其余镇街暴雨橙色仍生效. What cannot be told safely counts as the highest level named, and a
human is asked.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from callout.domain.alert import Alert
from callout.domain.area import County, Coverage, Locality, Township
from callout.domain.coverage import cover, undecidable
from callout.domain.headline import read_headline
from callout.domain.level import Hazard, Level

_SENTENCE_ENDS = re.compile(r"[。;!\n]")
_REST = re.compile(r"其余|其他|其它")
_UNNAMED = re.compile(r"部分|局部|个别|解除|撤销|取消")
"""Words beside a level that leave open where it holds, or whether it does."""
_READ_AT_MOST = 2000


def concerned(counties: Sequence[County], alert: Alert) -> tuple[Coverage, ...]:
    """What the alert covers of the counties that it touches. One whose area nobody can tell is put before them all.

    So is one under an abolished or unknown code before the county that is likely meant: it covers nothing by itself.
    """
    found = tuple(c for c in (take(county, alert) or _asked(county, alert) for county in counties) if c is not None)
    if not found and undecidable(alert):
        return tuple(Coverage(county.code, frozenset()) for county in counties)
    return found


def _asked(county: County, alert: Alert) -> Coverage | None:
    questions = county.codes.questions(county.code, alert)
    return Coverage(county.code, frozenset(), questions) if questions else None


def take(county: County, alert: Alert) -> Coverage | None:
    """What the alert covers of the county, every township at its own level; None when nothing touches it."""
    parts = [(cover(county, info), info.level or alert.info.level) for info in alert.infos]
    covered = [(part, level) for part, level in parts if part]
    if not covered:
        return None
    areas = frozenset().union(*(part.areas for part, _ in covered))
    doubts = tuple(dict.fromkeys(doubt for part, _ in covered for doubt in part.doubts))
    given: dict[str, Level] = {}
    for part, level in covered:
        given |= {area: max(level, given.get(area, level), key=_rank) for area in part.areas if level}
    return _by_text(county, alert, Coverage(county.code, areas, doubts, given))


def _rank(level: Level) -> int:
    return level.rank


def _by_text(county: County, alert: Alert, coverage: Coverage) -> Coverage:
    """The coverage after the text was read, where it names a level that no info gives."""
    info = alert.info
    named = {level for hazard, level in read_headline(info.description).named if level and hazard is info.hazard}
    if info.hazard is None or not named - set(coverage.levels.values()) or not coverage.levels:
        return coverage
    townships = [township for township in county.townships if township.key in coverage.areas]
    found = read_split(info.description, info.hazard, townships, county.places)
    if found is not None:
        top = max(found.values(), key=_rank)
        return Coverage(county.code, coverage.areas, coverage.doubts, {**found, county.key: top}, settled=True)
    top = max({*named, *coverage.levels.values()}, key=_rank)
    doubt = f"正文分乡镇分级，但分不清各乡镇的级别；已全部按{top.zh}叫应，请人工核对。"
    return Coverage(county.code, coverage.areas, (*coverage.doubts, doubt), dict.fromkeys(coverage.areas, top))


@dataclass(slots=True)
class _Reading:
    """What the text has said so far."""

    levels: dict[str, set[Level]] = field(default_factory=dict)
    through: dict[str, set[Level]] = field(default_factory=dict)
    """Township → levels of 小流域 and other places in it that are named."""
    rest: set[Level] = field(default_factory=set)
    """For the townships that are not named."""
    base: set[Level] = field(default_factory=set)
    """For all, where nothing more special is said."""
    loose: bool = False
    """Something was said whose township or level nobody can tell."""


@dataclass(frozen=True, slots=True)
class _Names:
    """The names by which a text may speak of parts of a county."""

    townships: Sequence[Township]
    places: Sequence[Locality]

    def directly(self, text: str) -> list[str]:
        """Keys of the townships that the text names."""
        return [t.key for t in self.townships if any(name in text for name in (t.name, *t.aliases))]

    def through(self, text: str) -> list[str]:
        """Keys of the townships in which a 小流域 or another place lies that the text names."""
        named = frozenset[str]().union(*(place.areas for place in self.places if place.name in text))
        return [t.key for t in self.townships if t.key in named]


def read_split(
    text: str, hazard: Hazard, townships: Sequence[Township], places: Sequence[Locality] = ()
) -> Mapping[str, Level] | None:
    """Township key → level, by the text; None unless it is certain for every one of them.

    A 小流域 that is named gives its level to all townships that it touches; the highest of several counts.
    """
    reading, names = _Reading(), _Names(townships, places)
    for sentence in _SENTENCE_ENDS.split(unicodedata.normalize("NFKC", text[:_READ_AT_MOST])):
        _read(sentence, hazard, names, reading)
    found = {t.key: reading.levels.get(t.key) or reading.rest or reading.base for t in townships}
    loose = reading.loose or bool(reading.rest and reading.base)
    certain = found and not loose and all(len(own) <= 1 and own | _through(reading, key) for key, own in found.items())
    return {key: max(own | _through(reading, key), key=_rank) for key, own in found.items()} if certain else None


def _through(reading: _Reading, key: str) -> set[Level]:
    return reading.through.get(key, set())


def _read(sentence: str, hazard: Hazard, names: _Names, reading: _Reading) -> None:
    """A heading gives its level to the names after the colon; else a clause gives it to the names before it."""
    head, colon, body = sentence.partition(":")
    heading, below = _levels(head, hazard), _levels(body, hazard)
    if colon and heading and not below and (names.directly(body) or names.through(body) or _REST.search(body)):
        _give(body, heading, names, reading)
        return
    pending = ""
    for clause in _clauses(sentence):
        pending += clause + ","
        if levels := _levels(clause, hazard):
            _give(pending, levels, names, reading)
            pending = ""


def _clauses(sentence: str) -> Iterator[str]:
    yield from re.split(r"[,:]", sentence)


def _levels(text: str, hazard: Hazard) -> set[Level]:
    """The levels of this hazard that hold by these words; a colour alone goes on about the same hazard."""
    return {level for named, level in read_headline(text).named if level and named in (hazard, None)}


def _give(text: str, levels: set[Level], names: _Names, reading: _Reading) -> None:
    named, through, rest = names.directly(text), names.through(text), bool(_REST.search(text))
    if len(levels) > 1 or ((named or through) and rest) or _UNNAMED.search(text):
        reading.loose = True
    for key in named:
        reading.levels.setdefault(key, set()).update(levels)
    for key in through:
        reading.through.setdefault(key, set()).update(levels)
    if rest:
        reading.rest |= levels
    elif not named and not through:
        reading.base |= levels
