"""An answered call: the script is read, keys are heard, and the call ends."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import baresip
from baresip.call import Call, CallState, DigitEvent

from callout.channels.speech import RATE
from callout.domain.attempt import ReceiptKind

KEYS = frozenset("123")
"""Keys that mean something; any other is asked for again."""
_STEP = 0.1
"""Seconds between two looks at a call."""
_AHEAD = RATE // 2
"""Bytes of sound that are handed to the line at once: a quarter of a second."""
_SAMPLE = 2
_GAP = bytes(RATE * _SAMPLE)
"""A second of silence after each reading."""


@dataclass(frozen=True, slots=True)
class Script:
    """What is played: samples of a telephone line."""

    words: bytes
    wrong: bytes
    """After a key that means nothing."""
    thanks: bytes
    times: int
    """How often the words are read."""
    patience: float
    """Seconds of silence after them in which a key still counts."""


class Talk:
    """One answered call."""

    def __init__(self, call: Call, script: Script) -> None:
        self._call = call
        self._script = script
        self._whole = False
        """The words were played to their end while somebody was on the line."""
        self._gone = False
        """The sound has no line any more: the other side has hung up, though the stack has not said so yet."""
        self._pressed: asyncio.Queue[str] = asyncio.Queue()
        call.on_dtmf(self._on_digit)

    def _on_digit(self, event: DigitEvent) -> None:
        self._pressed.put_nowait(event.digit)

    @property
    def _over(self) -> bool:
        return self._gone or self._call.state is CallState.CLOSED

    @property
    def _heard(self) -> ReceiptKind:
        return ReceiptKind.HEARD_WHOLE if self._whole else ReceiptKind.HEARD_PART

    async def tell(self) -> ReceiptKind:
        """Read the words once; no key is asked for."""
        await self._read()
        return self._heard

    async def ask(self, answered: Callable[[str], Awaitable[None]]) -> ReceiptKind:
        """Read the words until a key is pressed that means something; tell it, thank, and end."""
        key: str | None = None
        for _ in range(self._script.times):
            key = await self._right(await self._read())
            if key or self._over:
                break
        else:
            key = await self._right(await self._key(self._script.patience))
        if key:
            await answered(key)
            await self._play(self._script.thanks, keys=False)
        return self._heard

    async def _right(self, key: str | None) -> str | None:
        """Ask again while the key means nothing."""
        while key and key not in KEYS:
            key = await self._play(self._script.wrong) or await self._key(self._script.patience)
        return key

    async def _read(self) -> str | None:
        key = await self._play(self._script.words)
        if key is None and not self._over:
            self._whole = True
            key = await self._play(_GAP)
        return key

    async def _play(self, sound: bytes, *, keys: bool = True) -> str | None:
        """Play to the end, or to the first key; returns the key."""
        at, key = 0, None
        while not self._over and key is None and (at < len(sound) or self._unsaid()):
            at += self._write(sound[at : at + _AHEAD])
            key = await self._key(_STEP, keys=keys)
        if key is not None:
            self._hush()
        return key

    def _write(self, sound: bytes) -> int:
        try:
            return self._call.audio.write(sound)
        except baresip.AudioRestarted:
            return 0  # negotiated anew; the next piece finds the new line
        except baresip.AudioNotActive:
            self._gone = True
            return 0

    def _unsaid(self) -> bool:
        try:
            return self._call.audio.info().tx_buffered > 0
        except baresip.AudioNotActive:
            self._gone = True
            return False

    def _hush(self) -> None:
        with suppress(baresip.AudioNotActive, baresip.AudioRestarted):
            self._call.audio.flush_tx()

    async def _key(self, seconds: float, *, keys: bool = True) -> str | None:
        """The key that is pressed within so long; None at once when the other side hangs up."""
        ends = asyncio.get_running_loop().time() + seconds
        while not self._over and (left := ends - asyncio.get_running_loop().time()) > 0:
            with suppress(TimeoutError):
                return await asyncio.wait_for(self._next(keys=keys), min(_STEP, left))
        return None

    async def _next(self, *, keys: bool) -> str:
        while True:
            key = await self._pressed.get()
            if keys:
                return key
