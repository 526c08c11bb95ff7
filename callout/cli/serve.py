"""serve: the running engine."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated

import typer

from callout.app import App, MachineChance, SystemClock, channels_plan, providers
from callout.cli.ack import ACK
from callout.cli.apart import SIMULATION, keep_apart, phones, stopped_by_conflict
from callout.cli.channels import copies
from callout.cli.control import Control, open_app
from callout.cli.cut import CUT
from callout.cli.drill import DRILL_VERBS
from callout.cli.feedback import GIVE
from callout.cli.gauge import GAUGE_VERBS
from callout.cli.housekeeping import Sealing, beside, counting, finish, settle_in
from callout.cli.human_calls import CLAIM, CLOSE, RELEASE
from callout.cli.listening import listen
from callout.cli.logs import open_log, printed
from callout.cli.on_record import ON_RECORD
from callout.cli.personal import ERASE
from callout.cli.plan import PLAN_VERBS
from callout.cli.pulse import STALE, Pulse, counts
from callout.cli.receive import RECEIVE
from callout.cli.relocation import RELOCATION_VERBS
from callout.cli.roster import ROSTER_VERBS, deskless, roster_run
from callout.cli.roster_files import EXPORT
from callout.cli.roster_import import IMPORT
from callout.cli.screen import fail, say, warn
from callout.cli.shifts import CHANGE
from callout.cli.stop_work import STOP_WORK_VERBS
from callout.cli.user import USER_VERBS
from callout.cli.warnings import WARNING_VERBS
from callout.cli.web import Pages
from callout.domain.instant import MINUTE, SECOND, Instant, beijing
from callout.domain.listening import introduced
from callout.pipeline import broadcast, reconcile
from callout.ports import Channel, ChannelsPlan, Pulls, Runs, everywhere
from callout.scheduler import Job, Metronome
from callout.settings import Settings
from callout.simulation.carrier import Carrier
from callout.sources.feed import Feed, Page
from callout.sources.folder import WatchedFolder
from callout.sources.gauge_lines import Line
from callout.sources.gauges import GaugeSource
from callout.sources.http import Web
from callout.store.alarm_queue import AlarmQueue
from callout.store.bell import hearing
from callout.store.database import SoleWriter, sqlite_path
from callout.store.ear import Ear

VERBS = (
    *(RECEIVE, ACK, CLAIM, RELEASE, CLOSE),
    *ROSTER_VERBS,
    *(CHANGE, IMPORT, EXPORT, GIVE, ERASE, ON_RECORD, CUT),
    *PLAN_VERBS,
    *(*WARNING_VERBS, *DRILL_VERBS, *STOP_WORK_VERBS, *RELOCATION_VERBS, *GAUGE_VERBS, *USER_VERBS),
)
"""What other commands may ask a running engine to do."""

_SEED = 1
"""Decides how the people behind simulated phones behave."""
_BEAT = 250
_PULSE = 2 * SECOND
_ASK = SECOND
_PULL = 2 * SECOND
_SWEEP = 20 * SECOND
_STOP_WITHIN = 10.0


def serve(
    reload_rules: Annotated[bool, typer.Option("--reload-rules", help="启动时重新载入规则文件")] = False,
    no_web: Annotated[bool, typer.Option("--no-web", help="不开网页")] = False,
) -> None:
    """启动叫应引擎：监视来文文件夹，按规则逐级叫应，直到被停止"""
    settings = Settings()
    file = sqlite_path(settings.database_url)
    lock = SoleWriter(file) if file else None
    try:
        _run(settings, reload_rules=reload_rules, pages=not no_web)
    finally:
        if lock:
            lock.release()


def _run(settings: Settings, *, reload_rules: bool, pages: bool) -> None:
    plan = channels_plan(settings)
    open_log(settings, plan)
    with printed(settings):
        _start(settings, plan, reload_rules=reload_rules, pages=pages)
        say("引擎已停止")


def _start(settings: Settings, plan: ChannelsPlan, *, reload_rules: bool, pages: bool) -> None:
    clock, ear = SystemClock(), Ear()
    carrier = None if plan.providers else Carrier(clock, _SEED)
    app = open_app(settings, everywhere(carrier) if carrier else providers(settings, plan, clock, ear), ear)
    try:
        keep_apart(app)
        if reload_rules:
            app.use_rules()
        if sqlite_path(settings.database_url):
            app.store.write(lambda work: work.sends.orphan())  # nobody else writes: what is claimed has no owner
        settings.inbox.mkdir(mode=0o750, parents=True, exist_ok=True)
        key = settings.inbox_key.get_secret_value() if settings.inbox_key else ""
        app.sources.append(WatchedFolder(settings.inbox, settings.max_document_bytes, key))
        network = listen(settings, app, MachineChance())
        app.sources.append(GaugeSource(AlarmQueue(app.store)))
        engine = Engine(app, carrier, network, pages=Pages(app) if pages else None, also=beside(settings, app))
        engine.broadcasting = copies(settings, app)
        settle_in(app)
        asyncio.run(engine.run())
    finally:
        app.close()


@dataclass(slots=True)
class Engine:
    """An App with a beat, phones and a control socket."""

    app: App
    carrier: Carrier | None
    """The phones where no channels file is named."""
    network: Sequence[Feed | Page | Line] = ()
    web: Web = field(default_factory=Web)
    pages: Pages | None = None
    also: Sequence[Job] = ()
    """What hands out events and checkpoints, and what keeps the house."""
    broadcasting: broadcast.Broadcasting | None = None
    """Copies to offices, loudspeakers and groups, where a file names any."""
    _beat_at: Instant = field(default=Instant(0))
    _pulse: Pulse = field(init=False)
    _wake: Callable[[], None] = field(default=lambda: None)
    """Lets the next beat come at once."""
    _stop: Callable[[], None] = field(default=lambda: None)

    def __post_init__(self) -> None:
        app, now = self.app, self.app.world.clock.now()
        self._pulse = Pulse(app.settings, app.database, app.sender.sending.owner, now)

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        async with AsyncExitStack() as open_:
            await open_.enter_async_context(self.web)
            ways = [one.way for one in self.broadcasting.endpoints] if self.broadcasting else []
            for one in (*self.channels, *self.network, *ways):
                if isinstance(one, Runs):
                    await open_.enter_async_context(one.run())
            await self._serve()

    @property
    def channels(self) -> list[Channel]:
        """Every channel in use, once."""
        return [one.channel for one in self.app.world.providers]

    async def _serve(self) -> None:
        file = sqlite_path(self.app.settings.database_url)
        control, stop = Control(self.app, VERBS), asyncio.Event()
        self._stop = stop.set
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        self._beat_at = self.app.world.clock.now()
        try:
            if file:
                await control.start(file)
            await self.pulse()
            self._introduce()
            async with self.beating():
                await self._until(stop)
                say("正在停止……")
            await finish(self.app.sender)
            self.app.seal()
        finally:
            await control.stop()
            self._pulse.end()

    @asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """Everything that runs by itself runs as long as the block lasts, and is woken by what comes in."""
        metronome = Metronome(self.jobs())
        self._wake = self.app.store.stirred = partial(self._stir, metronome)
        metronome.start()
        async with hearing(self.app.database.engine, self._wake):
            yield
        await metronome.stop(_STOP_WITHIN)

    async def _until(self, stop: asyncio.Event) -> None:
        """Wait for the signal, with the pages open. A page that cannot be opened keeps nobody from being called."""
        if self.pages is None:
            await stop.wait()
            return
        async with self.pages.open():
            await stop.wait()

    def jobs(self) -> tuple[Job, ...]:
        """Everything that runs by itself."""
        return (
            Job("intake", _BEAT, self.app.stages["receive"]),
            Job("phones", _BEAT, self.phones),
            Job("beat", _BEAT, self.beat),
            Job("measure", MINUTE, self.app.stages["measure"]),
            Job("seal", _BEAT, Sealing(self.app).run_once),
            Job("pulse", _PULSE, self.pulse),
            Job("heartbeat", MINUTE, self.heartbeat),
            # One each, so that a slow server holds up nobody but itself.
            *(Job(f"listen {n}", _ASK, partial(one.listen, self.web)) for n, one in enumerate(self.network, 1)),
            Job("dead man", MINUTE, self.dead_man),
            Job("reconcile", _SWEEP, self.reconcile),
            *(
                Job(f"pull {one.name}", _PULL, partial(self.pull, one))
                for one in self.channels
                if isinstance(one, Pulls)
            ),
            *((Job("copies", _ASK, self.copies),) if self.broadcasting else ()),
            *counting(self.app.database.engine),
            *self.also,
        )

    @property
    def standing(self) -> str:
        """Which phones ring, in one line."""
        return SIMULATION if self.carrier else phones(self.channels, self.app.world.run)

    async def phones(self) -> None:
        """Keep what came back from the phones."""
        if self.carrier:
            self.app.take_in(self.carrier.due(self.app.world.clock.now()))

    async def reconcile(self) -> None:
        """Ask the providers what became of attempts in doubt."""
        world = self.app.world
        await reconcile.run_once(reconcile.Reconciling(self.app.store, world.providers, world.clock, world.ear))

    async def pull(self, channel: Pulls) -> None:
        """Keep what a provider has for us that cannot call in."""
        self.app.take_in(list(await channel.poll()))

    async def copies(self) -> None:
        """Send what offices, loudspeakers and groups are told."""
        if self.broadcasting:
            await broadcast.run_once(self.broadcasting)

    def _stir(self, metronome: Metronome) -> None:
        """Work has come in: no beat is waited for, nor a hand-over. From any thread."""
        metronome.wake("beat", "intake")
        self.app.sender.hurry()

    async def beat(self) -> None:
        """Run every stage that has work. A beat counts for the pulse only if no stage failed."""
        if stopped_by_conflict(self.app, self._stop):
            return
        settled = await self.app.settle()
        self._beat_at = self.app.world.clock.now()
        if settled.broke_off:
            self._wake()

    async def pulse(self) -> None:
        """Let commands and pages see that the engine beats."""
        self._pulse.show(self._beat_at, self.standing)

    async def dead_man(self) -> None:
        """Tell a watch outside the house that the engine beats; silence there means that it does not."""
        url = self.app.settings.heartbeat_url
        if url and self.app.world.clock.now() - self._beat_at <= STALE:
            await self.web.knock(url.get_secret_value())

    async def heartbeat(self) -> None:
        """One line a minute, without names, numbers or texts."""
        now = self.app.world.clock.now()
        line = await asyncio.to_thread(self.app.database.read, lambda db: counts(db, now))
        logging.getLogger(__name__).info("正常 %s", line)

    def _introduce(self) -> None:
        settings = self.app.settings
        say(f"叫应引擎已启动  {beijing(self.app.world.clock.now())}", bold=True)
        warn(self.standing)
        for row in self.app.store.read(lambda work: work.rosters.counties()):
            say(f"区县：{row.name}（{row.county}），规则 {row.rulebook[:12]}，名册 {row.roster or '无'}")
        if not self.app.database.read(lambda db: roster_run(db, settings.county)):
            warn("还没有名册，收到预警也无人可叫：请导入名册（callout roster import），或用 callout roster sample 试用")
        for warning in self.app.database.read(deskless):
            fail(warning)
        signed = "，每份文件要先放好签名 x.xml.hmac" if settings.inbox_key else ""
        say(f"来文文件夹：{settings.inbox}（先写成 x.xml.part，再改名为 x.xml{signed}）")
        for one in self.network:
            say(introduced(one.endpoint))
        say(f"数据库：{self.app.database.engine.url.render_as_string()}")
        say("查看：callout status；停止：按 Ctrl+C，或向本进程发 SIGTERM")
