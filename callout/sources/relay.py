"""One record of a JSON source, its fields already named, becomes an alert: the part that all relays share.

Relays leave out what the issuer said. Without an identifier the key is made of area, hazard, level and time of issue;
without `msgType` the message is of UNKNOWN kind, so that it can warn and never cancel.
"""

import re
from dataclasses import dataclass

from callout.domain.alert import Alert, Area, Geocode, Info, MsgType, Status
from callout.domain.coverage import NO_AREA
from callout.domain.errors import Refusal
from callout.domain.headline import action_doubts, geocode, judge
from callout.domain.instant import Instant, beijing
from callout.domain.level import Hazard, Level
from callout.sources.fields import STATUS_MISSING

KIND_MISSING = "来源不给 msgType，按新消息处理；它从来源里消失不算解除"
AREA_OF_ISSUER = "来文没有区划码，按发布单位的辖区处理"
FOREIGN = "不是中国气象部门的来文，它的颜色不能当作预警级别，需人工判断"

_IDENTIFIER = re.compile(r"(\d{6})\d{8}_\d{14}(?:_\d+)?", re.ASCII)
_FORBIDDEN = re.compile(r"[\s,<&]+")
_ID_AT_MOST = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one record says, translated field by field and not yet judged."""

    sent: Instant
    sender: str
    event: str
    area: Area
    headline: str = ""
    description: str = ""
    instruction: str = ""
    identifier: str = ""
    msg_type: MsgType = MsgType.UNKNOWN
    references: tuple[str, ...] = ()
    coded: tuple[Hazard | None, ...] = ()
    """What its codes stand for, each by its own table."""
    colours: tuple[Level | None, ...] = ()
    """What its colour and grade fields say."""
    foreign: bool = False
    """The sender is no office of China's: what it calls orange is not 橙色, so the alert has no level."""
    effective: Instant | None = None
    onset: Instant | None = None
    expires: Instant | None = None
    language: str = "zh-CN"
    doubts: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


def alert(said: Said) -> Alert:
    """The alert that the record stands for, with its doubts. Raises Refusal for an identifier that cannot be one."""
    codes = tuple(dict.fromkeys(hazard for hazard in said.coded if hazard))
    colours = tuple(dict.fromkeys(level for level in said.colours if level))
    highest = max(colours, key=lambda level: level.rank, default=None)
    hazard, level, judged = judge(codes[0] if codes else None, said.event, said.headline, highest, said.description)
    if said.foreign:
        level, judged = None, (FOREIGN,)
    info = Info(
        event=said.event or hazard or "",
        hazard=hazard,
        level=level,
        areas=(said.area,),
        effective=said.effective,
        onset=said.onset,
        expires=said.expires,
        headline=said.headline,
        description=said.description,
        instruction=said.instruction,
        language=said.language,
    )
    doubts = (*judged, *_disagreement(codes, colours), *said.doubts, *action_doubts(said.msg_type, said.headline))
    marks = (STATUS_MISSING, *((KIND_MISSING,) if said.msg_type is MsgType.UNKNOWN else ()), *said.marks)
    return Alert(
        identifier=_identifier(said, level),
        sender=said.sender,
        sent=said.sent,
        status=Status.ACTUAL,
        msg_type=said.msg_type,
        infos=(info,),
        references=tuple(dict.fromkeys(name for name in said.references if name != said.identifier)),
        doubts=tuple(dict.fromkeys((*doubts, *(() if said.area.geocodes else (NO_AREA,))))),
        marks=marks,
    )


def area(desc: str, *codes: str) -> Area:
    """An area with those of the codes that are codes."""
    return Area(desc, tuple(dict.fromkeys(found for code in codes if (found := geocode(code)))))


def area_of_issuer(identifier: str, desc: str) -> tuple[Area, tuple[str, ...]]:
    """The area that the office behind a CMA identifier serves, and the mark that it was taken for the warned one."""
    office = _IDENTIFIER.fullmatch(identifier)
    code: Geocode | None = geocode(office[1]) if office else None
    return (Area(desc, (code,)), (AREA_OF_ISSUER,)) if code else (Area(desc), ())


def office(identifier: str) -> str:
    """The sender's code (14 digits) in front of a CMA identifier; empty when it is none."""
    return identifier[:14] if _IDENTIFIER.fullmatch(identifier) else ""


def _identifier(said: Said, level: Level | None) -> str:
    """The source's own identifier, else the key of area, time of issue, hazard and level."""
    if said.identifier:
        if len(said.identifier) > _ID_AT_MOST or _FORBIDDEN.search(said.identifier):
            raise Refusal(f"来文的编号含有空格、逗号或超过 {_ID_AT_MOST} 个字符，请让发送方改正后重发。")
        return said.identifier
    where = "+".join(code.value for code in said.area.geocodes) or said.area.desc
    parts = (where, beijing(said.sent, "%Y%m%d%H%M%S"), said.event, level.zh if level else "无色")
    return _FORBIDDEN.sub("-", "_".join(parts))[:_ID_AT_MOST]


def _disagreement(codes: tuple[Hazard, ...], colours: tuple[Level, ...]) -> tuple[str, ...]:
    doubts = []
    if len(codes) > 1:
        doubts.append(f"记录里的两个代码分别是{'、'.join(codes)}，需人工判断")
    if len(colours) > 1:
        doubts.append(f"记录里的颜色和级别不一致（{'、'.join(level.zh for level in colours)}），需人工判断")
    return tuple(doubts)
