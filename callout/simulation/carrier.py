"""A carrier without a network: it takes messages, and events come back from the people behind the numbers."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Literal

from callout.domain.abilities import Abilities, Answering, Receipts
from callout.domain.attempt import ReceiptKind
from callout.domain.call_facts import NO_FACTS, TIMES, CallFacts, call_facts
from callout.domain.instant import MINUTE, Instant, Millis, later
from callout.domain.ladder import ChannelKind
from callout.domain.made_often import made_often
from callout.ports import Clock, Inbound, InboundKind, Message, Outcome, Refusal, Submission
from callout.render.sms import parts
from callout.simulation.people import Contact, Reaction, Response
from callout.simulation.phones import Phones

ABILITIES = Abilities(
    frozenset({Answering.REPLY, Answering.KEY}), Receipts.PUSH, hangs_up=True, internet=False, tells=TIMES
)
Fault = Literal["unknown_sent", "unknown_lost", "refused", "raise", "down"]
"""What goes wrong with one submit: `unknown_sent` reaches the phone, the others do not."""
Faults = Callable[[Message], Fault | None]


@made_often(frozen=True, slots=True)
class Submitted:
    """One message that the carrier took for a phone."""

    attempt: str
    e164: str
    channel: ChannelKind
    text: str
    at: Instant


@dataclass(frozen=True, slots=True)
class _Call:
    """One call: until `picked_up` it rings, at `ends` it is over."""

    picked_up: Instant | None
    ends: Instant


class Carrier:
    """A Channel for SMS and voice that never opens a socket, and the timeline of what comes back."""

    def __init__(
        self,
        clock: Clock,
        seed: int,
        faults: Faults | None = None,
        *,
        phones: Phones | None = None,
        as_gateway: tuple[str, Abilities] = ("simulated", ABILITIES),
    ) -> None:
        """`phones`: several carriers may ring the same people; without them the seed makes a world of its own."""
        self.name, self._able = as_gateway
        self._unheard = _unheard(self._able)
        self.journal: list[Submitted] = []
        self.talked: Millis = 0
        """Minutes begun of calls that were ended by us, in milliseconds."""
        self._clock = clock
        self._phones = phones or Phones(seed)
        self._faults = faults
        self._timeline: list[tuple[Instant, str, Inbound]] = []
        self._numbered: Counter[str] = Counter()
        self._calls: dict[str, _Call] = {}
        self._cut: dict[str, Instant] = {}

    def abilities(self, _: str) -> Abilities:
        """People behind it answer texts and calls; the network tells what it knows; a call can be ended."""
        return self._able

    async def submit(self, message: Message) -> Submission:
        """Take one message at once. Raises TimeoutError where the faults say so."""
        match self._faults(message) if self._faults else None:
            case "raise":
                raise TimeoutError("simulated")
            case "refused":
                return Submission(Outcome.REFUSED, reason="simulated")
            case "down":
                return Submission(Outcome.REFUSED, reason="simulated", kind=Refusal.DOWN)
            case "unknown_lost":
                return Submission(Outcome.UNKNOWN, reason="simulated")
            case "unknown_sent":
                self._take(message)
                return Submission(Outcome.UNKNOWN, reason="simulated")
        self._take(message)
        return Submission(Outcome.ACCEPTED, ref=f"sim:{message.attempt}")

    async def hang_up(self, attempt: str, _: str = "") -> None:
        """End the call of this attempt: what would have followed does not. A call that is over stays as it was."""
        now = self._clock.now()
        call = self._calls.get(attempt)
        if call is None or call.ends <= now:
            return
        self._cut[attempt] = now
        self.talked += _billed(call, now)
        heard = call.picked_up is not None and call.picked_up <= now
        kind = ReceiptKind.HEARD_PART if heard else ReceiptKind.NO_REPLY
        self._push(now, Reaction(0, InboundKind.RECEIPT, kind), attempt)
        del self._calls[attempt]

    def due(self, now: Instant) -> list[Inbound]:
        """Take what has happened up to and including `now`, in order."""
        events = []
        while (at := self.next_at()) is not None and at <= now:
            events.append(heappop(self._timeline)[-1])
        return events

    def next_at(self) -> Instant | None:
        """When the next event happens; None while nothing is under way."""
        while self._timeline and self._is_cut(self._timeline[0][-1]):
            heappop(self._timeline)
        return self._timeline[0][0] if self._timeline else None

    def units(self) -> int:
        """What a provider would bill: parts of texts, and minutes begun of calls that were picked up."""
        texts = sum(parts(one.text) for one in self.journal if one.channel is ChannelKind.SMS)
        calls = self.talked + sum(_billed(call, call.ends) for call in self._calls.values())
        return texts + calls // MINUTE

    def _is_cut(self, event: Inbound) -> bool:
        return event.attempt in self._cut and event.at > self._cut[event.attempt]

    def _take(self, message: Message) -> None:
        now = self._clock.now()
        self.journal.append(Submitted(message.attempt, message.e164, message.channel, message.text, now))
        nth = self._phones.nth(message.e164, message.channel)
        response = self._phones.take(message.e164, Contact(message, now, nth))
        if message.channel is ChannelKind.VOICE:
            self._calls[message.attempt] = _call(now, response)
        for reaction in response.reactions:
            if reaction.kind not in self._unheard:
                self._push(now, reaction, message.attempt, message.e164)

    def _push(self, begun: Instant, reaction: Reaction, attempt: str, e164: str = "") -> None:
        self._numbered[attempt] += 1
        name, at = f"sim:{attempt}:{self._numbered[attempt]}", later(begun, reaction.after)
        whose = ("", e164) if reaction.kind is InboundKind.REPLY else (attempt, "")
        facts = _facts(self._calls.get(attempt), at) if reaction.kind is InboundKind.RECEIPT else NO_FACTS
        event = Inbound(name, reaction.kind, at, reaction.body, *whose, facts=facts)
        heappush(self._timeline, (at, name, event))


def _unheard(able: Abilities) -> frozenset[InboundKind]:
    """What people do and this channel does not tell: a text that leads to a page is answered like one to reply to."""
    told = {
        InboundKind.REPLY: bool(able.answers & {Answering.REPLY, Answering.LINK}),
        InboundKind.KEY: Answering.KEY in able.answers,
        InboundKind.RECEIPT: able.receipts is not Receipts.NONE,
    }
    return frozenset(kind for kind, heard in told.items() if not heard)


def _call(begun: Instant, response: Response) -> _Call:
    picked_up = None if response.picks_up is None else later(begun, response.picks_up)
    return _Call(picked_up, later(begun, response.reactions[-1].after))


def _facts(call: _Call | None, ended: Instant) -> CallFacts:
    """What the network tells of a call when it is over."""
    if call is None:
        return NO_FACTS
    heard = call.picked_up is not None and call.picked_up <= ended
    return call_facts(call.picked_up if heard else None, ended)


def _billed(call: _Call, ended: Instant) -> Millis:
    """Whole minutes; nothing for a call that nobody picked up."""
    if call.picked_up is None or call.picked_up >= ended:
        return 0
    return -(-(ended - call.picked_up) // MINUTE) * MINUTE
