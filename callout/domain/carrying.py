"""Whether a ladder can be carried: steps without a way, answers that cannot come back, limits that forbid a step."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from callout.domain.abilities import Abilities, Window
from callout.domain.instant import HOUR, Instant, later
from callout.domain.ladder import ChannelKind, Ladder
from callout.domain.length import whole
from callout.domain.pace import For, fits

Able = Mapping[ChannelKind, Sequence[Abilities]]
"""What the providers of each kind of channel can do for the numbers of one country."""

_BY_DAY, _BY_NIGHT = Instant(2 * HOUR), Instant(15 * HOUR)
"""10:00 and 23:00 in Beijing on some day."""
_SMS = ChannelKind.SMS
_NO_WAY: Mapping[ChannelKind, str] = {
    kind: f"没有{this}通道到得了这些号码；请在通道文件里加一个到得了的{this}通道，或把这一步改成{other}"
    for kind, this, other in ((_SMS, "短信", "语音"), (ChannelKind.VOICE, "语音", "短信"))
}
OPEN_UPLINK = "向服务商开通上行（短信回复）后在通道的 settings 里写 two_way: true"
"""What makes replies come back where the up-link is shut: a Chinese clause."""
_ANOTHER = "配一个收得到回复或带得了答复链接的短信通道，否则要靠别的步骤收答复"
_NO_ANSWER: Mapping[ChannelKind, str] = {
    _SMS: f"短信收不到答复；请{_ANOTHER}",
    ChannelKind.VOICE: "语音收不到按键；请配收得到按键的语音通道（sip，或云语音加 CALLOUT_PUBLIC_URL），或靠别的步骤",
}
_SHUT = f"短信收不到答复；请{OPEN_UPLINK}，或{_ANOTHER}"
_NOBODY = "没有一步收得到答复，所有人都会一直叫到人工；请至少给一步配上收得到答复的通道"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one step, counted from 1; 0 = the whole ladder."""

    ladder: str
    step: int
    night: bool
    grave: bool
    """Nobody would be reached, or nobody could answer; otherwise the ladder works, but less well than it looks."""
    why: str
    """A Chinese clause, with what to do."""


def faults(ladder: Ladder, able: Able) -> tuple[Fault, ...]:
    """Everything that the channels cannot carry of this ladder, by day and by night, step by step."""
    return tuple(fault for night in (False, True) for fault in _faults(ladder, able, night=night))


def _faults(ladder: Ladder, able: Able, *, night: bool) -> Iterator[Fault]:
    at = _BY_NIGHT if night else _BY_DAY
    earlier: dict[tuple[object, ...], list[Instant]] = {}
    answerable = False
    for nth, step in enumerate(ladder.steps, 1):
        channel = step.night if night else step.day
        ways = [a for a in able.get(channel, ()) if a.reaches]
        before = earlier.setdefault((step.target, step.number, channel), [])
        answerable = answerable or any(a.answers for a in ways)
        for grave, why in _of_step(channel, ways, before, at):
            yield Fault(ladder.name, nth, night, grave, why)
        before.append(at)
        at = later(at, step.wait)
    if ladder.steps and not answerable:
        yield Fault(ladder.name, 0, night, True, _NOBODY)


def _of_step(
    channel: ChannelKind, ways: Sequence[Abilities], before: Sequence[Instant], at: Instant
) -> Iterator[tuple[bool, str]]:
    if not ways:
        yield True, _NO_WAY[channel]
        return
    if not any(a.answers for a in ways):
        shut = channel is _SMS and any(a.uplink_shut for a in ways)
        yield False, _SHUT if shut else _NO_ANSWER[channel]
    if not any(fits(a.windows, before, at, For.RED) for a in ways):
        told = "、".join(limits(ways))
        yield True, f"叫同一号码太密，通道限{told}；请把前面几步的 wait 加长，或这一步改叫另一个号码"


def limits(ways: Sequence[Abilities]) -> list[str]:
    """The limits of a number, in words."""
    return [_limit(window) for window in dict.fromkeys(w for a in ways for w in a.windows)]


def _limit(window: Window) -> str:
    return f"每 {whole(window.span)} {window.count} 次" + ("（夜间）" if window.night_only else "")
