"""Records of QWeather (和风天气): `getWarningNow` (old) and `getWeatherAlertCurrent` (new), in Chinese or English.

It has identifiers of its own and no area codes: an answer is about the place that was asked for, so the area is what
the issuing office's name says, or the county that is set for the feed. Colours count for mainland warnings only; those
of other countries' offices mean something else. `senderName` in the new form is never read.
"""

from callout.domain.alert import Alert, MsgType
from callout.domain.errors import Refusal
from callout.domain.headline import issuer
from callout.domain.level import Level
from callout.sources import jsontext, relay
from callout.sources.codes import COLOURS, QWEATHER, QWEATHER_CHINA
from callout.sources.fields import kind_named
from callout.sources.jsontext import Record

OLD_KEYS = frozenset({"id", "pubTime", "title"})
NEW_KEYS = frozenset({"id", "issuedTime", "headline"})

_KINDS = {"active": MsgType.ALERT, "update": MsgType.UPDATE, "cancel": MsgType.CANCEL, "": MsgType.UNKNOWN}


def read_old(record: Record) -> Alert:
    """The alert of one record of `getWarningNow`; raises Refusal."""
    doubts: list[str] = []
    status = jsontext.text(record, "status").lower()
    if status not in _KINDS:
        raise Refusal("来文的 status 不认识，应是 active、update、cancel 之一，请让发送方改正后重发。")
    title, sender = jsontext.required(record, "title"), jsontext.text(record, "sender")
    code = jsontext.text(record, "type")
    said = relay.Said(
        identifier=jsontext.required(record, "id"),
        sent=jsontext.sent(record, "pubTime"),
        sender=sender or issuer(title) or "qweather",
        msg_type=_KINDS[status],
        references=tuple(jsontext.text(record, "related").split(",")) if jsontext.text(record, "related") else (),
        event=jsontext.text(record, "typeName"),
        coded=(QWEATHER.get(code),),
        colours=(_colour(record, "severityColor"),),
        foreign=_is_foreign(code),
        area=relay.area(sender or issuer(title)),
        effective=jsontext.time(record, "startTime", doubts),
        expires=jsontext.time(record, "endTime", doubts),
        headline=title,
        description=jsontext.text(record, "text"),
        doubts=tuple(doubts),
    )
    return relay.alert(said)


def read_new(record: Record) -> Alert:
    """The alert of one record of `getWeatherAlertCurrent`; raises Refusal."""
    doubts: list[str] = []
    kind, event = (jsontext.fields_of(record.get(name) or {}) for name in ("messageType", "eventType"))
    headline = jsontext.required(record, "headline")
    code = jsontext.text(event, "code")
    said = relay.Said(
        identifier=jsontext.required(record, "id"),
        sent=jsontext.sent(record, "issuedTime"),
        sender=issuer(headline) or "qweather",
        msg_type=kind_named(jsontext.required(kind, "code")) if kind else MsgType.UNKNOWN,
        references=jsontext.names(kind, "supersedes"),
        event=jsontext.text(event, "name"),
        coded=(QWEATHER.get(code),),
        colours=(_colour(jsontext.fields_of(record.get("color") or {}), "code"),),
        foreign=_is_foreign(code),
        area=relay.area(issuer(headline)),
        effective=jsontext.time(record, "effectiveTime", doubts),
        onset=jsontext.time(record, "onsetTime", doubts),
        expires=jsontext.time(record, "expireTime", doubts),
        headline=headline,
        description=jsontext.text(record, "description"),
        instruction=jsontext.text(record, "instruction"),
        doubts=tuple(doubts),
    )
    return relay.alert(said)


def _is_foreign(code: str) -> bool:
    return not (code.isascii() and code.isdecimal() and len(code) == len("1001") and int(code) in QWEATHER_CHINA)


def _colour(record: Record, name: str) -> Level | None:
    return COLOURS.get(jsontext.text(record, name).lower())
