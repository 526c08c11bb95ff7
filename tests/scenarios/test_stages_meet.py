"""Two workers at the same alert, words that fail, slots that are full: no stage does harm, none loses anything."""

import asyncio
from dataclasses import replace

from callout.domain.form import Filled, Form
from callout.domain.ladder import ChannelKind
from callout.domain.meaning import Meaning, NoticeKind
from callout.pipeline import plan
from callout.pipeline.send import Sender
from tests.scenarios.field import GRID_1, Field, make_alert


def test_a_worker_that_comes_second_plans_nothing_twice(field: Field) -> None:
    """The alert's own row is moved first, under guard: a job read before somebody else worked on it does nothing."""
    planning = plan.Planning(field.app.store, field.app.rulebooks, first=2, chunk=2)
    field.take_in(make_alert(field.clock.now()), settle=False)
    for _ in range(5):
        stale = field.app.store.read(lambda work: work.alerts.to_plan())
        plan.run_once(planning)
        late = plan.Planning(Stale(field.app.store, stale), field.app.rulebooks, first=2, chunk=2)
        assert plan.run_once(late).moved == 0
    assert len(field.states()) == 6
    assert len(field.audit("callout.opened")) == 6


class Stale:
    """A store whose first answer is old."""

    def __init__(self, store, jobs) -> None:  # type: ignore[no-untyped-def]
        self._store, self._jobs = store, jobs

    def read(self, work):  # type: ignore[no-untyped-def]
        jobs, self._jobs = self._jobs, None
        return self._store.read(work) if jobs is None else jobs

    def write(self, work):  # type: ignore[no-untyped-def]
        return self._store.write(work)


class Speechless:
    """Templates that fail."""

    def call(self, meaning: Meaning, channel: ChannelKind) -> str:
        raise LookupError(meaning.county, channel)

    def notice(self, kind: NoticeKind, meaning: Meaning, channel: ChannelKind = ChannelKind.SMS) -> str:
        raise LookupError(meaning.county, kind, channel)

    def parts(self, text: str) -> int:
        raise LookupError(text)

    def fill(self, form: Form, meaning: Meaning) -> Filled:
        raise LookupError(meaning.county, form)


def test_without_words_nothing_leaves_and_a_human_is_asked_in_the_end(field: Field) -> None:
    """A text that cannot be made is provably not sent: the ladder goes on at once, and ends with a person."""
    field.app.sender = Sender(replace(field.app.sender.sending, renderer=Speechless()))
    field.alert()
    field.wait(60)
    assert field.phones.got == []
    assert {a.state for a in field.attempts()} == {"refused"}
    assert {a.reason for a in field.attempts()} == {"no words: LookupError"}
    assert (GRID_1, "exhausted") in field.human_calls()


def test_a_full_sender_claims_nothing(field: Field) -> None:
    """What cannot be handed over now stays free for any other worker."""
    field.app.sender = Sender(replace(field.app.sender.sending, slots=0))
    field.take_in(make_alert(field.clock.now()), settle=False)
    planning = plan.Planning(field.app.store, field.app.rulebooks)
    while plan.run_once(planning).moved:
        pass
    assert asyncio.run(field.app.sender.run_once()).moved == 0
    assert field.attempts() == []
    assert set(field.states().values()) == {"to_call"}
