"""What is wrong with one ladder for one shape of people; no names, so that it is worked out once for all alike."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from callout.domain.instant import Instant, Millis, later
from callout.domain.ladder import ChannelKind, Ladder, Target
from callout.domain.length import whole
from callout.domain.proof.finding import Danger, Kind
from callout.domain.proof.rungs import STARTS, Phones, Rung, Shape, Ways, broken, rungs, taken


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a ladder with these people."""

    kind: Kind
    danger: Danger
    what: str
    of_ladder: bool = False
    """The ladder itself is to blame, not who stands on it."""


def faults(shape: Shape, ladder: Ladder, limit: Millis, ways: Ways) -> tuple[Fault, ...]:
    """Everything that is wrong, over all times at which the ladder may begin."""
    climbs = {name: taken(rungs(shape, ladder, start), ways) for name, start in STARTS.items()}
    going = {name: steps for name, steps in climbs.items() if steps}
    return (
        *_stuck(shape, [name for name in climbs if name not in going], ways),
        *_holder(shape, climbs.values()),
        *_others(shape, ladder, climbs.values()),
        *_answers(going.values(), ways),
        *_times(going.values(), limit),
        *_windows(going, ways),
    )


Climbs = Collection[Sequence[Rung]]


def _stuck(shape: Shape, when: Sequence[str], ways: Ways) -> Iterator[Fault]:
    """Nobody at all is called."""
    missing = "".join(f"；没有{_ZH[kind]}通道" for kind, able in ways.items() if not able.reaches)
    if when:
        since = "任何时候" if len(when) == len(STARTS) else f"{'、'.join(when)}"
        people = "、".join(_state(*each) for each in _people(shape).items())
        yield Fault(Kind.NO_WAY, Danger.DEADLY, f"{since}开始叫，都没有一步走得通：{people}{missing}")


def _people(shape: Shape) -> dict[str, Phones | None]:
    return {"本人": shape.holder, "副职": shape.deputy, "上级": shape.superior}


def _state(who: str, phones: Phones | None) -> str:
    if phones is None:
        return "岗位空缺" if who == "本人" else f"没有{who}"
    return f"{who}的号码用不上" if any(one.usable for one in phones) else f"{who}没有能用的号码"


def _holder(shape: Shape, climbs: Climbs) -> Iterator[Fault]:
    """The person on the post is not called at all."""
    if all(any(one.target is Target.HOLDER for one in steps) for steps in climbs):
        return
    if shape.holder is None:
        yield Fault(Kind.VACANT, Danger.GRAVE, "没有任职人，也没有人当班")
    elif any(one.usable for one in shape.holder):
        yield Fault(
            Kind.NO_NUMBER, Danger.GRAVE, "本人的号码用不上阶梯里的方式（固话收不到短信，或已退订，或没有这种通道）"
        )
    else:
        yield Fault(Kind.NO_NUMBER, Danger.GRAVE, "本人没有能用的号码")


def _others(shape: Shape, ladder: Ladder, climbs: Climbs) -> Iterator[Fault]:
    """When the person on the post is silent nobody else is called before the officer."""
    own = {one.phone for one in shape.holder or ()}
    if all(any(one.phone not in own for one in steps) for steps in climbs):
        return
    if not {step.target for step in ladder.steps} - {Target.HOLDER}:
        said = f"阶梯 {ladder.name} 只叫本人，不叫副职和上级"
        yield Fault(Kind.NOBODY_ELSE, Danger.GRAVE, said, of_ladder=True)
    elif any(one.target is not Target.HOLDER for steps in climbs for one in steps):
        yield Fault(Kind.SAME_PHONE, Danger.GRAVE, "副职、上级与本人是同一个号码，本人不应就没有第二部电话")
    else:
        others = "，".join(_state(who, phones) for who, phones in _people(shape).items() if who != "本人")
        yield Fault(Kind.NOBODY_ELSE, Danger.GRAVE, others)


def _answers(climbs: Climbs, ways: Ways) -> Iterator[Fault]:
    if not all(any(ways[one.channel].answers for one in steps) for steps in climbs):
        yield Fault(Kind.NO_ANSWER, Danger.DEADLY, "叫得到的方式都收不到应答")


def _times(climbs: Climbs, limit: Millis) -> Iterator[Fault]:
    longest = max((steps[-1].ends for steps in climbs), default=0)
    if longest > limit:
        said = f"无人应答时 {whole(longest)}后才转人工，时限是 {whole(limit)}"
        yield Fault(Kind.TOO_LATE, Danger.GRAVE, said, of_ladder=True)


def _windows(climbs: Mapping[str, Sequence[Rung]], ways: Ways) -> Iterator[Fault]:
    """A step that the provider would not take, because the number was called just before."""
    for name, steps in climbs.items():
        times: defaultdict[tuple[int, ChannelKind], list[Instant]] = defaultdict(list)
        for one in steps:
            times[one.phone, one.channel].append(later(STARTS[name], one.after))
        for (_, channel), when in times.items():
            if window := broken(when, ways[channel].windows):
                said = f"对同一号码的{_ZH[channel]}，{whole(window.span)}内多于 {window.count} 次，通道不接"
                yield Fault(Kind.WINDOW, Danger.GRAVE, said, of_ladder=True)
                return


_ZH = {ChannelKind.SMS: "短信", ChannelKind.VOICE: "语音"}
