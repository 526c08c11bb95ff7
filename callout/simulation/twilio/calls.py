"""Calls: ringing, picking up, machine detection, the talk, the end, and what is told about it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from callout.domain.attempt import ReceiptKind
from callout.domain.instant import MINUTE, SECOND, Instant, Millis
from callout.domain.ladder import ChannelKind
from callout.ports import InboundKind
from callout.simulation.people import Contact, Response, react
from callout.simulation.twilio.dial import SecondPhone
from callout.simulation.twilio.errors import RefusedError
from callout.simulation.twilio.hooks import NoAnswerError, Word
from callout.simulation.twilio.ledger import Ledger
from callout.simulation.twilio.network import Network
from callout.simulation.twilio.pace import wall
from callout.simulation.twilio.records import CALL_ENDED, VERSION, Call, rfc2822
from callout.simulation.twilio.request import CallOrder, Hook
from callout.simulation.twilio.talk import STAYS, Key, LeftError, Listener, Talk
from callout.simulation.twilio.tally import Got
from callout.simulation.twilio.twiml import TwimlError, Verb

ENDS: Mapping[str, tuple[str, int]] = {
    ReceiptKind.BUSY: ("busy", 486),
    ReceiptKind.NO_REPLY: ("no-answer", 487),
    ReceiptKind.SWITCHED_OFF: ("no-answer", 480),
    ReceiptKind.DEAD: ("failed", 404),
}
"""How a call ends that nobody picks up, by what the network says."""
MACHINE_AFTER: Millis = 25 * SECOND
"""A machine picks up then; at once where the phone is off."""
GREETING: Millis = 8 * SECOND
DETECTING: Millis = 4 * SECOND
"""How long machine detection listens before it knows."""
RECORDS: Millis = 2 * MINUTE
"""A machine records no longer."""
_EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}


@dataclass(frozen=True, slots=True)
class Heard:
    """A call as a phone gets it."""

    text: str
    channel: ChannelKind = ChannelKind.VOICE
    expires_at: Instant | None = None
    wants_answer: bool = True


@dataclass(slots=True)
class Line:
    """One call under way."""

    call: Call
    order: CallOrder
    rang: Contact
    told: int = 0
    """Callbacks so far."""


class Calls:
    """All calls of a carrier."""

    def __init__(self, network: Network) -> None:
        self._net = network
        self._live: dict[str, asyncio.Task[None]] = {}
        self._lines: dict[str, Line] = {}
        self.ledger: Ledger[Call] = Ledger("Calls", network.options.account)

    def create(self, order: CallOrder) -> Call:
        """Take a call."""
        phones, now = self._net.phones, self._net.pace.now()
        begins = self._net.queues.call(now)
        call = self.ledger.add(Call(order.to, order.sender, wall(), queued=begins - now))
        rang = Contact(Heard(""), begins, phones.nth(order.to, ChannelKind.VOICE))
        line = self._lines[call.sid] = Line(call, order, rang)
        self._net.tally.count("call taken")
        task = self._live[call.sid] = self._net.hooks.spawn(self._run(line))
        task.add_done_callback(partial(self._over, call.sid))
        return call

    def hang_up(self, sid: str, status: str) -> Call:
        """End a call. Raises RefusedError for one that is over, or for another wish than completed or canceled."""
        call = self.ledger.get(sid)
        if call.status in CALL_ENDED:
            raise RefusedError(21220)
        if status not in ("completed", "canceled"):
            raise RefusedError(20001, "Status")
        answered = call.status == "in-progress"
        if answered and status == "canceled":
            raise RefusedError(21220)
        line = self._lines[sid]
        self._live[sid].cancel()
        self._net.tally.got(Got(self._net.pace.now(), call.to, "hung_up", "", sid))
        self._end(line, "completed" if answered else "canceled")
        return call

    def _over(self, sid: str, _: object) -> None:
        self._live.pop(sid, None)
        self._lines.pop(sid, None)

    async def _run(self, line: Line) -> None:
        """A call from its turn to its end."""
        await self._net.pace.until(line.rang.at)
        line.call.started = wall()
        self._move(line, "initiated")
        self._net.tally.got(Got(self._net.pace.now(), line.call.to, "call", "", line.call.sid))
        response = react(self._net.phones.person(line.call.to), line.rang)
        self._move(line, "ringing")
        machine = self._machine(line, response)
        picked = machine if response.picks_up is None else response.picks_up
        if picked is None or picked > line.order.timeout:
            ended, sip = ENDS.get(response.reactions[-1].body, ENDS[ReceiptKind.NO_REPLY])
            await self._net.pace.wait(min(response.reactions[-1].after, line.order.timeout))
            line.call.sip = sip
            self._end(line, ended)
            return
        await self._net.pace.wait(picked)
        line.call.answered, line.call.sip = self._net.pace.now(), 200
        self._move(line, "in-progress")
        await self._talk(line, machine is not None)
        self._end(line, "completed")

    def _machine(self, line: Line, response: Response) -> Millis | None:
        """When a machine picks up a call that no person does; None = never."""
        said = response.reactions[-1].body
        has_one = self._net.phones.chance(line.call.to, "voicemail").random() < self._net.options.voicemail
        if response.picks_up is not None or said not in (ReceiptKind.NO_REPLY, ReceiptKind.SWITCHED_OFF) or not has_one:
            return None
        return MACHINE_AFTER if said == ReceiptKind.NO_REPLY else response.reactions[-1].after

    async def _talk(self, line: Line, machine: bool) -> None:
        try:
            await self._detect(line, machine)
            talk = Talk(
                self._net.pace,
                _machine_listens() if machine else self._listener(line),
                partial(self._fetch, line),
                partial(self._note, line),
                partial(self._dial, line),
            )
            document = line.order.twiml.encode() or await self._fetch(line, line.order.url, {})
            await talk.run(document, line.order.url)
        except LeftError:
            self._net.tally.count("call left by the person")
        except TwimlError as error:
            self._net.tally.count("twiml refused", error)
        except NoAnswerError as error:
            self._net.tally.count("twiml not answered", error)

    async def _detect(self, line: Line, machine: bool) -> None:
        """Decide whether a machine answered; the call waits for it unless it is told elsewhere."""
        wish = line.order.detection
        if not wish:
            return
        misheard = self._net.phones.chance(line.call.to, f"misheard:{line.rang.nth}").random()
        taken_for_machine = machine or misheard < self._net.options.misheard
        found = "machine_end_beep" if wish == "DetectMessageEnd" else "machine_start"
        after = (GREETING if wish == "DetectMessageEnd" else DETECTING) if machine else DETECTING // 2
        if line.order.told is not None:
            found = found if taken_for_machine else "human"
            self._net.hooks.spawn(self._tell_detection(line, found, after))
            return
        await self._net.pace.wait(after)
        line.call.answered_by = found if taken_for_machine else "human"

    async def _tell_detection(self, line: Line, found: str, after: Millis) -> None:
        await self._net.pace.wait(after)
        line.call.answered_by = found
        form = {**self._form(line), "AnsweredBy": found, "MachineDetectionDuration": str(after)}
        if line.order.told is not None:
            self._net.hooks.tell(f"{line.call.sid} detection", line.call.to, Word(line.order.told, form))

    def _listener(self, line: Line) -> Listener:
        """The person who picked up: the same that the in-process carrier rings."""
        who = self._net.phones.person(line.call.to)

        def decide(words: str) -> tuple[list[Key], Millis]:
            response = react(who, Contact(Heard(words), line.rang.at, line.rang.nth))
            begun = response.picks_up or 0
            pressed = [(r.after - begun, r.body) for r in response.reactions if r.kind is InboundKind.KEY]
            last = response.reactions[-1].after - begun
            return pressed, last + STAYS if pressed else last

        pressed, leaves = decide("")
        # Whoever would press a key hears out what asks for none.
        return Listener(decide, RECORDS if pressed else leaves)

    async def _fetch(self, line: Line, hook: Hook, form: Mapping[str, str]) -> bytes:
        return await self._net.hooks.ask(hook, {**self._form(line), **form})

    async def _dial(self, line: Line, verb: Verb, source: Hook) -> Mapping[str, str]:
        return (await SecondPhone(self._net, line.call, self._form_of, ENDS).ring(verb, source)).form

    def _note(self, line: Line, what: str, words: str) -> None:
        self._net.tally.count(f"call {what}")
        self._net.tally.got(Got(self._net.pace.now(), line.call.to, what, words, line.call.sid))

    def _end(self, line: Line, status: str) -> None:
        line.call.ended = wall()
        if line.call.answered is not None:
            line.call.seconds = max(1, round((self._net.pace.now() - line.call.answered) / SECOND))
        self._move(line, status)

    def _move(self, line: Line, status: str) -> None:
        line.call.status, line.call.updated = status, wall()
        self._net.tally.count("call", status)
        if _EVENTS.get(status, "completed") not in line.order.events:
            return
        form = {
            **self._form(line),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(line.told),
            "Timestamp": rfc2822(wall()) or "",
        }
        if status in CALL_ENDED:
            form |= {"CallDuration": str(line.call.seconds), "Duration": str(-(-line.call.seconds // 60))}
            form |= {"SipResponseCode": str(line.call.sip)} if line.call.sip else {}
        line.told += 1
        self._net.hooks.tell(line.call.sid, line.call.to, Word(line.order.callback, form))

    def _form(self, line: Line) -> dict[str, str]:
        return self._form_of(line.call)

    def _form_of(self, call: Call) -> dict[str, str]:
        """What every voice webhook says; Twilio leaves what it does not know blank, not out."""
        ends = ("Called", "Caller", "From", "To")
        form = {f"{end}{part}": "" for end in ends for part in ("City", "Country", "State", "Zip")}
        form |= {"Called": call.to, "Caller": call.sender, "To": call.to, "From": call.sender}
        form |= {"AccountSid": self._net.options.account, "ApiVersion": VERSION, "CallSid": call.sid}
        form |= {"CallStatus": call.status, "Direction": "outbound-api"}
        return {**form, "AnsweredBy": call.answered_by} if call.answered_by else form


def _machine_listens() -> Listener:
    """A machine records everything and presses nothing."""
    return Listener(lambda _: ([], RECORDS), RECORDS)
