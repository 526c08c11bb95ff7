"""A state machine is an enum, a table and a picture; this is what the tables have in common."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from callout.domain.errors import StateError

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


def follow(table: Mapping[tuple[S, E], S], state: S, event: E) -> S:
    """The state after `event`. Raises StateError where the table holds no such row."""
    try:
        return table[state, event]
    except KeyError:
        raise StateError(f"状态 {state} 不接受事件 {event}") from None


def picture(table: Mapping[tuple[S, E], S], start: S) -> str:
    """The table as a Mermaid state diagram; docs/states.md holds exactly this text."""
    arrows = [f"    [*] --> {start}"]
    arrows += [f"    {state} --> {after}: {event}" for (state, event), after in table.items()]
    leaving = {state for state, _ in table}
    arrows += [f"    {after} --> [*]" for after in sorted(set(table.values()) - leaving)]
    return "\n".join(["stateDiagram-v2", *arrows])
