"""The whole engine under faults, seed by seed: python -m tests.simulation; docs/drills.md says what is played."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.tables import processor
from callout.domain.ladder import ChannelKind
from tests.shape import ROOT
from tests.simulation import played
from tests.simulation.__main__ import main, play
from tests.simulation.bugs import BUGS, Bug, hunt
from tests.simulation.ground import Ground

LONG = pytest.mark.long
"""`make test` plays a first share and plants a few bugs; the rest is for `make test-long`."""
CHUNKS = [range(10), *(pytest.param(range(at, at + 30), marks=LONG) for at in (10, 40, 70))]
"""The first hundred seeds; `.ci/run` plays 400 more."""
FEW = ("HumanCall forgotten at the end of a ladder", "expiry forgets the human")


@pytest.mark.parametrize("seeds", CHUNKS, ids=str)
def test_no_promise_is_broken(seeds: range) -> None:
    """A failure prints the command that tells the story again."""
    tally = play(seeds)
    assert not tally.broken, "\n".join(tally.broken)
    assert tally.seeds == len(seeds)
    assert min(tally.commits, tally.submits, sum(tally.hit.values())) > len(seeds)


@pytest.mark.parametrize("seeds", [range(2), pytest.param(range(2, 10), marks=LONG)], ids=str)
def test_no_promise_is_broken_on_postgresql(seeds: range, postgres_url: str) -> None:
    """Transactions overlap, connections die."""
    tally = play(seeds, postgres_url)
    assert not tally.broken, "\n".join(tally.broken)


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    made = Ground()
    yield made
    made.close()


def test_a_seed_tells_the_same_story_again(ground: Ground) -> None:
    """Else nobody could look into a failure."""
    first, other, again = (ground.play(seed).trace for seed in (7, 8, 7))
    assert first == again != other


@pytest.mark.parametrize("seeds", [range(2), pytest.param(range(2, 40), marks=LONG)], ids=str)
@pytest.mark.parametrize("gone", list(ChannelKind))
def test_no_promise_is_broken_while_one_gateway_is_away(ground: Ground, gone: ChannelKind, seeds: range) -> None:
    """The other channel speaks beside the steps that are held, under every fault that the seeds bring."""
    spoken = 0
    for seed in seeds:
        world = ground.play(seed, gone)
        assert world.judge.broken == [], f"seed {seed} without {gone}"
        spoken += len(world.judge.eyes.ask("SELECT id FROM attempt WHERE instead <> ''"))
    assert spoken or gone is ChannelKind.SMS


@pytest.mark.parametrize("bug", [pytest.param(b, id=n, marks=() if n in FEW else LONG) for n, b in BUGS.items()])
def test_a_planted_bug_is_found(bug: Bug, tmp_path: Path) -> None:
    """In a copy of the code, by a seed near the one that found it first."""
    assert "seed " in hunt(bug, tmp_path)


def test_a_range_that_was_played_is_added_to_the_table(tmp_path: Path) -> None:
    """The long run of 20,000 is many short ones; what is there already is passed over."""
    table = tmp_path / "seeds.md"
    table.write_text((ROOT / "docs" / "seeds.md").read_text(encoding="utf-8"), encoding="utf-8")
    before = played.summed(table.read_text(encoding="utf-8"))
    for _ in range(2):
        assert main(["--from", "1000001", "--to", "1000001", "--record", str(table)]) == 0
    line = f"| {played.commit()} | SQLite | {processor()} | 1000001–1000001 | 1 | 0 |"
    assert table.read_text(encoding="utf-8").count(line) == 1
    about = (played.commit(), "SQLite")
    played.add(table, about, range(1_000_002, 1_000_004), (1, 2, 3, 4))
    played.add(table, about, range(1_000_009, 1_000_010), (0, 0, 0, 0))
    played.add(table, ("else", "SQLite"), range(1_000_010, 1_000_011), (0, 0, 0, 0))
    spans = [row.split("|")[5].strip() for row in table.read_text(encoding="utf-8").splitlines() if "| 10000" in row]
    assert spans == ["1000001–1000003", "1000009–1000009", "1000010–1000010"]
    after = played.summed(table.read_text(encoding="utf-8"))
    assert (after.seeds, after.broken) == (before.seeds + 5, before.broken + 1)
    assert after.seconds >= before.seconds + 4
