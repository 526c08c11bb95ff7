"""The words and numbers of rule files and what they mean. Words may be Chinese or English: 橙色 = orange."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from callout.domain.alert import CodeSystem
from callout.domain.alert_kind import AlertKind
from callout.domain.clock import minute_of_day
from callout.domain.feedback import FeedbackKind
from callout.domain.instant import HOUR, MINUTE, SECOND, Millis
from callout.domain.ladder import ChannelKind, Target
from callout.domain.level import Hazard, Level
from callout.domain.rule import StopWorkCode
from callout.rulebook.document import near


def _words(what: str, table: Mapping[str, Any]) -> BeforeValidator:
    """Turn a word of `table` into its value; anything else is refused with the nearest words."""

    def read(word: object) -> object:
        if isinstance(word, str) and word in table:
            return table[word]
        chinese = [each for each in table if not each.isascii()] or list(table)
        raise ValueError(f"没有“{word}”这个{what}{near(str(word), chinese)}；请改正。")

    return BeforeValidator(read)


def _wait(value: object) -> Millis:
    found = re.fullmatch(r"([1-9][0-9]{0,3}) ?(秒|分钟|s|min)", str(value))
    if not found:
        raise ValueError(f"看不懂等待时间“{value}”；请写成“90秒”或“5分钟”。")
    return int(found[1]) * (SECOND if found[2] in ("秒", "s") else MINUTE)


def _within(value: object) -> Millis:
    found = re.fullmatch(_WITHIN, str(value))
    if not found:
        raise ValueError(f"看不懂反馈时限“{value}”；请写成“30分钟”（30m）或“2小时”（2h）。")
    return int(found[1]) * (HOUR if found[2] in ("小时", "h") else MINUTE)


def _clock(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError(f'时刻没有加英文引号，被读成了数字 {value}；请写成 "22:00" 的样子。')
    minute = minute_of_day(value)
    if minute is None:
        raise ValueError(f'看不懂时刻“{value}”；请写成 "22:00" 的样子，用英文冒号，小时写两位。')
    return minute


def _issued(value: str) -> str:
    begins, dash, ends = value.partition("-")
    if not dash or None in (minute_of_day(begins), minute_of_day(ends)) or begins == ends:
        raise ValueError(f'看不懂时段“{value}”；请写成 "22:00-06:00" 的样子，从起到止（不含止），可以跨过午夜。')
    return value


def _season(value: str) -> str:
    if not re.fullmatch(_SEASON, value):
        raise ValueError(f'看不懂日期范围“{value}”；请写成 "05-01..09-30" 的样子，首尾两天都算，可以跨过年底。')
    return value


def _plain_word(value: str) -> str:
    if re.search(r"[,|>=]", value) or value != value.strip():
        raise ValueError(f"“{value}”不能含英文逗号、竖线和比较号，前后不能有空格；请改正。")
    return value


def _code(digits: int, what: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(rf"[1-9][0-9]{{{digits - 1}}}", value):
            raise ValueError(f"{what}应为 {digits} 位数字；现为“{value}”。")
        return value

    return AfterValidator(check)


def _plain(value: str) -> str:
    if re.search(r"[,/\s]", value):
        raise ValueError(f"编号“{value}”不能含逗号、斜杠和空白；请改名。")
    return value


def one_or_more(value: object) -> object:
    """A list, also of what stands alone."""
    return value if isinstance(value, list) else [value]


def no_repeats(what: str) -> Callable[[Sequence[str]], Sequence[str]]:
    """A check that refuses the second of two equal words."""

    def check(values: Sequence[str]) -> Sequence[str]:
        for at, value in enumerate(values):
            if value in values[:at]:
                raise ValueError(f"{what}“{value}”写了两次；请删去一个。")
        return values

    return check


_GRADES = dict(zip(Level, ("Ⅳ级", "Ⅲ级", "Ⅱ级", "Ⅰ级"), strict=True))
_LEVELS = {
    word: level for level in Level for word in (level.zh, level.zh.removesuffix("色"), _GRADES[level], level.value)
}
"""An emergency response has grades and no colours: Ⅳ级 is written where a signal has 蓝色."""
_HAZARDS = {word: hazard for hazard in Hazard for word in (hazard.value, hazard.name.lower())}
_TARGETS = {"本人": Target.HOLDER, "副职": Target.DEPUTY, "上级": Target.SUPERIOR} | {t.value: t for t in Target}
_SYSTEMS = {"统计局": CodeSystem.STATS, "民政部": CodeSystem.MCA, "stats": CodeSystem.STATS, "mca": CodeSystem.MCA}
_CHANNELS = {"短信": ChannelKind.SMS, "语音": ChannelKind.VOICE} | {c.value: c for c in ChannelKind}


def _ordered(table: Mapping[str, Any]) -> dict[str, Any]:
    """What an editor offers: the Chinese words first."""
    return {"enum": sorted(table, key=str.isascii)}


def _pattern(pattern: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$", "examples": list(examples)})


_LEVEL, _HAZARD = _ordered(_LEVELS), _ordered(_HAZARDS)
_CLOCK, _DAY = r"([01][0-9]|2[0-3]):[0-5][0-9]", r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_SEASON = rf"{_DAY}\.\.{_DAY}"

Text = Annotated[str, Field(min_length=1, max_length=500)]
Plain = Annotated[Text, AfterValidator(_plain)]
CountyCode = Annotated[str, _code(6, "区县代码"), _pattern("[1-9][0-9]{5}", "500156")]
TownshipCode = Annotated[str, _code(9, "乡镇代码"), _pattern("[1-9][0-9]{8}", "500156101")]
VillageCode = Annotated[str, _code(12, "村（社区）代码"), _pattern("[1-9][0-9]{11}", "500156101201")]
LevelWord = Annotated[Level, _words("预警级别", _LEVELS), WithJsonSchema(_LEVEL)]
HazardWord = Annotated[Hazard, _words("灾种", _HAZARDS), WithJsonSchema(_HAZARD)]
Hazards = Annotated[
    list[Annotated[Hazard, _words("灾种", _HAZARDS)]],
    BeforeValidator(one_or_more),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [_HAZARD, {"type": "array", "items": _HAZARD, "minItems": 1}]}),
]
TargetWord = Annotated[Target, _words("对象", _TARGETS), WithJsonSchema(_ordered(_TARGETS))]
ChannelWord = Annotated[ChannelKind, _words("方式", _CHANNELS), WithJsonSchema(_ordered(_CHANNELS))]
SystemWord = Annotated[CodeSystem, _words("代码体系", _SYSTEMS), WithJsonSchema(_ordered(_SYSTEMS))]
_CODES = {code.value: code for code in StopWorkCode}
StopWord = Annotated[StopWorkCode, _words("熔断类别", _CODES), WithJsonSchema(_ordered(_CODES))]
Wait = Annotated[Millis, BeforeValidator(_wait), _pattern("[1-9][0-9]{0,3} ?(秒|分钟|s|min)", "60秒", "5分钟")]
_ALERT_KINDS = {kind.value: kind for kind in AlertKind}
KindWord = Annotated[AlertKind, _words("来文类别", _ALERT_KINDS), WithJsonSchema(_ordered(_ALERT_KINDS))]
VILLAGE = "村(社区)"
PLACE_KINDS = {word: word for word in (VILLAGE, "小流域", "风险点")}
PlaceKind = Annotated[str, _words("地点类别", PLACE_KINDS), WithJsonSchema(_ordered(PLACE_KINDS))]
_EXEMPTIONS = {word: word for word in ("供水", "供电", "供气", "通信", "医疗", "抢险")}
Exemptions = Annotated[
    list[Annotated[str, _words("例外", _EXEMPTIONS)]],
    AfterValidator(no_repeats("例外")),
    WithJsonSchema({"type": "array", "items": _ordered(_EXEMPTIONS)}),
]
_KINDS = {kind.value: kind for kind in FeedbackKind}
FeedbackWord = Annotated[FeedbackKind, _words("反馈类别", _KINDS), WithJsonSchema(_ordered(_KINDS))]
_WITHIN = "([1-9][0-9]{0,3}) ?(分钟|m|min|小时|h)"
Within = Annotated[Millis, BeforeValidator(_within), _pattern(_WITHIN, "30分钟", "2小时")]
ClockTime = Annotated[int, BeforeValidator(_clock), _pattern(_CLOCK, "22:00")]
Issued = Annotated[Text, AfterValidator(_issued), _pattern(f"{_CLOCK}-{_CLOCK}", "22:00-06:00")]
Season = Annotated[Text, AfterValidator(_season), _pattern(_SEASON, "05-01..09-30")]
Names = Annotated[
    list[Text],
    BeforeValidator(one_or_more),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
PlainWord = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_plain_word)]
PlainWords = Annotated[
    list[PlainWord],
    BeforeValidator(one_or_more),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]
Roles = Annotated[list[Text], Field(min_length=1), AfterValidator(no_repeats("岗位"))]

LEVEL_TEST = WithJsonSchema(
    {
        "anyOf": [
            _LEVEL,
            {
                "type": "object",
                "properties": {"at_least": _LEVEL, "exactly": _LEVEL},
                "additionalProperties": False,
                "minProperties": 1,
                "maxProperties": 1,
            },
        ]
    }
)
"""One word, or `at_least` or `exactly` with one."""
