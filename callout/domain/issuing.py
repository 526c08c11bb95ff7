"""A warning that an office issues itself: from the fields of the approval form to the alert that goes the usual way."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from callout.domain.alert import Alert, Area, CodeSystem, Geocode, Info, MsgType, Status
from callout.domain.area import County, Township
from callout.domain.errors import CalloutError, Unknown
from callout.domain.instant import HOUR, Instant, beijing, later
from callout.domain.level import LEVELS_OF, Hazard, Level

LONGEST_HOURS = 72
_IMPACT = "。可能影响："


class Act(StrEnum):
    """What an office does with a warning of its own."""

    NEW = "new"
    """发布."""
    UPGRADE = "upgrade"
    """升级."""
    REPEAT = "repeat"
    """继续发布: same level, new words or a new end."""
    DOWNGRADE = "downgrade"
    """降级."""
    ALL_CLEAR = "all_clear"
    """解除: the danger is over."""
    WITHDRAW = "withdraw"
    """撤销: it should not have been issued."""

    @property
    def zh(self) -> str:
        """As headlines say it."""
        return _VERBS[self]

    @property
    def lifts(self) -> bool:
        """Whether it ends a warning instead of giving one."""
        return self in (Act.ALL_CLEAR, Act.WITHDRAW)


_VERBS = {
    Act.NEW: "发布",
    Act.UPGRADE: "升级发布",
    Act.REPEAT: "继续发布",
    Act.DOWNGRADE: "降级发布",
    Act.ALL_CLEAR: "解除",
    Act.WITHDRAW: "撤销",
}


@dataclass(frozen=True, slots=True)
class Earlier:
    """The warning of our own that a message speaks of."""

    identifier: str
    references: tuple[str, ...]
    hazard: Hazard
    level: Level
    areas: tuple[str, ...]
    """Keys of its townships; empty = the whole county."""
    content: str = ""
    impact: str = ""
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """The approval form (审批表), filled in."""

    act: Act
    hazard: Hazard
    level: Level
    areas: tuple[str, ...]
    """Keys of townships; empty = the whole county."""
    hours: int
    """How long it holds (发布周期)."""
    content: str
    """主要内容."""
    reason: str
    """发布原因."""
    impact: str = ""
    """可能的影响."""
    instruction: str = ""
    """防御措施; rules give their own."""
    leader: str = ""
    """签发领导."""


def sender_of(county: County) -> str:
    """Under which name this county's own warnings go out; never one of another office."""
    return f"callout-{county.code}"


def mark_of(at: Instant, chance: str) -> str:
    """What names one filling-in of the form: sent twice, it is one warning."""
    return f"{beijing(at, '%Y%m%d%H%M%S')}_{chance[:6]}"


def identifier_of(county: County, mark: str) -> str:
    """The identifier of the warning that this filling-in becomes."""
    return f"{sender_of(county)}_{mark}"


def next_level(earlier: Earlier, act: Act) -> Level | None:
    """The level that one step up or down leads to; None where there is no such step."""
    steps = LEVELS_OF[earlier.hazard]
    place = steps.index(earlier.level) if earlier.level in steps else -1
    if act is Act.UPGRADE:
        return steps[place + 1] if 0 <= place < len(steps) - 1 else None
    if act is Act.DOWNGRADE:
        return steps[place - 1] if place > 0 else None
    return earlier.level


def guarded(draft: Draft, earlier: Earlier | None) -> bool:
    """Whether the level must be typed once more: red is neither given nor taken back by a slip of the hand."""
    return Level.RED in (draft.level, earlier.level if earlier else None)


def says(typed: str, level: Level) -> bool:
    """Whether what was typed names the level."""
    return typed.strip().removesuffix("预警").removesuffix("色") == level.zh[0]


def check(draft: Draft, county: County, earlier: Earlier | None) -> None:
    """Raises CalloutError, with one sentence, for a form that cannot go out."""
    if draft.level not in LEVELS_OF[draft.hazard]:
        known = "、".join(level.zh for level in LEVELS_OF[draft.hazard])
        raise CalloutError(f"{draft.hazard}没有{draft.level.zh}预警，只有{known}")
    if not draft.reason.strip():
        raise CalloutError("请写发布原因，例如：区防汛办会商、雨量站1小时超50毫米")
    if not draft.act.lifts and not draft.content.strip():
        raise CalloutError("请写主要内容：什么时候、哪里、多大")
    if not 0 < draft.hours <= LONGEST_HOURS:
        raise CalloutError(f"有效时间应为 1 到 {LONGEST_HOURS} 小时")
    known_areas = {one.key for one in county.townships}
    if not set(draft.areas) <= known_areas:
        raise Unknown(f"所选乡镇不在{county.name}")
    if (earlier is None) != (draft.act is Act.NEW):
        raise CalloutError("升级、降级、继续、解除、撤销都要从原预警进入")
    if earlier is not None:
        _check_step(draft, earlier)


def _check_step(draft: Draft, earlier: Earlier) -> None:
    change = draft.level.rank - earlier.level.rank
    wrong = {
        Act.UPGRADE: change <= 0,
        Act.DOWNGRADE: change >= 0,
        Act.REPEAT: change != 0,
        Act.ALL_CLEAR: change != 0,
        Act.WITHDRAW: change != 0,
    }
    if draft.hazard is not earlier.hazard or wrong[draft.act]:
        raise CalloutError(
            f"原预警是{earlier.hazard}{earlier.level.zh}，不能{draft.act.zh}为{draft.hazard}{draft.level.zh}"
        )


def headline(draft: Draft, county: County) -> str:
    """示例区应急值班室升级发布暴雨红色预警."""
    return f"{county.issuer}{draft.act.zh}{draft.hazard}{draft.level.zh}预警"


def alert_of(draft: Draft, county: County, earlier: Earlier | None, identifier: str, sent: Instant) -> Alert:
    """The alert that this form stands for."""
    lifts = draft.act.lifts
    ends = None if lifts else later(sent, draft.hours * HOUR)
    info = Info(
        event=draft.hazard.value,
        hazard=draft.hazard,
        level=draft.level,
        areas=(_area(draft, county),),
        effective=sent,
        expires=ends,
        headline=headline(draft, county),
        description=_IMPACT.join(filter(None, (text.strip().rstrip("。") for text in (draft.content, draft.impact)))),
        instruction=draft.instruction.strip(),
    )
    kind = MsgType.CANCEL if lifts else MsgType.ALERT if earlier is None else MsgType.UPDATE
    refers = tuple(dict.fromkeys((*earlier.references, earlier.identifier))) if earlier else ()
    note = draft.reason.strip() if lifts else ""
    return Alert(identifier, sender_of(county), sent, Status.ACTUAL, kind, (info,), refers, note)


def content_of(description: str) -> tuple[str, str]:
    """主要内容 and 影响 of a warning that was issued from this form."""
    content, _, impact = description.partition(_IMPACT)
    return content, impact


def _area(draft: Draft, county: County) -> Area:
    chosen = [one for one in county.townships if one.key in draft.areas]
    if not chosen:
        return Area(county.name, (Geocode(CodeSystem.GB2260, county.code),))
    return Area("、".join(one.name for one in chosen), tuple(_code(one) for one in chosen))


def _code(one: Township) -> Geocode:
    system, _, value = one.key.partition(":")
    return Geocode(CodeSystem(system), value)


def form_of(draft: Draft, county: County, alert: Alert, extra: Mapping[str, str]) -> bytes:
    """The form as it is kept: every field, who filled it in, and under which identifier it went out."""
    fields = {
        "identifier": alert.identifier,
        "issuer": county.issuer,
        "headline": alert.info.headline,
        "sent": beijing(alert.sent),
        "channels": "叫应责任人：短信、语音，逐级升级；抄送：按抄送名单",
        **asdict(draft),
        **extra,
    }
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, indent=1).encode()
