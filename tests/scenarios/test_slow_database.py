"""A commit whose reply takes long, or never comes: what was true before it may not be true any more."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import pytest

from callout.domain.instant import MINUTE, SECOND, Millis, later
from callout.domain.ladder import Target
from callout.pipeline import acknowledge
from callout.pipeline.send import Sender
from callout.ports import InboundKind, Message, Submission, everywhere
from callout.store.store import Store, Work
from tests.scenarios.baima import CALL, only, understand
from tests.scenarios.field import BAIMA, DEPUTY, GRID_1, GRID_2, LEADER_BAIMA, Field, Phones
from tests.scenarios.test_unknown import recorded_elsewhere, submitting_elsewhere

T = TypeVar("T")


@dataclass
class SlowStore:
    """A store that, after the commit which lets bytes leave, answers late; `meanwhile` happens before it does."""

    field: Field
    store: Store
    meanwhile: Callable[[], None]
    takes: Millis = 2 * SECOND
    looks: int = 0
    look_takes: Millis = 0
    writes: int = 0

    def write(self, work: Callable[[Work], T]) -> T:
        done = self.store.write(work)
        self.writes += bool(done)
        if done and self.writes == 2:
            self.field.clock.advance(later(self.field.clock.now(), self.takes))
            self.meanwhile()
        return done

    def read(self, work: Callable[[Work], T]) -> T:
        found = self.store.read(work)
        if isinstance(found, bool):
            self.looks += 1
            self.field.clock.advance(later(self.field.clock.now(), self.look_takes))
        return found


def slow(field: Field, meanwhile: Callable[[], None] = lambda: None, **more: Millis) -> SlowStore:
    """The next commit before the bytes takes longer than a look at the record may be old."""
    store = SlowStore(field, field.app.store, meanwhile, **more)
    field.app.sender = Sender(replace(field.app.sender.sending, store=store))
    return store


def next_step(field: Field) -> None:
    """Ninety seconds of silence are over."""
    field.clock.advance(later(field.clock.now(), 90 * SECOND))
    field.settle()


def calls(field: Field) -> list[str]:
    return [a.state for a in field.attempts() if a.channel == CALL and not a.notice]


def test_an_answer_that_came_while_the_commit_took_long_stops_the_call(field: Field) -> None:
    """The record said `submitting` before it came; the bytes had not left, and do not leave."""

    def answer() -> None:
        field.reply(GRID_1, "1", settle=False)
        understand(field)

    only(field, GRID_1)
    slow(field, answer)
    next_step(field)
    assert (field.new(), calls(field)) == ([], ["withdrawn"])


def test_an_expiry_that_came_while_the_commit_took_long_stops_the_call(field: Field) -> None:
    """Checked again right before the submit."""
    only(field, GRID_1, hours=0.026)
    slow(field, takes=5 * SECOND)
    next_step(field)
    assert (field.new(), calls(field)) == ([], ["withdrawn"])


def test_whoever_is_still_silent_is_called_after_a_second_look(field: Field) -> None:
    """A slow database delays a call; it does not prevent it."""
    only(field, GRID_1)
    store = slow(field)
    next_step(field)
    assert (field.new(), calls(field), store.looks) == ([(GRID_1, CALL)], ["sent"], 1)


def test_a_commit_that_was_quick_needs_no_second_look(field: Field) -> None:
    """On a healthy database it costs nothing."""
    only(field, GRID_1)
    store = slow(field, takes=SECOND)
    next_step(field)
    assert (field.new(), store.looks) == ([(GRID_1, CALL)], 0)


def test_a_database_that_never_says_in_time_leaves_it_in_doubt(field: Field) -> None:
    """After three looks the ladder goes another way instead of waiting for ever."""
    only(field, GRID_1)
    store = slow(field, look_takes=2 * SECOND)
    next_step(field)
    assert (calls(field)[0], store.looks) == ("unknown", 3)


def test_outcomes_that_could_not_be_recorded_are_recorded_later(field: Field) -> None:
    """The database went away between hand-over and record: nobody is called twice for it."""
    only(field, GRID_1)
    store = slow(field, takes=0)
    store.store, real = Failing(field.app.store, fails_at=3), field.app.store
    with pytest.raises(ConnectionError):
        next_step(field)
    store.store = real
    field.settle()
    assert (field.new(), calls(field)) == ([(GRID_1, CALL)], ["sent"])


@dataclass
class Failing(Store):
    """A store whose nth write does not arrive."""

    real: Store
    fails_at: int
    writes: int = 0

    def write(self, work: Callable[[Work], T]) -> T:
        self.writes += 1
        if self.writes == self.fails_at:
            raise ConnectionError
        return self.real.write(work)

    def read(self, work: Callable[[Work], T]) -> T:
        return self.real.read(work)


def test_a_call_that_was_taken_while_its_answer_came_is_recorded_as_sent(field: Field) -> None:
    """The answer marks the call to be hung up; the outcome of the hand-over is not lost for that."""
    one = submitting_elsewhere(field)
    field.reply(GRID_1, "1")
    recorded_elsewhere(field, one)
    assert calls(field) == ["sent"]


@dataclass
class Late(Phones):
    """The provider says that it took the call only after the phone was found busy."""

    story: Field | None = None

    async def submit(self, message: Message) -> Submission:
        done = await super().submit(message)
        if self.story and message.channel is CALL:
            self.story.come(InboundKind.RECEIPT, "busy", attempt=message.attempt, settle=False)
            acknowledge.run_once(self.story.app.acknowledging)
            self.clock.advance(later(self.clock.now(), 3 * SECOND))
        return done


def test_a_slow_acceptance_does_not_undo_the_word_that_nobody_was_reached(field: Field) -> None:
    """Busy came first: the next step is due at once, whatever the provider says afterwards."""
    only(field, GRID_2)
    phones = Late(field.clock, story=field)
    field.app.sender = Sender(replace(field.app.sender.sending, providers=everywhere(phones)))
    next_step(field)
    field.settle()
    assert [a.target for a in field.attempts() if a.channel == CALL] == [Target.HOLDER, Target.SUPERIOR]


def test_a_cannot_come_that_comes_late_does_not_ring_the_superior_again(field: Field) -> None:
    """The superior's phone rings already; the officer learns of it, and nobody is called twice."""
    only(field, GRID_2)
    field.wait(180)
    assert field.new() == [(GRID_2, CALL), (LEADER_BAIMA, CALL)]
    field.reply(GRID_2, "2")
    assert (field.new(), field.human_calls()) == ([], [(GRID_2, "cannot_come")])
    field.wait(MINUTE / SECOND * 2)
    assert field.states()[GRID_2] == "exhausted"


def test_a_cannot_come_moves_on_where_only_the_deputy_was_to_be_called_later(field: Field) -> None:
    """Nobody above is being called yet."""
    field.alert(areas=[BAIMA])
    field.new()
    field.reply(GRID_1, "2")
    assert (DEPUTY, CALL) in field.new()
