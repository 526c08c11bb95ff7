"""The plan's workbook, sheet by sheet and column by column: what each is called, and what is written there."""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum

from callout.rulebook.entries import CallEntry, FeedbackEntry, RuleEntry, StopWorkEntry
from callout.rulebook.models import AbolishedEntry, LadderEntry, PlaceEntry, StepEntry, TownshipEntry


class Tab(StrEnum):
    """A sheet."""

    NOTES = "说明"
    OFFICE = "区级设置"
    PLANS = "方案"
    COUNTY = "区级规则"
    INDUSTRIES = "行业措施"
    TOWNSHIPS = "乡镇方案"
    OVERRIDES = "替代"
    LADDERS = "叫应阶梯"
    ROSTER = "责任人名册"
    TOWNS = "乡镇"
    SPOTS = "地点"
    VILLAGES = "村（社区）"
    GONE = "撤销乡镇"
    CHOICES = "选项"


READ = (Tab.OFFICE, Tab.PLANS, Tab.COUNTY, Tab.INDUSTRIES, Tab.TOWNSHIPS, Tab.OVERRIDES, Tab.LADDERS)
"""What together is the plan; the roster may stand alone."""
AREA_TABS = (Tab.TOWNS, Tab.SPOTS, Tab.VILLAGES, Tab.GONE)
"""What together is the areas file; a workbook without any of them leaves it as it is."""
RULE_TABS = (Tab.COUNTY, Tab.INDUSTRIES, Tab.TOWNSHIPS)
KINDS: Mapping[Tab, str] = {Tab.COUNTY: "区级", Tab.INDUSTRIES: "行业", Tab.TOWNSHIPS: "乡镇"}
FOLDERS: Mapping[str, str] = {"区级": "{}.yaml", "行业": "industries/{}.yaml", "乡镇": "townships/{}.yaml"}
COUNTY_STEM = "county"
NONE = "无"
"""An empty list, where a blank cell means something else."""


class Col(StrEnum):
    """A column of any sheet but the roster's."""

    PLAN = "方案"
    ID = "编号"
    HAZARD = "灾种"
    LEVEL = "级别"
    KIND = "来文类别"
    ISSUED = "发布时段"
    SEASON = "适用日期"
    AT = "到点触发"
    WORDS = "标题字样"
    PLACE = "地点"
    BESIDE_HAZARD = "同时生效灾种"
    BESIDE_LEVEL = "同时生效级别"
    READING = "读数"
    AT_LEAST = "读数达到"
    CALL_ROLES = "叫谁"
    CALL_LADDER = "叫应阶梯"
    STOP_CODE = "熔断类别"
    STOP_ROLE = "熔断对象"
    STOP_MEASURE = "熔断措施"
    STOP_EXEMPT = "熔断例外"
    STOP_LEAD = "熔断牵头"
    FEEDBACK_KIND = "反馈类别"
    FEEDBACK_WITHIN = "反馈时限"
    FEEDBACK_ROLES = "反馈岗位"
    MEASURE_CODE = "措施代码"
    MEASURE = "措施"
    PLAN_KIND = "类型"
    NAME = "名称"
    SYSTEM = "编码体系"
    CODE = "乡镇代码"
    ROLES = "岗位"
    SPARE = "须有替补"
    REPLACED = "行业规则"
    REASON = "理由"
    ITEM = "项"
    VALUE = "值"
    LADDER = "阶梯"
    STRICTNESS = "严格程度"
    LIMIT = "时限"
    STEP = "步"
    TARGET = "对谁"
    NUMBER = "第几个号码"
    DAY = "白天"
    NIGHT = "夜间"
    WAIT = "等多久"
    ALIAS = "短名"
    STATS = "统计局代码"
    MCA = "民政部代码"
    SPOT_KIND = "地点类别"
    INSIDE = "所在乡镇"
    NOW = "现属"
    SINCE = "撤销时间"
    BASIS = "依据"


_FROM_ID = list(Col)[list(Col).index(Col.ID) : list(Col).index(Col.PLAN_KIND)]
CONDITIONS = tuple(_FROM_ID[1 : _FROM_ID.index(Col.CALL_ROLES)])
"""When a rule holds; written once, on its first line."""
_RULES = (Col.PLAN, *_FROM_ID)
COLUMNS: Mapping[Tab, tuple[Col, ...]] = {
    Tab.OFFICE: (Col.ITEM, Col.VALUE),
    Tab.PLANS: (Col.PLAN, Col.PLAN_KIND, Col.NAME, Col.SYSTEM, Col.CODE, Col.ROLES, Col.SPARE),
    **dict.fromkeys(RULE_TABS, _RULES),
    Tab.OVERRIDES: (Col.PLAN, Col.REPLACED, Col.REASON),
    Tab.LADDERS: (
        Col.LADDER, Col.STRICTNESS, Col.LIMIT, Col.STEP, Col.TARGET, Col.NUMBER, Col.DAY, Col.NIGHT, Col.WAIT,
    ),
    Tab.TOWNS: (Col.NAME, Col.ALIAS, Col.STATS, Col.MCA),
    Tab.SPOTS: (Col.NAME, Col.SPOT_KIND, Col.INSIDE),
    Tab.VILLAGES: (Col.INSIDE, Col.NAME, Col.STATS, Col.MCA),
    Tab.GONE: (Col.NAME, Col.STATS, Col.MCA, Col.NOW, Col.SINCE, Col.BASIS),
}  # fmt: skip
NEEDED: Mapping[Tab, tuple[Col, ...]] = {
    Tab.OFFICE: (Col.ITEM, Col.VALUE),
    Tab.PLANS: (Col.PLAN, Col.PLAN_KIND, Col.ROLES),
    **dict.fromkeys(RULE_TABS, (Col.PLAN, Col.ID, Col.HAZARD)),
    Tab.OVERRIDES: (Col.PLAN, Col.REPLACED),
    Tab.LADDERS: (Col.LADDER, Col.STRICTNESS, Col.TARGET, Col.DAY, Col.NIGHT, Col.WAIT),
    Tab.TOWNS: (Col.NAME, Col.STATS, Col.MCA),
    Tab.SPOTS: (Col.NAME, Col.SPOT_KIND, Col.INSIDE),
    Tab.VILLAGES: (Col.INSIDE, Col.NAME, Col.STATS, Col.MCA),
    Tab.GONE: (Col.NAME, Col.STATS, Col.MCA),
}
ITEMS: Mapping[str, tuple[str, ...]] = {
    "值班室岗位": ("desk", "role"),
    "值班室阶梯": ("desk", "ladder"),
    "停工例外": ("exempt",),
    "蓝色推定有效期": ("validity", "blue"),
    "黄色推定有效期": ("validity", "yellow"),
    "橙色推定有效期": ("validity", "orange"),
    "红色推定有效期": ("validity", "red"),
    "蓝色待确认": ("confirm", "blue"),
    "黄色待确认": ("confirm", "yellow"),
    "橙色待确认": ("confirm", "orange"),
    "红色待确认": ("confirm", "red"),
    "发布单位": ("office",),
}
"""A line of the county's settings → where it stands in county.yaml."""


def _said(model: type, **named: Col) -> dict[Col, str]:
    fields = model.model_fields  # type: ignore[attr-defined]
    return {column: fields[name].description or "" for name, column in named.items()}


NOTES: Mapping[Col, str] = {
    **_said(RuleEntry, id=Col.ID, kind=Col.KIND, at=Col.AT, words=Col.WORDS, place=Col.PLACE),
    **_said(CallEntry, ladder=Col.CALL_LADDER),
    **_said(StopWorkEntry, code=Col.STOP_CODE, role=Col.STOP_ROLE, measure=Col.STOP_MEASURE, lead=Col.STOP_LEAD),
    **_said(FeedbackEntry, kind=Col.FEEDBACK_KIND, within=Col.FEEDBACK_WITHIN, roles=Col.FEEDBACK_ROLES),
    **_said(LadderEntry, strictness=Col.STRICTNESS, limit=Col.LIMIT),
    **_said(TownshipEntry, alias=Col.ALIAS),
    **_said(PlaceEntry, kind=Col.SPOT_KIND, townships=Col.INSIDE),
    **_said(AbolishedEntry, now=Col.NOW, since=Col.SINCE, basis=Col.BASIS),
    Col.STATS: "国家统计局的代码：乡镇 9 位，村（社区）12 位。同一代码在两个体系里可能是不同的地方，不要写错列。",
    Col.MCA: "民政部的代码：乡镇 9 位，村（社区）12 位。没有就空着。",
    **_said(StepEntry, target=Col.TARGET, number=Col.NUMBER, day=Col.DAY, night=Col.NIGHT, wait=Col.WAIT),
    Col.PLAN: "方案的名称，与“方案”表一致；区级固定写 county。改名就是删一个、增一个。",
    Col.HAZARD: "灾种：一个，或用顿号写几个。",
    Col.LEVEL: "“橙色及以上”指橙色和红色，“仅橙色”只指橙色；空着则各级都算。",
    Col.ISSUED: "预警发布的时刻在这段时间内才算，如 22:00-06:00，可以跨过午夜；空着则不限。",
    Col.SEASON: "预警发布的日子在这段日期内才算，如 05-01..09-30；空着则全年。",
    Col.BESIDE_HAZARD: "收到时当地另有这种预警正在生效才算；用顿号写几个，其中一个即可。",
    Col.BESIDE_LEVEL: "同时生效的那个预警的级别，写法同“级别”。",
    Col.READING: "收到时当地这项读数达到右边的数才算，如 1小时雨量。",
    Col.CALL_ROLES: "叫哪些岗位，用顿号分开。不同岗位用不同阶梯的，接着往下写一行，编号空着或合并。",
    Col.STOP_EXEMPT: "这条建议不停的单位，用顿号分开；空着用“区级设置”的例外，写“无”则没有例外。",
    Col.MEASURE_CODE: "逐条写措施时的代码：断、禁、停、撤、疏或六停之一；只写一段话的，空着。",
    Col.MEASURE: "写进短信和语音的措施，宜在 60 字以内；逐条写的，一行一条，每条都要有代码。",
    Col.ROLES: "这个方案用到的全部岗位，用顿号分开，与名册的“角色”写法一致。",
    Col.SPARE: "本人叫不到时，一定要有人可替的岗位，用顿号分开。",
    Col.SYSTEM: "右边的代码属于哪套体系：统计局或民政部。同一代码在两边可能是不同的乡镇。",
    Col.REPLACED: "行业措施里的哪条规则在本乡镇不用，写成 方案/编号，如 education/橙色起。",
    Col.LADDER: "阶梯的名称，规则里用它引用。每一步一行，名称空着或合并即接着上一步。",
    Col.STEP: "第几步；按行的先后走，这一列只给人看。",
}


def column(cell: str) -> Col | None:
    """The column that a header cell names."""
    word = re.sub(r"\s", "", unicodedata.normalize("NFKC", cell)).strip("*")
    return next((one for one in Col if one.value == word), None)
