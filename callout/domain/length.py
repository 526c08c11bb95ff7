"""Lengths of time in the words of people."""

from callout.domain.instant import HOUR, MINUTE, SECOND, Millis

_UNITS = {HOUR: "小时", MINUTE: "分钟", SECOND: "秒"}


def whole(length: Millis, largest: Millis = HOUR) -> str:
    """As rules name it, in the largest unit that holds it whole: 90秒, 9分钟, 24小时; no unit above `largest`."""
    for unit, word in _UNITS.items():
        if unit <= largest and length >= unit and length % unit == 0:
            return f"{length // unit}{word}"
    return f"{length / SECOND:g}秒"


def roughly(length: Millis) -> str:
    """As somebody who waits counts it: 8秒, 5分, 3小时."""
    for unit, word in ((HOUR, "小时"), (MINUTE, "分")):
        if length >= unit:
            return f"{length // unit}{word}"
    return f"{max(length, 0) // SECOND}秒"


def lasted(seconds: int) -> str:
    """What a measured time took: 45秒, 2分06秒, 1小时03分."""
    minutes, rest = divmod(seconds, 60)
    hours, left = divmod(minutes, 60)
    if hours:
        return f"{hours}小时{left:02}分"
    return f"{minutes}分{rest:02}秒" if minutes else f"{rest}秒"


def clock(seconds: int) -> str:
    """The same where there is little room: 0:45, 2:06, 1:03:20."""
    minutes, rest = divmod(seconds, 60)
    hours, left = divmod(minutes, 60)
    return f"{hours}:{left:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def expected(length: Millis) -> str:
    """A time that was reckoned, rounded up and without what is nought: 20秒, 3分, 3分20秒."""
    minutes, seconds = divmod(-(-length // SECOND), MINUTE // SECOND)
    return (f"{minutes}分" if minutes else "") + (f"{seconds}秒" if seconds or not minutes else "")
