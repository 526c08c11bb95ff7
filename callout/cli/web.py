"""web: the pages, inside the engine's process or (PostgreSQL) in one of their own."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Annotated

import typer
import uvicorn

from callout.app import App, SystemClock, channels_plan, checkpoint_file, providers
from callout.cli.apart import apart, keep_apart
from callout.cli.control import open_app
from callout.cli.logs import open_log, printed
from callout.cli.pulse import engine_standing
from callout.cli.screen import fail, say
from callout.domain.errors import CalloutError
from callout.domain.instant import SECOND, Instant, beijing
from callout.pipeline.connect import way
from callout.pipeline.drill import NEEDS_SWITCH
from callout.ports import ACTUAL, Hooked
from callout.reports.checkpoints import HeldSeal, read_checkpoints
from callout.rulebook.providers import prices
from callout.scheduler import Job, Metronome, log_fault, log_turned_away
from callout.settings import Settings
from callout.store.database import sqlite_path
from callout.store.ear import Ear
from callout.web.application import create_app
from callout.web.oidc import IdentityProvider, Registration
from callout.web.site import EngineState, Exercising, ProviderState, Site

_AGAIN = 5.0
"""Seconds until a port that was taken is tried again."""
_LAST_WORDS = 2
"""Seconds that open connections have at the end."""


def web(
    port: Annotated[
        int | None, typer.Option(help="端口，代替 CALLOUT_WEB_PORT；开几个时各用一个", min=0, max=65535, metavar="端口")
    ] = None,
) -> None:
    """只开网页，不叫人：与引擎分开运行（PostgreSQL），可以开几个"""
    settings = Settings() if port is None else Settings(web_port=port)
    if sqlite_path(settings.database_url):
        raise CalloutError("使用 SQLite 时网页随 callout serve 一起打开，不能单独运行")
    ear, plan = Ear(), channels_plan(settings)
    open_log(settings, plan)
    # They send nothing from here; but whoever calls must be known by their signature.
    channels = providers(settings, plan, SystemClock(), ear)
    app = open_app(settings, channels, ear)
    try:
        keep_apart(app)
        with printed(settings):
            asyncio.run(_serve(app))
    finally:
        app.close()


async def _serve(app: App) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    metronome = Metronome((Job("apart", SECOND, lambda: apart(app, stop.set)),))
    metronome.start()
    async with Pages(app).open():
        await stop.wait()
    await metronome.stop(_LAST_WORDS)
    say("网页已关闭")


@dataclass(slots=True)
class Pages:
    """The pages of one App, opened as soon as their port can be had."""

    app: App
    _server: uvicorn.Server | None = field(default=None)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Open until the block ends."""
        opening = asyncio.create_task(self._open())
        try:
            yield
        finally:
            if self._server:
                self._server.should_exit = True
                with suppress(TimeoutError):
                    await asyncio.wait_for(opening, 2 * _LAST_WORDS)
            opening.cancel()
            with suppress(asyncio.CancelledError):
                await opening

    async def _open(self) -> None:
        settings = self.app.settings
        told = False
        while True:
            try:
                listening = bound(settings.web_host, settings.web_port)
                break
            except OSError as error:
                if not told:
                    fail(
                        f"网页打不开：{settings.web_host}:{settings.web_port} 不能使用（{error.strerror}），会一直再试"
                    )
                told = True
                await asyncio.sleep(_AGAIN)
        host, port = listening.getsockname()[:2]
        say(f"网页：http://{host}:{port}/" + (f"，对外 {settings.public_url}/" if settings.public_url else ""))
        self._server = PageServer(config_of(site_of(self.app)))
        await self._server.serve(sockets=[listening])


class PageServer(uvicorn.Server):
    """Leaves signals to whoever opened it."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none."""
        yield


def config_of(site: Site) -> uvicorn.Config:
    """How uvicorn serves this site."""
    return uvicorn.Config(
        create_app(site),
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_LAST_WORDS,
    )


def bound(host: str, port: int) -> socket.socket:
    """A listening socket at this address; raises OSError where it cannot be had."""
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def site_of(app: App) -> Site:
    """What the pages of this App stand on."""
    settings = app.settings
    return Site(
        store=app.store,
        rulebooks=app.rulebooks,
        clock=app.world.clock,
        ids=app.world.ids,
        intake=app.intake,
        renderer=app.sender.sending.renderer,
        rates=app.sender.fleet.rates,
        providers=lambda: provider_states(app),
        county=settings.county,
        templates=settings.templates,
        public_url=settings.public_url or "",
        engine=lambda now: _engine(app, now),
        fault=log_fault,
        warn_of_hooks=log_turned_away,
        longest_body=2 * settings.max_document_bytes,
        hooks={one.channel.name: one.channel for one in app.world.providers if isinstance(one.channel, Hooked)},
        hear=app.world.ear,
        seal=app.seal,
        prices=lambda: prices(channels_plan(settings)),
        checkpoints=lambda: _held(settings),
        connects=lambda run, *numbers: way(app.world.providers, run, *numbers) is not None,
        link_key=settings.link_secret,
        exercising=_exercising(app),
        identity=identity_provider(settings),
    )


def _exercising(app: App) -> Exercising:
    live = app.world.run == ACTUAL
    return Exercising(app.drilling, live, NEEDS_SWITCH if live and not app.settings.drill_live else "")


def identity_provider(settings: Settings) -> IdentityProvider | None:
    """The other system by which users may sign in. Raises CalloutError where what it needs is missing."""
    if settings.oidc_issuer is None:
        return None
    if not settings.oidc_client_id or not settings.public_url:
        raise CalloutError("接统一身份认证（CALLOUT_OIDC_ISSUER）还要设 CALLOUT_OIDC_CLIENT_ID 和 CALLOUT_PUBLIC_URL")
    secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else ""
    steps = frozenset(filter(None, (one.strip() for one in settings.oidc_mfa.split(","))))
    back = f"{settings.public_url}/sign-in/other/back"
    who = settings.oidc_issuer, settings.oidc_client_id, secret, settings.oidc_claim
    return IdentityProvider(Registration(*who, steps, settings.oidc_name, back))


def provider_states(app: App) -> list[ProviderState]:
    """How each provider does: by this process's own circuits, and by what the officers were told of it."""
    gone = app.store.read(lambda work: work.humans.gone())
    return [_state(app, one.channel.name, gone) for one in app.world.providers]


def _state(app: App, name: str, gone: Mapping[str, Instant]) -> ProviderState:
    """By country: it may fail in one and work in another."""
    told = {who.removeprefix(name).strip(): at for who, at in gone.items() if who.partition(" ")[0] == name}
    shut = {**app.sender.fleet.shut(name), **told}
    if not shut:
        return ProviderState(name, "正常", ok=True)
    since = beijing(min(shut.values()), "%H:%M")
    return ProviderState(" ".join([name, *sorted(filter(None, shut))]), f"不通，{since} 起，改走其他通道", ok=False)


def _engine(app: App, now: Instant) -> EngineState:
    seen = engine_standing(app.settings, app.database, now)
    return EngineState(seen["state"], seen["beat_at"], seen["channels"], seen["engines"], tuple(seen["silent"]))


def _held(settings: Settings) -> list[HeldSeal]:
    file = checkpoint_file(settings)
    return read_checkpoints(file) if file else []
