"""Write docs/states.md from the state tables: `python -m tests.write_states`."""

import ast
import inspect
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from callout.domain import (
    attempt,
    broadcast,
    callout,
    circuit,
    desk_call,
    drill,
    feedback,
    human_call,
    intake,
    relocation,
    roster_round,
    stop_work,
)
from callout.domain.machine import picture
from tests.shape import ROOT

DOCUMENT = ROOT / "docs" / "states.md"
HEAD = """\
# States

What each row that moves can be, and what moves it. Pictures and tables are the ones that the code runs on:
`python -m tests.write_states` writes this page, and a test compares it with the code. A state changes nowhere but in
the write path of `callout/store/transaction.py`, and every change leaves an entry in the audit record."""


class Machine(NamedTuple):
    """One state machine as the page shows it."""

    title: str
    text: str
    table: Mapping[Any, StrEnum]
    """(state, event) → the state after."""
    start: StrEnum


MACHINES: Sequence[Machine] = (
    Machine("Callout (叫应)", "Reaching the holder of one post about one alert. The timer lies in the row (`next_at`), "
            "so an answer stops the ladder by its own update. A later message of the same event may also open one "
            "as `continued`, `informed`, `superseded` or `lifted`: see `callout/domain/episode.py`.",
            callout.TABLE, callout.START),
    Machine("Attempt", "One try to reach one number. Receipts (delivered, read, heard, busy) and answers are kept "
            "beside its state and never change it back.", attempt.TABLE, attempt.START),
    Machine("Human call (人工叫应)", "An item on the officer's list. What waits here rings the desk when nobody takes "
            "it.", human_call.TABLE, human_call.START),
    Machine("Stop work (熔断)", "Proposed by a rule or a human; every further step is a named human's. Neither Cancel, "
            "downgrade nor expiry of the alert moves it.", stop_work.TABLE, stop_work.START),
    Machine("Feedback (反馈)", "What a post must report after it has answered: 到岗, 措施, 转移. The timer lies in the "
            "row; neither Cancel nor expiry of the alert ends it.", feedback.TABLE, feedback.START),
    Machine("Relocation (转移)", "A facility or household that is to be moved in one event. Fed by replies in "
            "numbers and by named officers; neither Cancel, downgrade nor expiry of the alert lets anybody return.",
            relocation.TABLE, relocation.START),
    Machine("Circuit breaker of a provider", "Kept in the memory of each process: after a restart every provider is "
            "tried anew. While it is not closed, other providers carry the load, and the officer sees one line.",
            circuit.TABLE, circuit.START),
    Machine("Desk call (系统接通)", "A call that the engine puts through for an officer who has claimed an item. "
            "How each of the two phones does is kept beside its state; none of it is an answer.",
            desk_call.TABLE, desk_call.START),
    Machine("Copy (抄送)", "One warning to one office, loudspeaker or group. It goes out after the people who are "
            "called, and is never counted as called.", broadcast.TABLE, broadcast.START),
    Machine("Confirmation (名册确认)", "What one person says in one round of the roster. It is asked by text, is no "
            "callout, and a bare 收到 belongs to a warning while one is open.", roster_round.TABLE, roster_round.START),
    Machine("Drill (演练)", "Real phones, but only those on its list. In all other rows a drill is a county of its "
            "own, so that nothing of it mixes with what is real.", drill.TABLE, drill.START),
    Machine("Alert in a county", "The same alert may stand differently in two counties. `held` and `not_actual` are "
            "given on arrival and have no arrows: from there only a human goes on. So is `awaiting`, "
            "where a county wants a word before a level calls anybody.",
            intake.ALERT_TABLE, intake.AlertState.RECEIVED),
)  # fmt: skip


def page() -> str:
    """The whole document."""
    return "\n\n".join([HEAD, *map(_section, MACHINES)]) + "\n"


def _section(one: Machine) -> str:
    state, event = next(iter(one.table))
    drawing = f"```mermaid\n{picture(one.table, one.start)}\n```"
    return "\n\n".join([f"## {one.title}", one.text, drawing, _meanings("state", type(state)),
                        _meanings("event", type(event))])  # fmt: skip


def _meanings(word: str, values: type[StrEnum]) -> str:
    said = meanings(values)
    lines = [f"| {word} | meaning |", "|---|---|", *(f"| `{value}` | {said[value.name]} |" for value in values)]
    return "\n".join(lines)


def meanings(values: type[StrEnum]) -> dict[str, str]:
    """What the text below each value says; a value without one is missing."""
    body = ast.parse(inspect.getsource(values)).body[0]
    assert isinstance(body, ast.ClassDef)
    pairs = zip(body.body, body.body[1:], strict=False)
    return {_name(one): _text(after) for one, after in pairs if isinstance(one, ast.Assign) and _text(after)}


def _name(assignment: ast.Assign) -> str:
    return ast.unparse(assignment.targets[0])


def _text(node: ast.stmt) -> str:
    match node:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return " ".join(text.split()).replace("|", "\\|")
    return ""


if __name__ == "__main__":
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(page(), encoding="utf-8")
