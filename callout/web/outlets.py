"""Events pushed to other platforms: signed, in order, at least once, from where it stopped, after a restart too."""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from callout.domain.errors import CalloutError
from callout.domain.here import host_is_here
from callout.domain.instant import MINUTE, NEVER_YET, SECOND, Instant, Millis, later
from callout.ports import Clock
from callout.reports.events import Batch, Wanted, cursor_of, cursor_text, events
from callout.rulebook.outlets import OutletEntry
from callout.store.database import Database

TIMESTAMP, SIGNATURE, DELIVERY = "X-Callout-Timestamp", "X-Callout-Signature", "X-Callout-Delivery"
_FIRST: Millis = SECOND
_LONGEST: Millis = 5 * MINUTE
_PATIENCE = aiohttp.ClientTimeout(total=15)
_GOOD = range(200, 300)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over time, a dot and the body: neither can be changed, nor the body be sent again later."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


@dataclass(slots=True)
class Outlet:
    """One platform. Only when it has thanked for a batch does the cursor move on, and only then comes the next."""

    entry: OutletEntry
    secret: str
    database: Database
    clock: Clock
    _failed: int = 0
    _rests_until: Instant = field(default=NEVER_YET)

    async def run_once(self) -> int:
        """Hand over what is new; returns how many events were taken. Nothing is raised for a platform that fails."""
        if self.clock.now() < self._rests_until:
            return 0
        taken = 0
        async with aiohttp.ClientSession(timeout=_PATIENCE) as session:
            while True:
                at = _cursor(self.entry.cursor)
                batch = self.database.read(lambda db, at=at: events(db, cursor_of(at), self._wanted))  # type: ignore[misc]
                if batch.events and not await self._deliver(session, batch):
                    return taken
                if cursor_text(batch.cursor) != at:
                    _keep(self.entry.cursor, cursor_text(batch.cursor))
                taken += len(batch.events)
                if not batch.more:
                    return taken

    @property
    def _wanted(self) -> Wanted:
        return Wanted(self.entry.kinds, self.entry.counties)

    async def _deliver(self, session: aiohttp.ClientSession, batch: Batch) -> bool:
        cursor, now = cursor_text(batch.cursor), self.clock.now()
        body = json.dumps({"cursor": cursor, "events": batch.events}, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json", TIMESTAMP: str(now // SECOND), DELIVERY: f"{self.entry.name}:{cursor}",
            SIGNATURE: signature(self.secret, str(now // SECOND), body),
        }  # fmt: skip
        try:
            async with session.post(self.entry.url, data=body, headers=headers, allow_redirects=False) as answer:
                good = answer.status in _GOOD
        except (aiohttp.ClientError, TimeoutError, OSError):
            good = False
        self._failed = 0 if good else self._failed + 1
        pause = min(_FIRST * 2 ** (self._failed - 1), _LONGEST) if self._failed else 0
        self._rests_until = later(self.clock.now(), pause) if self._failed else NEVER_YET
        return good


def outlets(
    entries: Sequence[OutletEntry], environment: Mapping[str, str], database: Database, clock: Clock, *, live: bool
) -> list[Outlet]:
    """The outlets. Raises CalloutError before anything leaves that may not, or cannot be signed."""
    made = []
    for one in entries:
        host = urlsplit(one.url)
        if not host_is_here(host.hostname or ""):
            if not live:
                raise CalloutError(
                    f"平台“{one.name}”不在本机，没有 CALLOUT_LIVE=1 不能推送；试用请去掉 CALLOUT_OUTLETS"
                )
            if host.scheme != "https":
                raise CalloutError(f"平台“{one.name}”不在本机，地址必须是 https")
        secret = environment.get(one.secret_env, "")
        if not secret:
            raise CalloutError(f"平台“{one.name}”的密钥没有设：请设置环境变量 {one.secret_env} 后再启动")
        cursor_of(_cursor(one.cursor))
        made.append(Outlet(one, secret, database, clock))
    return made


def _cursor(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError):
        raise CalloutError(f"位置文件 {path} 读不出来，请检查权限") from None


def _keep(path: Path, cursor: str) -> None:
    """Durable when this returns; a crash leaves the old place or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="ascii") as file:
        file.write(cursor + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
