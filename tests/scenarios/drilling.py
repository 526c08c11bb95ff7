"""Drills for stories: ordered, started, ended."""

from typing import Any

from callout.domain.drill import Drill, DrillEvent, GivesWay
from callout.domain.instant import HOUR, Instant, later
from callout.domain.issuing import Act
from callout.domain.ladder import ChannelKind
from callout.domain.level import Hazard, Level
from callout.pipeline import drill as stage
from callout.ports import Document
from tests.scenarios.field import BAIMA, COUNTY, Field, number

NAME = "示例·汛前演练"
OFFICER = "示例值班员"


def order(field: Field, *serials: int, told_at: Instant | None = None, **more: Any) -> Drill:
    """A drill on record, with these phones on its list."""
    now = field.clock.now()
    terms = {
        "county": "", "name": NAME, "ordered_by": "示例·局长", "begins": now, "ends": later(now, 2 * HOUR),
        "announced": True, "channels": frozenset(ChannelKind), "gives_way": GivesWay.RED,
        "hazard": Hazard.RAINSTORM, "level": Level.RED, "areas": (BAIMA,),
    }  # fmt: skip
    drill = Drill(**(terms | more))  # type: ignore[arg-type]
    listed = {number(n).e164: n for n in serials}
    code = field.app.store.write(
        lambda work: work.drills.plan(COUNTY, drill, work.drills.numbers(listed), OFFICER, told_at)
    )
    return found(field, code)


def found(field: Field, code: str) -> Drill:
    drill = field.app.store.read(lambda work: work.drills.find(code))
    assert drill
    return drill


def start(field: Field, *serials: int, **more: Any) -> Drill:
    """A drill that runs."""
    drill = order(field, *serials, **more)
    stage.start(field.app.drilling, stage.Order(drill.county, NAME, OFFICER, live=True))
    field.settle()
    return found(field, drill.county)


def end(field: Field, drill: Drill) -> None:
    stage.end(field.app.drilling, found(field, drill.county), DrillEvent.ENDED, OFFICER, "示例·讲评")
    field.settle()


def rung(field: Field) -> set[int]:
    return {serial for serial, _ in field.new()}


def message(field: Field, drill: Drill):  # type: ignore[no-untyped-def]
    [place] = field.app.rulebooks.counties()
    alert = stage.message(found(field, drill.county), place, Act.NEW, field.clock.now())
    return alert, Document("drill.json", "drill", b"drill")
