"""The words that exported tables use for states, grades and kinds."""

from collections.abc import Mapping
from enum import StrEnum

from callout.domain.answer import Grade
from callout.domain.attempt import AttemptState, ReceiptKind
from callout.domain.callout import CalloutState
from callout.domain.feedback import FeedbackState
from callout.domain.human_call import HumanCallKind, HumanCallState
from callout.domain.intake import AlertState
from callout.domain.ladder import ChannelKind, Target
from callout.domain.level import Level
from callout.domain.meaning import MessageKind, NoticeKind
from callout.domain.relocation import RelocationState
from callout.domain.stop_work import StopWorkState
from callout.reports.pairs import Reason

LEVELS: Mapping[str, str] = {level: level.zh for level in Level}
ALERT_STATES: Mapping[str, str] = {
    AlertState.RECEIVED: "已接收", AlertState.PLANNING: "正在展开", AlertState.PLANNED: "已全部展开",
    AlertState.OVER: "已过有效期", AlertState.LIFTED: "已解除", AlertState.CARRIED_OUT: "解除已执行",
    AlertState.HELD: "转人工", AlertState.NOT_ACTUAL: "非实战",
    AlertState.AWAITING: "等人确认", AlertState.DECLINED: "决定不叫应",
}  # fmt: skip
CALLOUT_STATES: Mapping[str, str] = {
    CalloutState.TO_CALL: "待叫", CalloutState.WAITING: "待答", CalloutState.ANSWERED: "已应答",
    CalloutState.EXHAUSTED: "叫尽未应答", CalloutState.EXPIRED_UNANSWERED: "过期未应答",
    CalloutState.SUPERSEDED: "由新预警接替", CalloutState.CONTINUED: "并入前一预警的叫应",
    CalloutState.INFORMED: "前已应答，另行告知", CalloutState.LIFTED: "解除时未应答",
}  # fmt: skip
GRADES: Mapping[str, str] = {
    Grade.SUBMITTED: "已提交", Grade.DELIVERED: "送达", Grade.READ: "已读", Grade.HEARD_PART: "接听未听完",
    Grade.HEARD_WHOLE: "听完", Grade.ACKNOWLEDGED: "本人应答", Grade.CONFIRMED_BY_HUMAN: "人工确认",
    Grade.PROXY: "代答", Grade.CANNOT_COME: "无法到岗", Grade.CONTACT: "有回话，未应答",
}  # fmt: skip
CHANNELS: Mapping[str, str] = {ChannelKind.SMS: "短信", ChannelKind.VOICE: "语音"}
CLOSED: Mapping[str, str] = {
    "outage": "通道都不通",
    "window": "这个号码已打满",
    "nobody": "没有通道到得了",
    "drilled": "刚有演练打过这个号码",
}
"""Why a step went by the other channel."""
TARGETS: Mapping[str, str] = {Target.HOLDER: "本岗", Target.DEPUTY: "副职", Target.SUPERIOR: "上级"}
ATTEMPT_STATES: Mapping[str, str] = {
    AttemptState.CLAIMED: "待提交", AttemptState.SUBMITTING: "提交中", AttemptState.SENT: "通道已接收",
    AttemptState.REFUSED: "通道拒收，未发出", AttemptState.UNKNOWN: "结果不明", AttemptState.WITHDRAWN: "未提交即撤回",
}  # fmt: skip
RECEIPTS: Mapping[str, str] = {
    ReceiptKind.TAKEN: "通道已收", ReceiptKind.SENT: "已交对方网络", ReceiptKind.DELIVERED: "送达",
    ReceiptKind.READ: "已读",
    ReceiptKind.HEARD_PART: "接听未听完",
    ReceiptKind.HEARD_WHOLE: "听完", ReceiptKind.BUSY: "占线", ReceiptKind.NO_REPLY: "无人接听",
    ReceiptKind.REJECTED: "拒接", ReceiptKind.MACHINE: "语音信箱", ReceiptKind.SWITCHED_OFF: "关机",
    ReceiptKind.EXPIRED: "过期未送", ReceiptKind.UNDELIVERED: "未送达", ReceiptKind.FAILED: "发送失败",
    ReceiptKind.STOPPED: "通道账户已停用", ReceiptKind.FILTERED: "内容被拦截", ReceiptKind.SUPPRESSED: "已退订或被屏蔽",
    ReceiptKind.NO_TEXTS: "不能收短信", ReceiptKind.DEAD: "空号",
}  # fmt: skip
HUMAN_CALL_KINDS: Mapping[str, str] = {
    HumanCallKind.EXHAUSTED: "叫尽未应答", HumanCallKind.EXPIRED: "过期未应答", HumanCallKind.VACANT: "岗位空缺",
    HumanCallKind.NO_NUMBER: "没有可用号码", HumanCallKind.NO_PLAN: "乡镇没有方案",
    HumanCallKind.NO_RULE: "没有规则适用",
    HumanCallKind.UNDECIDED: "预警本身待定", HumanCallKind.LATE_ALERT: "收到时已过期",
    HumanCallKind.CONFLICT: "同号不同文",
    HumanCallKind.CANCELLED: "收到解除", HumanCallKind.PERSON_SILENT: "他人代答，本人未应",
    HumanCallKind.CANNOT_COME: "无法到岗", HumanCallKind.ASKED: "回话待处理", HumanCallKind.IN_DOUBT: "两次结果不明",
    HumanCallKind.STOP_UNDECIDED: "熔断建议待决定", HumanCallKind.STOP_UNCONFIRMED: "熔断待现场确认",
    HumanCallKind.STOP_UNTOLD: "熔断没能告知对象",
    HumanCallKind.FEEDBACK: "反馈逾期", HumanCallKind.CLOCK: "到点研判",
    HumanCallKind.REFUSED_DOCUMENT: "来文读不懂", HumanCallKind.SOURCE_SILENT: "来源失联",
    HumanCallKind.FAULT: "程序处理不了",
    HumanCallKind.PROVIDER_DOWN: "通道不通", HumanCallKind.NO_WAY: "暂无可用通道",
    HumanCallKind.FILTERED: "短信内容被拦截", HumanCallKind.UNCONFIRMED: "预警等人确认",
    HumanCallKind.NOT_MOVED: "没有转移到位",
    HumanCallKind.GAUGE: "测站异常", HumanCallKind.CANARY: "线路自检没有通过",
    HumanCallKind.MOVED_UNCLEAR: "转移人数对不上", HumanCallKind.SHELTER_FULL: "安置点超员",
}  # fmt: skip
HUMAN_CALL_STATES: Mapping[str, str] = {
    HumanCallState.OPEN: "待认领", HumanCallState.CLAIMED: "处理中", HumanCallState.CLOSED: "已办结",
}  # fmt: skip
STOP_WORK_STATES: Mapping[str, str] = {
    StopWorkState.PROPOSED: "已建议", StopWorkState.ORDERED: "已决定", StopWorkState.CONFIRMED: "现场已确认",
    StopWorkState.LIFT_PROPOSED: "已建议解除，仍执行", StopWorkState.INSPECTED: "恢复前检查已过，仍执行",
    StopWorkState.DECLINED: "不执行", StopWorkState.SUPERSEDED: "由新建议接替", StopWorkState.LIFTED: "已解除",
}  # fmt: skip
FEEDBACK_STATES: Mapping[str, str] = {
    FeedbackState.OPEN: "待反馈", FeedbackState.REMINDED: "已催一次", FeedbackState.OVERDUE: "逾期",
    FeedbackState.GIVEN: "已反馈", FeedbackState.SUPERSEDED: "由新预警接替",
}  # fmt: skip
RELOCATION_STATES: Mapping[str, str] = {
    RelocationState.TO_MOVE: "待转移", RelocationState.MOVED: "已转移", RelocationState.REFUSED: "拒绝",
    RelocationState.UNREACHABLE: "失联", RelocationState.RETURNED: "擅自返回", RelocationState.RELEASED: "已允许返回",
}  # fmt: skip
NOTICE_KINDS: Mapping[str, str] = {
    NoticeKind.CONFIRM: "名册确认",
    NoticeKind.DRILL: "演练通知",
    NoticeKind.STANDDOWN: "撤回告知", NoticeKind.WHICH: "答复归属告知", NoticeKind.UNCLEAR: "答复不明告知",
    NoticeKind.RENEWED: "续发或降级告知", NoticeKind.LATER: "关机后补发",
    NoticeKind.ALL_CLEAR: "解除通知", NoticeKind.STOP_ORDERED: "熔断决定告知", NoticeKind.STOP_LIFTED: "熔断解除告知",
}  # fmt: skip
MESSAGES: Mapping[str, str] = {
    MessageKind.CALL: "叫应", MessageKind.DEPUTY: "叫副职", MessageKind.SUPERIOR: "叫上级",
    MessageKind.DESK: "叫值班室",
    **NOTICE_KINDS, NoticeKind.REMINDER: "催反馈",
}  # fmt: skip
"""What templates of the channels file are for."""
REASONS: Mapping[str, str] = {
    Reason.NO_RECORD: "没有记录", Reason.VACANT: "岗位空缺", Reason.NO_NUMBER: "没有可用号码",
    Reason.REFUSED: "无法到岗",
    Reason.IN_DOUBT: "结果不明", Reason.DEAD_NUMBER: "空号", Reason.SWITCHED_OFF: "关机", Reason.BUSY: "占线",
    Reason.NOT_CALLED: "未叫出", Reason.SILENT: "无人应答",
}  # fmt: skip
RUNS: Mapping[str, str] = {"actual": "实战", "demo": "演示", "drill": "演练", "rehearsal": "推演"}

TABLES: Mapping[type[StrEnum], Mapping[str, str]] = {
    Level: LEVELS, AlertState: ALERT_STATES, CalloutState: CALLOUT_STATES, Grade: GRADES, ChannelKind: CHANNELS,
    Target: TARGETS, AttemptState: ATTEMPT_STATES, ReceiptKind: RECEIPTS, HumanCallKind: HUMAN_CALL_KINDS,
    HumanCallState: HUMAN_CALL_STATES, StopWorkState: STOP_WORK_STATES,
    FeedbackState: FEEDBACK_STATES, RelocationState: RELOCATION_STATES, Reason: REASONS,
}  # fmt: skip
"""Every enum that exported tables show; a test holds each table complete."""


def spoken_for(instead: str) -> str:
    """Of an attempt that went by another channel than its step says: which step, and why; empty for all others."""
    step, _, why = instead.partition(" ")
    return f"代第{step}步，{CLOSED[why]}" if instead else ""


def warning_name(hazard: str | None, level: Level | None) -> str:
    """Hazard and level as people say them, and what is not known of them."""
    if not hazard:
        return f"灾种不明、{level.zh}" if level else "灾种和级别都不明的"
    return f"{hazard}{level.zh}" if level else f"{hazard}（级别不明）"
