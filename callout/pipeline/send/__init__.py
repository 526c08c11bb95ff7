"""send: claim what is due, commit, hand over to a provider, record. An answer that is committed stops every submit.

`claiming` decides who carries what is due, `fleet` knows how each provider fares, `telling` tells officers of it,
`elsewhere` moves what nobody can carry now, `wording` finds the words, `recording` writes what became of hand-overs.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from callout.domain.attempt import Attempt
from callout.domain.callout import Callout, CalloutState
from callout.domain.drill import Terms, barred
from callout.domain.faults import one_by_one
from callout.domain.instant import NEVER_YET, SECOND, Instant, Millis
from callout.domain.ladder import ChannelKind
from callout.domain.level import Level
from callout.domain.made_often import made_often, replace
from callout.pipeline.send.claiming import ENDINGS, PARTS, Claimed, Claiming, Going, claim, claim_one
from callout.pipeline.send.fleet import Fleet, Way
from callout.pipeline.send.recording import Ended, record
from callout.pipeline.send.sending import Sending
from callout.pipeline.send.telling import tell_all
from callout.pipeline.send.wording import leaving, message
from callout.ports import Keys, Outcome, Outgoing, Refusal, Ringing, SendWork, Submission, Summary

__all__ = ["Claiming", "Ended", "Fleet", "Sender", "Sending", "claim", "record"]

GROUP = 0.02
"""Seconds to wait for hand-overs to end before their outcomes are recorded together."""
LONG = 0.005
"""Seconds without a look at what has come in that call for one: a red must not stand behind work on what is not."""
TURNS = 6
"""Of the event loop, until it has heard what came in: a word from the database goes through several hands."""
BREATH = 0.002
"""Seconds for what has been claimed to leave, before more is claimed."""
FEW = 16
"""How much is claimed at first where red has come: they leave while the rest is still claimed."""
KEPT_FOR_RED = 0.25
"""Part of the slots that red has beyond them, so that a slow provider with everything else in hand holds up no red."""
FRESH: Millis = SECOND
"""How old the last look at the record may be when the bytes leave."""
LOOKS = 3
"""Looks at the record before a hand-over is given up as UNKNOWN: a database so slow says nothing in time."""


@made_often(frozen=True, slots=True)
class Look:
    """What the record said right before the hand-over."""

    at: Instant
    terms: Terms | None
    """Whom the drill may reach that the attempt belongs to; None: it belongs to none."""


@dataclass(slots=True)
class Sender:
    """Keeps the slots filled; one hanging hand-over holds nobody else back."""

    sending: Sending
    fleet: Fleet = field(init=False)
    _under_way: dict["asyncio.Task[Submission | None]", tuple[Outgoing, Way | None, Instant]] = field(
        default_factory=dict
    )
    _ending: set["asyncio.Task[None]"] = field(default_factory=set)
    """Calls that a slow provider is still ending."""
    _looked: Instant = NEVER_YET
    _calm: bool = True
    """There was no red among what was claimed last."""
    pressed: bool = False
    """Red leaves as fast as it can, and more of it is due."""
    _urgent: bool = False
    """Somebody hurries who has not been served yet."""
    _held: Going = ()
    """Claimed, and not handed over yet because somebody hurried."""
    _hurried: "asyncio.Future[None] | None" = None
    """Ends the wait for hand-overs."""

    def __post_init__(self) -> None:
        self.fleet = Fleet(self.sending.providers, self.sending.portions.burst)

    @property
    def is_due(self) -> bool:
        """Whether a pass is due that no row tells of: hand-overs have ended unrecorded, or what is claimed is held."""
        return bool(self._held) or any(task.done() for task in self._under_way)

    @property
    def busy(self) -> bool:
        """Whether hand-overs are under way, or will be without another claim."""
        return bool(self._under_way or self._held)

    @property
    def hurried(self) -> bool:
        """Whether red calls are on their way, or something has come in that no pass has served yet."""
        return self._urgent or (self.busy and not self._calm)

    async def run_once(self, only: frozenset[str] = PARTS) -> Summary:
        """Record what has ended, then refill the free slots with what is due. `only`: the parts that may have work."""
        urgent, self._urgent, moved = self._urgent, False, 0
        if not urgent:
            began = asyncio.get_running_loop().time()
            moved = self._record() + (await self._hang_up() if ENDINGS in only else 0)
            if await self._hears(began):
                return Summary("send", moved)
        return Summary("send", moved + await self._send(only))

    async def _send(self, only: frozenset[str]) -> int:
        """Refill, let it leave, record what has ended by then, unless somebody hurries.

        For them what is claimed is held once, unless it is red."""
        before, began = len(self._under_way), asyncio.get_running_loop().time()
        waited = bool(self._held)
        moved = self._refill(only) if only - {ENDINGS} else 0
        if self._held and (waited or _with_red(self._held) or not await self._hears(began)):
            self._hand_over()
        if self._under_way and not await self._hears(began):
            many = len(self._under_way) - before >= FEW
            await self._breathe(BREATH if many else GROUP)
        return moved if self._urgent else moved + self._record()

    async def _hears(self, began: float) -> bool:
        """Whether somebody hurries; after long work the loop hears first what has come in meanwhile."""
        loop = asyncio.get_running_loop()
        if loop.time() - began > LONG:
            for _ in range(TURNS):
                await asyncio.sleep(0)
        return self._urgent

    async def _breathe(self, seconds: float) -> None:
        """Until all that is under way has ended, or so many seconds are over, or somebody hurries."""
        await asyncio.sleep(0)
        if self._urgent or all(task.done() for task in self._under_way):  # who answers at once costs no waiting
            return
        self._hurried = asyncio.get_running_loop().create_future()
        ended = asyncio.ensure_future(asyncio.wait(self._under_way, timeout=seconds))
        await asyncio.wait((ended, self._hurried), return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()

    def hurry(self) -> None:
        """What has come in must not wait for hand-overs to end, nor for their record. From any thread."""
        self._urgent = True
        if (waiting := self._hurried) and not waiting.get_loop().is_closed():
            waiting.get_loop().call_soon_threadsafe(_end, waiting)

    def _refill(self, only: frozenset[str]) -> int:
        s, window = self.sending, self.sending.portions.window
        free = s.slots - len(self._under_way) - len(self._held)
        limit, anew, self.pressed = max(0, min(window, free)), self._calm or not self.pressed, False
        more_red = max(0, min(window, free + round(s.slots * KEPT_FOR_RED)) - limit)
        if not limit and not more_red:
            return 0
        claiming = Claiming(self.fleet, s.ids, s.owner, drilled=max(0, free - s.slots // 2), only=only)
        if anew:
            claiming = replace(claiming, few=FEW)
        try:
            claimed = s.store.write(lambda work: self._claim(work, claiming, limit, more_red))
        except Exception:
            return self._each_alone(claiming, limit + more_red)
        self._held = claimed.going + self._held  # what was claimed last goes first
        self.pressed = claimed.more and bool(claimed.going)
        return claimed.moved

    def _claim(self, work: SendWork, claiming: Claiming, limit: int, more_red: int) -> Claimed:
        """With what receipts have told of providers, looked at once a second: another process may have heard it."""
        if not 0 <= work.at - self._looked < SECOND:
            self._looked = work.at
            self.fleet.lose(work.humans.stopped(), work.at)
        return claim(work, claiming, limit, more_red)

    def _each_alone(self, claiming: Claiming, free: int) -> int:
        """One of those due makes all fail: whoever cannot be called is a human's, the others are called."""
        s, claimed = self.sending, list[tuple[Outgoing, Way | None]]()

        def take(one: Callout) -> int:
            claimed.extend(s.store.write(lambda work: claim_one(work, claiming, one)).going)
            return 1

        due = s.store.write(lambda work: work.sends.due(CalloutState.TO_CALL, work.at, free))
        try:
            return one_by_one(due, take, lambda one, _: s.store.write(lambda work: work.sends.run_out([one])))
        finally:
            self._held = (*claimed, *self._held)
            self._hand_over()

    def _hand_over(self) -> None:
        held, self._held = self._held, ()  # where the commit fails, or its reply is lost, the lease ends them
        if not held:
            return
        self._calm = not _with_red(held)
        s, looked = self.sending, self.sending.clock.now()
        going, terms = s.store.write(lambda work: self._submitting(work, held))
        for one, way in held:
            if (one.attempt.county, one.attempt.id) in going:
                off = Outgoing(one.attempt.submitted(), one.e164, one.meaning, one.expires_at, one.notice)
                task = asyncio.ensure_future(self._submit(off, way, Look(looked, terms.get(one.attempt.county))))
                self._under_way[task] = (off, way, s.clock.now())

    def _submitting(self, work: SendWork, held: Going) -> tuple[Keys, Mapping[str, Terms]]:
        attempts = [one.attempt for one, _ in held]
        going = work.sends.submitting(attempts, self.sending.owner)
        work.sends.withdraw([a for a in attempts if (a.county, a.id) not in going], self.sending.owner)
        return going, work.drills.terms({a.county for a in attempts})

    async def _submit(self, one: Outgoing, way: Way | None, look: Look) -> Submission | None:
        """None: provably never handed over, for nobody waited for it any more."""
        s = self.sending
        if way is None:
            return Submission(Outcome.REFUSED, reason="没有可用的通道", kind=Refusal.ROUTE)
        if not way.provider.takes(one.meaning.run):
            return Submission(Outcome.REFUSED, reason=f"{one.meaning.run} 不交真实通道", kind=Refusal.WORDS)
        try:
            said = message(one, way, s.renderer, s.link, s.clock.now())
        except Exception as error:
            return Submission(Outcome.REFUSED, reason=f"no words: {type(error).__name__}", kind=Refusal.WORDS)
        try:
            if not self._still_wanted(one.attempt, look.at):
                return None
            if bar := barred(leaving(one, said), look.terms):
                return Submission(Outcome.REFUSED, reason=bar.why, kind=Refusal.FAULT if bar.fault else Refusal.WORDS)
            async with asyncio.timeout(s.timeout):
                end = await way.provider.channel.submit(said)
        except Exception as error:
            # Whatever went wrong, bytes may have left: only UNKNOWN is true.
            end = Submission(Outcome.UNKNOWN, reason=type(error).__name__)
        parts = s.renderer.parts(said.text) if said.channel is ChannelKind.SMS else 1
        return replace(end, parts=parts, tells=way.provider.channel.abilities(one.e164).tells)

    def _still_wanted(self, attempt: Attempt, looked: Instant) -> bool:
        """Looks once more where the commit, or the machine, took so long that an answer may have come meanwhile."""
        s = self.sending
        for _ in range(LOOKS):
            if 0 <= s.clock.now() - looked <= FRESH:
                return True
            looked = s.clock.now()
            if not s.store.read(lambda work: work.sends.still_wanted(attempt, s.owner)):
                return False
        raise TimeoutError

    def _record(self) -> int:
        over = [(task, *self._under_way[task]) for task in self._under_way if task.done()]
        if not over:
            return 0
        s = self.sending
        ended = [Ended(one, way, end, since) for task, one, way, since in over if (end := task.result())]
        unsent = [one.attempt for task, one, _, _ in over if task.result() is None]

        def work(work: SendWork) -> None:
            record(work, self.fleet, ended)
            work.sends.withdraw(unsent, s.owner)

        s.store.write(work)
        for task, *_ in over:  # only now: what could not be recorded is tried again
            del self._under_way[task]
        self.fleet.rests_until = NEVER_YET
        if self.fleet.turns:
            self._tell()
        return len(over)

    def wake(self) -> None:
        """Something has come back, and whoever it puts forward must not wait for the end of a rest."""
        self.fleet.rests_until = NEVER_YET

    def _tell(self) -> None:
        """Each provider that has gone, or is back, is told to the officers once."""
        counties = self.sending.counties()
        self.sending.store.write(lambda work: tell_all(work, self.fleet.turns, counties))
        self.fleet.turns.clear()

    async def _hang_up(self) -> int:
        s = self.sending
        ringing = s.store.read(lambda work: work.sends.to_hang_up())
        if ringing:
            s.store.write(lambda work: work.sends.hung_up(ringing))
            ending = [asyncio.ensure_future(self._end_call(one)) for one in ringing]
            _, slow = await asyncio.wait(ending, timeout=GROUP)
            self._ending = {task for task in self._ending | slow if not task.done()}
        return len(ringing)

    async def _end_call(self, call: Ringing) -> None:
        # A call that cannot be ended rings out by itself; it must hold back nobody's message.
        with suppress(Exception):
            async with asyncio.timeout(self.sending.timeout):
                channel = next(p.channel for p in self.sending.providers if p.channel.name == call.provider)
                await channel.hang_up(call.attempt, call.ref)


def _with_red(going: Going) -> bool:
    return any(one.meaning.level is Level.RED for one, _ in going)


def _end(waiting: "asyncio.Future[None]") -> None:
    with suppress(asyncio.InvalidStateError):  # it has ended already
        waiting.set_result(None)
