import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.instant import Instant
from callout.ports import Clock, Ids
from callout.simulation.clock import VirtualClock
from callout.simulation.ids import SeededIds


@given(st.lists(st.integers(0, 10**12), min_size=1))
def test_the_clock_shows_where_it_was_moved_to_and_refuses_to_go_back(moves: list[int]) -> None:
    clock = VirtualClock(Instant(moves[0]))
    as_port: Clock = clock
    latest = moves[0]
    for to in moves:
        if to < latest:
            with pytest.raises(ValueError, match="不能倒退"):
                clock.advance(Instant(to))
        else:
            clock.advance(Instant(to))
            latest = to
        assert as_port.now() == latest


def test_ids_repeat_with_the_seed_and_never_within_a_run() -> None:
    ids: Ids = SeededIds(7)
    again = SeededIds(7)
    given_out = [ids.attempt() for _ in range(5_000)]
    assert given_out == [again.attempt() for _ in range(5_000)]
    assert len(set(given_out)) == 5_000
    assert all(len(one) == 12 and int(one, 16) for one in given_out)
    assert ids.salt() == again.salt()
    assert SeededIds(8).attempt() != SeededIds(7).attempt()


def test_salts_are_fresh_and_sixteen_bytes_long() -> None:
    ids = SeededIds(7)
    salts = [ids.salt() for _ in range(100)]
    assert len(set(salts)) == 100
    assert {len(salt) for salt in salts} == {16}
