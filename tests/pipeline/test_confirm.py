"""人工确认: what a named officer heard stops the ladder like the person's own key."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from callout.domain.answer import Grade
from callout.domain.errors import CalloutError
from callout.domain.human_call import HumanCallState
from callout.pipeline.acknowledge import confirm, refuse
from callout.store import schema
from callout.store.store import Work
from tests.pipeline.night import ALERT, Night, by_phone, heard, night

OFFICER = "示例值班员"


@pytest.fixture
def storm() -> Night:
    one = night()
    one.receive("02-yellow.xml")
    one.settle()
    return one


def confirmed(storm: Night, post: int) -> None:
    storm.app.store.write(lambda work: confirm(work, heard(work, post), by_phone(work.at), OFFICER))


def test_it_stops_the_ladder_and_names_the_officer(storm: Night) -> None:
    post = storm.posts("waiting")[0]
    confirmed(storm, post)
    assert storm.column("state", post) == "answered"
    assert storm.column("grade", post) == Grade.CONFIRMED_BY_HUMAN
    a = schema.audit
    actors = storm.app.database.read(
        lambda db: set(db.execute(select(a.c.actor).where(a.c.event == "callout.answered", a.c.post == post)).scalars())
    )
    assert actors == {OFFICER}
    before = len(storm.carrier.journal)
    storm.settle()
    assert len(storm.carrier.journal) == before


def test_it_closes_the_human_work_about_the_post_and_is_marked_late_after_exhaustion(storm: Night) -> None:
    storm.settle(30)
    post = storm.posts("exhausted")[0]
    h = schema.human_call
    open_items = (
        select(func.count())
        .select_from(h)
        .where(h.c.alert == ALERT, h.c.post == post, h.c.state != HumanCallState.CLOSED)
    )
    assert storm.app.database.read(lambda db: db.execute(open_items).scalar_one()) > 0
    confirmed(storm, post)
    assert storm.app.database.read(lambda db: db.execute(open_items).scalar_one()) == 0
    assert storm.column("late", post) == 1


def test_who_was_called_in_the_persons_place_is_told(storm: Night) -> None:
    storm.settle(30)
    t, link, o = schema.attempt, schema.attempt_callout, schema.notice
    escalated = (
        select(link.c.post)
        .join(t, t.c.id == link.c.attempt)
        .where(t.c.target != "holder", link.c.round == 0, link.c.post.in_(storm.posts("exhausted")))
    )
    post = storm.app.database.read(lambda db: db.execute(escalated).scalars().first())
    assert post is not None
    confirmed(storm, post)
    told = select(func.count()).select_from(o).where(o.c.kind == "standdown", o.c.id.endswith(f":{post}"))
    assert storm.app.database.read(lambda db: db.execute(told).scalar_one()) > 0


def test_a_person_who_answered_needs_no_confirmation(storm: Night) -> None:
    post = storm.posts("waiting")[0]
    confirmed(storm, post)
    with pytest.raises(CalloutError, match="已经应答"):
        confirmed(storm, post)


def test_a_superseded_callout_is_refused(storm: Night) -> None:
    storm.receive("03-orange.xml")
    storm.settle()
    with pytest.raises(CalloutError, match="更新的预警"):
        confirmed(storm, storm.posts("superseded")[0])


def test_a_callout_that_moved_meanwhile_is_not_overwritten(storm: Night) -> None:
    post = storm.posts("waiting")[0]

    def late(work: Work) -> None:
        seen = heard(work, post)
        old = replace(seen, callout=replace(seen.callout, rev=seen.callout.rev - 1))
        confirm(work, old, by_phone(work.at), OFFICER)

    with pytest.raises(CalloutError, match="刚有变动"):
        storm.app.store.write(late)
    assert storm.column("state", post) == "waiting"


def test_somebody_elses_answer_counts_once(storm: Night) -> None:
    post = storm.posts("waiting")[0]

    def proxy(work: Work) -> None:
        confirm(work, heard(work, post), by_phone(work.at), OFFICER, Grade.PROXY)

    storm.app.store.write(proxy)
    assert storm.column("grade", post) == Grade.PROXY
    with pytest.raises(CalloutError, match="继续找本人"):
        storm.app.store.write(proxy)
    confirmed(storm, post)
    assert storm.column("grade", post) == Grade.CONFIRMED_BY_HUMAN


def test_a_refusal_that_an_officer_heard_goes_to_the_deputy_and_onto_the_list(storm: Night) -> None:
    post = storm.posts("waiting")[0]
    storm.app.store.write(lambda work: refuse(work, heard(work, post), by_phone(work.at), OFFICER))
    h = schema.human_call
    kinds = select(h.c.kind).where(h.c.alert == ALERT, h.c.post == post, h.c.state == HumanCallState.OPEN)
    assert "cannot_come" in storm.app.database.read(lambda db: list(db.execute(kinds).scalars()))

    def late(work: Work) -> None:
        seen = heard(work, post)
        refuse(work, replace(seen, callout=replace(seen.callout, rev=seen.callout.rev - 1)), by_phone(work.at), OFFICER)

    with pytest.raises(CalloutError, match="刚有变动"):
        storm.app.store.write(late)
