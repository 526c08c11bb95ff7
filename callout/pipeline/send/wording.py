"""What is handed over: the words of an attempt, as its provider takes them."""

from collections.abc import Callable

from callout.domain.drill import Leaving
from callout.domain.instant import Instant
from callout.domain.ladder import ChannelKind
from callout.domain.made_often import replace
from callout.pipeline.send.fleet import Way
from callout.ports import Message, Outgoing, Renderer


def leaving(one: Outgoing, said: Message) -> Leaving:
    """The message as the last look before the channel sees it, with every word that the person gets."""
    a, filled = one.attempt, said.filled
    words = said.text if filled is None else "".join(filled.ordered)
    return Leaving(a.county, one.meaning.run, one.e164, a.channel, bool(one.notice), words)


def message(one: Outgoing, way: Way, renderer: Renderer, link: Callable[[str], str], now: Instant) -> Message:
    """Its words, and the filled template where the provider takes no others. Raises where there are none."""
    a, meaning = one.attempt, one.meaning
    able = way.provider.channel.abilities(one.e164)
    one_way = able.one_way(a.channel)
    meaning = meaning if meaning.one_way is one_way else replace(meaning, one_way=one_way)
    if able.takes_link and a.channel is ChannelKind.SMS and not one.notice:
        meaning = replace(meaning, link=link(a.id))
    words = renderer.notice(one.notice, meaning, a.channel) if one.notice else renderer.call(meaning, a.channel)
    filled = None
    if not able.free_text:
        filled = renderer.fill(way.provider.forms[one.notice or meaning.kind], meaning)
    return Message(
        attempt=a.id,
        e164=one.e164,
        channel=a.channel,
        text=words,
        expires_at=one.expires_at,
        wants_answer=not one.notice,
        at=now,
        meaning=meaning,
        notice=one.notice,
        filled=filled,
        sender=way.sender,
    )
