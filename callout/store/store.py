"""The store as the pipeline sees it: work runs in one transaction, on rows grouped by what they are about."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from callout.domain.audit import Seal
from callout.domain.ladder import Ladder
from callout.ports import Clock, Ids, Inbound
from callout.store.alerts import AlertRows
from callout.store.answers import AnswerRows
from callout.store.asides import AsideRows
from callout.store.copies import CopyRows
from callout.store.database import Database
from callout.store.desk_calls import DeskCallRows
from callout.store.drills import DrillRows
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
from callout.store.sealing import seal_ready
from callout.store.sending import SendRows
from callout.store.shifts import ShiftRows
from callout.store.stop_words import StopWordRows
from callout.store.stop_work import StopWorkRows
from callout.store.transaction import Ledger
from callout.store.triggers import TriggerRows
from callout.store.users import UserRows

T = TypeVar("T")


class Work:
    """One open transaction. Its time is the time at which it began."""

    def __init__(self, connection: Connection, clock: Clock, ids: Ids, shelf: dict[str, Ladder]) -> None:
        ledger = Ledger(connection, clock.now())
        self.at = ledger.at
        self.ledger = ledger
        self.alerts = AlertRows(ledger)
        self.plans = PlanRows(ledger)
        self.triggers = TriggerRows(ledger)
        self.sends = SendRows(ledger, shelf)
        self.hears = HearingRows(ledger, ids)
        self.humans = HumanRows(ledger)
        self.rosters = RosterRows(ledger, ids)
        self.shifts = ShiftRows(ledger, ids, self.rosters)
        self.stops = StopWorkRows(ledger, ids)
        self.feedback = FeedbackRows(ledger)
        self.relocations = RelocationRows(ledger, ids)
        self.gauges = GaugeRows(ledger)
        self.users = UserRows(ledger)
        self.copies = CopyRows(ledger)
        self.keys = KeyRows(ledger)
        self.confirmations = ConfirmingRows(ledger, self.hears)
        self.desk_calls = DeskCallRows(ledger, ids)
        self.asides = AsideRows(self.confirmations, self.desk_calls, StopWordRows(ledger))
        self.answers = AnswerRows(ledger)
        self.journal = JournalRows(ledger, ids)
        self.drills = DrillRows(ledger, self.rosters)


class Store:
    """Rows by work: `write` commits all of it or none, `read` cannot write."""

    def __init__(self, database: Database, clock: Clock, ids: Ids) -> None:
        self.database = database
        self._clock = clock
        self._ids = ids
        self._shelf: dict[str, Ladder] = {}
        """Ladders by content: they never change, so each is read once."""
        self.stirred: Callable[[], None] = lambda: None
        """Called after a commit here that calls for work at once, in the thread that wrote."""

    def write(self, work: Callable[[Work], T]) -> T:
        """Run `work` in one transaction; when this returns, its writes are durable."""

        def run(connection: Connection) -> tuple[T, bool]:
            one = Work(connection, self._clock, self._ids, self._shelf)
            return work(one), one.ledger.stirs

        done, stirs = self.database.write(run)
        if stirs:
            self.stirred()
        return done

    def read(self, work: Callable[[Work], T]) -> T:
        """Run `work` on a snapshot."""
        return self.database.read(lambda connection: work(Work(connection, self._clock, self._ids, self._shelf)))

    def accept(self, events: list[Inbound]) -> int:
        """Keep inbound events durably before anybody looks at them."""
        return self.write(lambda w: w.hears.accept(events)) if events else 0

    def seal(self) -> Seal | None:
        """Chain the entries that wait for it."""
        return self.database.write(lambda connection: seal_ready(connection, self._clock.now()))
