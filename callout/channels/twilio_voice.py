"""Calls through Twilio: the warning spoken twice, one key as the answer, a voicemail is a failed step."""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any

from twilio.twiml.voice_response import Gather, VoiceResponse

from callout.channels.twilio_account import Account, Signature, attempt_in, query_of, stays_here
from callout.channels.twilio_desk import DESK, LANGUAGE, DeskLines
from callout.channels.twilio_errors import CallEnd, call_receipt
from callout.domain.abilities import Abilities, Answering, Receipts
from callout.domain.attempt import ReceiptKind
from callout.domain.call_facts import NO_FACTS, TIMES, CallFact, CallFacts, over_at
from callout.domain.instant import MINUTE, Instant, instant, moment
from callout.domain.ladder import ChannelKind
from callout.ports import Bridge, Called, Inbound, InboundKind, Message, Outcome, Refusal, Setup, Submission, Thanks

CARRIES = frozenset({ChannelKind.VOICE})
LONGEST_TWIML = 4000
MAINLAND = "+86"
KEYS = ("1", "2", "3")
"""Keys that mean something (callout/domain/hearing.py says what)."""
TURNS = 3
"""Times that a call asks for a key before it ends."""
ASK_AGAIN = "没有收到有效的按键。收到请按1，无法到岗请按2，需要支援请按3。"
NOTED = "您的答复已经记录，谢谢。"
_KEPT = 5_000
_PAGE = 1000
_SID = re.compile(r"RE[0-9a-zA-Z]{1,40}")
_LONG = 7
"""Digits of a number of seconds that no call has."""
FAREWELL = "没有收到按键，我们会再次与您联系。再见。"


@dataclass(frozen=True, slots=True)
class Config:
    """An account, and what it calls from."""

    account_sid: str
    auth_token_env: str
    senders: tuple[str, ...]
    """Caller numbers, E.164."""
    per_second: float = 1.0
    """Calls that the account may begin each second (CPS)."""
    ring_seconds: int = 30
    key_seconds: int = 8
    """Silence after the words before the call asks again."""
    cost_fen: int = 0
    timeout_seconds: float = 10.0
    machine_detection: bool = True
    record: bool = False
    """Let Twilio record the calls. Off, because people must be told and the law allows it: docs/security.md."""
    pull: bool = False
    """Fetch how calls ended: for networks that Twilio cannot call into. Keys cannot be fetched in time."""
    base_url: str = ""
    """Another host than Twilio's own, for tests."""

    def __post_init__(self) -> None:
        if not self.senders:
            raise ValueError("senders 至少要写一个主叫号码；请补上。")

    @property
    def real(self) -> bool:
        """Whether calls can reach people."""
        return not stays_here(self.base_url)


def channel(setup: Setup) -> "TwilioVoice":
    """The channel; `run` connects it."""
    return TwilioVoice(setup)


class TwilioVoice:
    """One account's calls."""

    def __init__(self, setup: Setup) -> None:
        config: Config = setup.config
        self.name = setup.name
        self._setup = setup
        self._config = config
        self._signature = Signature(setup.secrets["auth_token"], setup.public_url)
        self._account = Account(setup)
        self._desk = DeskLines(self._account, setup, config)
        self._known: OrderedDict[str, str] = OrderedDict()
        """Twilio's id → our attempt, of calls whose end has not been fetched yet."""
        reachable = bool(setup.public_url)
        pulled = Receipts.PULL if config.pull else Receipts.NONE
        self._abilities = Abilities(
            answers=frozenset({Answering.KEY}) if reachable else frozenset(),
            receipts=Receipts.PUSH if reachable else pulled,
            hangs_up=True,
            connects=reachable,
            cost_fen=config.cost_fen,
            per_second=config.per_second,
            senders=config.senders,
            tells=_tells(config, pushed=reachable),
        )
        self._mainland = Abilities(answers=frozenset(), receipts=Receipts.NONE, reaches=False)

    def abilities(self, e164: str) -> Abilities:
        """No calls to mainland China: Twilio ended them on 2023-11-30."""
        return self._mainland if e164.startswith(MAINLAND) else self._abilities

    def run(self) -> AbstractAsyncContextManager[None]:
        """Connected while the context is open."""
        return self._account.run()

    async def submit(self, message: Message) -> Submission:
        """Begin one call; it brings its words along."""
        words = self._words(message)
        if len(words) > LONGEST_TWIML:
            return Submission(Outcome.REFUSED, reason="话术超过 4000 字符", kind=Refusal.WORDS)
        end = await self._account.handed_over(
            lambda it: it.calls.create_async(
                to=message.e164,
                from_=message.sender or self._config.senders[0],
                twiml=words,
                timeout=self._config.ring_seconds,
                **self._callbacks(message.attempt),
            )
        )
        if end.ref and self._config.pull:
            self._known[end.ref] = message.attempt
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return end

    async def connect(self, bridge: Bridge) -> Submission:
        """Ring the officer, who presses a key to be put through."""
        return await self._desk.connect(bridge)

    def _words(self, message: Message) -> str:
        said = VoiceResponse()
        if message.wants_answer and self._setup.public_url:
            said.append(self._gather(message.attempt, message.text, 1, times=2))
            said.say(FAREWELL, language=LANGUAGE)
        else:
            said.say(message.text, language=LANGUAGE, loop=2)
        said.hangup()
        return str(said)

    def _gather(self, attempt: str, words: str, turn: int, times: int) -> Gather:
        gather = Gather(
            num_digits=1,
            action=self._account.hook("gather", attempt, f"&turn={turn}"),
            method="POST",
            timeout=self._config.key_seconds,
            # Else a caller who presses nothing would not be known to have heard it.
            action_on_empty_result=True,
            finish_on_key="",
        )
        gather.say(words, language=LANGUAGE, loop=times)
        return gather

    def _callbacks(self, attempt: str) -> dict[str, object]:
        if not self._setup.public_url:
            # Nobody can be told afterwards, so the words wait until the machine has been told from a person.
            return {"machine_detection": "Enable"} if self._config.pull and self._config.machine_detection else {}
        asked: dict[str, object] = {
            "status_callback": self._account.hook("call", attempt),
            "status_callback_event": ["initiated", "ringing", "answered", "completed"],
        }
        if self._config.record:
            asked |= {"record": True, "recording_status_callback": self._account.hook("recording", attempt)}
        if self._config.machine_detection:
            # Without `async_amd` the words would wait until the machine has been told from a person.
            asked |= {
                "machine_detection": "Enable",
                "async_amd": "true",
                "async_amd_status_callback": self._account.hook("machine", attempt),
            }
        return asked

    async def hang_up(self, _: str, ref: str) -> None:
        """End the call."""
        if ref:
            async with asyncio.timeout(self._config.timeout_seconds):
                await self._account.client.calls(ref).update_async(status="completed")

    async def poll(self) -> Sequence[Inbound]:
        """How the calls of the last hour ended; what is known already is dropped by its event."""
        if not self._config.pull:
            return ()
        since = moment(Instant(self._now() - 60 * MINUTE))
        async with asyncio.timeout(self._config.timeout_seconds):
            calls = self._account.client.calls
            listed = await calls.list_async(start_time_after=since, limit=_PAGE, page_size=_PAGE)
        return [self._listed(one) for one in reversed(listed) if str(one.direction).startswith("outbound")]

    def _listed(self, call: Any) -> Inbound:
        sid, status = str(call.sid), str(call.status)
        kind = call_receipt(CallEnd(status, str(call.answered_by or "")))
        attempt = self._known.get(sid, "")
        if kind is not ReceiptKind.TAKEN:
            self._known.pop(sid, None)
        event = self._event(InboundKind.RECEIPT, f"{sid}:{status}", kind, attempt, sid)
        if status != "completed" or call.end_time is None:
            return event
        return replace(event, facts=over_at(instant(call.end_time), _seconds(call.duration)))

    def called(self, call: Called) -> Thanks:
        """A webhook of Twilio's: how a call goes, who picked up, which key was pressed. Raises Forged."""
        form = self._signature.checked(call)
        attempt = attempt_in(call)
        if call.what in DESK:
            return self._desk.called(call, form, attempt)
        if call.what == "gather":
            return self._gathered(form, attempt, query_of(call).get("turn", "1"))
        if call.what == "machine":
            return self._receipts(form, attempt, "machine")
        if call.what == "call":
            return self._receipts(form, attempt, form.get("SequenceNumber") or form.get("CallStatus", ""))
        if call.what == "recording":
            return self._recorded(form, attempt)
        raise LookupError(call.what)

    def _receipts(self, form: dict[str, str], attempt: str, nth: str) -> Thanks:
        sid, answered_by = form.get("CallSid", ""), form.get("AnsweredBy", "")
        status = "" if nth == "machine" else form.get("CallStatus", "")
        kind = call_receipt(CallEnd(status, answered_by, form.get("SipResponseCode", "")))
        event = self._event(InboundKind.RECEIPT, f"{sid}:{nth}", kind, attempt, sid)
        return Thanks((replace(event, facts=self._facts(status, form)),))

    def _facts(self, status: str, form: dict[str, str]) -> CallFacts:
        if status in ("in-progress", "answered"):
            return CallFacts(picked_up_at=self._now())
        return over_at(self._now(), _seconds(form.get("CallDuration"))) if status == "completed" else NO_FACTS

    def _recorded(self, form: dict[str, str], attempt: str) -> Thanks:
        """Only the id of the recording is kept; its address is left out."""
        name, sid = form.get("RecordingSid", ""), form.get("CallSid", "")
        event = self._event(InboundKind.RECEIPT, f"{sid}:recording:{name}", ReceiptKind.TAKEN, attempt, sid)
        return Thanks((replace(event, facts=CallFacts(recording=name)),) if _SID.fullmatch(name) else ())

    def _gathered(self, form: dict[str, str], attempt: str, turn: str) -> Thanks:
        """The key is an answer; silence means that everything was heard; a wrong key is asked again."""
        sid, digits = form.get("CallSid", ""), form.get("Digits", "")
        nth = int(turn) if turn.isascii() and turn.isdigit() else TURNS
        name = f"{sid}:gather:{nth}"
        if digits:
            event = self._event(InboundKind.KEY, name, digits, attempt, sid)
        else:
            event = self._event(InboundKind.RECEIPT, name, ReceiptKind.HEARD_WHOLE, attempt, sid)
        said = VoiceResponse()
        if digits in KEYS:
            said.say(NOTED, language=LANGUAGE)
        elif nth < TURNS:
            said.append(self._gather(attempt, ASK_AGAIN, nth + 1, times=1))
            said.say(FAREWELL, language=LANGUAGE)
        else:
            said.say(FAREWELL, language=LANGUAGE)
        said.hangup()
        return Thanks((event,), "application/xml", str(said))

    def _event(self, kind: InboundKind, name: str, body: str, attempt: str, sid: str) -> Inbound:
        return Inbound(f"{self.name}:{name}", kind, self._now(), body, attempt, provider=self.name, ref=sid)

    def _now(self) -> Instant:
        return self._setup.now()


def _tells(config: Config, *, pushed: bool) -> frozenset[CallFact]:
    if not pushed:
        return TIMES if config.pull else frozenset()
    return TIMES | {CallFact.RECORDING} if config.record else TIMES


def _seconds(told: object) -> int:
    text = str(told or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LONG else 0
