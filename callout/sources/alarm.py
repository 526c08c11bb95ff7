"""Alarms of our own: a threshold that a gauge reached, or a village that raised the alarm itself."""

from callout.domain.alert import Alert, Area, CodeSystem, Geocode, Info, MsgType, Status
from callout.domain.errors import Refusal
from callout.domain.instant import Instant
from callout.domain.level import Hazard, Level
from callout.sources import jsontext
from callout.sources.jsontext import Record

KEYS = frozenset({"callout_alarm", "identifier", "area", "sent", "hazard", "level", "by"})
SENDER = {"gauge": "callout-gauge", "village": "callout-village"}


def read(record: Record) -> Alert:
    """The alert of one alarm; raises Refusal. It can warn and go on, and never lift."""
    by = jsontext.required(record, "by")
    system, _, code = jsontext.required(record, "area").partition(":")
    references = record.get("references")
    try:
        sender, area = SENDER[by], Geocode(CodeSystem(system), code)
        hazard, level = Hazard(jsontext.required(record, "hazard")), Level(jsontext.required(record, "level"))
        sent, expires = _moment(record, "sent"), _moment(record, "expires")
        first = tuple(str(each) for each in references) if isinstance(references, list) else ()
    except (KeyError, ValueError):
        raise Refusal("本系统的报警文件写得不对（来源、区划、灾种、级别或时间），没有读取。") from None
    headline, county = jsontext.required(record, "headline"), jsontext.required(record, "county")
    info = Info(
        event=hazard.value,
        hazard=hazard,
        level=level,
        areas=(Area(jsontext.text(record, "place"), (area,)),),
        expires=expires,
        headline=headline,
        description=jsontext.text(record, "description"),
    )
    kind = MsgType.UPDATE if first else MsgType.ALERT
    identifier = jsontext.required(record, "identifier")
    return Alert(identifier, f"{sender}-{county}", sent, Status.ACTUAL, kind, (info,), first)


def _moment(record: Record, name: str) -> Instant:
    value = record.get(name)
    if type(value) is not int or not 0 < value < 1 << 53:
        raise ValueError(name)
    return Instant(value)
