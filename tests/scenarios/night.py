"""One night in which nearly everything happens that can be recorded; the record and the planner are judged by it."""

from functools import partial

from callout.domain.ladder import ChannelKind
from callout.domain.level import Level
from callout.domain.rule import StopWorkCode
from callout.domain.stop_work import Decision, StopWorkKey, Wish
from callout.pipeline import attend, stop_work
from callout.pipeline.attend import ItemKey
from callout.ports import Message
from callout.store.store import Work
from tests.scenarios.demands import demanding
from tests.scenarios.field import (
    BAIMA,
    COUNTY,
    DESK,
    GRID_1,
    GRID_2,
    GRID_3,
    LEADER_BAIMA,
    LEADER_JIANGKOU,
    VOICE,
    Field,
)

OFFICER = "示例·值班员"
DECISION = Decision("示例·分管区领导", "副区长", "会商", OFFICER, check="桥面已查")
REPLIES = ("收到", "收到但前面的桥断了过不去", "无法到岗", "你是谁呀", "退订", "已转移12人")
"""What people wrote; personal data."""


def eventful(field: Field) -> None:
    """An orange warning at night, doubt and refusals, every kind of reply, a red one on top, and the end of both.

    A bridge is closed and opened again, and what people owe after their answers is given, or not.
    """
    demanding(field)
    field.phones.script = _fate
    field.alert(Level.ORANGE, identifier="示例-1", hours=0.5)
    field.reply(GRID_1, REPLIES[0])
    field.reply(GRID_2, REPLIES[1])
    field.reply(GRID_3, REPLIES[2])
    field.receipt(DESK, "delivered", VOICE)
    field.wait(60)
    field.receipt(LEADER_BAIMA, "dead")
    field.wait(600)
    field.app.store.write(_officer_works)
    field.alert(Level.RED, identifier="示例-2", hours=0.5)
    field.wait(30)
    field.key(GRID_1, "1")
    field.reply(GRID_2, REPLIES[3])
    field.reply(GRID_2, REPLIES[4])
    field.reply(GRID_3, REPLIES[5])
    field.app.store.write(partial(_close_the_bridge, run=field.app.world.run))
    field.wait(600)
    field.phones.script = lambda _: ""
    field.wait(1800)
    field.app.store.write(partial(_open_the_bridge, run=field.app.world.run))
    field.wait(1800)
    field.app.seal()


def _fate(message: Message) -> str:
    serial = int(message.e164[-7:])
    if serial == LEADER_JIANGKOU:
        return "refused"
    doubtful = serial == LEADER_BAIMA and message.channel is ChannelKind.VOICE
    return "unknown" if doubtful else ""


def _officer_works(work: Work) -> None:
    silent: ItemKey = COUNTY, 1, LEADER_JIANGKOU, "exhausted", ""
    attend.claim(work, silent, OFFICER)
    attend.release(work, silent, OFFICER)
    attend.claim(work, silent, OFFICER)
    attend.close(work, silent, OFFICER, "已当面告知")


def _close_the_bridge(work: Work, run: str) -> None:
    wish = Wish(COUNTY, 2, (BAIMA,), StopWorkCode.CUT, "白马大桥", "封闭桥面")
    [made] = stop_work.propose(work, wish, DECISION, run)
    stop_work.order(work, [(made.key, made.rev)], DECISION, run)


def _open_the_bridge(work: Work, run: str) -> None:
    key = StopWorkKey(COUNTY, 2, BAIMA, StopWorkCode.CUT, "白马大桥")
    for act in (stop_work.confirm, stop_work.lift):
        [here] = work.stops.find([key])
        act(work, [(key, here.rev)], DECISION, run)
