"""The socket of the engine: whatever comes in gets an answer, and the engine goes on."""

import asyncio
import json
import stat
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.app import App
from callout.cli.ack import ACK
from callout.cli.control import Args, Control, Result, Verb, longest, open_app, route, whole, word
from callout.cli.human_calls import CLAIM
from callout.cli.receive import RECEIVE
from callout.cli.roster import SAMPLE
from callout.domain.errors import CalloutError
from callout.settings import Settings
from callout.store.database import DatabaseBusy, SoleWriter
from tests.cli.office import Office

ASK = json.dumps({"verb": "echo", "args": {"text": "在"}}).encode() + b"\n"


def _echo(_app: App, args: Args) -> Result:
    return {"text": word(args, "text")}


def _break(_app: App, _args: Args) -> Result:
    raise RuntimeError("示例人员 secret")


ECHO, BREAK = Verb("echo", _echo), Verb("break", _break)


def listening(file: Path, story: Callable[[Control, Path], Awaitable[None]]) -> None:
    """Run the story beside an engine that listens."""

    async def told() -> None:
        app = open_app(Settings(), ())
        control = Control(app, (ECHO, BREAK, SAMPLE))
        try:
            await control.start(file)
            await story(control, Path(f"{file}.socket"))
        finally:
            await control.stop()
            app.close()

    file.parent.mkdir(parents=True, exist_ok=True)
    asyncio.run(told())


async def send(path: Path, raw: bytes) -> dict[str, Any]:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(raw)
    writer.write_eof()
    reply = await asyncio.wait_for(reader.readline(), 60)
    writer.close()
    return dict(json.loads(reply))


def test_hostile_requests_are_answered_and_the_engine_goes_on(office: Office) -> None:
    async def story(control: Control, path: Path) -> None:
        most = longest(control.app.settings)
        for raw in (b"", b"\n", b"\x00\xff\n", b"{", b"[" * 100_000 + b"\n", b"x" * (most + 10), b"x" * most + b"x\n"):
            assert (await send(path, raw))["ok"] is False
        assert await send(path, ASK) == {"ok": True, "result": {"text": "在"}}

    listening(office.database, story)


def test_one_that_never_asks_keeps_nobody_from_asking(office: Office) -> None:
    async def story(_control: Control, path: Path) -> None:
        silent = [await asyncio.open_unix_connection(path) for _ in range(20)]
        assert (await send(path, ASK))["ok"] is True
        crowd = [await asyncio.open_unix_connection(path) for _ in range(20)]
        assert "太多" in (await send(path, ASK))["error"]
        for _, writer in (*silent, *crowd):
            writer.close()
            await writer.wait_closed()
        while not (await send(path, ASK))["ok"]:
            await asyncio.sleep(0.01)

    listening(office.database, story)


def test_only_the_same_account_may_ask(office: Office) -> None:
    async def story(_: Control, path: Path) -> None:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    listening(office.database, story)
    assert not Path(f"{office.database}.socket").exists()


def test_a_dead_socket_is_replaced(office: Office) -> None:
    Path(f"{office.database}.socket").write_bytes(b"left by a crash")

    async def story(_: Control, path: Path) -> None:
        assert (await send(path, ASK))["ok"] is True

    listening(office.database, story)


def test_a_long_path_is_served_from_elsewhere(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    file = office.home / ("长" * 30) / "callout.sqlite3"
    monkeypatch.setenv("CALLOUT_DATABASE_URL", f"sqlite:///{file}")
    note = Path(f"{file}.socket-path")
    places = []

    def ask() -> Result:
        with route(Settings()) as way:
            assert way.engine
            return way.ask(ECHO, {"text": "在"})

    async def story(_: Control, path: Path) -> None:
        assert not path.exists()
        places.append(Path(note.read_text(encoding="utf-8")))
        assert stat.S_IMODE(places[0].parent.stat().st_mode) == 0o700
        assert await asyncio.to_thread(ask) == {"text": "在"}

    file.parent.mkdir()
    lock = SoleWriter(file)
    listening(file, story)
    lock.release()
    assert not places[0].parent.exists()
    assert not note.exists()


def test_the_engines_own_error_is_told_without_its_words(office: Office) -> None:
    async def story(control: Control, _: Path) -> None:
        said = control.answer(json.dumps({"verb": "break", "args": {}}).encode())
        assert "RuntimeError" in said["error"]
        assert "secret" not in said["error"]

    listening(office.database, story)


def test_an_error_comes_back_as_its_sentence_and_what_is_too_long_never_leaves(office: Office) -> None:
    def ask(verb: Verb, args: Args) -> str:
        with pytest.raises(CalloutError) as said, route(Settings()) as way:
            way.ask(verb, args)
        return str(said.value)

    async def story(_: Control, __: Path) -> None:
        assert "人数" in await asyncio.to_thread(ask, SAMPLE, {"people": 1, "seed": 1})
        assert "内容太大" in await asyncio.to_thread(ask, ECHO, {"text": "x" * 3_000_000})
        assert "不认识" in await asyncio.to_thread(ask, CLAIM, {})

    lock = SoleWriter(office.database)
    listening(office.database, story)
    lock.release()


def test_an_engine_that_falls_silent_leaves_a_doubt_that_is_told(office: Office) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    def ask() -> None:
        with route(Settings()) as way:
            way.ask(ECHO, {"text": "在"})

    async def told() -> None:
        async with await asyncio.start_unix_server(hang_up, f"{office.database}.socket"):
            with pytest.raises(CalloutError, match="可能已经完成"):
                await asyncio.to_thread(ask)

    lock = SoleWriter(office.database)
    asyncio.run(told())
    lock.release()


def test_a_writer_that_never_answers_is_not_waited_for_for_ever(office: Office) -> None:
    lock = SoleWriter(office.database)
    with pytest.raises(DatabaseBusy), route(Settings(), busy_for=0.1):
        pass
    lock.release()


SCRAP = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = ("name", "uid", "body", "county", "alert", "post", "officer", "how", "note", "item", "outcome")


@pytest.fixture(scope="module")
def control() -> Iterator[Control]:
    app = open_app(Settings(database_url="sqlite://"), ())
    yield Control(app, (RECEIVE, ACK, CLAIM))
    app.close()


@given(
    verb=st.sampled_from([RECEIVE.name, ACK.name, CLAIM.name, ""]),
    args=st.dictionaries(st.sampled_from(NAMES), SCRAP) | SCRAP,
)
def test_no_argument_is_more_than_a_clear_refusal(control: Control, verb: str, args: object) -> None:
    said = control.answer(json.dumps({"verb": verb, "args": args}).encode())
    assert said["ok"] or "内部出错" not in said["error"]


@pytest.mark.parametrize("value", [None, 1, ["x"], "x" * 201])
def test_a_word_is_a_short_text(value: object) -> None:
    with pytest.raises(CalloutError):
        word({"x": value}, "x")


@pytest.mark.parametrize("value", [None, -1, True, 1.0, "1", 2**60])
def test_a_whole_number_is_neither_negative_nor_huge(value: object) -> None:
    with pytest.raises(CalloutError):
        whole({"x": value}, "x")
