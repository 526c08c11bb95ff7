"""The pages as a process: they open beside the engine, and never keep it from calling."""

import asyncio
import socket
import urllib.error
import urllib.request
from contextlib import closing
from dataclasses import replace

import pytest

from callout.app import App
from callout.cli.web import Pages
from callout.settings import Settings
from tests.channels.peers import free_port
from tests.cli.office import Office, stop, wait_for
from tests.web.room import Room


def fetch(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_serve_opens_the_pages_beside_the_engine(office: Office) -> None:
    port = free_port()
    with office.serving(CALLOUT_WEB_PORT=str(port)) as engine:
        wait_for(lambda: listens(port))
        assert fetch(f"http://127.0.0.1:{port}/healthz") == (200, '{"database":"ok","engine":"running"}')
        said = stop(engine)
    assert engine.returncode == 0
    assert f"网页：http://127.0.0.1:{port}/" in said
    assert "Traceback" not in said


def test_a_port_that_is_taken_keeps_nobody_from_being_called(room: Room, capfd: pytest.CaptureFixture[str]) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        busy = Settings(web_port=taken.getsockname()[1])
        asyncio.run(open_for_a_moment(replace(room.field.app, settings=busy)))
    assert "网页打不开" in capfd.readouterr().err


async def open_for_a_moment(app: App) -> None:
    async with Pages(app).open():
        await asyncio.sleep(0)


def test_without_pages_nothing_listens(office: Office) -> None:
    with office.serving("--no-web", CALLOUT_WEB_PORT=str(free_port())) as engine:
        said = stop(engine)
    assert engine.returncode == 0
    assert "网页" not in said


def test_an_sqlite_file_has_no_second_process_for_its_pages(office: Office) -> None:
    said = office("web")
    assert said.code == 1
    assert "随 callout serve 一起打开" in said.err


def listens(port: int) -> bool:
    with closing(socket.socket()) as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
