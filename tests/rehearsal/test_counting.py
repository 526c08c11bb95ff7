"""The running counts: what each entry of the record adds to them."""

from callout.domain.audit import Entry
from callout.rehearsal.counting import Counters, Counting
from tests.rehearsal.nights import entry


def count(*entries: Entry) -> Counters:
    counting = Counting({1: 5})
    counting.see(entries)
    return counting.counters()


def call(attempt: str, post: int, target: str = "holder", ref: str = "0") -> list[Entry]:
    return [
        entry("attempt.claimed", ref=attempt, detail=f"voice {target} roster=v1"),
        entry("callout.claimed", post=post, ref=ref, attempt=attempt),
    ]


def test_called_is_what_a_provider_took() -> None:
    taken = count(*call("a", 1), entry("attempt.accepted", ref="a"), *call("b", 2))
    assert (taken.due, taken.called) == ({1: 5}, {1: 1})


def test_one_attempt_for_several_posts_calls_them_all_and_a_second_attempt_adds_nothing() -> None:
    first = [*call("a", 1), call("a", 2)[1], entry("attempt.accepted", ref="a")]
    again = [*call("b", 1), entry("attempt.accepted", ref="b")]
    assert count(*first, *again).called == {1: 2}


def test_escalated_is_the_post_whose_deputy_or_superior_was_called() -> None:
    up = [
        *call("a", 1, "deputy"),
        entry("attempt.accepted", ref="a"),
        *call("b", 1, "superior"),
        entry("attempt.accepted", ref="b"),
    ]
    assert count(*up).escalated == 1
    assert count(*call("a", 1), entry("attempt.accepted", ref="a")).escalated == 0


def test_a_better_answer_to_the_same_callout_counts_once() -> None:
    one = entry("callout.answered", post=1, ref="0", before="waiting")
    better = entry("callout.answered", post=1, ref="0", before="answered")
    assert count(one, better).answered == {1: 1}
    anew = entry("callout.renewed", post=1, ref="0", before="answered")
    assert count(one, anew).answered == {1: 0}
    assert count(one, anew, one).answered == {1: 1}


def test_rings_of_the_desk_are_nobodys_due_call() -> None:
    desk = [
        *call("a", 1, ref="7"),
        entry("attempt.accepted", ref="a"),
        entry("callout.answered", post=1, ref="7", before="waiting"),
    ]
    assert (count(*desk).called, count(*desk).answered) == ({}, {})


def test_work_for_a_human_waits_until_it_is_closed() -> None:
    opened = [entry("human_call.opened", post=p, ref="exhausted:", after="open") for p in (1, 2, 3)]
    claimed = entry("human_call.claimed", post=1, ref="exhausted:", after="claimed")
    closed = [
        entry("human_call.closed", post=1, ref="exhausted:", after="closed"),
        entry("human_call.settled", post=2, ref="exhausted:", after="closed"),
    ]
    assert count(*opened, claimed).human_calls_open == 3
    assert count(*opened, claimed, *closed).human_calls_open == 1


def test_proposals_and_endings_are_counted() -> None:
    seen = count(entry("stop_work.proposed"), entry("stop_work.proposed"), entry("alert_county.ended", alert=4))
    assert (seen.stop_work, seen.over) == (2, frozenset({4}))
