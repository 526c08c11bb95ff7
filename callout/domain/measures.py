"""措施 as texts, each part with its 断禁停撤疏 or 六停 code; a higher level keeps what the lower ones ask."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from callout.domain.rule import StopWorkCode

_CODED = re.compile(rf"({'|'.join(sorted((code.value for code in StopWorkCode), key=len, reverse=True))})[:：]")


def parts(text: str) -> list[tuple[StopWorkCode | None, str]]:
    """The parts of a measure between semicolons; a part without a code of its own has None."""
    found = [part for part in re.split(r"[;；]", text.rstrip("。 ")) if part.strip()]
    return [(StopWorkCode(named[1]) if (named := _CODED.match(part)) else None, part) for part in found]


def told(texts: Sequence[str]) -> str:
    """What a post is told, from the measures of the rules that call it, the last of which is the highest.

    The last one in full, then what earlier ones ask under a code that it does not speak of.
    """
    return _told(tuple(texts))


@lru_cache(1024)
def _told(texts: tuple[str, ...]) -> str:
    known = [text for text in texts if text]
    if not known:
        return ""
    spoken = {code for code, _ in parts(known[-1])}
    kept = []
    for text in reversed(known[:-1]):
        fresh = [(code, words) for code, words in parts(text) if code and code not in spoken]
        spoken |= {code for code, _ in fresh}
        kept += [words for _, words in fresh]
    return "；".join((known[-1].rstrip("。"), *kept)) + "。" if kept else known[-1]


def measure_of(rules: Collection[str], measures: Mapping[str, str]) -> str:
    """What to do by these rules; `measures` gives the words of each rule in the order of the files."""
    named = [rule for rule in rules if rule in measures]
    if len(named) > 1:
        named = [rule for rule in measures if rule in rules]
    return told([measures[rule] for rule in named])
