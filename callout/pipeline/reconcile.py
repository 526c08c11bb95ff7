"""reconcile: providers that can tell are asked what became of attempts in doubt. No ladder waits for the answer."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callout.domain.attempt import ReceiptKind
from callout.domain.instant import MINUTE, Instant, Millis, later
from callout.ports import (
    Clock,
    Doubtful,
    Finding,
    Hear,
    Inbound,
    InboundKind,
    Provider,
    Reconciles,
    SendWork,
    Summary,
    Writer,
)

LOOKED_FOR: Millis = 30 * MINUTE
"""After so long an attempt in doubt stays so."""
AT_ONCE = 20
"""Questions in one run."""
PATIENCE = 15.0
"""Seconds for one of them."""


@dataclass(frozen=True, slots=True)
class Reconciling:
    """What the reconcile stage stands on."""

    store: Writer[SendWork]
    providers: Sequence[Provider]
    clock: Clock
    hear: Hear

    @property
    def asked(self) -> Mapping[str, Reconciles]:
        """The providers that can tell, by name."""
        return {p.channel.name: p.channel for p in self.providers if isinstance(p.channel, Reconciles)}


async def run_once(reconciling: Reconciling) -> Summary:
    """Ask for the newest attempts in doubt. What was found is a receipt like any other, and counts once."""
    asked = reconciling.asked
    if not asked:
        return Summary("reconcile", 0)
    since = later(reconciling.clock.now(), -LOOKED_FOR)
    doubtful = reconciling.store.read(lambda work: work.sends.doubtful(since, list(asked), AT_ONCE))
    found = await asyncio.gather(*(_find(asked[one.provider], one) for one in doubtful))
    proofs = [
        _proof(one, finding, reconciling.clock.now())
        for one, finding in zip(doubtful, found, strict=True)
        if finding.sent
    ]
    await reconciling.hear(proofs)
    return Summary("reconcile", len(proofs))


async def _find(channel: Reconciles, one: Doubtful) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE):
            return await channel.find(one.attempt, one.e164, one.since)
    except Exception:
        # It is asked again in the next run; nobody waits for the answer.
        return Finding(None)


def _proof(one: Doubtful, finding: Finding, now: Instant) -> Inbound:
    return Inbound(
        event=f"{one.provider}:found:{one.attempt}",
        kind=InboundKind.RECEIPT,
        at=now,
        body=ReceiptKind.TAKEN,
        attempt=one.attempt,
        provider=one.provider,
        ref=finding.ref,
    )
