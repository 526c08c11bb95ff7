"""What every page stands on. The composition root fills it; pages get it from `site`."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from fastapi import Request

from callout.domain.instant import Instant
from callout.pipeline.drill import Drilling
from callout.pipeline.receive import Intake
from callout.ports import Clock, Hear, Hooked, Ids, Inbound, Renderer, Rulebooks
from callout.reports.checkpoints import HeldSeal
from callout.reports.course import NO_PRICES
from callout.reports.finish import NO_RATES, Rates
from callout.store.store import Store
from callout.web.oidc import IdentityProvider
from callout.web.pause import Pause


@dataclass(frozen=True, slots=True)
class EngineState:
    """What can be seen of the running engine from here."""

    state: str
    """running, silent (no beat for half a minute), or stopped."""
    beat_at: Instant | None
    channels: str
    """Which providers it calls through, in words."""
    engines: int = 1
    """How many beat."""
    silent: tuple[str, ...] = ()
    """Hosts of those that were not stopped and do not beat."""


async def _deaf(_: Sequence[Inbound]) -> None:
    raise RuntimeError("nobody keeps what providers tell")


@dataclass(frozen=True, slots=True)
class ProviderState:
    """How one provider of texts or calls does."""

    name: str
    word: str
    """In words: 正常, 已停用至 03:50 …"""
    ok: bool


def _none_held() -> Sequence[HeldSeal]:
    return ()


def _no_providers() -> Sequence[ProviderState]:
    return ()


@dataclass(frozen=True, slots=True)
class Exercising:
    """By what a leader starts and ends a drill."""

    drilling: Drilling
    live: bool
    """Its real phones would ring."""
    barred: str = ""
    """Why none may be started here; empty where one may."""


@dataclass(frozen=True, slots=True)
class Site:
    """The ports and settings of the web."""

    store: Store
    rulebooks: Rulebooks
    clock: Clock
    ids: Ids
    intake: Intake
    """Through which this office's own warnings come in."""
    renderer: Renderer
    """All wording of texts and calls, for what is shown before it goes out."""
    county: str
    """The home county of this installation."""
    templates: Path
    """The folder of all wording; pages lie in its `web`."""
    public_url: str
    """Under which address people reach these pages; empty where nobody has said."""
    engine: Callable[[Instant], EngineState]
    fault: Callable[[str, Exception], None]
    """Logs what went wrong, without what its data said."""
    providers: Callable[[], Sequence[ProviderState]] = _no_providers
    """How the providers do, as far as this process can tell."""
    rates: Callable[[], Rates] = lambda: NO_RATES
    """How fast the providers take what is handed to them."""
    longest_body: int = 2 * 1_048_576
    """Bytes of the longest request body that is read."""
    hooks: Mapping[str, Hooked] = field(default_factory=dict)
    """The providers that call us, by name."""
    turned_away: Counter[str] = field(default_factory=Counter)
    """By provider: calls with a wrong signature or key, since this process began."""
    warn_of_hooks: Callable[[str, int], None] = lambda *_: None
    """Logs that so many calls of a provider were turned away."""
    hear: Hear = _deaf
    """Keeps what they tell."""
    pause: Pause = field(default_factory=Pause)
    """Before they are told that it could not be kept."""
    seal: Callable[[], object] = lambda: None
    """Seals what waits on the record, so that an export carries the seal over its own entry."""
    prices: Callable[[], Mapping[str, int]] = lambda: NO_PRICES
    """Of one part or call in 分, by provider."""
    checkpoints: Callable[[], Sequence[HeldSeal]] = _none_held
    """The copies of seals that lie outside the database."""
    banner: str = ""
    """Stands on top of every page and cannot be missed; empty where everything is real."""
    connects: Callable[..., bool] = lambda *_: False
    """Whether some provider can, in this run, ring the first of these numbers and then the second."""
    link_key: bytes = b""
    """What the links in texts are signed with; empty: there are none."""
    exercising: Exercising | None = None
    """None: there are no drills here, as in a rehearsal."""
    identity: IdentityProvider | None = None
    """Another system by which users may sign in; None: by password only."""


def site(request: Request) -> Site:
    """The site that this request came to; a FastAPI dependency."""
    return cast(Site, request.app.state.site)
