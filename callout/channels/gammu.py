"""A GSM modem by gammu-smsd, which runs as its own process: the way out where no network is left but the mobile one.

We hand texts over with gammu-smsd-inject and read the folders of its FILES service; nothing of it is linked in.
"""

import asyncio
import configparser
import hashlib
import logging
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from callout.channels.clouds import Ear
from callout.channels.numbers import e164_of
from callout.channels.parts import INCOMPLETE
from callout.domain.abilities import Abilities, Answering, Receipts
from callout.domain.attempt import ReceiptKind
from callout.domain.errors import CalloutError
from callout.domain.instant import SECOND, Instant, later
from callout.domain.ladder import ChannelKind
from callout.ports import Channel, Inbound, Message, Outcome, Refusal, Setup, Submission
from callout.ports.ending import ended

CARRIES = frozenset({ChannelKind.SMS})
_LOG = logging.getLogger("callout.channels.gammu")
_WITHIN = 10.0
_WRITTEN = "Written message with ID "


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The daemon's own configuration; service = files, inboxformat = unicode, all four folders named."""

    smsdrc: Path
    inject: str = "gammu-smsd-inject"
    per_second: float = 0.2
    """A modem needs three to six seconds for each part."""
    stuck_seconds: int = 300
    """A text that the daemon has not sent after so long is taken back and counts as failed."""
    look_seconds: float = 1.0
    cost_fen: int = 0
    links: bool = False
    """Whether the carrier lets texts with an address of a page pass; in doubt it drops them."""
    dummy: bool = False
    """The daemon's driver is gammu's dummy: no phone can get anything."""

    @property
    def real(self) -> bool:
        """Whether texts can reach people."""
        return not self.dummy


@dataclass(frozen=True, slots=True)
class _Folders:
    inbox: Path
    outbox: Path
    sent: Path
    error: Path


def channel(setup: Setup) -> Channel:
    """The channel. Raises CalloutError where the daemon's configuration cannot be used."""
    config: Config = setup.config
    if shutil.which(config.inject) is None:
        raise CalloutError(f"通道“{setup.name}”要用 {config.inject}，但没有安装；请安装 gammu-smsd 后再启动")
    return _Modem(setup, config, _folders(setup.name, config))


def _folders(name: str, config: Config) -> _Folders:
    told = configparser.ConfigParser(interpolation=None)
    try:
        told.read_string(config.smsdrc.read_text(encoding="utf-8"))
        smsd = told["smsd"]
        dummy = told["gammu"].get("model", "") == "dummy"
        found = [Path(smsd[key]) for key in ("inboxpath", "outboxpath", "sentsmspath", "errorsmspath")]
    except (OSError, KeyError, UnicodeDecodeError, configparser.Error):
        raise CalloutError(
            f"通道“{name}”的 smsdrc 用不了；要有 [gammu] 和 [smsd]，service = files，并写明 inboxpath、outboxpath、"
            "sentsmspath、errorsmspath"
        ) from None
    if config.dummy and not dummy:
        raise CalloutError(f"通道“{name}”写了 dummy: true，但 smsdrc 里的 model 不是 dummy；请改成一致")
    if smsd.get("service", "") != "files" or smsd.get("inboxformat", "") != "unicode":
        raise CalloutError(f"通道“{name}”的 smsdrc 应写 service = files 和 inboxformat = unicode")
    return _Folders(*found)


class _Modem:
    def __init__(self, setup: Setup, config: Config, folders: _Folders) -> None:
        self.name = setup.name
        self._config = config
        self._folders = folders
        self._now = setup.now
        self._hear = setup.hear
        self._ear = Ear(setup.name, setup.now)
        self._waiting: dict[str, tuple[str, Instant]] = {}
        """Attempt and the latest time to send, by the daemon's file name."""

    def abilities(self, e164: str) -> Abilities:  # noqa: ARG002
        """The same for every number that a SIM card reaches; the internet is not needed."""
        return Abilities(
            answers=frozenset({Answering.REPLY}),
            receipts=Receipts.PUSH,
            validity=True,
            internet=False,
            links=self._config.links,
            cost_fen=self._config.cost_fen,
            per_second=self._config.per_second,
            by_part=True,
        )

    async def hang_up(self, attempt: str, ref: str) -> None:
        """A text cannot be taken back."""

    async def submit(self, message: Message) -> Submission:
        """Put it into the daemon's outbox."""
        length = str(len(message.text.encode("utf-16-be")) // 2)
        command = ("-c", str(self._config.smsdrc), "TEXT", message.e164, "-unicode", "-autolen", length, "-textutf8")
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            self._config.inject, *command, message.text, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
        )
        try:
            async with asyncio.timeout(_WITHIN):
                out, err = await process.communicate()
        except BaseException:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        said = (out + err).decode("utf-8", "replace")
        ref = Path(said.partition(_WRITTEN)[2].splitlines()[0].strip()).name if _WRITTEN in said else ""
        if not ref:
            return Submission(Outcome.REFUSED, reason=f"smsd 没有收下（{process.returncode}）", kind=Refusal.DOWN)
        self._waiting[ref] = (message.attempt, self._latest(message))
        return Submission(Outcome.ACCEPTED, ref=ref)

    def _latest(self, message: Message) -> Instant:
        stuck = later(self._now(), self._config.stuck_seconds * SECOND)
        return min(stuck, message.expires_at) if message.expires_at is not None else stuck

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Look into the daemon's folders while the context is open."""
        looking = asyncio.create_task(self._keep_looking())
        try:
            yield
        finally:
            await ended([looking])

    async def _keep_looking(self) -> None:
        while True:
            try:
                await self._sent()
                await self._received()
            except Exception:
                _LOG.exception("%s：短信猫的文件夹没有读成，稍后再看", self.name)
            await asyncio.sleep(self._config.look_seconds)

    async def _sent(self) -> None:
        for ref, (attempt, latest) in list(self._waiting.items()):
            kind = self._fate(ref, latest)
            if kind is not None:
                await self._hear([self._ear.receipt(kind, attempt, ref)])
                del self._waiting[ref]

    def _fate(self, ref: str, latest: Instant) -> ReceiptKind | None:
        if (self._folders.sent / ref).exists():
            return ReceiptKind.SENT
        if (self._folders.error / ref).exists():
            return ReceiptKind.FAILED
        if self._now() < latest:
            return None
        # The daemon is down or the modem is: what lies there must not go out hours later.
        (self._folders.outbox / ref).unlink(missing_ok=True)
        return ReceiptKind.EXPIRED

    async def _received(self) -> None:
        files = sorted(self._folders.inbox.glob("IN*.txt"))
        for name, parts in groupby(files, key=lambda file: file.stem.rpartition("_")[0]):
            found = list(parts)
            event = self._reply(name, {int(file.stem.rpartition("_")[2]): _text(file) for file in found})
            await self._hear([event])
            for file in found:
                file.unlink(missing_ok=True)

    def _reply(self, name: str, parts: Mapping[int, str]) -> Inbound:
        text = "".join(parts[at] for at in sorted(parts))
        whole = text if sorted(parts) == list(range(len(parts))) else text + INCOMPLETE
        # The daemon names a file by second and number, and uses a name again once the file is gone.
        event = f"{name}:{hashlib.sha256(whole.encode()).hexdigest()[:16]}"
        return self._ear.reply(event, e164_of(name.split("_")[3]), whole)


def _text(file: Path) -> str:
    return file.read_bytes().decode("utf-16", "replace").rstrip("\0")
