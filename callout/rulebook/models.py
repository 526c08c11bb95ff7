"""The shape of the rule files, key by key.

The texts under the shapes and keys are read by people in an editor (see schema.py), so they are Chinese: a short name,
then what it means.
"""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from callout.rulebook.words import (
    LEVEL_TEST,
    ChannelWord,
    ClockTime,
    CountyCode,
    FeedbackWord,
    Hazards,
    Issued,
    LevelWord,
    Names,
    Plain,
    Roles,
    Season,
    StopWord,
    SystemWord,
    TargetWord,
    Text,
    TownshipCode,
    Wait,
    Within,
    no_repeats,
)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


class CountyEntry(_Strict):
    """区县"""

    gb2260: CountyCode
    """区县代码：国标 GB/T 2260 的 6 位数字，加英文引号。"""
    name: Text
    """名称：区县全称。"""


class TownshipEntry(_Strict):
    """乡镇（街道）：在两套官方代码体系里各是什么代码"""

    name: Text
    """名称：乡镇（街道）全称。"""
    alias: Names = []
    """短名：日常使用的叫法，一个或几个。"""
    stats: TownshipCode | None
    """统计局代码：9 位数字，加英文引号；没有写 null。"""
    mca: TownshipCode | None
    """民政部代码：9 位数字，加英文引号；没有写 null。"""

    @model_validator(mode="after")
    def _has_a_code(self) -> "TownshipEntry":
        if not (self.stats or self.mca):
            raise ValueError(f"“{self.name}”没有任何区划代码；stats 和 mca 请至少写一个。")
        return self


class AreasFile(_Strict):
    """区划文件 areas/区县代码.yaml"""

    county: CountyEntry
    """区县。"""
    townships: Annotated[list[TownshipEntry], Field(min_length=1)]
    """乡镇（街道）：全部列出。"""


class StepEntry(_Strict):
    """叫应阶梯的一步"""

    target: TargetWord
    """对谁：本人（当班人或任职人）、副职、上级岗位。"""
    number: Annotated[int, Field(ge=1, le=9)] = 1
    """第几个号码：没有这个号码就跳过这一步。"""
    day: ChannelWord
    """白天方式：6 时至 22 时，按这一步到点的时刻算。"""
    night: ChannelWord
    """夜间方式：22 时至次日 6 时。"""
    wait: Wait
    """等多久：静默这么久后走下一步，写成“60秒”或“5分钟”。"""


class LadderEntry(_Strict):
    """一道叫应阶梯：叫不应时一步一步怎样加码"""

    strictness: Annotated[int, Field(ge=0, le=1000)]
    """严格程度：一个岗位同时被几条规则叫到时，用数字最大的阶梯。"""
    steps: Annotated[list[StepEntry], Field(min_length=1, max_length=20)]
    """步骤：从上到下一步一步走，得到应答即停。"""


class LaddersFile(_Strict):
    """叫应阶梯 ladders.yaml"""

    ladders: Annotated[dict[Text, LadderEntry], Field(min_length=1)]
    """阶梯：名称由本地定，规则里用名称引用。"""


class LevelTest(_Strict):
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


class CallEntry(_Strict):
    """叫谁，用哪道阶梯"""

    roles: Roles
    """岗位：须先写在本文件开头的 roles 里。"""
    ladder: Text
    """叫应阶梯：ladders.yaml 里的名称。"""


class StopWorkEntry(_Strict):
    """熔断建议：系统只建议，由有权的人决定"""

    code: StopWord
    """类别：六停之一。"""
    role: Text
    """对象：这个岗位负责的每一处都是一个对象。"""
    measure: Text
    """措施：停什么、人怎么办。"""


class FeedbackEntry(_Strict):
    """反馈要求：应答之后，还要在时限内报到岗、措施或转移"""

    kind: FeedbackWord
    """类别：到岗、措施或转移。"""
    within: Within
    """时限：从应答算起，如“30分钟”“2小时”；到时限前催一次，过了时限转人工。"""
    roles: Annotated[list[Text], AfterValidator(no_repeats("岗位"))] = []
    """谁来报：只能是本规则叫的岗位；不写则是本规则叫的全部岗位。"""


class RuleEntry(_Strict):
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
    calls: list[CallEntry] = []
    """叫谁：可以写几项，各用各的阶梯。"""
    stop_work: list[StopWorkEntry] = []
    """熔断建议：停学、停工、停业、停运、停游、停航。"""
    feedback: list[FeedbackEntry] = []
    """反馈：应答之后还要报的事。"""
    measure: str = ""
    """措施：写进短信和语音，宜在 60 字以内。"""

    @property
    def called(self) -> list[str]:
        """Roles that the rule calls, each once."""
        return list(dict.fromkeys(role for call in self.calls for role in call.roles))

    @model_validator(mode="after")
    def _does_something(self) -> "RuleEntry":
        if not (self.calls or self.stop_work):
            raise ValueError(f"规则“{self.id}”既不叫应谁，也不建议熔断；请写 calls 或 stop_work。")
        return self


class Plan(_Strict):
    """每个方案都有的两部分"""

    roles: Roles
    """岗位：本文件用到的全部岗位名，与责任人名册里的写法一致。"""
    rules: Annotated[list[RuleEntry], Field(min_length=1)]
    """规则。"""

    @model_validator(mode="after")
    def _ids_differ(self) -> "Plan":
        no_repeats("规则编号")([rule.id for rule in self.rules])
        return self


class DeskEntry(_Strict):
    """值班室：有事待人处理却没人接手时，由系统叫这个岗位"""

    role: Text
    """岗位。"""
    ladder: Text
    """叫应阶梯：ladders.yaml 里的名称。"""


class CountyFile(Plan):
    """区级方案 county.yaml"""

    county: CountyEntry
    """区县：与区划文件一致。"""
    desk: DeskEntry
    """值班室。"""


class IndustryFile(Plan):
    """行业措施 industries/名称.yaml（一行业一措施）"""

    industry: Text
    """行业名称。"""


class TownshipRef(_Strict):
    """方案是哪个乡镇（街道）的：代码、代码属于哪套体系，以及用来核对的名称"""

    code: TownshipCode
    """代码：9 位数字，加英文引号。"""
    system: SystemWord
    """代码体系：统计局（stats）或民政部（mca）；同一代码在两边可能指不同的乡镇。"""
    name: Text
    """名称：与代码核对，不符即报错。"""


class TownshipFile(Plan):
    """乡镇方案 townships/代码-名称.yaml（一乡镇一方案）"""

    township: TownshipRef
    """乡镇（街道）。"""
