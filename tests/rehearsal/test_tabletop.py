"""Tabletop: the real desk on a rehearsal, every page marked, surprises that land on the officer's list."""

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from typer.testing import CliRunner

from callout.cli import app as commands
from callout.cli.tabletop import hire, site_at
from callout.domain.attempt import AttemptState
from callout.domain.instant import MINUTE
from callout.rehearsal.tabletop import NAMES, Happened, Surprise, Tabletop, prepare
from callout.simulation.habits import ASSUMED, Temperament
from callout.store import schema
from callout.web.application import create_app
from tests.rehearsal.storms import only, setting

PROMPT = replace(ASSUMED, shares={Temperament.PROMPT: 1})
SMALL = replace(only(setting(), 2), habits=PROMPT)
PACE = 60


def play(table: Tabletop, minutes: int) -> list[Happened]:
    """So many minutes of the storm, in beats of a tenth of a second of real time."""

    async def beats() -> list[Happened]:
        happened = []
        for beat in range(1, minutes * 600 // PACE + 1):
            happened += await table.beat(beat / 10)
        return happened

    return asyncio.run(beats())


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tabletop]:
    file = tmp_path_factory.mktemp("table") / "t.db"
    one = prepare(SMALL, f"sqlite:///{file}", PACE, tuple(Surprise))
    yield one
    one.app.close()


@pytest.fixture(scope="module")
def happened(table: Tabletop) -> list[Happened]:
    return play(table, 50)


@pytest.mark.usefixtures("happened")
def test_the_storm_passes_at_its_pace_and_a_fast_pace_leaves_nothing_in_doubt(table: Tabletop) -> None:
    assert table.clock.now() - SMALL.storm.opens == 50 * MINUTE
    t, c = schema.attempt, schema.callout
    count = select(func.count())
    doubted = table.app.database.read(
        lambda db: db.execute(count.select_from(t).where(t.c.state == AttemptState.UNKNOWN)).scalar_one()
    )
    opened = table.app.database.read(lambda db: db.execute(count.select_from(c)).scalar_one())
    assert doubted == 0
    assert opened > 10
    assert not table.over


def test_every_surprise_comes_once_and_lands_on_the_list(table: Tabletop, happened: list[Happened]) -> None:
    assert [one.surprise for one in happened] == list(Surprise)
    assert [one.line.partition("：")[2] for one in happened] == list(NAMES.values())
    h = schema.human_call
    rows = table.app.database.read(lambda db: db.execute(select(h.c.kind, h.c.opened_at)).all())
    at = {one.at for one in happened}
    assert sum(row.opened_at in at for row in rows) >= 2


@pytest.mark.long
def test_each_warning_brings_its_own_surprises(tmp_path: Path) -> None:
    two = replace(only(setting(), 2, 3), habits=PROMPT)
    table = prepare(two, f"sqlite:///{tmp_path}/t.db", PACE, tuple(Surprise))
    found = play(table, 80)
    table.app.close()
    second = two.storm.alerts[1].sent
    assert [one.surprise for one in found if one.at < second] == list(Surprise)
    assert [one.surprise for one in found if one.at >= second] == list(Surprise)


@pytest.mark.usefixtures("happened")
def test_no_page_is_without_the_banner(table: Tabletop) -> None:
    pages = TestClient(create_app(site_at(table)), "http://127.0.0.1", follow_redirects=True)
    for path in ("/sign-in", "/", "/desk", "/nowhere"):
        text = pages.get(path, headers={"Accept": "text/html"}).text
        assert '<p class="rehearsed">【推演】桌面推演，60 倍速：没有一条是真的' in text, path
        assert "<title>【推演】" in text


def test_every_page_of_the_web_stands_under_the_layout_that_bears_the_banner() -> None:
    folder = SMALL.templates / "web"
    whole = [file for file in folder.rglob("*.j2") if "<html" in file.read_text(encoding="utf-8")]
    # The page behind a link in a text: a tabletop has no address under which anybody could open one.
    assert {file.name for file in whole} - {"layout.html.j2"} == {"called.html.j2"}
    assert "banner" in (folder / "layout.html.j2").read_text(encoding="utf-8")


def test_nothing_can_be_handed_to_a_real_provider(table: Tabletop) -> None:
    assert table.app.world.run == "rehearsal"
    assert not any(provider.real for provider in table.app.world.providers)
    assert not table.app.settings.live


def test_officers_of_this_rehearsal_get_a_first_password(tmp_path: Path) -> None:
    one = prepare(SMALL, f"sqlite:///{tmp_path / 't.db'}", 1, ())
    lines = hire(one)
    one.app.close()
    assert [line.split("：")[0] for line in lines] == ["值班员", "带班领导"]
    with pytest.raises(ValueError, match="1 to 60"):
        prepare(SMALL, "sqlite:///:memory:", 61, ())


def test_the_pages_open_on_this_machine_only() -> None:
    result = CliRunner().invoke(commands, ["tabletop", "noon-in-town", "--host", "0.0.0.0"])
    assert "只在本机打开网页" in str(result.exception)


@pytest.mark.long
def test_the_command_serves_until_it_is_stopped(tmp_path: Path) -> None:
    arguments = ["tabletop", "noon-in-town", "--sample", "60", "--port", "0", "--pace", "60"]
    environment = {"CALLOUT_DATABASE_URL": f"sqlite:///{tmp_path / 'none.db'}", "PATH": "", "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "callout", *arguments],
        cwd=SMALL.rules.parent,
        env=environment | {"PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdout is not None
    try:
        said = [process.stdout.readline() for _ in range(5)]
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert said[0].startswith("【推演】桌面推演，60 倍速")
    assert re.fullmatch(r"网页：http://127\.0\.0\.1:\d+/\n", said[1])
    assert "不计入任何实战数字" in rest
    assert process.returncode == 0
