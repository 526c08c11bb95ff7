"""unheard: approved templates that ask for an answer on a channel that hears none. People would answer into nothing."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from callout.domain.abilities import Abilities, Receipts
from callout.domain.carrying import OPEN_UPLINK
from callout.domain.form import Form
from callout.domain.ladder import ChannelKind
from callout.domain.meaning import NoticeKind
from callout.ports import Provider
from callout.render.review import asks_for_key, asks_for_reply
from callout.reports.words import MESSAGES


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the people on one kind of channel are asked for."""

    what: str
    given: str
    words: str
    """As the templates of that channel are called."""
    asked: Callable[[Form], str]


_ANSWERS: Mapping[ChannelKind, _Answer] = {
    ChannelKind.SMS: _Answer("回复", "答了", "文字", asks_for_reply),
    ChannelKind.VOICE: _Answer("按键", "按了", "话术", asks_for_key),
}
_READ_OUT = frozenset(NoticeKind)
"""By voice these are read out, and no key is waited for (`Message.wants_answer`)."""


@dataclass(frozen=True, slots=True)
class Unheard:
    """Of one provider, on one kind of channel."""

    provider: str
    answer: _Answer
    asking: Mapping[str, str]
    """The words that ask, by kind of message; never empty."""
    ways: tuple[Abilities, ...]
    heard: bool = False
    """Where calls are answered: then these are notices, which are read out and listen to nobody."""

    def told(self, kinds: Collection[str] = ()) -> str:
        """One sentence about those of these kinds, about all where none is named; empty where none of them asks."""
        them = [kind for kind in self.asking if kind in kinds] if kinds else list(self.asking)
        if not them:
            return ""
        what, named = self.answer.what, "、".join(f"{MESSAGES[kind]}（{kind}，“{self.asking[kind]}”）" for kind in them)
        when = "播放通知时" if self.heard else ""
        vain = f"通道“{self.provider}”{when}收不到{what}，模板却请人{what}：{named}；{self.answer.given}没人听见"
        return f"{vain}，{self._mend}"

    @property
    def _mend(self) -> str:
        steps = []
        if any(able.uplink_shut for able in self.ways):
            steps.append(OPEN_UPLINK)
        if any(able.receipts is Receipts.NONE for able in self.ways):
            steps.append("设 CALLOUT_PUBLIC_URL")
        other = f"改用不请人{self.answer.what}的{self.answer.words}（重新送审）"
        return f"请{''.join(f'{one}，' for one in steps)}{'或' if steps else ''}{other}"


def unheard(provider: Provider, number: str) -> tuple[Unheard, ...]:
    """Which templates ask in vain, for numbers that begin so; where it is for others only, for those."""
    return tuple(one for kind in sorted(provider.kinds) for one in _unheard(provider, kind, number))


def _unheard(provider: Provider, kind: ChannelKind, number: str) -> Iterator[Unheard]:
    numbers = (number,) if provider.carries(kind, number) else provider.regions
    ways = tuple(able for one in numbers if (able := provider.channel.abilities(one)).reaches)
    heard = any(not able.one_way(kind) for able in ways)
    if not ways or any(able.free_text for able in ways) or (heard and kind is not ChannelKind.VOICE):
        return
    answer = _ANSWERS[kind]
    asking = {
        sent: asked
        for sent, form in provider.forms.items()
        if (sent in _READ_OUT or not heard) and (asked := answer.asked(form))
    }
    if asking:
        yield Unheard(provider.channel.name, answer, asking, ways, heard)
