"""Calls over a SIP trunk, without a cloud: the script is read aloud, and a key is the answer."""

import asyncio
import logging
import shutil
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import baresip
from baresip.call import Call
from baresip.events import StackEvent
from baresip.runtime import Runtime
from baresip.ua import UserAgent

from callout.channels.numbers import carrier_number
from callout.channels.speech import Speaker, recordings
from callout.channels.talk import Script, Talk
from callout.domain.abilities import Abilities, Answering, Receipts
from callout.domain.attempt import ReceiptKind
from callout.domain.call_facts import NO_FACTS, TIMES, CallFacts, call_facts
from callout.domain.errors import CalloutError
from callout.domain.here import host_is_here
from callout.domain.instant import Instant
from callout.domain.ladder import ChannelKind
from callout.ports import Channel, Inbound, InboundKind, Message, Outcome, Refusal, Setup, Submission
from callout.ports.ending import ended

CARRIES = frozenset({ChannelKind.VOICE})
_LOG = logging.getLogger("callout.channels.sip")
_FATES = (baresip.Event.CALL_ESTABLISHED, baresip.Event.CALL_CLOSED)
_EARLY = 1000
_READING = 9.0
"""Seconds in which a script must be read; a call that has waited longer has not begun, and comes again."""
_VOICES = 2
"""Scripts read at once: it is work for the processor."""
_WRONG = "请按一、二或三。"
_THANKS = "已记录，谢谢。"

_STATUS: Mapping[int, ReceiptKind] = {
    404: ReceiptKind.DEAD,
    408: ReceiptKind.NO_REPLY,
    410: ReceiptKind.DEAD,
    480: ReceiptKind.SWITCHED_OFF,
    484: ReceiptKind.DEAD,
    486: ReceiptKind.BUSY,
    487: ReceiptKind.NO_REPLY,
    600: ReceiptKind.BUSY,
    603: ReceiptKind.REJECTED,
    604: ReceiptKind.DEAD,
    607: ReceiptKind.REJECTED,
}
"""What a final SIP status says of a phone that nobody picked up; any other is a failure of the network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The trunk, and how calls are made over it."""

    trunk: str
    """Host of the trunk, or host:port."""
    user: str
    """The number that calls come from, as the trunk knows it."""
    secret_env: str = ""
    registers: bool = False
    transport: str = "udp"
    local_address: str = ""
    """Address or interface that the calls leave from; empty: as the machine routes."""
    plus_86: bool = False
    most_calls: int = 30
    ring_seconds: float = 35.0
    times: int = 2
    """How often the script is read."""
    answer_seconds: float = 8.0
    """Silence after the last reading in which a key still counts."""
    voice: str = "espeak-ng"
    """The program that reads aloud; empty: recordings only."""
    speed: int = 150
    """Words a minute."""
    lexicon: Mapping[str, str] = field(default_factory=dict)
    """Local readings of names: 浚县: xun4 xian4."""
    recordings: Path | None = None
    """Folder with recorded words by kind of message (call.wav); they are played before what is read aloud."""
    cost_fen: int = 0
    per_second: float = 2.0
    """Calls begun each second: a small machine reads no more scripts aloud."""

    def __post_init__(self) -> None:
        """Refuse what could never work."""
        if self.transport not in ("udp", "tcp", "tls"):
            raise ValueError("transport 只能写 udp、tcp 或 tls。")
        if not self.voice and self.recordings is None:
            raise ValueError("voice 和 recordings 至少要有一个，否则电话里没有声音。")

    @property
    def real(self) -> bool:
        """Whether the trunk is another machine than this one."""
        return not host_is_here(self.trunk.rpartition(":")[0] or self.trunk)


def channel(setup: Setup) -> Channel:
    """The channel; the SIP stack starts when it runs. Raises CalloutError where calls would be silent."""
    config: Config = setup.config
    if config.voice and shutil.which(config.voice) is None:
        raise CalloutError(f"通道“{setup.name}”要用 {config.voice} 朗读，但没有安装；请安装 espeak-ng 后再启动")
    return _Sip(setup, config)


class _Sip:
    def __init__(self, setup: Setup, config: Config) -> None:
        self.name = setup.name
        self._config = config
        self._secret = setup.secrets.get("secret", "")
        self._now = setup.now
        self._hear = setup.hear
        self._agent: UserAgent | None = None
        self._speaker = Speaker(config.voice, config.lexicon, config.speed) if config.voice else None
        self._recorded = _recorded(setup.name, config.recordings)
        self._early: OrderedDict[int, StackEvent] = OrderedDict()
        """The last that the stack said of each call."""
        self._short: Mapping[str, bytes] = {}
        """The words that every call may need, spoken once."""
        self._reading = asyncio.Semaphore(_VOICES)
        self._calls: dict[str, Call] = {}
        self._talks: set[asyncio.Task[None]] = set()

    def abilities(self, e164: str) -> Abilities:  # noqa: ARG002
        """The same for every number that the trunk reaches."""
        return Abilities(
            answers=frozenset({Answering.KEY}),
            receipts=Receipts.PUSH,
            tells=TIMES,
            validity=True,
            hangs_up=True,
            internet=False,
            cost_fen=self._config.cost_fen,
            per_second=self._config.per_second,
        )

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """The SIP stack runs while the context is open; calls still under way are ended with it."""
        config = self._config
        self._short = {text: await self._speaker.speak(text) if self._speaker else b"" for text in (_WRONG, _THANKS)}
        runtime = Runtime()
        await runtime.start(
            baresip.Config(
                net_interface=config.local_address or None,
                max_concurrent_calls=config.most_calls + 1,
                native_log_level="error",
            )
        )
        runtime.subscribe(self._on_event)
        try:
            account = baresip.Account(
                config.user,
                config.trunk,
                self._secret,
                reg_interval=600 if config.registers else 0,
                transport=config.transport,  # type: ignore[arg-type]  # checked by Config
            )
            self._agent = await UserAgent.create(runtime, account)
            if config.registers:
                await self._register(self._agent)
            yield
        finally:
            self._agent = None
            for attempt in list(self._calls):
                await self.hang_up(attempt, "")
            await ended(list(self._talks))
            await runtime.close()

    async def _register(self, agent: UserAgent) -> None:
        try:
            await agent.register()
        except baresip.BaresipError as error:
            # The stack goes on trying; a trunk may carry calls all the same.
            _LOG.error("%s：SIP 注册失败（%s）", self.name, error)

    async def submit(self, message: Message) -> Submission:
        """Place the call; it is accepted as soon as the invitation is on its way."""
        if self._agent is None:
            return Submission(Outcome.REFUSED, reason="SIP 未启动", kind=Refusal.DOWN)
        if len(self._calls) >= self._config.most_calls:
            return Submission(Outcome.THROTTLED, reason="同时通话数已满")
        try:
            async with asyncio.timeout(_READING), self._reading:
                sound = await self._sound(message)
        except TimeoutError:
            return Submission(Outcome.THROTTLED, reason="朗读排队")
        except (OSError, ValueError) as error:
            return Submission(Outcome.REFUSED, reason=f"不能朗读：{error}", kind=Refusal.WORDS)
        number = message.e164 if self._config.plus_86 else carrier_number(message.e164)
        uri = f"sip:{number}@{self._config.trunk};transport={self._config.transport}"
        try:
            call = await self._agent.dial(uri)
        except baresip.CommandTimeout:
            raise
        except baresip.BaresipError as error:
            return Submission(Outcome.REFUSED, reason=str(error), kind=Refusal.DOWN)
        self._calls[message.attempt] = call
        talk = asyncio.create_task(self._talk(message, call, sound))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)
        return Submission(Outcome.ACCEPTED, ref=call.call_id or "")

    async def _sound(self, message: Message) -> bytes:
        recorded = self._recorded.get(message.notice or message.meaning.kind, b"")
        spoken = await self._speaker.speak(message.text) if self._speaker else b""
        if not recorded and not spoken:
            raise ValueError("没有这类消息的录音")
        return recorded + spoken

    async def hang_up(self, attempt: str, ref: str) -> None:  # noqa: ARG002
        """End the call of this attempt."""
        call = self._calls.get(attempt)
        if call is not None:
            with suppress(baresip.BaresipError):
                await call.hangup()

    async def _talk(self, message: Message, call: Call, sound: bytes) -> None:
        try:
            end, picked_up = await self._conversation(message, call, sound)
        except baresip.BaresipError as error:
            _LOG.warning("%s：通话出错（%s）", self.name, type(error).__name__)
            end, picked_up = ReceiptKind.FAILED, None
        finally:
            self._calls.pop(message.attempt, None)
            self._early.pop(call.handle, None)
            with suppress(baresip.BaresipError):
                await call.hangup()
        await self._tell(message, InboundKind.RECEIPT, end, call_facts(picked_up, self._now()))

    async def _conversation(self, message: Message, call: Call, sound: bytes) -> tuple[ReceiptKind, Instant | None]:
        """How it ended, and when it was picked up."""
        try:
            await self._picked_up(call)
        except baresip.CallTimeout:
            return ReceiptKind.NO_REPLY, None
        except baresip.CallFailed as error:
            return _STATUS.get(error.status or 0, ReceiptKind.FAILED), None
        talk, picked_up = Talk(call, self._script(sound)), self._now()
        if not message.wants_answer:
            return await talk.tell(), picked_up
        return await talk.ask(lambda key: self._tell(message, InboundKind.KEY, key)), picked_up

    async def _picked_up(self, call: Call) -> None:
        # A trunk nearby may answer before `dial` returns, and the call object then never hears of it.
        known = self._early.pop(call.handle, None)
        if known is None:
            await call.wait_established(self._config.ring_seconds)
        elif known.event is baresip.Event.CALL_CLOSED:
            raise baresip.CallFailed.from_close_reason(known.text or "")

    def _on_event(self, event: StackEvent) -> None:
        if event.event in _FATES and event.call:
            self._early[event.call] = event
            while len(self._early) > _EARLY:
                self._early.popitem(last=False)

    def _script(self, sound: bytes) -> Script:
        config = self._config
        return Script(sound, self._short[_WRONG], self._short[_THANKS], config.times, config.answer_seconds)

    async def _tell(self, message: Message, kind: InboundKind, body: str, facts: CallFacts = NO_FACTS) -> None:
        event, now = f"{self.name}:{message.attempt}:{kind}:{body}", self._now()
        try:
            await self._hear([Inbound(event, kind, now, body, message.attempt, provider=self.name, facts=facts)])
        except Exception:
            _LOG.exception("%s：通话的结果没有存下", self.name)


def _recorded(name: str, folder: Path | None) -> Mapping[str, bytes]:
    try:
        return recordings(folder) if folder else {}
    except (ValueError, OSError) as error:
        raise CalloutError(f"通道“{name}”的录音不能用：{error}；请改成 16 位 WAV 文件") from None
