"""A provider that calls back: signed webhooks of replies, many at a time, and what each was answered with."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode

import aiohttp
from twilio.request_validator import RequestValidator

PUBLIC = "http://127.0.0.1:9"
"""The address that is signed; where the calls go is another matter, as behind a proxy."""
PATH = "/hooks/sms/sms"
TOKEN = "simulated-token-0123456789abcdef"
SENDER = "+99900000000001"
CHANNELS = f"""
providers:
  - name: sms
    type: twilio_sms
    settings: {{account_sid: "AC{"0" * 32}", auth_token_env: SIMULATED, senders: ["{SENDER}"],
                base_url: "http://127.0.0.1:9", per_sender: 0}}
"""


@dataclass(frozen=True, slots=True)
class Reply:
    """One text that comes back."""

    sid: str
    e164: str
    body: str

    def request(self) -> tuple[bytes, dict[str, str]]:
        """Body and headers, signed."""
        form = {"MessageSid": self.sid, "From": self.e164, "To": SENDER, "Body": self.body}
        signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}{PATH}", form)
        kind = "application/x-www-form-urlencoded"
        return urlencode(form).encode(), {"X-Twilio-Signature": signature, "Content-Type": kind}


@dataclass(slots=True)
class Calls:
    """What came of the calls."""

    thanked: set[str] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)
    """How long each thanks took."""
    refused: int = 0


async def call_back(address: str, replies: Iterable[Reply], at_once: int, seen: Calls) -> None:
    """Call with every reply until it is thanked for; a server that is away is tried again a little later."""
    waiting = iter([(one.sid, *one.request()) for one in replies])
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:

        async def caller() -> None:
            for sid, body, headers in waiting:
                while not await _thanked(session, address, (sid, body, headers), seen):
                    await asyncio.sleep(0.5)

        await asyncio.gather(*(caller() for _ in range(at_once)))


async def _thanked(
    session: aiohttp.ClientSession, address: str, call: tuple[str, bytes, dict[str, str]], seen: Calls
) -> bool:
    sid, body, headers = call
    begun = time.perf_counter()
    try:
        async with session.post(f"{address}{PATH}", data=body, headers=headers) as answer:
            await answer.read()
            if answer.status == 200:  # noqa: PLR2004
                seen.seconds.append(time.perf_counter() - begun)
                seen.thanked.add(sid)
                return True
    except (aiohttp.ClientError, TimeoutError):
        pass
    seen.refused += 1
    return False
