"""Records of the National Meteorological Centre: `findAlarm` of nmc.cn and the `alarm` list of weather.cma.cn.

Both name the alert by its 12379 identifier and give no msgType, no text and no end; a 解除 shows in the title only,
so it goes to a human.
"""

import re

from callout.domain.alert import Alert
from callout.domain.level import Hazard, Level
from callout.sources import jsontext, relay
from callout.sources.codes import CN12379, COLOURS, NMC, NMC_LEVELS
from callout.sources.jsontext import Record

LIST_KEYS = frozenset({"alertid", "title", "issuetime"})
ALARM_KEYS = frozenset({"id", "title", "signaltype", "effective"})

_PICTURE = re.compile(r"p00(\d\d)(\d{3})(?=\.|$)", re.ASCII)


def read_list(record: Record) -> Alert:
    """The alert of one `findAlarm` record; raises Refusal."""
    hazard, level = _picture(jsontext.text(record, "pic"))
    return _alert(record, ("alertid", "issuetime"), (hazard,), (level,))


def read_alarm(record: Record) -> Alert:
    """The alert of one record of weather.cma.cn; raises Refusal."""
    hazard, level = _picture(jsontext.text(record, "type"))
    colours = (
        COLOURS.get(jsontext.text(record, "severity").lower()),
        COLOURS.get(jsontext.text(record, "signallevel")),
    )
    codes = (CN12379.get(jsontext.text(record, "eventType").upper()), hazard)
    return _alert(record, ("id", "effective"), codes, (*colours, level))


def _alert(
    record: Record, keys: tuple[str, str], codes: tuple[Hazard | None, ...], colours: tuple[Level | None, ...]
) -> Alert:
    identifier, title = jsontext.required(record, keys[0]), jsontext.required(record, "title")
    place, marks = relay.area_of_issuer(identifier, title)
    said = relay.Said(
        identifier=identifier,
        sent=jsontext.sent(record, keys[1]),
        sender=relay.office(identifier) or "nmc",
        event=jsontext.text(record, "signaltype"),
        headline=title,
        coded=codes,
        colours=colours,
        area=place,
        marks=marks,
    )
    return relay.alert(said)


def _picture(name: str) -> tuple[Hazard | None, Level | None]:
    found = _PICTURE.search(name)
    return (NMC.get(found[1]), NMC_LEVELS.get(found[2])) if found else (None, None)
