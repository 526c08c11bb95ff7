"""Readings that are fetched: an address that is asked again and again warns a township; its silence rings somebody."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from callout.domain.instant import BEIJING, MINUTE, Instant, beijing, later
from callout.domain.listening import GaugeAddress
from callout.pipeline import receive
from callout.pipeline.measure import Came, Measuring, Taken, take
from callout.sources.gauge_lines import MAX_BYTES, GaugePage, Heeded
from callout.sources.gauges import GaugeSource
from callout.sources.http import Web
from callout.sources.reading import DocumentReader
from callout.store import schema
from callout.store.alarm_queue import AlarmQueue
from tests.databases import Shelf
from tests.scenarios.field import COUNTY, DESK, VOICE, Field
from tests.sources.server import Office, Reply, serving

R1, R2 = "示例R1", "示例R2"
NOTHING = "没有一条能用的读数"


@pytest.fixture
def shelf(sqlite_shelf: Shelf) -> Shelf:
    """What is decided here does not depend on the database."""
    return sqlite_shelf


@pytest.fixture
def office() -> Iterator[Office]:
    with serving() as running:
        yield running


class Line:
    """An address with readings, the engine that asks it, and the time that passes."""

    def __init__(self, field: Field, office: Office, name: str = "示例·水利局") -> None:
        self.field, self.office = field, office
        endpoint = GaugeAddress(name, f"{office.url}/readings", header="X-Key")
        self.page = GaugePage(endpoint, "secret", self.keep, field.clock, self)

    def fraction(self) -> float:
        return 0.5

    async def keep(self, came: Sequence[Came], origin: str) -> Taken:
        return take(Measuring(self.field.app.store, self.field.app.rulebooks), COUNTY, came, origin)

    def says(self, reply: Reply) -> None:
        self.office.script = lambda _path, _headers: reply

    def ask(self, minutes: int = 2) -> None:
        """Time passes, the address is asked, the engine takes its beat."""

        async def once() -> None:
            async with Web(2.0) as web:
                await self.page.listen(web)

        self.field.clock.advance(later(self.field.clock.now(), minutes * MINUTE))
        asyncio.run(once())
        engine = self.field.app.intake
        intake = receive.Intake(engine.store, DocumentReader(), engine.counties, engine.run)
        receive.run_once(intake, [GaugeSource(AlarmQueue(self.field.app.store)), Heeded(self.page.pulse)])
        self.field.settle()

    @property
    def why(self) -> str:
        """What is said when it has been silent for long enough."""
        self.field.clock.advance(later(self.field.clock.now(), 40 * MINUTE))
        hearing = self.page.pulse.hearing()
        assert hearing
        assert hearing.silent
        return hearing.why


@pytest.fixture
def line(field: Field, office: Office) -> Line:
    return Line(field, office)


def one(gauge: str, at: Instant, value: Any) -> dict[str, Any]:
    return {"gauge": gauge, "at": beijing(at, "%Y-%m-%dT%H:%M:%S+08:00"), "value": value}


def said(*readings: object, **headers: str) -> Reply:
    return Reply(json.dumps({"readings": readings}).encode(), kind="application/json", headers=headers)


def alerts(field: Field) -> list[Any]:
    return field.rows(select(schema.alert).order_by(schema.alert.c.id))


def kept(field: Field) -> list[tuple[str, int]]:
    return [(r.gauge, r.milli) for r in field.rows(select(schema.reading).order_by(schema.reading.c.at))]


def items(field: Field) -> list[Any]:
    h = schema.human_call
    return field.rows(select(h.c.state, h.c.note, h.c.outcome).where(h.c.kind == "source_silent"))


def test_rain_that_was_fetched_calls_the_township_once_however_often_it_is_listed(line: Line) -> None:
    """Doubled and late readings are folded: the list comes again with what was missing from before."""
    now = line.field.clock.now()
    line.says(said(one(R1, now, 40), one(R1, now, 40), one("示例不认识", now, 1), one(R2, now, 9_999)))
    line.ask()
    assert kept(line.field) == [(R1, 40_000)]
    line.says(said(one(R1, now, 40), one(R1, Instant(now - 10 * MINUTE), 15)))
    line.ask()
    assert kept(line.field) == [(R1, 15_000), (R1, 40_000)]
    assert [row.level for row in alerts(line.field)] == ["yellow", "orange"]
    line.ask()
    assert len(alerts(line.field)) == 2
    assert line.office.asked[-1][1]["x-key"] == "secret"
    [origin] = {r.origin for r in line.field.rows(select(schema.reading))}
    assert origin == "gauges:示例·水利局"


def test_a_table_is_understood_and_only_something_newer_is_asked_for(line: Line) -> None:
    now = line.field.clock.now()
    table = f"站号,时间,值\n{R1},{beijing(now, '%Y-%m-%d %H:%M:%S')},12.5\n".encode("gb18030")
    marks = {"ETag": '"7"', "Last-Modified": "Sat, 01 Aug 2026 00:00:00 GMT"}
    line.says(Reply(table, kind="text/csv", headers=marks))
    line.ask()
    assert kept(line.field) == [(R1, 12_500)]
    line.says(Reply(status=304))
    line.ask()
    asked = line.office.asked[-1][1]
    assert (asked["if-none-match"], asked["if-modified-since"]) == (marks["ETag"], marks["Last-Modified"])
    line.ask(29)
    assert items(line.field) == [], "an answer that there is nothing newer is an answer"


def test_a_server_that_is_down_is_told_once_rings_the_desk_and_is_asked_again(line: Line) -> None:
    line.says(Reply(status=500))
    for _ in range(40):
        line.ask(1)
    [item] = items(line.field)
    assert item.state == "open"
    assert "测站来源“示例·水利局”从 08-02 10:00 起没有好的回答（HTTP 500），其间的雨量、水位收不到" in item.note
    assert (DESK, VOICE) in line.field.new()
    assert 15 < len(line.office.asked) < 40, "with growing pauses, and never given up"
    line.says(said(one(R1, line.field.clock.now(), 1)))
    line.ask()
    [item] = items(line.field)
    assert (item.state, item.outcome) == ("closed", "测站来源已恢复")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(b"<html/>", kind="text/html"), "回的是网页"),
        (Reply(b"[" * 100_000, kind="application/json"), "不是有效的 JSON"),
        (Reply(b'{"stations": []}', kind="application/json"), "应有 readings"),
        (Reply(b"x" * (MAX_BYTES + 1)), "超过 4096 KiB"),
        (Reply("站号,时间,值\n".encode() + b"A" * 200_000), "不是有效的 CSV"),
        (Reply(b"\x00\xff\xfe"), "认不出"),
        (Reply(b""), "表头缺少"),
        (said(), NOTHING),
        (said({"gauge": R1, "at": "2026-08-02 10:00:00", "value": "NaN"}), "第 1 条的值不是数字"),
        (said({"gauge": R1, "at": "昨天", "value": 1}), "第 1 条的时间看不懂"),
        (said({"gauge": "示例别处", "at": "2026-08-02 10:00:00", "value": 1}), "没有站号为 示例别处 的测站"),
        (said(one(R1, Instant(int(datetime(2030, 1, 1, tzinfo=BEIJING).timestamp()) * 1000), 1)), "时间比现在还晚"),
        (Reply(status=302, headers={"Location": "http://127.0.0.1:1/"}), "被转到别处"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_reading_is_kept_nowhere_and_named_when_it_stays_so(line: Line, reply: Reply, why: str) -> None:
    line.says(reply)
    line.ask()
    assert kept(line.field) == []
    assert why in line.why


def test_an_answer_that_could_not_be_kept_is_asked_for_whole_again(line: Line) -> None:
    """The database is busy: the mark of the answer is not believed before its readings are on record."""
    line.says(said(one(R1, line.field.clock.now(), 1), ETag='"7"'))
    keep = line.page._keeping.keep

    async def busy(came: Sequence[Came], origin: str) -> Taken:
        raise TimeoutError(came, origin)

    for way, expected in ((busy, []), (keep, [(R1, 1000)])):
        object.__setattr__(line.page._keeping, "keep", way)
        try:
            line.ask()
        except TimeoutError:
            assert way is busy
        assert kept(line.field) == expected
    assert "if-none-match" not in line.office.asked[-1][1]
