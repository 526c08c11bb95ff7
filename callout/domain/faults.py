"""A row that makes its stage fail must not hold up the others: each is tried alone, and what fails goes to a human."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TypeVar

from callout.domain.errors import CalloutError

T = TypeVar("T")
_AWAY = ("08", "57P")
"""SQLSTATE of a connection that was lost, and of a server that stops or starts (PostgreSQL, appendix A)."""
_IN_THE_WAY = ("40", "55P03")
"""SQLSTATE of a transaction that was taken back for another's sake (a deadlock), and of a lock that another held."""


def one_by_one(items: Iterable[T], act: Callable[[T], int], give_up: Callable[[T, Exception], object]) -> int:
    """Do all of them; returns the sum of what they moved.

    An item whose turn fails is handed to `give_up`, but not where the database was gone or others were in the way: that
    is no fault of the item, whose turn comes again. The first error is raised when everything else is done, so that it
    is logged.
    """
    moved, first = 0, None
    for item in items:
        try:
            moved += act(item)
        except Exception as error:
            first = first or error
            _put_aside(item, error, give_up)
    if first is not None:
        raise first
    return moved


def _put_aside(item: T, error: Exception, give_up: Callable[[T, Exception], object]) -> None:
    if not lost(error):
        with suppress(Exception):  # the database may be gone by now: then the first error says so
            give_up(item, error)


def lost(error: Exception) -> bool:
    """Whether the turn was lost by no fault of the item: the connection broke, or another transaction was in the way.

    By what SQLAlchemy or a server's driver says of its error."""
    state = getattr(getattr(error, "orig", error), "sqlstate", "")
    unsaid = state is None and type(error).__name__ == "OperationalError"  # nobody was left to give a state
    said = (state or "").startswith(_AWAY + _IN_THE_WAY)
    return unsaid or said or bool(getattr(error, "connection_invalidated", False))


def told(error: Exception, what: str) -> str:
    """What the officer reads: the error's own sentence where it was written for people, else its kind."""
    why = str(error) if isinstance(error, CalloutError) else f"程序出错：{type(error).__name__}"
    return f"{what}（{why}），请按预案人工叫应，并告知维护人员"
