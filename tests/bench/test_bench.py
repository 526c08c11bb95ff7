"""The benchmarks run, both sides write the same rows, and nobody is lost. Never a time: machines differ."""

import gc
from pathlib import Path

import pytest

from bench import evidence, naive, night, plan, proof
from bench.__main__ import main
from bench.servers import postgresql, sqlite


@pytest.fixture(scope="module")
def small() -> night.Night:
    return night.run(60)


def test_a_night_ends_with_nobody_lost(small: night.Night) -> None:
    assert small.account.lost == 0
    assert small.account.open == 0
    assert small.account.due == small.account.answered + small.account.unreachable > 50


def test_everything_that_the_night_wrote_is_counted(small: night.Night) -> None:
    assert small.rows.keys() == night.WRITTEN.keys()
    assert small.rows["audit"] > small.rows["inbound"] > small.rows["attempts"] > small.rows["callouts"] > 50
    assert small.commits > 0


def test_the_bare_loop_writes_every_row_of_the_night(tmp_path: Path) -> None:
    none: dict[str, list[tuple[object, ...]]] = {name: [] for name in night.WRITTEN}
    rows = none | {"links": [("500156", f"500156.{n}", 1, n, 0) for n in range(7)]}
    file = tmp_path / "bare.sqlite3"
    night.bare(file, rows, commits=3)
    assert night.counted(file)["links"] == 7
    assert sum(night.counted(file).values()) == 7


def test_both_sides_of_the_plan_stage_write_the_same_rows() -> None:
    with sqlite() as server:
        compared = plan.compare(server, 60, 2)
    assert len(compared.ratios) == len(compared.ours) == 2
    assert compared.callouts > 50


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the naive design leaks
def test_the_short_form_prints_tables_and_keeps_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bench.md"
    assert main(["all", "--short", "--markdown", str(file)]) == 0
    text = file.read_text(encoding="utf-8")
    assert text.strip() == capsys.readouterr().out.strip()
    for wanted in (
        "Command: `python -m bench all --short",
        "SQLite 3.",
        "| audit |",
        "**lost** |",
        "## This machine beside the one of the targets",
        "| beat of 1 s | beat of 5 s |",
        "## Many rehearsals of one night",
        "| PostgreSQL |",
        "attack: reseal",
        "## board: ",
        "## Timers due at one instant",
        "## Entries of the record, chained",
        "## Many boards at once",
        "## kill -9",
        "## PostgreSQL for the tests",
    ):
        assert wanted in text
    gc.collect()  # what was left open is found here and not in somebody else's test


@pytest.mark.long
def test_no_attack_on_a_record_is_missed() -> None:
    checked = evidence.run(1_200)
    assert len(checked.attacks) == 14
    assert {name for name, what in checked.attacks.items() if what != evidence.FOUND} == {"turn_the_clock_back"}
    assert checked.attacks["turn_the_clock_back"] == evidence.REPORTED


@pytest.mark.long
def test_the_proof_of_a_small_county_has_its_line() -> None:
    measured = proof.run(60)
    assert measured.posts > measured.classes > 0
    assert proof.table([measured]).lines[0][0] == "60"


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the naive design leaks
@pytest.mark.parametrize("what", ["sending", "lanes", "timers", "answers", "memory", "naive"])
def test_each_short_form_runs_on_sqlite(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([what, "--short", "--on", "sqlite"]) == 0
    assert "| SQLite (file, FULL) |" in capsys.readouterr().out
    gc.collect()


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the naive design leaks
def test_the_naive_design_has_its_chance_on_postgresql() -> None:
    """No job may be late only because it was still being put into the store."""
    with postgresql() as server:
        found, ours = naive.run(server, 60, 0)
    assert found.sent + found.dropped + found.failed == 60
    assert found.sent > 0
    assert ours.texts > 20
    gc.collect()
