"""Officers learn of a provider that has gone, and that it is back."""

from collections.abc import Sequence

from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.instant import beijing
from callout.pipeline.send.fleet import Turn
from callout.ports import SendWork

_MEND = "有别的通道就走别的通道，会自动再试；请查网络，核对这条通道的设置，或联系服务商"
"""What an officer can do; whether another channel carries on stands at each callout that waits for one."""


def tell_all(work: SendWork, turns: Sequence[Turn], counties: Sequence[str]) -> None:
    """Put what became of providers on the lists of these counties, or take it off."""
    for turn in turns:
        _tell(work, turn, counties)


def _tell(work: SendWork, turn: Turn, counties: Sequence[str]) -> None:
    """A provider that has gone is one line on each officer's list; what was told of it is off when it is back."""
    kind, there = HumanCallKind.PROVIDER_DOWN, f"{turn.provider} {turn.country}"
    if not turn.down:
        for who in (turn.provider, there):
            work.humans.heard_again(who, "通道已恢复", kind)
        return
    if there in work.humans.gone():
        return  # another process has found it gone before
    about = f"{there}@{beijing(turn.since, '%Y%m%d%H%M%S')}"
    note = f"通道“{turn.provider}”到 {turn.country} 的号码不通（{turn.reason}）：{_MEND}"
    work.humans.open([NewHumanCall(county, 0, 0, kind, about, note) for county in counties], 0)
