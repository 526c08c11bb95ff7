"""unheard: approved templates that ask for a reply on a channel that hears none. People would answer into nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from callout.domain.abilities import Abilities, Receipts
from callout.domain.carrying import OPEN_UPLINK
from callout.domain.ladder import ChannelKind
from callout.ports import Provider
from callout.render.review import asks_for_reply


@dataclass(frozen=True, slots=True)
class Unheard:
    """Of one provider."""

    asking: Mapping[str, str]
    """The words that ask, by kind of message."""
    mend: str
    """A Chinese clause."""


HEARD = Unheard({}, "")


def unheard(provider: Provider, number: str) -> Unheard:
    """Which templates ask in vain, for numbers that begin so; where it is for others only, for those."""
    if ChannelKind.SMS not in provider.kinds:
        return HEARD
    numbers = (number,) if provider.carries(ChannelKind.SMS, number) else provider.regions
    ways = [able for one in numbers if (able := provider.channel.abilities(one)).reaches]
    if any(able.free_text or not able.one_way(ChannelKind.SMS) for able in ways):
        return HEARD
    asking = {kind: asked for kind, form in provider.forms.items() if (asked := asks_for_reply(form))}
    return Unheard(asking, _mend(ways)) if asking and ways else HEARD


def _mend(ways: list[Abilities]) -> str:
    steps = []
    if any(able.uplink_shut for able in ways):
        steps.append(OPEN_UPLINK)
    if any(able.receipts is Receipts.NONE for able in ways):
        steps.append("设 CALLOUT_PUBLIC_URL")
    return f"请{''.join(f'{one}，' for one in steps)}{'或' if steps else ''}改用不请人回复的文字（重新送审）"
