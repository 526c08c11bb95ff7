"""kill -9 at every stage boundary: 0 lost, and whatever may have been sent twice is called uncertain.

A failure prints the command that shows it again; recorded figures of all boundaries: docs/drills.md.
"""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import create_engine, text

from callout.domain.instant import SECOND
from tests.drills import county
from tests.drills.aftermath import Aftermath, Expected
from tests.drills.boundaries import STAGES, Journal
from tests.drills.drill import KILLED, Ground, Plan, Result, killed_at_line, spread
from tests.drills.engine_process import FILE

CHUNKS = 8
COMMITTING = {f"{stage}: {side} commit" for stage, _ in (*STAGES, ("seal", ())) for side in ("before", "after")}
BESIDE = {
    "receive: after put-away",
    "submit: before bytes",
    "submit: after bytes",
    "submit: after return",
    "hang up: after telling",
}


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    with Ground(tmp_path_factory.mktemp("kill-9"), workers=2 if alone else 1) as made:
        yield made


def expect(results: list[Result], ends: tuple[int, ...] = (KILLED, 0)) -> None:
    """Every life ended as it should, and no promise was broken."""
    assert results
    assert not [str(r) for r in results if r.faults or r.lost]
    assert {r.ends for r in results} == {ends}


def test_undisturbed_everything_happens_once(ground: Ground) -> None:
    with Aftermath(ground.undisturbed) as after:
        assert (ground.ends, after.faults(ground.expected, []), after.doubled) == ((0,), [], {})
        total = after.account.total
    assert (total.due, total.lost, total.open) == (29, 0, 0)
    assert min(total.escalated, total.expired_unanswered, total.answered_by_another) > 0


def test_every_stage_has_boundaries_and_the_spread_takes_each_kind_three_times(ground: Ground) -> None:
    assert set(ground.boundaries) == COMMITTING | BESIDE
    killed = Counter(ground.boundaries[at - 1] for at in spread(ground.boundaries))
    assert killed.keys() == set(ground.boundaries)
    assert min(killed.values()) >= 3


@pytest.mark.parametrize("chunk", [0, *(pytest.param(each, marks=pytest.mark.long) for each in range(1, 6))])
def test_killed_at_each_kind_of_boundary_nobody_is_lost(ground: Ground, chunk: int) -> None:
    each_kind_once = spread(ground.boundaries, each=1, submits=2)
    assert {ground.boundaries[at - 1] for at in each_kind_once} == set(ground.boundaries)
    expect(ground.sweep(Plan((at,)) for at in each_kind_once[chunk::6]))


@pytest.mark.long
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_killed_at_any_boundary_nobody_is_lost(ground: Ground, chunk: int) -> None:
    expect(ground.sweep(Plan((at,)) for at in spread(ground.boundaries)[chunk::CHUNKS]))


@pytest.mark.long
def test_killed_again_while_it_recovers(ground: Ground) -> None:
    chance = Random(9)
    half = len(ground.boundaries) // 2
    plans = [Plan((chance.randint(1, half), chance.randint(1, 20))) for _ in range(6)]
    expect(ground.sweep(plans), (KILLED, KILLED, 0))


@pytest.mark.long
def test_back_only_after_leases_and_steps_have_passed(ground: Ground) -> None:
    chance = Random(100)
    half = len(ground.boundaries) // 2
    expect(ground.sweep(Plan((chance.randint(1, half),), 100 * SECOND) for _ in range(6)))


@pytest.mark.parametrize("seed", range(3))
def test_killed_from_outside_at_any_moment(ground: Ground, seed: int) -> None:
    line = Random(seed).randint(2, len(ground.journal) * 2 // 3)
    result = ground.drill(Plan(()), killed_at_line(line))
    assert not result.faults, f"killed from outside at line {line} of the journal: {result.faults}"
    assert (result.ends, result.lost) == ((KILLED, 0), 0)


def test_where_no_other_way_is_left_the_repeat_is_marked(ground: Ground) -> None:
    """A deputy has one way to be called: killed after the bytes, that call is made again, and says so."""
    calls = [
        line["boundary"]
        for line in ground.journal
        if line["kind"] == "bytes" and line["answer"] and county.serial(line["e164"]) > county.DEPUTY
    ]
    results = ground.sweep(Plan((at,)) for at in calls)
    expect(results)
    assert [(r.doubled, r.marked) for r in results] == [(1, 1)] * len(calls)


TAMPERED = {
    "a callout row is gone": ("DELETE FROM callout WHERE alert = 1 AND post = 5", "lost"),
    "an item is gone": ("DELETE FROM human_call WHERE post = 11", "lost"),
    "an attempt hangs": ("UPDATE attempt SET state = 'submitting' WHERE responder = 5", "for ever"),
    "an attempt is called refused": ("UPDATE attempt SET state = 'refused' WHERE responder = 5", "left the house"),
    "an answer is undone": ("UPDATE callout SET state = 'exhausted' WHERE post = 5", "has not answered"),
    "an event is gone": ("DELETE FROM inbound WHERE kind = 'key'", "gone"),
    "an expiry is earlier": ("UPDATE callout SET expires_at = opened_at", "after the expiry"),
    "an entry is changed": ("UPDATE audit SET actor = 'x' WHERE id = 9", "audit"),
    "an alert came twice": ("UPDATE alert_county SET alert = 9 WHERE alert = 3", "due"),
}


@pytest.mark.parametrize(("change", "fault"), TAMPERED.values(), ids=TAMPERED.keys())
def test_the_judge_sees(ground: Ground, tmp_path: Path, change: str, fault: str) -> None:
    folder = shutil.copytree(ground.undisturbed, tmp_path / "drill")
    with create_engine(f"sqlite:///{folder / FILE}").begin() as db:
        assert db.execute(text(change)).rowcount > 0
    assert [f for f in faults(folder, ground.expected) if fault in f]


def test_the_judge_sees_a_message_that_came_twice(ground: Ground, tmp_path: Path) -> None:
    folder = shutil.copytree(ground.undisturbed, tmp_path / "drill")
    line = next(line for line in ground.journal if line["kind"] == "bytes")
    Journal(folder / "journal.jsonl").add(**line)
    assert [f for f in faults(folder, ground.expected) if "nothing says so" in f]


def faults(folder: Path, expected: Expected) -> list[str]:
    with Aftermath(folder) as after:
        return after.faults(expected, [])
