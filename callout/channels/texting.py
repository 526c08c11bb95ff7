"""Texts over a line to a carrier: handed over once, replies and reports heard, the line restored when it breaks."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from callout.channels.line import Answer, Broken, Dialect, Line, NotSent, Rejected, Report, Text, dial
from callout.channels.numbers import e164_of
from callout.channels.parts import Assembly, Receipts, Sent
from callout.domain.abilities import Abilities, Answering
from callout.domain.abilities import Receipts as Receiving
from callout.domain.attempt import ReceiptKind
from callout.domain.extension import extension
from callout.domain.here import host_is_here
from callout.ports import Inbound, InboundKind, Message, Outcome, Refusal, Setup, Submission
from callout.ports.ending import ended

_LOG = logging.getLogger("callout.channels.line")
_FIRST_PAUSE = 1.0
_LOGIN_WITHIN = 10.0
_SWEEP = 5.0
_SENDER = 21
"""Digits of a sender, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineConfig:
    """What every line to a carrier has in common."""

    host: str
    src_id: str
    """接入码: the number that texts come from; digits that tell replies apart are added to it."""
    secret_env: str
    port: int
    window: int = 16
    """Submits under way at once."""
    extension_digits: int = 4
    two_way: bool = True
    """Whether the carrier has opened the up-link for this number."""
    links: bool = False
    """Whether the carrier lets texts with an address of a page pass; in doubt it drops them."""
    idle_seconds: float = 30.0
    """Silence after which the line is tested."""
    cost_fen: int = 0
    per_second: float = 0.0
    """Parts a second that the contract allows; 0 = no limit that we keep."""
    connecting_seconds: float = 3.0
    """How long a text waits for a line that is just coming up."""
    longest_pause_seconds: float = 30.0
    """Between attempts to connect; the pauses grow up to it."""

    def __post_init__(self) -> None:
        """Refuse what no gateway would take."""
        if not self.src_id.isdigit() or len(self.src_id) + self.extension_digits > _SENDER:
            raise ValueError("src_id 应是数字，和扩展位合计不超过 21 位。")

    @property
    def real(self) -> bool:
        """Whether the gateway is another machine than this one."""
        return not host_is_here(self.host)


class Texting:
    """A channel over one line."""

    def __init__(self, setup: Setup, config: LineConfig, dialect: Dialect) -> None:
        self.name = setup.name
        self._config = config
        self._dialect = dialect
        self._now = setup.now
        self._hear = setup.hear
        self._line: Line | None = None
        self._ready = asyncio.Event()
        self._rejected = 0
        """Status of the last login, while it was not let in."""
        self._receipts = Receipts()
        self._assembly = Assembly()
        self._reference = 0
        self._telling: set[asyncio.Task[bool]] = set()

    def abilities(self, e164: str) -> Abilities:  # noqa: ARG002
        """The same for every number that the carrier serves."""
        config = self._config
        return Abilities(
            answers=frozenset({Answering.REPLY}) if config.two_way else frozenset(),
            receipts=Receiving.PUSH,
            uplink_shut=not config.two_way,
            validity=True,
            internet=False,
            links=config.links,
            cost_fen=config.cost_fen,
            per_second=config.per_second,
            by_part=True,
        )

    async def hang_up(self, attempt: str, ref: str) -> None:
        """A text cannot be taken back."""

    async def submit(self, message: Message) -> Submission:
        """Hand over all parts; ACCEPTED when the gateway took every one of them."""
        line = await self._up()
        if line is None:
            return self._not_connected()
        self._reference = (self._reference + 1) % 256
        sender = self._config.src_id + extension(message.attempt, self._config.extension_digits)
        parts = self._dialect.parts(message, sender, self._reference)
        sent = Sent(message.attempt, len(parts))
        answers: list[asyncio.Future[Answer]] = []
        try:
            for part in parts:
                answer = await line.submit(part)
                answer.add_done_callback(lambda done: self._taken(sent, done))
                answers.append(answer)
            ends = [await asyncio.shield(answer) for answer in answers]
        except NotSent:
            return Submission(Outcome.UNKNOWN, reason="长短信发到一半连接中断") if answers else self._not_connected()
        except ConnectionError as error:
            return Submission(Outcome.UNKNOWN, reason=str(error))
        return _end(ends, sent)

    async def _up(self) -> Line | None:
        """The line, or the one that comes up within seconds."""
        if not self._rejected:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._config.connecting_seconds):
                    await self._ready.wait()
        return self._line

    def _not_connected(self) -> Submission:
        if self._rejected:
            return Submission(Outcome.REFUSED, reason=f"网关拒绝登录，状态 {self._rejected}", kind=Refusal.CONFIG)
        return Submission(Outcome.REFUSED, reason="网关未连接", kind=Refusal.DOWN)

    def _taken(self, sent: Sent, done: "asyncio.Future[Answer]") -> None:
        """Also when nobody waits for the answer any more: what is told of it later finds its attempt."""
        if done.cancelled() or done.exception() or done.result().refusal:
            return
        known = self._receipts.taken(sent, done.result().ref)
        if known:
            task = asyncio.create_task(self._tell([self._receipt(sent.attempt, known)]))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _tell(self, events: Sequence[Inbound]) -> bool:
        """Keep what happened. False: it could not be kept."""
        try:
            await self._hear(events)
        except Exception:
            _LOG.exception("%s：网关送来的内容没有存下，等它重发", self.name)
            return False
        return True

    async def _delivered(self, said: Report | Text) -> bool:
        """Keep what a phone or the gateway said. False: the gateway shall say it again."""
        if isinstance(said, Report):
            events = self._report(said)
            return not events or await self._tell(events)
        text: str | None = said.text
        if said.place:
            text = self._assembly.add(said.src, said.place, said.text, self._now())
        if text is None:
            return True
        kept = await self._tell([self._reply(said.event, said.src, text, said.dest)])
        if kept and said.place:
            self._assembly.forget(said.src, said.place)
        return kept

    def _report(self, said: Report) -> list[Inbound]:
        if said.kind is None:
            return []
        attempt, whole = self._receipts.came(said.ref, said.kind)
        if attempt:
            return [self._receipt(attempt, whole)] if whole else []
        event = f"{self.name}:{said.ref}:{said.stat}"
        return [
            Inbound(event, InboundKind.RECEIPT, self._now(), said.kind, provider=self.name, ref=said.ref),
        ]

    def _receipt(self, attempt: str, kind: ReceiptKind) -> Inbound:
        event = f"{self.name}:{attempt}:{kind}"
        return Inbound(event, InboundKind.RECEIPT, self._now(), kind, attempt, provider=self.name)

    def _reply(self, event: str, src: str, text: str, dest: str = "") -> Inbound:
        digits, key = self._config.extension_digits, f"{self.name}:{event}"
        named = dest[-digits:] if digits and len(dest) > len(self._config.src_id) else ""
        e164 = e164_of(src)
        return Inbound(key, InboundKind.REPLY, self._now(), text, e164=e164, provider=self.name, extension=named)

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Connected, as far as the network lets it, while the context is open."""
        tasks = [asyncio.create_task(self._stay_connected()), asyncio.create_task(self._sweep())]
        try:
            yield
        finally:
            self._line = None
            await ended(tasks)
            await asyncio.gather(*self._telling, return_exceptions=True)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP)
            for src, place, text in self._assembly.overdue(self._now()):
                if await self._tell([self._reply(f"{src}:{self._now()}", src, text)]):
                    self._assembly.forget(src, place)

    async def _stay_connected(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            longest = self._config.longest_pause_seconds
            try:
                await self._connected()
            except Rejected as error:
                # Hammering at a login that is turned away would only get the account blocked.
                self._rejected, pause = error.status, longest
                _LOG.error("%s：网关拒绝登录，状态 %s；请核对账号、口令、来源地址和协议版本", self.name, error.status)
            except (OSError, TimeoutError, Broken, EOFError) as error:
                pause = _FIRST_PAUSE if self._line else pause
                _LOG.warning("%s：连接断开（%s），稍后重连", self.name, error or type(error).__name__)
            self._line = None
            await asyncio.sleep(min(pause, longest))
            pause *= 2

    async def _connected(self) -> None:
        config = self._config
        line = Line(await dial(config.host, config.port, _LOGIN_WITHIN), self._dialect, config.window)
        try:
            async with asyncio.timeout(_LOGIN_WITHIN):
                await line.login()
            self._line, self._rejected = line, 0
            self._ready.set()
            _LOG.info("%s：已登录网关", self.name)
            await line.run(self._delivered, config.idle_seconds)
        finally:
            self._ready.clear()
            await line.close()


def _end(ends: list[Answer], sent: Sent) -> Submission:
    refused = [end.refusal for end in ends if end.refusal]
    if not refused:
        return Submission(Outcome.ACCEPTED, ref=sent.ref)
    if len(refused) < len(ends):
        return Submission(Outcome.UNKNOWN, reason=f"长短信只有一部分被接收：{refused[0].reason}")
    return refused[0]
