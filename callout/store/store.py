"""The store as the pipeline sees it: work runs in one transaction, on rows grouped by what they are about."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from callout.domain.audit import Seal
from callout.domain.ladder import Ladder
from callout.ports import Clock, Ids, Inbound
from callout.store.agenda import Agenda, agenda
from callout.store.alerts import AlertRows
from callout.store.answers import AnswerRows
from callout.store.asides import AsideRows
from callout.store.copies import CopyRows
from callout.store.database import Database
from callout.store.desk_calls import DeskCallRows
from callout.store.drills import DrillRows
from callout.store.episodes import Sayings
from callout.store.feedback import FeedbackRows
from callout.store.gauges import GaugeRows
from callout.store.hearing import HearingRows
from callout.store.humans import HumanRows
from callout.store.journal import JournalRows
from callout.store.keys import KeyRows
from callout.store.planning import PlanRows
from callout.store.relocations import RelocationRows
from callout.store.roster_rounds import ConfirmingRows
from callout.store.rosters import RosterRows
from callout.store.sealing import AT_ONCE, seal_ready
from callout.store.sending import SendRows
from callout.store.shifts import ShiftRows
from callout.store.stop_words import StopWordRows
from callout.store.stop_work import StopWorkRows
from callout.store.transaction import Ledger
from callout.store.triggers import TriggerRows
from callout.store.users import UserRows

T = TypeVar("T")


class _Lazily(Generic[T]):
    """An attribute that is made when it is first looked up: functools.cached_property without the lock, which a
    transaction of one thread does not need."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, work: Any, owner: type) -> T:
        made = self._make(work)
        work.__dict__[self._name] = made
        return made


class Work:
    """One open transaction. Its time is the time at which it began; rows are looked up by kind, most need few kinds."""

    def __init__(self, connection: Connection, clock: Clock, ids: Ids, shelf: dict[str, Ladder]) -> None:
        self.ledger = Ledger(connection, clock.now())
        self.at = self.ledger.at
        self._ids = ids
        self._shelf = shelf

    sayings = _Lazily(lambda work: Sayings(work.ledger.connection))
    alerts = _Lazily(lambda work: AlertRows(work.ledger, work.sayings))
    plans = _Lazily(lambda work: PlanRows(work.ledger, work.sayings))
    triggers = _Lazily(lambda work: TriggerRows(work.ledger))
    sends = _Lazily(lambda work: SendRows(work.ledger, work._shelf))
    hears = _Lazily(lambda work: HearingRows(work.ledger, work._ids))
    humans = _Lazily(lambda work: HumanRows(work.ledger))
    rosters = _Lazily(lambda work: RosterRows(work.ledger, work._ids))
    shifts = _Lazily(lambda work: ShiftRows(work.ledger, work._ids, work.rosters))
    stops = _Lazily(lambda work: StopWorkRows(work.ledger, work._ids))
    feedback = _Lazily(lambda work: FeedbackRows(work.ledger))
    relocations = _Lazily(lambda work: RelocationRows(work.ledger, work._ids))
    gauges = _Lazily(lambda work: GaugeRows(work.ledger))
    users = _Lazily(lambda work: UserRows(work.ledger))
    copies = _Lazily(lambda work: CopyRows(work.ledger))
    keys = _Lazily(lambda work: KeyRows(work.ledger))
    confirmations = _Lazily(lambda work: ConfirmingRows(work.ledger, work.hears))
    desk_calls = _Lazily(lambda work: DeskCallRows(work.ledger, work._ids))
    asides = _Lazily(lambda work: AsideRows(work.confirmations, work.desk_calls, StopWordRows(work.ledger)))
    answers = _Lazily(lambda work: AnswerRows(work.ledger))
    journal = _Lazily(lambda work: JournalRows(work.ledger, work._ids))
    drills = _Lazily(lambda work: DrillRows(work.ledger, work.rosters))


class Store:
    """Rows by work: `write` commits all of it or none, `read` cannot write."""

    def __init__(self, database: Database, clock: Clock, ids: Ids) -> None:
        self.database = database
        self._clock = clock
        self._ids = ids
        self._agenda: tuple[int, Agenda] | None = None
        """The one read last, and after how many writes."""
        self._shelf: dict[str, Ladder] = {}
        """Ladders by content: they never change, so each is read once."""
        self.stirred: Callable[[], None] = lambda: None
        """Called after a commit here that calls for work at once, in the thread that wrote."""
        self.noted: Callable[[Sequence[tuple[Any, ...]]], None] = lambda _: None
        """Called after a commit here with the entries of the record (AUDIT_COLUMNS) that it wrote."""

    def write(self, work: Callable[[Work], T]) -> T:
        """Run `work` in one transaction; when this returns, its writes are durable."""

        def run(connection: Connection) -> tuple[T, Ledger]:
            one = Work(connection, self._clock, self._ids, self._shelf)
            one.ledger.gather()
            done = work(one)
            one.ledger.write_out()
            return done, one.ledger

        done, ledger = self.database.write(run)
        if ledger.noted:
            self.noted(ledger.noted)
        if ledger.stirs:
            self.stirred()
        return done

    def read(self, work: Callable[[Work], T]) -> T:
        """Run `work` on a snapshot."""
        return self.database.read(lambda connection: work(Work(connection, self._clock, self._ids, self._shelf)))

    def agenda(self) -> Agenda:
        """When each stage next has work. Read anew each time, except where nobody can have written meanwhile."""
        as_of = self.database.writes
        if self._agenda is None or not self.database.alone or self._agenda[0] != as_of:
            self._agenda = as_of, self.database.read(agenda)
        return self._agenda[1]

    def accept(self, events: list[Inbound]) -> int:
        """Keep inbound events durably before anybody looks at them."""
        return self.write(lambda w: w.hears.accept(events)) if events else 0

    def seal(self, most: int = AT_ONCE) -> Seal | None:
        """Chain up to `most` of the entries that wait for it."""
        return self.database.write(lambda connection: seal_ready(connection, self._clock.now(), most))
