"""Records of weather.com.cn: the alarm detail (JSON, or a script `var alarminfo={…};`) and lists taken from its pages.

The detail carries the 12379 identifier, msgType and an end; its `references` name the message itself. The lists have a
headline, a name of the area and a time, so their key is derived. `UNDERWRITER` is a person's name and is never read.
"""

from callout.domain.alert import Alert, MsgType
from callout.sources import jsontext, relay
from callout.sources.codes import COLOURS, WEATHER_COM_CN, WEATHER_COM_CN_LEVELS
from callout.sources.fields import kind_named
from callout.sources.jsontext import Record

DETAIL_KEYS = frozenset({"ISSUETIME", "SIGNALTYPE", "ISSUECONTENT"})
LIST_KEYS = frozenset({"headline", "warning_type", "published_at"})


def read_detail(record: Record) -> Alert:
    """The alert of an alarm detail; raises Refusal."""
    doubts: list[str] = []
    identifier = jsontext.text(record, "identifier")
    kind = jsontext.text(record, "msgType")
    place, marks = relay.area_of_issuer(identifier, _place(record))
    said = relay.Said(
        identifier=identifier,
        sent=jsontext.sent(record, "ISSUETIME"),
        sender=relay.office(identifier) or "weather.com.cn",
        msg_type=kind_named(kind) if kind else MsgType.UNKNOWN,
        references=tuple(jsontext.text(record, "references").replace("，", ",").split(",")) if identifier else (),
        event=jsontext.required(record, "SIGNALTYPE"),
        coded=(WEATHER_COM_CN.get(jsontext.text(record, "TYPECODE")),),
        colours=(
            WEATHER_COM_CN_LEVELS.get(jsontext.text(record, "LEVELCODE")),
            COLOURS.get(jsontext.text(record, "SIGNALLEVEL")),
        ),
        area=place,
        expires=jsontext.time(record, "RELIEVETIME", doubts),
        headline=jsontext.text(record, "head"),
        description=jsontext.text(record, "ISSUECONTENT"),
        doubts=tuple(doubts),
        marks=marks,
    )
    return relay.alert(said)


def read_list(record: Record) -> Alert:
    """The alert of one line of a list; raises Refusal. Its `date_to` is a day on a page and no end of the warning."""
    place = jsontext.required(record, "area")
    return relay.alert(
        relay.Said(
            sent=jsontext.sent(record, "published_at"),
            sender=place,
            event=jsontext.required(record, "warning_type"),
            colours=(COLOURS.get(jsontext.text(record, "level")),),
            area=relay.area(place),
            headline=jsontext.text(record, "headline"),
            description=jsontext.text(record, "description"),
        )
    )


def _place(record: Record) -> str:
    parts = (jsontext.text(record, name) for name in ("PROVINCE", "CITY", "STATIONNAME"))
    return "".join(dict.fromkeys(part for part in parts if part))
