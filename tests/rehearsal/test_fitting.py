"""Behaviour learnt from a record: people who were put into a night are found again in what it left behind."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from callout.cli import app as commands
from callout.domain.answer import Grade
from callout.domain.attempt import ReceiptKind
from callout.domain.instant import HOUR, SECOND, Instant, later
from callout.domain.ladder import ChannelKind
from callout.rehearsal.assumptions import read_assumptions
from callout.rehearsal.fitting import FEWEST, Try, fit, temperament, tries
from callout.rehearsal.play import Stage, through
from callout.rehearsal.setting import RUN
from callout.reports import record
from callout.simulation.habits import ASSUMED, Temperament
from callout.store.database import Database
from tests.rehearsal.storms import only, setting
from tests.simulation.phones import DAY, NIGHT

TRUE = replace(
    ASSUMED,
    shares={Temperament.PROMPT: 60, Temperament.DEAD: 20, Temperament.REFUSER: 20},
    replies={**ASSUMED.replies, Temperament.PROMPT: (100 * SECOND, 110 * SECOND)},
)


@pytest.fixture(scope="module")
def night() -> Iterator[Database]:
    """A rehearsal by day with people of whom we know what they are."""
    stage = Stage(replace(only(setting(people=160), 2), habits=TRUE))
    with stage.open(3) as (app, driver, _):
        asyncio.run(through(driver, stage.setting))
        yield app.database
    stage.close()


def test_the_shares_and_the_lengths_are_found_again(night: Database) -> None:
    found = night.read(lambda db: fit(tries(db, RUN), "试"))
    assert found.numbers >= FEWEST
    whole = sum(found.habits.shares.values())
    for kind, share in ((Temperament.PROMPT, 0.6), (Temperament.DEAD, 0.2), (Temperament.REFUSER, 0.2)):
        assert abs(found.habits.shares[kind] / whole - share) < 0.2, (kind, found.habits.shares)
    assert "试：" in found.habits.source
    if "replies.prompt" in found.learnt:
        points = found.habits.replies[Temperament.PROMPT]
        assert 95 * SECOND <= points[0] <= points[-1] <= 115 * SECOND


def test_what_was_only_rehearsed_teaches_nothing_about_what_was_real(night: Database) -> None:
    found = night.read(lambda db: fit(tries(db), "试"))
    assert found.tries == 0
    assert found.learnt == {}
    assert found.habits.shares == ASSUMED.shares


def test_the_command_learns_from_an_export_and_its_file_is_read_again(night: Database, tmp_path: Path) -> None:
    folder, out = tmp_path / "export", tmp_path / "行为.yaml"
    night.read(lambda db: record.export(db, folder))
    result = CliRunner().invoke(commands, ["rehearse-fit", str(out), "--export", str(folder), "--run", RUN])
    assert result.exit_code == 0, result.output
    assert "shares：" in result.output
    habits = read_assumptions(out).habits
    assert habits.shares[Temperament.DEAD] > 0
    assert habits.source.startswith("推演记录：")


def one(channel: ChannelKind, at: Instant, receipt: str = "", took: int | None = None, grade: str = "") -> Try:
    back = None if took is None else later(at, took)
    return Try(1, channel, at, receipt, None, back, grade or ("" if took is None else Grade.ACKNOWLEDGED))


SMS, CALL = ChannelKind.SMS, ChannelKind.VOICE


@pytest.mark.parametrize(
    ("own", "kind"),
    [
        ([one(SMS, DAY, took=60_000)], Temperament.PROMPT),
        ([one(SMS, DAY, took=900_000)], Temperament.SLOW),
        ([one(SMS, NIGHT, took=4 * HOUR), one(SMS, DAY, took=1000)], Temperament.SLEEPER),
        ([one(CALL, NIGHT, ReceiptKind.NO_REPLY), one(SMS, DAY, took=1000)], Temperament.SLEEPER),
        ([one(CALL, NIGHT, ReceiptKind.SWITCHED_OFF), one(SMS, DAY, took=1000)], Temperament.NIGHT_OFF),
        ([one(CALL, DAY, ReceiptKind.BUSY), one(CALL, DAY, took=1000)], Temperament.BUSY),
        ([one(CALL, DAY, ReceiptKind.HEARD_PART), one(CALL, DAY, took=1000)], Temperament.HASTY),
        ([one(SMS, DAY), one(CALL, DAY, ReceiptKind.NO_REPLY)], Temperament.SILENT),
        ([one(SMS, DAY, ReceiptKind.DEAD)], Temperament.DEAD),
        ([one(SMS, DAY, took=1000, grade=Grade.CANNOT_COME)], Temperament.REFUSER),
        ([one(SMS, DAY, took=1000, grade=Grade.CONTACT)], Temperament.NONSENSE),
        ([one(SMS, DAY)], None),
    ],
)
def test_each_kind_of_person_is_known_by_what_came_back(own: list[Try], kind: Temperament | None) -> None:
    assert temperament(own) is kind


def test_chances_are_learnt_from_enough_cases_only() -> None:
    calls = [one(CALL, NIGHT, ReceiptKind.NO_REPLY if n % 4 else ReceiptKind.HEARD_WHOLE) for n in range(FEWEST)]
    known = [replace(each, number=n // 4) for n, each in enumerate([*calls])]
    answered = [replace(one(SMS, DAY, took=1000), number=n) for n in range(FEWEST // 4)]
    found = fit([*known, *answered], "试")
    assert found.learnt["wakes"] == FEWEST
    assert found.habits.wakes == 0.25
    assert "shares" not in found.learnt
