"""Records of the WMO relay's snapshot of CMA warnings: one area, one hazard, one colour, two times.

No identifier, no msgType, no text: the key is derived. A county's weather office has the code `<区划码>41600000`, and
the record is taken for its word, so that it joins the episode of the same office's fuller messages.
"""

from callout.domain.alert import Alert
from callout.sources import jsontext, relay
from callout.sources.codes import COLOURS, WMO_ENGLISH
from callout.sources.jsontext import Record

KEYS = frozenset({"adcode", "type", "issued"})

_METEOROLOGY = "41600000"
"""GB/T 4657's 416 for weather offices, as sender codes carry it."""


def read(record: Record) -> Alert:
    """The alert of one record; raises Refusal."""
    doubts: list[str] = []
    code, kind = jsontext.required(record, "adcode"), jsontext.required(record, "type")
    return relay.alert(
        relay.Said(
            sent=jsontext.sent(record, "issued"),
            sender=code + _METEOROLOGY,
            event=kind,
            coded=(WMO_ENGLISH.get(kind),),
            colours=(COLOURS.get(jsontext.text(record, "color")), COLOURS.get(jsontext.text(record, "level"))),
            area=relay.area(jsontext.text(record, "name"), code),
            expires=jsontext.time(record, "expires", doubts),
            doubts=tuple(doubts),
        )
    )
