"""The shape of the rule files, key by key. Words may be Chinese or English: 橙色 = orange, 暴雨 = rainstorm."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from callout.domain.alert import CodeSystem
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
    found = re.fullmatch(r"([1-9][0-9]{0,3}) ?(分钟|m|min|小时|h)", str(value))
    if not found:
        raise ValueError(f"看不懂反馈时限“{value}”；请写成“30分钟”（30m）或“2小时”（2h）。")
    return int(found[1]) * (HOUR if found[2] in ("小时", "h") else MINUTE)


def _clock(value: object) -> int:
    minute = minute_of_day(value) if isinstance(value, str) else None
    if minute is None:
        raise ValueError(f'看不懂时刻“{value}”；请写成 "22:00" 的样子，英文冒号，并加英文引号。')
    return minute


def _issued(value: str) -> str:
    begins, dash, ends = value.partition("-")
    if not dash or None in (minute_of_day(begins), minute_of_day(ends)) or begins == ends:
        raise ValueError(f'看不懂时段“{value}”；请写成 "22:00-06:00" 的样子，从起到止（不含止），可以跨过午夜。')
    return value


def _season(value: str) -> str:
    day = r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    if not re.fullmatch(rf"{day}\.\.{day}", value):
        raise ValueError(f'看不懂日期范围“{value}”；请写成 "05-01..09-30" 的样子，首尾两天都算，可以跨过年底。')
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


def _one_or_more(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _no_repeats(what: str) -> Callable[[Sequence[str]], Sequence[str]]:
    def check(values: Sequence[str]) -> Sequence[str]:
        for at, value in enumerate(values):
            if value in values[:at]:
                raise ValueError(f"{what}“{value}”写了两次；请删去一个。")
        return values

    return check


_LEVELS = {word: level for level in Level for word in (level.zh, level.zh.removesuffix("色"), level.value)}
_HAZARDS = {word: hazard for hazard in Hazard for word in (hazard.value, hazard.name.lower())}
_TARGETS = {"本人": Target.HOLDER, "副职": Target.DEPUTY, "上级": Target.SUPERIOR} | {t.value: t for t in Target}
_SYSTEMS = {"统计局": CodeSystem.STATS, "民政部": CodeSystem.MCA, "stats": CodeSystem.STATS, "mca": CodeSystem.MCA}
_CHANNELS = {"短信": ChannelKind.SMS, "语音": ChannelKind.VOICE} | {c.value: c for c in ChannelKind}

Text = Annotated[str, Field(min_length=1, max_length=500)]
CountyCode = Annotated[str, _code(6, "区县代码")]
TownshipCode = Annotated[str, _code(9, "乡镇代码")]
LevelWord = Annotated[Level, _words("预警级别", _LEVELS)]
HazardWord = Annotated[Hazard, _words("灾种", _HAZARDS)]
Roles = Annotated[list[Text], Field(min_length=1), AfterValidator(_no_repeats("岗位"))]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class CountyEntry(_Strict):
    """A county with its GB/T 2260 code."""

    gb2260: CountyCode
    name: Text


class TownshipEntry(_Strict):
    """A township with its code in each system; null where the system does not list it."""

    name: Text
    alias: Annotated[list[Text], BeforeValidator(_one_or_more)] = []
    stats: TownshipCode | None
    mca: TownshipCode | None

    @model_validator(mode="after")
    def _has_a_code(self) -> "TownshipEntry":
        if not (self.stats or self.mca):
            raise ValueError(f"“{self.name}”没有任何区划代码；stats 和 mca 请至少写一个。")
        return self


class AreasFile(_Strict):
    """areas/<county>.yaml."""

    county: CountyEntry
    townships: Annotated[list[TownshipEntry], Field(min_length=1)]


class StepEntry(_Strict):
    """One try of a ladder."""

    target: Annotated[Target, _words("对象", _TARGETS)]
    number: Annotated[int, Field(ge=1, le=9)] = 1
    day: Annotated[ChannelKind, _words("方式", _CHANNELS)]
    night: Annotated[ChannelKind, _words("方式", _CHANNELS)]
    wait: Annotated[Millis, BeforeValidator(_wait)]


class LadderEntry(_Strict):
    """A chain of steps."""

    strictness: Annotated[int, Field(ge=0, le=1000)]
    steps: Annotated[list[StepEntry], Field(min_length=1, max_length=20)]


class LaddersFile(_Strict):
    """ladders.yaml."""

    ladders: Annotated[dict[Text, LadderEntry], Field(min_length=1)]


class LevelTest(_Strict):
    """`level: 橙色` means exactly orange; `level: {at_least: 橙色}` means orange and red."""

    exactly: LevelWord | None = None
    at_least: LevelWord | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_word(cls, value: object) -> object:
        return value if isinstance(value, dict) else {"exactly": value}

    @model_validator(mode="after")
    def _says_one_thing(self) -> "LevelTest":
        if bool(self.exactly) == bool(self.at_least):
            raise ValueError("级别只能写一种：要么“橙色”，要么“{at_least: 橙色}”。")
        return self


class CallEntry(_Strict):
    """Who is called by which ladder."""

    roles: Roles
    ladder: Text


class StopWorkEntry(_Strict):
    """A 熔断 to propose."""

    code: Annotated[StopWorkCode, _words("熔断类别", {code.value: code for code in StopWorkCode})]
    role: Text
    measure: Text


class FeedbackEntry(_Strict):
    """What posts that have answered must report, and within what time; without roles, all that the rule calls."""

    kind: Annotated[FeedbackKind, _words("反馈类别", {kind.value: kind for kind in FeedbackKind})]
    within: Annotated[Millis, BeforeValidator(_within)]
    roles: Annotated[list[Text], AfterValidator(_no_repeats("岗位"))] = []


class RuleEntry(_Strict):
    """One rule of a plan."""

    id: Annotated[Text, AfterValidator(_plain)]
    hazard: Annotated[list[HazardWord], BeforeValidator(_one_or_more), Field(min_length=1)]
    level: LevelTest | None = None
    issued: Annotated[Text, AfterValidator(_issued)] | None = None
    season: Annotated[Text, AfterValidator(_season)] | None = None
    at: Annotated[int, BeforeValidator(_clock)] | None = None
    calls: list[CallEntry] = []
    stop_work: list[StopWorkEntry] = []
    feedback: list[FeedbackEntry] = []
    measure: str = ""

    @model_validator(mode="after")
    def _does_something(self) -> "RuleEntry":
        if not (self.calls or self.stop_work):
            raise ValueError(f"规则“{self.id}”既不叫应谁，也不建议熔断；请写 calls 或 stop_work。")
        return self


class Plan(_Strict):
    """What every plan holds: the posts it knows and the rules about them."""

    roles: Roles
    rules: Annotated[list[RuleEntry], Field(min_length=1)]

    @model_validator(mode="after")
    def _ids_differ(self) -> "Plan":
        _no_repeats("规则编号")([rule.id for rule in self.rules])
        return self


class DeskEntry(_Strict):
    """The role that is rung when work for a human lies unclaimed."""

    role: Text
    ladder: Text


class CountyFile(Plan):
    """county.yaml."""

    county: CountyEntry
    desk: DeskEntry


class IndustryFile(Plan):
    """industries/<name>.yaml: 一行业一措施."""

    industry: Text


class TownshipRef(_Strict):
    """Which township a plan is for: the code, the system it belongs to, and the name as a check."""

    code: TownshipCode
    system: Annotated[CodeSystem, _words("代码体系", _SYSTEMS)]
    name: Text


class TownshipFile(Plan):
    """townships/<code>-<name>.yaml: 一乡镇一方案."""

    township: TownshipRef
