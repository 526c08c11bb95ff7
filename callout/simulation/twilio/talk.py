"""An answered call: TwiML is played, a person or a machine listens, presses keys, and leaves.

Its time is that of what is said and waited for; fetching the next document takes none of it, so that a key that a
person presses while being asked again is not lost in the carrier's own delay.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from callout.domain.instant import SECOND, Instant, Millis, later
from callout.simulation.people import DECIDING, LISTENING
from callout.simulation.twilio.pace import Pace
from callout.simulation.twilio.request import Hook
from callout.simulation.twilio.twiml import Verb, verbs

STAYS: Millis = LISTENING[0]
"""How long a person stays on the line after the last key."""
_MOST_DOCUMENTS = 50
_SILENCE, _ENDLESS = 5, 99
"""Seconds that a Gather waits for a key; digits that it takes where it says no number."""

Key = tuple[Millis, str]
"""A key, and when it is pressed after the first word."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears the call: what is pressed is decided when the words of the question are known."""

    decide: Callable[[str], tuple[list[Key], Millis]]
    """(keys, when they leave), from the words heard until the first question."""
    leaves: Millis
    """When they leave where nothing is asked."""


class LeftError(Exception):
    """The person has hung up."""


@dataclass(slots=True)
class Talk:
    """One call from its first word on."""

    pace: Pace
    listener: Listener
    fetch: Callable[[Hook, Mapping[str, str]], Awaitable[bytes]]
    """The next document."""
    noted: Callable[[str, str], None]
    """Hears of what is said and pressed."""
    dial: Callable[[Verb, Hook], Awaitable[Mapping[str, str]]]
    """Puts the call through to a second phone; what its action is told."""
    _cursor: Millis = 0
    _begun: Instant = field(default_factory=lambda: Instant(0))
    _heard: list[str] = field(default_factory=list)
    _keys: deque[Key] | None = None
    _leaves: Millis = 0

    async def run(self, document: bytes, source: Hook) -> None:
        """Play documents until one ends or hangs up. Raises LeftError, TwimlError and what `fetch` raises."""
        self._leaves = self.listener.leaves
        for _ in range(_MOST_DOCUMENTS):
            following = await self._play(verbs(document), source)
            if following is None:
                return
            source, form = following
            document = await self.fetch(source, form)

    async def _play(self, script: list[Verb], source: Hook) -> tuple[Hook, Mapping[str, str]] | None:
        """Where the next document is asked for, and with what; None at the end."""
        self._begun = Instant(self.pace.now() - self._cursor)
        for verb in script:
            match verb.name:
                case "Say" | "Play" | "Pause":
                    await self._speak(verb)
                case "Gather":
                    digits, key = await self._gather(verb)
                    if digits or verb.get("actionOnEmptyResult").lower() == "true":
                        form = {"Digits": digits, "msg": "Gather End", "FinishedOnKey": key}
                        return _hook(verb.get("action"), verb, source), form
                case "Dial":
                    told = await self.dial(verb, source)
                    if verb.get("action"):
                        return _hook(verb.get("action"), verb, source), told
                case "Redirect":
                    return _hook(verb.text, verb, source), {}
                case _:
                    return None
        return None

    async def _speak(self, verb: Verb) -> None:
        if verb.spoken:
            self._heard.append(verb.spoken)
            self.noted("said", verb.spoken)
        await self._pass(verb.length)

    async def _gather(self, verb: Verb) -> tuple[str, str]:
        """The digits pressed, and the key that ended them."""
        if verb.spoken:
            self._heard.append(verb.spoken)
            self.noted("said", verb.spoken)
        keys = self._decided(verb.length)
        wait = _number(verb, "timeout", _SILENCE) * SECOND
        most, finish = _number(verb, "numDigits", _ENDLESS), verb.get("finishOnKey", "#")
        until, digits = self._cursor + verb.length + wait, ""
        while keys and keys[0][0] <= until:
            at, key = keys.popleft()
            await self._pass(max(0, at - self._cursor))
            self.noted("key", key)
            if key == finish:
                return digits, key
            digits += key
            if len(digits) == most:
                return digits, ""
            until = self._cursor + wait
        await self._pass(until - self._cursor)
        return digits, ""

    def _decided(self, length: Millis) -> deque[Key]:
        """The keys still to come; chosen at the first question, pressed while it is asked or soon after it."""
        if self._keys is None:
            keys, self._leaves = self.listener.decide(" ".join(self._heard))
            first = keys[0][0] if keys else 0
            shift = min(max(first, self._cursor + SECOND), self._cursor + length + DECIDING[1]) - first
            self._keys = deque((at + shift, key) for at, key in keys)
            self._leaves += shift
        return self._keys

    async def _pass(self, length: Millis) -> None:
        """Time goes by; raises LeftError when the person hangs up in it."""
        ends = self._cursor + length
        self._cursor = min(ends, self._leaves)
        await self.pace.until(later(self._begun, self._cursor))
        if ends > self._leaves:
            raise LeftError


def _hook(address: str, verb: Verb, source: Hook) -> Hook:
    return Hook(urljoin(source.url, address) if address else source.url, verb.get("method", "POST").upper())


def _number(verb: Verb, name: str, default: int) -> int:
    text = verb.get(name, str(default))
    return int(text) if text.isdecimal() and int(text) > 0 else default
