"""What a message would mean for those whom earlier messages of its episode called, in words for the officer."""

from collections import Counter
from collections.abc import Iterable, Iterator

from callout.domain.callout import CalloutState
from callout.domain.episode import Turn
from callout.store.foreseen import Foreseen

_OTHERS = {
    CalloutState.INFORMED: "岗已应答，只收一条告知",
    CalloutState.CONTINUED: "岗正在叫，接着叫，换成新的内容和有效期",
    CalloutState.SUPERSEDED: "岗已有发布更晚的预警，不再叫",
    CalloutState.LIFTED: "岗的预警已先收到解除，不叫",
}


def not_called(begins: Iterable[CalloutState]) -> tuple[str, ...]:
    """One line for each group of due posts that no new ladder is opened for."""
    many = Counter(begins)
    return tuple(f"同一过程：{many[state]} {words}" for state, words in _OTHERS.items() if many[state])


def lifting(foreseen: Foreseen) -> Iterator[str]:
    """What an all-clear would end, and whom it would tell."""
    if not foreseen.known:
        yield "解除消息所指的预警没有收到：先保存，转人工；收到后即适用"
        return
    areas = [move for move in foreseen.moves.values() if move.turn is Turn.LIFTS]
    if not areas:
        yield "解除消息对不上正在生效的预警：不解除任何预警"
        return
    yield f"解除 {len(areas)} 处（含区县本级）的预警：还在叫的 {foreseen.running} 岗停止"
    yield "叫过的号码都收到解除通知，写明仍生效的预警"
    yield "解除不会解除熔断"
