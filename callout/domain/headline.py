"""Chinese warning headlines: which hazard, which level, issued or lifted; and the area codes beside them.

Grammar: 单位 + [继续|升级|变更|更新|降级]发布|解除 + 灾种 + 颜色 + 预警[信号] + [Ⅳ级/一般]. Codes alone are not enough:
four code systems in use contradict each other, and unknown ones come up.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from callout.domain.alert import CodeSystem, Geocode, MsgType
from callout.domain.alert_kind import AlertKind, alert_kind, graded
from callout.domain.level import Hazard, Level

_NAMES: dict[str, Hazard | None] = {
    **{hazard.value: hazard for hazard in Hazard},
    "雷雨大风": Hazard.THUNDER_GALE,
    "雷雨强风": Hazard.THUNDER_GALE,
    "森林草原火险": Hazard.FOREST_FIRE,
    # Known compounds of another kind: without these lines they would pass for their last two characters.
    **dict.fromkeys(("台风暴雨", "海上大风", "海区大风", "海上大雾", "海区大雾", "海上雷电", "海上台风")),
    "海上雷雨大风": None,
}
_LEVELS = {"蓝": Level.BLUE, "黄": Level.YELLOW, "橙": Level.ORANGE, "红": Level.RED}
_GRADES = {"IV": Level.BLUE, "III": Level.YELLOW, "II": Level.ORANGE, "I": Level.RED}

_NAME = re.compile("|".join(sorted(_NAMES, key=len, reverse=True)))
_AFTER_NAME = re.compile(r"(?:灾害)?(?:气象)?(?:风险)?(?:等级)?(?:预警)?")
_COLOUR = re.compile(r"([红橙黄蓝])(?:色|(?=预警))|预警|提示")
_GRADE = re.compile(r"(IV|III|II|I)级?/")
_BRACKETS = re.compile(r"[\[(【][^\[\]()【】]*[\])】]")
_CLAUSE_ENDS = re.compile(r"[,。;:!\n]")
_VERB = re.compile(r"发布|解除|撤销|取消|更新|变更|升级|降级|将|由")
_CHANGE = re.compile(r"升|降|变更|更新|更改|调整|转")
_INTO = re.compile(r"[为至成到]")
_LIFTS = re.compile(r"解除|撤销|取消|终止")
_ISSUER = re.compile(
    r"([^\s，。：:]{2,30}?"
    r"(?:气象台|气象局|气象站|中心|水利局|水利厅|规划和自然资源局|自然资源局|应急管理局|值班室|指挥部|政府))"
    r"(?=继续|升级|变更|更新|降级|联合|发布|解除|撤销|与|和|、)"
)
_ISSUES = re.compile(r"发布|更新|变更|升级|降级")
_READ_AT_MOST = 2000
"""Characters of a text that are looked at; real warnings are shorter, and reading stays fast for hostile ones."""
NO_LEVEL = "从 severity 和标题都认不出级别，需人工指定"
SPLIT = "正文里同一灾种还写有"
"""How the doubt begins that one message may give townships different levels."""


@dataclass(frozen=True, slots=True)
class Headline:
    """What a headline (or the text of a warning) says."""

    named: tuple[tuple[Hazard | None, Level | None], ...]
    """Hazard and colour pairs that hold now; in 由蓝色升级为黄色 only yellow holds. Either may be missing."""
    grade: Level | None
    """From [Ⅳ级/一般]."""
    lifts: bool | None
    """True for 解除, False for 发布 and its like, None when the text has neither or both."""

    @property
    def hazards(self) -> tuple[Hazard, ...]:
        """The hazards that the text warns of, each once."""
        return tuple(dict.fromkeys(hazard for hazard, _ in self.named if hazard))

    @property
    def levels(self) -> tuple[Level, ...]:
        """All levels that the text gives, each once; the bracket counts too."""
        return tuple(dict.fromkeys(level for level in (*(level for _, level in self.named), self.grade) if level))


def read_headline(text: str) -> Headline:
    """Read a headline or a warning text. Never fails: what is not found is empty."""
    plain = unicodedata.normalize("NFKC", text[:_READ_AT_MOST])
    grade = _GRADE.search(plain)
    bare = _BRACKETS.sub("", plain)
    lifts, issues = bool(_LIFTS.search(bare)), bool(_ISSUES.search(bare))
    return Headline(
        named=tuple(pair for clause in _CLAUSE_ENDS.split(bare) for pair in _pairs(clause)),
        grade=_GRADES[grade[1]] if grade else None,
        lifts=lifts if lifts != issues else None,
    )


def issuer(headline: str) -> str:
    """The office that a headline opens with, e.g. 武隆区气象台; empty where it names none."""
    found = _ISSUER.match(headline.strip())
    return found.group(1) if found else ""


def hazard_named(text: str) -> Hazard | None:
    """The hazard of a bare name such as 地质灾害气象风险; None when unknown or more than one."""
    hazards = _hazards(_BRACKETS.sub("", unicodedata.normalize("NFKC", text[:_READ_AT_MOST])))
    return hazards[0] if len(hazards) == 1 else None


def judge(
    coded: Hazard | None, event: str, headline: str, severity: Level | None, description: str = ""
) -> tuple[Hazard | None, Level | None, tuple[str, ...]]:
    """Hazard, level and doubts of one message.

    `coded` is the hazard that the source's code stands for, None where that is not certain. It decides, then the
    headline, the event name and the text. Where they contradict each
    other the higher level is returned together with a doubt, so that a human is asked at the higher level's pace.
    """
    head, text = read_headline(headline), read_headline(description)
    about, grade = graded(headline) if alert_kind(headline) is not AlertKind.SIGNAL else (None, None)
    known = [coded, *head.hazards, hazard_named(event), about]
    hazards = tuple(dict.fromkeys(hazard for hazard in known if hazard)) or text.hazards
    levels = tuple(dict.fromkeys(level for level in (severity, *head.levels, grade) if level)) or text.levels
    level = max(levels, key=lambda level: level.rank, default=None)
    advice = "提示" in headline or "提示" in event
    doubts = (*_hazard_doubts(hazards), *_level_doubts(levels, advice), *_split_doubts(text, hazards, levels))
    return hazards[0] if hazards else None, level, doubts


def action_doubts(msg_type: MsgType, headline: str) -> tuple[str, ...]:
    """A doubt when the headline lifts and `msgType` does not, or the other way round."""
    lifts = read_headline(headline).lifts
    if lifts is None or lifts == (msg_type is MsgType.CANCEL):
        return ()
    says = "解除" if lifts else "发布"
    return (f"标题写的是{says}，msgType 却是 {msg_type}，需人工判断是发布还是解除",)


def lifted_levels(headline: str, description: str) -> frozenset[Level]:
    """The levels that the words of a Cancel name: it lifts only these; empty when it names none."""
    return frozenset(read_headline(headline).levels or read_headline(description).levels)


def geocode(raw: str) -> Geocode | None:
    """The area code that `raw` (6, 9, 12 or 14 digits) stands for, trailing zeros cut; None when it is no such code.

    Six digits are GB/T 2260; nine (township) or twelve (village) belong to a system that messages do not declare.
    """
    code = unicodedata.normalize("NFKC", raw[:64]).strip()
    if not re.fullmatch(r"[1-8][0-9]{5}(?:[0-9]{3}|[0-9]{6}|[0-9]{6}00)?", code, re.ASCII):
        return None
    county, township, village = code[:6], code[6:9], code[9:12]
    if village.strip("0"):
        return Geocode(CodeSystem.UNDECLARED, code[:12])
    if township.strip("0"):
        return Geocode(CodeSystem.UNDECLARED, code[:9])
    return Geocode(CodeSystem.GB2260, county)


def _pairs(clause: str) -> Iterator[tuple[Hazard | None, Level | None]]:
    found: list[tuple[Hazard | None, Level | None]] = []
    hazards: tuple[Hazard, ...] = ()
    begin = 0
    for colour in _COLOUR.finditer(clause):
        between = clause[begin : colour.start()]
        if _CHANGE.search(clause, 0, colour.start()) and _INTO.search(between):
            found.clear()
        # 暴雨橙色降级为黄色: the second colour goes on about the same hazard.
        hazards = _hazards(_VERB.split(between)[-1]) or hazards
        level = _LEVELS.get(colour[1])
        found += [(hazard, level) for hazard in hazards or (None,)]
        begin = colour.end()
    yield from found


def _hazards(phrase: str) -> tuple[Hazard, ...]:
    """The hazards of a phrase that ends in a hazard's name; a place may stand before it."""
    names = list(_NAME.finditer(phrase.strip()))
    if not names or not _AFTER_NAME.fullmatch(phrase.strip(), names[-1].end()):
        return ()
    return tuple(dict.fromkeys(hazard for name in names if (hazard := _NAMES[name[0]])))


def _hazard_doubts(hazards: tuple[Hazard, ...]) -> tuple[str, ...]:
    if not hazards:
        return ("从代码和标题都认不出灾种，需人工指定",)
    if len(hazards) > 1:
        return (f"代码和标题写的灾种不一致（{'、'.join(hazards)}），需人工判断",)
    return ()


def _level_doubts(levels: tuple[Level, ...], advice: bool) -> tuple[str, ...]:
    if not levels and advice:
        return ("来文是提示类信息，没有级别，需人工决定是否叫应",)
    if not levels:
        return (NO_LEVEL,)
    if len(levels) > 1:
        return (f"severity、标题颜色和级别数不一致（{'、'.join(level.zh for level in levels)}），需人工判断",)
    return ()


def _split_doubts(text: Headline, hazards: tuple[Hazard, ...], levels: tuple[Level, ...]) -> tuple[str, ...]:
    """One message can give different townships different levels; only its text says so."""
    others = {level for hazard, level in text.named if level and hazard in hazards} - set(levels)
    if not others:
        return ()
    names = "、".join(level.zh for level in sorted(others, key=lambda level: level.rank))
    return (f"{SPLIT}{names}，可能分乡镇分级，需人工核对范围",)
