"""The fields that the 12379 form and CAP share, read with one strictness."""

from collections.abc import Iterable

from callout.domain.alert import Area, Geocode, Info, MsgType, Status
from callout.domain.coverage import NO_AREA
from callout.domain.errors import Refusal
from callout.domain.headline import geocode
from callout.domain.instant import Instant
from callout.sources import xml
from callout.sources.times import moment

STATUS_MISSING = "来文没有 status，按 Actual 处理"
_ID_AT_MOST = 255

Doubts = tuple[str, ...]


def identifier(root: xml.Element) -> str:
    """`identifier`, required: without it neither duplicates nor cancellations can be told."""
    found = required(root, "identifier")
    if len(found) > _ID_AT_MOST or any(char.isspace() or char in ",<&" for char in found):
        raise Refusal(f"来文的 identifier 含有空格、逗号或超过 {_ID_AT_MOST} 个字符，请让发送方改正后重发。")
    return found


def required(root: xml.Element, name: str) -> str:
    """The text of a field without which the message cannot be handled."""
    found = xml.text(root, name)
    if not found:
        raise Refusal(f"来文缺少 {name}，请让发送方补上后重发。")
    return found


def sent(root: xml.Element, name: str) -> Instant:
    """The time of sending, required: the order of messages hangs on it."""
    at = moment(required(root, name))
    if at is None:
        raise Refusal(f"来文的 {name} 不是可读的时间，请按 2026-08-02 20:17:57+08:00 的写法重发。")
    return at


def status(root: xml.Element) -> tuple[Status, tuple[str, ...]]:
    """`status` and the marks it leaves; a missing one counts as Actual, marked."""
    written = xml.text(root, "status")
    if not written:
        return Status.ACTUAL, (STATUS_MISSING,)
    for known in Status:
        if known.lower() == written.lower():
            return known, ()
    raise Refusal(f"来文的 status 不认识，应是 {'、'.join(Status)} 之一，请让发送方改正后重发。")


def msg_type(root: xml.Element) -> MsgType:
    """`msgType`, required: nobody may guess whether a message warns or lifts."""
    return kind_named(required(root, "msgType"))


def kind_named(written: str) -> MsgType:
    """The kind of message that a word stands for; raises Refusal for any other word."""
    for known in MsgType:
        if known.lower() == written.lower() and known is not MsgType.UNKNOWN:
            return known
    raise Refusal("来文的 msgType 不认识，应是 Alert、Update、Cancel、Ack、Error 之一，请让发送方改正后重发。")


def time(info: xml.Element, name: str, doubts: list[str]) -> Instant | None:
    """An optional time; an unreadable one is None and adds to `doubts`."""
    written = xml.text(info, name)
    at = moment(written)
    if written and at is None:
        doubts.append(f"{name} 不是可读的时间，需人工核对")
    return at


def geocodes(codes: Iterable[str], doubts: list[str]) -> tuple[Geocode, ...]:
    """The area codes, each once; what is no code adds to `doubts`."""
    found: dict[Geocode, None] = {}
    for code in codes:
        if known := geocode(code):
            found[known] = None
        else:
            doubts.append(f"区划码“{code[:20]}”不是 6、9、12 或 14 位的有效代码，需人工核对范围")
    return tuple(found)


def area_doubts(areas: Iterable[Area]) -> Doubts:
    """A doubt when no area has a code."""
    return () if any(area.geocodes for area in areas) else (NO_AREA,)


def gather(infos: Iterable[tuple[Info, Doubts]]) -> tuple[tuple[Info, ...], Doubts]:
    """The infos, the highest level first, and all their doubts, each once. Raises Refusal when there is none."""
    read = sorted(infos, key=lambda pair: pair[0].level.rank if pair[0].level else 0, reverse=True)
    if not read:
        raise Refusal("来文没有 info 段，看不出是什么预警，请让发送方补全后重发。")
    doubts = [doubt for _, doubts in read for doubt in doubts]
    if len(read) > 1:
        doubts.append(f"来文有 {len(read)} 段 info，需人工逐段核对")
    return tuple(info for info, _ in read), tuple(dict.fromkeys(doubts))
