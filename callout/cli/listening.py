"""What `serve` listens to on the network: sources of warnings, and sources of readings."""

import asyncio
import os
from collections.abc import Callable, Sequence
from importlib import import_module

from callout.app import App
from callout.domain.errors import CalloutError
from callout.domain.listening import GaugeAddress
from callout.pipeline.measure import Came, Measuring, Taken, take
from callout.ports import Clock, Random
from callout.rulebook.endpoints import read_endpoints
from callout.settings import Settings
from callout.sources.feed import Feed, Page, source_of
from callout.sources.gauge_lines import GaugePage, Heeded, Line


def listen(settings: Settings, app: App, random: Random) -> list[Feed | Page | Line]:
    """Everything that the settings name, put before the intake of `app`. Raises CalloutError as the two below."""
    warnings, lines = listeners(settings, app.world.clock, random), gauge_lines(settings, app, random)
    app.sources.extend([*warnings, *(Heeded(one.pulse) for one in lines)])
    return [*warnings, *lines]


def listeners(settings: Settings, clock: Clock, random: Random) -> list[Feed | Page]:
    """The sources of warnings that the settings name. Raises CalloutError when the file or a key is missing."""
    named = read_endpoints(settings.sources).sources if settings.sources else ()
    return [source_of(one, _secret(one.name, one.key_env), clock, random) for one in named]


def gauge_lines(settings: Settings, app: App, random: Random) -> list[Line]:
    """The sources of readings that the settings name. Raises CalloutError when the file or a secret is missing."""

    async def keep(came: Sequence[Came], origin: str) -> Taken:
        return await asyncio.to_thread(take, Measuring(app.store, app.rulebooks), settings.county, came, origin)

    named = read_endpoints(settings.sources).gauges if settings.sources else ()
    clock, found = app.world.clock, list[Line]()
    for one in named:
        secret = _secret(one.name, one.key_env)
        if isinstance(one, GaugeAddress):
            found.append(GaugePage(one, secret, keep, clock, random))
        else:
            found.append(_broker()(one, secret, keep, clock, random))
    return found


def _secret(name: str, variable: str) -> str:
    value = os.environ.get(variable, "") if variable else ""
    if variable and not value:
        raise CalloutError(f"来源“{name}”的密钥没有设：请设置环境变量 {variable} 后再启动")
    return value


def _broker() -> Callable[..., Line]:
    """Imported only where it is used: what it needs is an extra."""
    try:
        found: Callable[..., Line] = import_module("callout.sources.gauge_broker").GaugeListener
    except ImportError as error:
        raise CalloutError(f"听 MQTT 要用的 {error.name} 没有安装；请按 docs/gauges.md 安装后再试") from None
    return found
