"""What fails is a human's; what was merely not heard by a database that is gone has its turn again."""

import pytest
from psycopg import errors
from sqlalchemy.exc import IntegrityError, OperationalError

from callout.domain.faults import lost, one_by_one

GONE = (
    errors.OperationalError("server closed the connection unexpectedly"),
    errors.AdminShutdown("terminating connection due to administrator command"),
    errors.ConnectionFailure("connection failure"),
    OperationalError("SELECT 1", None, errors.OperationalError("gone"), connection_invalidated=True),
    OperationalError("INSERT", None, errors.DeadlockDetected("deadlock")),
    OperationalError("INSERT", None, errors.LockNotAvailable("canceling statement due to lock timeout")),
    errors.SerializationFailure("could not serialize access"),
)
FAULTS = (
    errors.RaiseException("broken"),
    errors.DiskFull("no space left on device"),
    errors.ProgrammingError("cannot adapt type"),
    IntegrityError("INSERT", None, errors.UniqueViolation("twice")),
    KeyError("x"),
)


@pytest.mark.parametrize("error", GONE, ids=repr)
def test_whose_turn_falls_into_an_outage_is_not_given_up(error: Exception) -> None:
    assert lost(error)
    tried, given_up = list[int](), list[int]()

    def act(item: int) -> int:
        tried.append(item)
        if item == 1:
            raise error
        return 1

    with pytest.raises(type(error)):
        one_by_one([1, 2], act, lambda item, _: given_up.append(item))
    assert (tried, given_up) == ([1, 2], [])


@pytest.mark.parametrize("error", FAULTS, ids=repr)
def test_what_fails_for_itself_is_given_up(error: Exception) -> None:
    assert not lost(error)
    given_up = list[int]()

    def act(_: int) -> int:
        raise error

    with pytest.raises(type(error)):
        one_by_one([1, 2], act, lambda item, _: given_up.append(item))
    assert given_up == [1, 2]
