"""Audit entries told in words: what somebody who watches the night would say. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from callout.domain.alert import Alert, MsgType
from callout.domain.audit import Entry
from callout.domain.callout import CalloutState
from callout.domain.human_call import HumanCallKind
from callout.domain.instant import Instant, beijing
from callout.rehearsal.counting import WARNING_ROUND
from callout.reports.words import HUMAN_CALL_KINDS

Tone = Literal["alert", "call", "answer", "escalation", "human", "stop_work", "desk"]
NAMED = 2
"""Posts that a line names before it counts the rest."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened. `major` lines are told even where most are left out."""

    at: Instant
    tone: Tone
    text: str
    major: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """How posts and warnings are called. Both by id."""

    posts: Mapping[int, str]
    alerts: Mapping[int, Alert]

    def warning(self, alert: int) -> str:
        """e.g. 暴雨橙色预警."""
        info = self.alerts[alert].info
        return f"{info.hazard or '未知灾种'}{info.level.zh if info.level else ''}预警"


@dataclass(frozen=True, slots=True)
class _Saying:
    """One sentence about many entries. It ends with the posts, or with their number where `unit` says of what."""

    tone: Tone
    words: str
    major: bool = False
    posts: bool = True
    unit: str = ""


def tell(entries: Sequence[Entry], names: Names, due: Mapping[int, int]) -> list[Line]:
    """What these entries say, one line for all of a kind; `due` by alert, as far as it is known."""
    calls = {e.ref: tuple(e.detail.split(" ")[:2]) for e in entries if e.event == "attempt.claimed"}
    groups: dict[_Saying, list[Entry]] = {}
    for entry in entries:
        saying = _saying(entry, calls, names, due)
        if saying:
            groups.setdefault(saying, []).append(entry)
    return [_line(saying, group, names) for saying, group in groups.items()]


def _line(saying: _Saying, group: Sequence[Entry], names: Names) -> Line:
    count = f" {len(group)} {saying.unit}" if saying.unit else ""
    text = saying.words + (_who(group, names) if saying.posts else count)
    return Line(group[0].at, saying.tone, text, saying.major)


def _who(group: Iterable[Entry], names: Names) -> str:
    posts = list(dict.fromkeys(_post(entry) for entry in group))
    named = "、".join(names.posts.get(post, "全区") for post in posts[:NAMED])
    return named + (f" 等 {len(posts)} 岗" if len(posts) > NAMED else "")


def _post(entry: Entry) -> int:
    """The post that an entry is about; a notice names it at the end of its own id."""
    return int(entry.ref.rpartition(":")[2]) if entry.event == "notice.queued" else entry.post


_CALLS: Mapping[tuple[str, ...], _Saying] = {
    ("sms", "holder"): _Saying("call", "短信叫 "),
    ("voice", "holder"): _Saying("call", "语音叫 "),
    ("sms", "deputy"): _Saying("escalation", "升级到副职（短信），岗位 "),
    ("voice", "deputy"): _Saying("escalation", "升级到副职（语音），岗位 "),
    ("sms", "superior"): _Saying("escalation", "升级到上级（短信），岗位 "),
    ("voice", "superior"): _Saying("escalation", "升级到上级（语音），岗位 "),
}
_DESK = {
    "holder": _Saying("desk", "人工叫应没人接手，叫值班室当班人", posts=False),
    "deputy": _Saying("desk", "值班室没人接，叫带班领导", major=True, posts=False),
    "superior": _Saying("desk", "值班室没人接，叫上一级值班室", major=True, posts=False),
}
_ANSWERS = {
    "acknowledged": _Saying("answer", "应答："),
    "proxy": _Saying("answer", "代答，本人仍待人工叫应："),
    "confirmed_by_human": _Saying("answer", "值班员叫通，本人确认："),
}
_LATE = _Saying("answer", "迟答：")
_TOLD_ELSEWHERE = (HumanCallKind.EXHAUSTED, HumanCallKind.CANNOT_COME, HumanCallKind.PERSON_SILENT)
"""Work for a human that follows from an event with a line of its own."""
_PLAIN = {
    "cannot_come": _Saying("escalation", "无法到岗，立即叫副职："),
    "ran_out": _Saying("human", "叫尽未应答，转人工叫应：", major=True),
    "expired": _Saying("human", "预警到期仍未应答：", major=True),
    "superseded": _Saying("call", "由新预警接替旧叫应："),
    "renewed": _Saying("call", "换成新预警的内容接着叫："),
    "struck": _Saying("call", "到点重新叫应：", major=True),
    "lifted": _Saying("call", "预警解除，不再叫："),
}
_NOTICES = {
    "standdown": _Saying("answer", "告知代叫的人不必再联系："),
    "renewed": _Saying("answer", "已应答的人，告知续发或降级", posts=False, unit="条"),
    "all_clear": _Saying("answer", "通知解除", posts=False, unit="条"),
}
_DEAD = _Saying("call", "空号，停用号码", posts=False, unit="个")


def _saying(entry: Entry, calls: Mapping[str, tuple[str, ...]], names: Names, due: Mapping[int, int]) -> _Saying | None:
    table, _, what = entry.event.partition(".")
    if table == "callout":
        return _callout(entry, what, calls.get(entry.attempt, ()))
    if table == "human_call":
        return _human(entry, what)
    if table == "alert_county":
        return _alert(entry, what, names, due)
    return _other(entry)


def _other(entry: Entry) -> _Saying | None:
    if entry.event == "stop_work.proposed":
        code = entry.ref.split(":")[-2]
        return _Saying("stop_work", f"熔断建议（须由人决定）：{code}", major=True, posts=False, unit="处")
    if entry.event == "notice.queued":
        return _NOTICES.get(_notice_kind(entry))
    return _DEAD if entry.event == "number.dead" else None


def _notice_kind(entry: Entry) -> str:
    return entry.ref.partition(":")[0]


def _callout(entry: Entry, what: str, call: tuple[str, ...]) -> _Saying | None:
    if entry.ref != WARNING_ROUND:
        return _DESK.get(call[1]) if what == "claimed" and call else None
    if what == "claimed":
        return _CALLS.get(call)
    return _answer(entry) if what == "answered" else _PLAIN.get(what)


def _answer(entry: Entry) -> _Saying | None:
    grade = entry.detail.partition(" ")[0]
    late = entry.before in (CalloutState.EXHAUSTED, CalloutState.EXPIRED_UNANSWERED)
    return _LATE if late and grade != "confirmed_by_human" else _ANSWERS.get(grade)


def _human(entry: Entry, what: str) -> _Saying | None:
    kind = HumanCallKind(entry.ref.partition(":")[0])
    words = HUMAN_CALL_KINDS[kind]
    if what == "opened" and kind not in _TOLD_ELSEWHERE:
        return _Saying("human", f"转人工叫应（{words}）：")
    if what == "claimed":
        return _Saying("human", f"值班员认领（{words}）：")
    return _Saying("human", f"值班员办结（{entry.detail}）：") if what == "closed" else None


def _alert(entry: Entry, what: str, names: Names, due: Mapping[int, int]) -> _Saying | None:
    warning = names.warning(entry.alert)
    if what == "received":
        alert = names.alerts[entry.alert]
        change = "（变更）" if alert.msg_type is MsgType.UPDATE else ""
        until = f"，有效至 {beijing(alert.info.expires, '%H:%M')}" if alert.info.expires else ""
        return _Saying("alert", f"收到{warning}{change}{until}", major=True, posts=False)
    if what == "all_opened":
        return _Saying("alert", f"{warning}：应叫 {due.get(entry.alert, 0)} 岗，全部开始叫应", True, False)
    ended = {"ended": "到期", "lifted": "已解除"}.get(what)
    return _Saying("alert", f"{warning}{ended}", True, False) if ended else None
