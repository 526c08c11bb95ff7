"""What an officer's own call can come to, and which items of the list come first."""

from collections.abc import Mapping
from enum import StrEnum

from callout.domain.human_call import HumanCallKind as K


class CallResult(StrEnum):
    """What came of an officer's call to one person about one post."""

    CONFIRMED = "confirmed"
    """本人确认: the person said that they understood. 应."""
    PROXY = "proxy"
    """他人代答: somebody else took it; the post has answered, the person has not."""
    NO_REPLY = "no_reply"
    """无人接: nobody answered; the officer goes on with this item."""
    REFUSED = "refused"
    """拒绝: the person will not or cannot act; the deputy is called at once."""
    WRONG_NUMBER = "wrong_number"
    """号码错误: a stranger or a dead line; this number is not called any more."""
    SENT = "sent"
    """已派人上门: somebody is on the way to the door; the officer goes on with this item."""

    @property
    def zh(self) -> str:
        """As the desk says it."""
        return _WORDS[self]

    @property
    def ends(self) -> bool:
        """Whether the item is done with it."""
        return self in (CallResult.CONFIRMED, CallResult.PROXY, CallResult.REFUSED)


_WORDS = {
    CallResult.CONFIRMED: "本人确认",
    CallResult.PROXY: "他人代答",
    CallResult.NO_REPLY: "无人接",
    CallResult.REFUSED: "拒绝或无法到岗",
    CallResult.WRONG_NUMBER: "号码错误",
    CallResult.SENT: "已派人上门",
}

DANGER: Mapping[K, int] = {
    K.UNCONFIRMED: 0,
    K.ASKED: 0,
    K.CANNOT_COME: 0,
    K.PROVIDER_DOWN: 1,
    K.EXHAUSTED: 2,
    K.EXPIRED: 2,
    K.IN_DOUBT: 2,
    K.STOP_UNTOLD: 2,
    K.VACANT: 2,
    K.NO_NUMBER: 2,
    K.PERSON_SILENT: 4,
    K.FEEDBACK: 4,
}
"""Within one level: what goes out by itself if nobody looks, what somebody has said (it may be a cry for help), then
why hundreds may be unreached at once, then people whom nobody reached, then whole alerts (3), then what comes after an
answer."""
ALERTS = 3
