"""The shape of one rule, key by key.

The texts under the shapes and keys are read by people in an editor (see schema.py), so they are Chinese: a short name,
then what it means.
"""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from callout.domain.alert_kind import AlertKind
from callout.rulebook.words import (
    LEVEL_TEST,
    ClockTime,
    Exemptions,
    FeedbackWord,
    Hazards,
    Issued,
    KindWord,
    LevelWord,
    Plain,
    PlainWord,
    PlainWords,
    Roles,
    Season,
    StopWord,
    Text,
    Within,
    no_repeats,
)


class Strict(BaseModel):
    """What every shape of a rule file has in common."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


class LevelTest(Strict):
    """级别条件：“橙色”只指橙色；“{at_least: 橙色}”指橙色和红色"""

    exactly: LevelWord | None = None
    """恰好这一级。"""
    at_least: LevelWord | None = None
    """这一级及以上。"""

    @model_validator(mode="before")
    @classmethod
    def _from_word(cls, value: object) -> object:
        return value if isinstance(value, dict) else {"exactly": value}

    @model_validator(mode="after")
    def _says_one_thing(self) -> "LevelTest":
        if bool(self.exactly) == bool(self.at_least):
            raise ValueError("级别只能写一种：要么“橙色”，要么“{at_least: 橙色}”。")
        return self


class BesideEntry(Strict):
    """同时生效的别的预警：如收到暴雨预警时，本地地质灾害黄色预警正在生效"""

    hazard: Hazards
    """灾种：一个，或用方括号写几个，其中一个在生效即可。"""
    level: Annotated[LevelTest | None, LEVEL_TEST] = None
    """级别：写法同规则的级别；不写则各级都算。"""


class ObservedEntry(Strict):
    """实测值：本地某项读数达到多少"""

    reading: PlainWord
    """读数：名称，与监测数据里的写法一致，如 1小时雨量。"""
    at_least: float
    """达到：读数大于或等于这个数才算，不加引号。"""


class MeasureEntry(Strict):
    """一条措施：代码和做什么"""

    code: StopWord
    """代码：断、禁、停、撤、疏，或六停之一。"""
    text: Text
    """内容：做什么，宜在 40 字以内。"""


class CallEntry(Strict):
    """叫谁，用哪道阶梯"""

    roles: Roles
    """岗位：须先写在本文件开头的 roles 里。"""
    ladder: Text
    """叫应阶梯：ladders.yaml 里的名称。"""


class StopWorkEntry(Strict):
    """熔断建议：系统只建议，由有权的人决定"""

    code: StopWord
    """类别：六停之一。"""
    role: Text
    """对象：这个岗位负责的每一处都是一个对象。"""
    measure: Text
    """措施：停什么、人怎么办。"""
    exempt: Exemptions | None = None
    """例外：哪些单位不停，如 [供水, 供电, 医疗]；不写则用 county.yaml 的例外，写 [] 则没有例外。"""
    lead: str = ""
    """牵头：牵头部门，如 教育；不写则按类别的惯例。"""


class FeedbackEntry(Strict):
    """反馈要求：应答之后，还要在时限内报到岗、措施或转移"""

    kind: FeedbackWord
    """类别：到岗、措施或转移。"""
    within: Within
    """时限：从应答算起，如“30分钟”“2小时”；到时限前催一次，过了时限转人工。"""
    roles: Annotated[list[Text], AfterValidator(no_repeats("岗位"))] = []
    """谁来报：只能是本规则叫的岗位；不写则是本规则叫的全部岗位。"""


class RuleEntry(Strict):
    """一条规则：全部条件都成立时，叫 calls 里的岗位，提出 stop_work 里的建议"""

    id: Plain
    """编号：本文件内不重复，不含空格、逗号和斜杠；会写进记录。"""
    hazard: Hazards
    """灾种：一个，或用方括号写几个。"""
    level: Annotated[LevelTest | None, LEVEL_TEST] = None
    """级别：“橙色”只指橙色；“{at_least: 橙色}”指橙色和红色；不写则各级都算。"""
    issued: Issued | None = None
    """发布时段：预警发布的时刻在这段时间内才算，如 "22:00-06:00"；含起不含止，可以跨过午夜。"""
    season: Season | None = None
    """适用日期：预警发布的日子在这段日期内才算，如 "05-01..09-30"；首尾都算，可以跨过年底。"""
    at: ClockTime | None = None
    """到点触发：每天这个时刻预警仍生效才执行，如 "22:00"；不写则收到预警即执行。已应答的岗位也重新叫。"""
    kind: KindWord = AlertKind.SIGNAL
    """来文类别：预警信号、重要气象信息专报或应急响应；三者的级别不是一回事。不写只管预警信号。"""
    words: PlainWords | None = None
    """标题字样：来文标题含有其中一个字样才算，如 [山洪, 特大暴雨]。"""
    place: PlainWords | None = None
    """地点：区划文件里的村（社区）、小流域或风险点；来文点了名，或没有点名而涉及整个乡镇，才算。"""
    beside: BesideEntry | None = None
    """同时生效：收到时当地另有这样的预警正在生效才算，如 {hazard: 地质灾害, level: {at_least: 黄色}}。"""
    observed: ObservedEntry | None = None
    """实测值：收到时当地读数达到才算，如 {reading: 1小时雨量, at_least: 50}；没有读数不算。"""
    calls: list[CallEntry] = []
    """叫谁：可以写几项，各用各的阶梯。"""
    stop_work: list[StopWorkEntry] = []
    """熔断建议：停学、停工、停业、停运、停游、停航。"""
    feedback: list[FeedbackEntry] = []
    """反馈：应答之后还要报的事。"""
    measure: str = ""
    """措施：写进短信和语音，宜在 60 字以内。"""
    measures: list[MeasureEntry] = []
    """措施：逐条写代码和内容，代替 measure；只能写其中一种。"""

    @property
    def called(self) -> list[str]:
        """Roles that the rule calls, each once."""
        return list(dict.fromkeys(role for call in self.calls for role in call.roles))

    @model_validator(mode="after")
    def _does_something(self) -> "RuleEntry":
        if not (self.calls or self.stop_work):
            raise ValueError(f"规则“{self.id}”既不叫应谁，也不建议熔断；请写 calls 或 stop_work。")
        if self.measure and self.measures:
            raise ValueError(f"规则“{self.id}”同时写了 measure 和 measures；请只留一种。")
        return self
