"""The shape of the rule files, key by key; for the texts see entries.py."""

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from callout.domain.area import ASSUMED_VALIDITY
from callout.domain.level import Level
from callout.rulebook.entries import RuleEntry, Strict
from callout.rulebook.words import (
    ChannelWord,
    CountyCode,
    Exemptions,
    Names,
    PlaceKind,
    PlainWord,
    Roles,
    SystemWord,
    TargetWord,
    Text,
    TownshipCode,
    VillageCode,
    Wait,
    Within,
    no_repeats,
)


class CountyEntry(Strict):
    """区县"""

    gb2260: CountyCode
    """区县代码：国标 GB/T 2260 的 6 位数字，加英文引号。"""
    name: Text
    """名称：区县全称。"""


class TownshipEntry(Strict):
    """乡镇（街道）：在两套官方代码体系里各是什么代码"""

    name: Text
    """名称：乡镇（街道）全称。"""
    alias: Names = Field(default=[])
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


class PlaceEntry(Strict):
    """地点：比乡镇小的村（社区）、风险点，或跨乡镇的小流域"""

    name: PlainWord
    """名称：来文和规则里怎样叫它，就怎样写。"""
    kind: PlaceKind
    """类别：村(社区)、小流域或风险点。"""
    townships: Annotated[list[Text], Field(min_length=1), AfterValidator(no_repeats("乡镇"))]
    """所在乡镇：涉及的乡镇（街道）全称，一个或几个。"""


class VillagesEntry(Strict):
    """一个乡镇的村（社区）和它们的 12 位代码；由 callout areas import 写成"""

    township: Text
    """乡镇（街道）：全称。"""
    stats: dict[VillageCode, PlainWord] = Field(default={})
    """统计局代码：12 位代码，加英文引号，后面是村名。"""
    mca: dict[VillageCode, PlainWord] = Field(default={})
    """民政部代码：写法同上；两边都有的村，名称写得一样。"""


class AbolishedEntry(Strict):
    """已撤销的乡镇（街道）：来文还用它的代码，就转人工，并写明多半是哪里"""

    name: Text
    """名称：撤销前的全称。"""
    stats: TownshipCode | None = None
    """统计局代码：9 位数字，加英文引号。"""
    mca: TownshipCode | None = None
    """民政部代码：9 位数字，加英文引号。"""
    now: Annotated[list[Text], AfterValidator(no_repeats("乡镇"))] = Field(default=[])
    """现属：现在的乡镇（街道）全称，最可能的写在前面；不清楚就不写。"""
    since: Annotated[str, Field(pattern=r"^([12][0-9]{3}(-(0[1-9]|1[0-2]))?)?$", examples=["2019", "2019-12"])] = ""
    """撤销时间：年，或 年-月；不清楚就不写。"""
    basis: Annotated[str, Field(max_length=200)] = ""
    """依据：凭什么说现属那里。"""


class AreasFile(Strict):
    """区划文件 areas/区县代码.yaml"""

    county: CountyEntry
    """区县。"""
    townships: Annotated[list[TownshipEntry], Field(min_length=1)]
    """乡镇（街道）：全部列出。"""
    places: list[PlaceEntry] = Field(default=[])
    """地点：来文和规则会点名的村（社区）、小流域、风险点。"""
    villages: list[VillagesEntry] = Field(default=[])
    """村（社区）：规则可以像地点一样引用；县里有同名的，引用时前面加乡镇名。"""
    abolished: list[AbolishedEntry] = Field(default=[])
    """已撤销的乡镇（街道）。"""


class StepEntry(Strict):
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


class LadderEntry(Strict):
    """一道叫应阶梯：叫不应时一步一步怎样加码"""

    strictness: Annotated[int, Field(ge=0, le=1000)]
    """严格程度：一个岗位同时被几条规则叫到时，用数字最大的阶梯。"""
    limit: Wait | None = None
    """时限：无人应答时，最迟多久必须转到人工；rules prove 按它核对，不写按 60 分钟。"""
    steps: Annotated[list[StepEntry], Field(min_length=1, max_length=20)]
    """步骤：从上到下一步一步走，得到应答即停。"""


class LaddersFile(Strict):
    """叫应阶梯 ladders.yaml"""

    ladders: Annotated[dict[Text, LadderEntry], Field(min_length=1)]
    """阶梯：名称由本地定，规则里用名称引用。"""


class Plan(Strict):
    """每个方案都有的两部分"""

    roles: Roles
    """岗位：本文件用到的全部岗位名，与责任人名册里的写法一致。"""
    spare: Annotated[list[Text], AfterValidator(no_repeats("岗位"))] = Field(default=[])
    """须有替补的岗位：本人叫不到时，一定要有副职或另一名当班人可叫；rules prove 逐个核对。"""
    rules: Annotated[list[RuleEntry], Field(min_length=1)]
    """规则。"""

    @model_validator(mode="after")
    def _ids_differ(self) -> "Plan":
        no_repeats("规则编号")([rule.id for rule in self.rules])
        return self


class DeskEntry(Strict):
    """值班室：有事待人处理却没人接手时，由系统叫这个岗位"""

    role: Text
    """岗位。"""
    ladder: Text
    """叫应阶梯：ladders.yaml 里的名称。"""


class ValidityEntry(Strict):
    """推定有效期：来文没有写失效时间时，按级别推定有效多久，从发布算起"""

    blue: Within = ASSUMED_VALIDITY[Level.BLUE]
    """蓝色：写成“24小时”或“90分钟”。"""
    yellow: Within = ASSUMED_VALIDITY[Level.YELLOW]
    """黄色。"""
    orange: Within = ASSUMED_VALIDITY[Level.ORANGE]
    """橙色。"""
    red: Within = ASSUMED_VALIDITY[Level.RED]
    """红色。"""


class ConfirmEntry(Strict):
    """待确认：收到哪些级别的预警要先等值班人员确认，最多等多久；到时没有人确认就自动叫应。不写的级别立即叫应"""

    blue: Within | None = None
    """蓝色：写成“5分钟”。"""
    yellow: Within | None = None
    """黄色。"""
    orange: Within | None = None
    """橙色。"""
    red: Within | None = None
    """红色：由带班领导确认。"""


class CountyFile(Plan):
    """区级方案 county.yaml"""

    county: CountyEntry
    """区县：与区划文件一致。"""
    desk: DeskEntry
    """值班室。"""
    exempt: Exemptions = Field(default=[])
    """例外：停工、停业、停运、停航等建议一般不停的单位，如 [供水, 供电, 供气, 通信, 医疗, 抢险]；由决定人最后定。"""
    validity: ValidityEntry = ValidityEntry()
    """推定有效期：没有写的级别用默认值。"""
    confirm: ConfirmEntry = ConfirmEntry()
    """待确认：默认各级都自动叫应。"""
    office: Annotated[str, Field(max_length=30)] = ""
    """发布单位：本级自己发布预警时用的名称，如 武隆区应急管理局；不写则为“区县名＋应急值班室”。"""


class IndustryFile(Plan):
    """行业措施 industries/名称.yaml（一行业一措施）"""

    industry: Text
    """行业名称。"""


class TownshipRef(Strict):
    """方案是哪个乡镇（街道）的：代码、代码属于哪套体系，以及用来核对的名称"""

    code: TownshipCode
    """代码：9 位数字，加英文引号。"""
    system: SystemWord
    """代码体系：统计局（stats）或民政部（mca）；同一代码在两边可能指不同的乡镇。"""
    name: Text
    """名称：与代码核对，不符即报错。"""


class OverrideEntry(Strict):
    """替代一条行业规则"""

    rule: Text
    """规则：行业文件名和规则编号，如 education/橙色起。"""
    reason: Text
    """理由：为什么本乡镇不用它；会写进说明。"""


class TownshipFile(Plan):
    """乡镇方案 townships/代码-名称.yaml（一乡镇一方案）"""

    township: TownshipRef
    """乡镇（街道）。"""
    overrides: list[OverrideEntry] = Field(default=[])
    """替代：行业措施里的哪些规则在本乡镇不用，由本方案的规则代替。"""
