"""`callout simulate-carrier` as its user runs it."""

import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from callout.__main__ import run
from tests.carrier import sdk
from tests.carrier.stage import PROMPT, SENDER
from tests.cli.office import PATIENCE, environment, wait_for

COMMAND = [sys.executable, "-m", "callout", "simulate-carrier", "--port", "0"]


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its address; ended by its id, whatever happens."""
    with subprocess.Popen([*COMMAND, *options], text=True, stdout=subprocess.PIPE, env=environment()) as process:
        try:
            assert process.stdout
            head = [process.stdout.readline() for _ in range(4)]
            found = re.search(r"http://127\.0\.0\.1:\d+", head[0])
            assert found
            assert "不会拨打任何电话" in head[1]
            yield process, found[0]
        finally:
            if process.poll() is None:
                process.kill()


def test_it_takes_texts_shows_counts_and_ends_when_told() -> None:
    with running("--speed", "500", "--cast", f"{PROMPT}=prompt", "--fault", "429=0") as (process, url):
        assert sdk.blocking(url).messages.create(to=PROMPT, from_=SENDER, body="收到回1").status == "queued"

        def delivered() -> bool:
            with urllib.request.urlopen(f"{url}/simulated/status", timeout=PATIENCE) as answer:
                return bool(json.load(answer).get("text delivered") == 1)

        wait_for(delivered)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "1  text delivered" in said
    assert "模拟运营商已停止" in said
    assert PROMPT not in said


def test_it_ends_by_itself() -> None:
    with running("--for", "0.2", "--outage", "0-10=hang", "--begin", "23:30") as (process, _):
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "已运行 0.2 秒" in said


@pytest.mark.parametrize(
    "options",
    [
        ["--fault", "x=1"],
        ["--fault", "429=2"],
        ["--fault", "429"],
        ["--hook-fault", "lost=often"],
        ["--outage", "1=hang"],
        ["--cast", "+999=nobody"],
        ["--refuse", "+999=x"],
        ["--begin", "25:00"],
        ["--host", "192.0.2.1"],
    ],
)
def test_options_that_make_no_sense(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate-carrier", *options]) == 1
    assert options[0] in (error := capsys.readouterr().err) or options[1] in error
