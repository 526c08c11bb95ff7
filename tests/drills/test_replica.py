"""The database's machine dies in the midst of a red warning: its replica goes on, and nobody is lost."""

import pytest

from tests.drills.faults import replica_takes_over


@pytest.mark.long
def test_a_replica_that_was_in_step_takes_over_and_nobody_is_lost() -> None:
    [found] = replica_takes_over()
    assert (found["lost"], found["due"] > 100) == (0, True)
