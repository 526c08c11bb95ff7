"""What a channel needs around it in a test: a message, a clock that stands, and ears."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from callout.domain.instant import HOUR, Instant
from callout.domain.ladder import ChannelKind
from callout.domain.level import Level
from callout.domain.meaning import Meaning
from callout.ports import Called, Inbound, Message, Setup

NOW = Instant(1_785_679_200_000)
"""2026-08-02 22:00 in Beijing."""
PHONE = "+999000000000001"
HOOK_KEY = "0123456789abcdef"
SHORT = "【示例】暴雨橙色，转移临坎人员，收到回复1"
LONG = "【示例区防汛办】8月2日22:00暴雨橙色预警，示例乡三小时雨量超五十毫米。请立即转移临坎临崖人员，" * 3 + "回复1"
MEANING = Meaning("500156", "暴雨", Level.ORANGE, "示例乡", NOW, Instant(NOW + 3 * HOUR), "转移", "示例区气象台")


def message(attempt: str = "500156.a1", e164: str = PHONE, text: str = SHORT, **more: Any) -> Message:
    kind = more.pop("channel", ChannelKind.SMS)
    wants = more.pop("wants_answer", True)
    return Message(attempt, e164, kind, text, Instant(NOW + 3 * HOUR), wants, NOW, MEANING, **more)


@dataclass
class Ear:
    """Keeps what a channel hears, and lets a test wait for it."""

    heard: list[Inbound] = field(default_factory=list)
    failing: int = 0
    """So many times the events cannot be kept."""
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def hear(self, events: Sequence[Inbound]) -> None:
        if self.failing:
            self.failing -= 1
            self._news.set()
            raise OSError("the database is away")
        self.heard.extend(events)
        self._news.set()

    async def until(self, enough: Callable[[list[Inbound]], bool], within: float = 60) -> list[Inbound]:
        async with asyncio.timeout(within):
            while not enough(self.heard):
                self._news.clear()
                await self._news.wait()
        return self.heard

    async def count(self, number: int) -> list[Inbound]:
        return await self.until(lambda heard: len(heard) >= number)


def call(what: str, body: bytes = b"", query: str = f"key={HOOK_KEY}") -> Called:
    return Called(what, f"/hooks/k/{what}", query, {}, body)


def setup(config: Any, ear: Ear, secrets: Mapping[str, str] | None = None, now: Instant = NOW) -> Setup:
    return Setup("示例通道", config, secrets or {}, lambda: now, ear.hear)
