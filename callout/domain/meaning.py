"""What a message to a person must say, before any words are chosen."""

from enum import StrEnum

from callout.domain.instant import Instant
from callout.domain.level import Level
from callout.domain.made_often import made_often


class MessageKind(StrEnum):
    """Why this person is called; each kind has its own wording."""

    CALL = "call"
    """The holder of a post, or who stands in on shift."""
    DEPUTY = "deputy"
    SUPERIOR = "superior"
    DESK = "desk"
    """The office itself: work for a human lies unclaimed."""


class NoticeKind(StrEnum):
    """Messages that ask for no answer to a call."""

    STANDDOWN = "standdown"
    """Whoever was called in someone's place learns that this person has answered after all."""
    WHICH = "which"
    """Says for which alert a bare answer counted, and how to answer the rest."""
    UNCLEAR = "unclear"
    """A bare answer may have been meant for a drill: it did not count, and the real warning wants its code."""
    REMINDER = "reminder"
    """Says what feedback is still owed, until when, and with which words to give it."""
    LATER = "later"
    """A text whose phone was off goes there once more: the post has not answered meanwhile, and the phone may be on."""
    RENEWED = "renewed"
    """The warning that this person has answered goes on, at the same level or a lower one."""
    CONFIRM = "confirm"
    """About no warning: whether this person still holds these posts. Only texts say it, and only once."""
    ALL_CLEAR = "all_clear"
    """The warning that this person was called about has ended; lists what has not."""
    STOP_ORDERED = "stop_ordered"
    """A named human has ordered that work stops at the object of this post (熔断)."""
    STOP_LIFTED = "stop_lifted"
    """A named human has ended the stop of work at the object of this post."""
    DRILL = "drill"
    """A drill is coming, to those on its list; or it does not come after all. Never about one that is blind (双盲)."""


@made_often(frozen=True, slots=True)
class StopWords:
    """What is told to an object about a stop of work."""

    code: str = ""
    """停工 …"""
    measure: str = ""
    decided: str = ""
    """职务 of who decided."""
    starts_at: Instant | None = None
    """From when; None = at once."""
    exceptions: str = ""
    """Who goes on working."""


NO_STOP = StopWords()


@made_often(frozen=True, slots=True)
class DrillWords:
    """What is told beforehand of a drill."""

    name: str = ""
    begins: Instant | None = None
    ends: Instant | None = None
    off: bool = False
    """It does not take place after all."""


NO_DRILL = DrillWords()


@made_often(frozen=True, slots=True)
class Meaning:
    """Everything that a text or a call may say to one person about one alert."""

    county: str
    hazard: str
    """灾种 as headlines name it; empty where the desk is rung about no alert at all."""
    level: Level | None
    area: str
    """Where, in the words of the headline."""
    issued_at: Instant
    expires_at: Instant | None
    measure: str
    """What to do; may be empty."""
    issuer: str
    titles: tuple[str, ...] = ()
    """Posts that the person answers for."""
    silent: tuple[str, ...] = ()
    """Who did not answer (deputy, superior, desk), or has now answered (stand-down)."""
    code: str = ""
    """Answer code; empty while this is the only open alert of the number."""
    rest: tuple[str, ...] = ()
    """Answer codes of the other open alerts."""
    kind: MessageKind = MessageKind.CALL
    link: str = ""
    """Address of the page on which this person may answer; empty where the channel carries none."""
    run: str = "actual"
    """`actual`, `demo`, `drill` or `rehearsal`; no wording exists for any other, so none can go out unmarked."""
    wanted: tuple[str, ...] = ()
    """Kinds of feedback that are owed (reminder)."""
    due_at: Instant | None = None
    """Until when (reminder)."""
    possibly_repeated: bool = False
    """The person may have had this message before (the first try ended UNKNOWN)."""
    late: bool = False
    """The warning came in long after it was issued."""
    one_way: bool = False
    """No answer can come back by the way that carries it: the words must not ask for one there."""
    tested: bool = False
    """CONFIRM: nobody asked for it, the number is only tested."""
    lowered: bool = False
    """RENEWED: the level is lower than before."""
    in_force: tuple[str, ...] = ()
    """ALL_CLEAR: warnings that still hold where this person has a post, e.g. 地质灾害橙色."""
    stopped: tuple[str, ...] = ()
    """ALL_CLEAR: codes of 熔断 there that nobody has lifted."""
    stop: StopWords = NO_STOP
    """STOP_ORDERED, STOP_LIFTED: what was decided."""
    drill: DrillWords = NO_DRILL
    """DRILL: which one, and when."""
    evacuated: bool = False
    """ALL_CLEAR: people are moved away there and may not go back yet; the text must not begin with 解除."""
