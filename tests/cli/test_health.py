"""The health checks of the containers, word for word, against real processes; what the files set exists."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from callout.settings import Settings
from tests.cli.office import Office, environment, wait_for
from tests.shape import ROOT

SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))[
    "services"
]
WRITTEN = ("docker-compose.yml", "Dockerfile", "docs/operations.md", "README.md", "README.zh-CN.md",
           *(f"deploy/{one.name}" for one in sorted((ROOT / "deploy").iterdir())))  # fmt: skip
OF_TESTS = {"CALLOUT_CI", "CALLOUT_SHOTS", "CALLOUT_TEST_PG", "CALLOUT_TEST_NPM"}


@pytest.mark.parametrize("name", WRITTEN)
def test_every_setting_that_a_file_names_exists(name: str) -> None:
    named = set(re.findall(r"\bCALLOUT_[A-Z_]+\b", (ROOT / name).read_text(encoding="utf-8")))
    assert named - OF_TESTS <= {f"CALLOUT_{field.upper()}" for field in Settings.model_fields}


def test_ports_are_the_ones_that_the_programs_open() -> None:
    web = str(Settings.model_fields["web_port"].default)
    assert SERVICES["web"]["ports"] == [f"127.0.0.1:{web}:{web}"]
    assert f":{web}/readyz" in SERVICES["web"]["healthcheck"]["test"][-1]
    carrier = (ROOT / "deploy" / "drill-channels.yaml").read_text(encoding="utf-8")
    [port] = set(re.findall(r"127\.0\.0\.1:(\d+)", carrier))
    assert f":{port}/" in SERVICES["carrier"]["healthcheck"]["test"][-1]


def healthy(service: str, port: int, home: Path) -> bool:
    """Whether the check of this service passes, its port replaced by this one."""
    kind, *command = SERVICES[service]["healthcheck"]["test"]
    assert kind == "CMD"
    words = [re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{port}", word) for word in command]
    run = {"python": [sys.executable], "callout": [sys.executable, "-m", "callout"]}[words[0]]
    done = subprocess.run([*run, *words[1:]], cwd=home, env=environment(), capture_output=True, check=False, timeout=60)
    return done.returncode == 0


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running(home: Path, *command: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    started = [sys.executable, "-m", "callout", *command]
    with subprocess.Popen(
        started, cwd=home, env=environment() | settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.long
def test_worker_and_pages_are_healthy_while_they_run_and_not_after(office: Office) -> None:
    port = free_port()
    with running(office.home, "serve", CALLOUT_WEB_PORT=str(port)) as process:
        wait_for(lambda: process.poll() is not None or healthy("web", port, office.home))
        assert process.poll() is None
        wait_for(lambda: healthy("worker", port, office.home))
    assert not healthy("web", port, office.home)
    wait_for(lambda: not healthy("worker", port, office.home))


@pytest.mark.long
def test_the_simulated_carrier_is_healthy_while_it_runs(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "simulate-carrier", "--port", str(port)) as process:
        wait_for(lambda: process.poll() is not None or healthy("carrier", port, tmp_path))
        assert process.poll() is None
    assert not healthy("carrier", port, tmp_path)
