"""Whose turn it is where a provider takes one message a second: the order of the lanes, and the pace of each sender."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from callout.channels import TYPES, load
from callout.channels.building import Surroundings, assemble
from callout.domain.alert import MsgType
from callout.domain.instant import MINUTE, SECOND, later
from callout.domain.level import Hazard, Level
from callout.domain.meaning import NoticeKind
from callout.ports import Message
from callout.rulebook.providers import read_channels
from callout.store.ear import Ear
from tests.scenarios.field import BAIMA, JIANGKOU, Field, make_alert
from tests.scenarios.test_providers import Line, line, slow, use


def one_a_second(field: Field) -> Line:
    """Everything goes through one provider, which takes one message a second."""
    one = slow(field, 1.0)
    use(field, one)
    return one


def told(one: Line, since: int) -> Sequence[Message]:
    """What the provider took, but for the first `since`."""
    return [message for _, message in one.took[since:]]


def test_red_before_blue(field: Field) -> None:
    """Blue waits for its turn; the red that comes later has it first."""
    one = one_a_second(field)
    field.take_in(make_alert(field.clock.now(), Level.BLUE, areas=[BAIMA]), settle=False)
    field.clock.advance(later(field.clock.now(), 5 * SECOND))
    field.take_in(make_alert(field.clock.now(), Level.RED, identifier="red", areas=[JIANGKOU]), settle=False)
    field.settle()
    field.wait(20)
    levels = [message.meaning.level for message in told(one, 0)]
    reds = levels.count(Level.RED)
    assert reds >= 2
    assert levels[:reds] == [Level.RED] * reds
    assert Level.BLUE in levels[reds:]


def test_first_call_before_repeats(field: Field) -> None:
    """Everybody of the first warning is silent and due again; whoever has not been called at all has the next turns."""
    one = one_a_second(field)
    field.alert(Level.ORANGE)
    field.wait(20)
    before = len(one.took)
    field.clock.advance(later(field.clock.now(), 10 * MINUTE))  # all their next steps are long due
    second = make_alert(field.clock.now(), Level.ORANGE, hazard=Hazard.LANDSLIDE, identifier="second")
    field.take_in(second, settle=False)
    field.settle()
    field.wait(30)
    alerts = [alert_of(field, message) for message in told(one, before)]
    firsts = len(field.states(2))
    assert firsts > 1
    assert alerts[:firsts] == [2] * firsts
    assert 1 in alerts[firsts:]


def alert_of(field: Field, message: Message) -> int:
    """The warning that the message was claimed for."""
    return int(next(row.alert for row in field.attempts() if row.id == message.attempt))


def test_one_to_one_before_broadcast(field: Field) -> None:
    """Everybody is told that one warning has ended; whoever must answer the next one is called before that."""
    one = one_a_second(field)
    field.alert(Level.ORANGE, identifier="ends")
    field.wait(20)
    before = len(one.took)
    over = make_alert(
        field.clock.now(), Level.ORANGE, identifier="over", msg_type=MsgType.CANCEL, references=["ends"],
        headline="武隆区气象台解除暴雨橙色预警",
    )  # fmt: skip
    field.take_in(over, settle=False)
    field.clock.advance(later(field.clock.now(), SECOND))
    field.take_in(make_alert(field.clock.now(), Level.ORANGE, hazard=Hazard.LANDSLIDE, identifier="next"), settle=False)
    field.settle()
    field.wait(40)
    kinds = [message.notice for message in told(one, before)]
    calls = kinds.count(None)
    assert calls > 1
    assert kinds[:calls] == [None] * calls
    assert set(kinds[calls:]) == {NoticeKind.ALL_CLEAR}


CHANNELS = """
providers:
  - name: texts
    type: twilio_sms
    settings: {{account_sid: {account}, auth_token_env: X, senders: [{senders}], base_url: "http://127.0.0.1:9",
               per_sender: {rate}}}
"""


@pytest.mark.parametrize(("senders", "rate", "most"), [(1, 1, 1), (2, 1, 2), (1, 2, 2)])
def test_no_sender_goes_faster_than_the_channels_file_says(
    field: Field, tmp_path: Path, senders: int, rate: int, most: int
) -> None:
    """Six texts wait: in no second leave more than the file allows to all senders together, and to each."""
    file = tmp_path / "channels.yaml"
    numbers = ", ".join(f'"+9990000000000{n}"' for n in range(senders))
    file.write_text(CHANNELS.format(account="AC" + "0" * 32, senders=numbers, rate=rate))
    plan = read_channels(file, TYPES, lambda kind: load(kind).Config)
    [made] = assemble(plan, Surroundings(False, {"X": "示例"}, field.clock.now, Ear(), "", False))
    one = line(field, able=made.channel.abilities("+999"))
    use(field, one, kinds=made.kinds)
    field.alert(Level.ORANGE)
    field.wait(30)
    assert len(one.took) >= 6
    for start, _ in one.took:
        soon = [message.sender for at, message in one.took if 0 <= at - start < SECOND]
        assert len(soon) <= most
        assert all(soon.count(sender) <= rate for sender in soon)
    for sender in {message.sender for _, message in one.took}:
        its = [(at, field.app.sender.sending.renderer.parts(m.text)) for at, m in one.took if m.sender == sender]
        assert any(parts > 1 for _, parts in its)
        for (at, parts), (then, _) in pairwise(its):
            assert (
                then - at >= parts * SECOND / rate - 500
            )  # parts are what a sender is limited by; half a second is saved up
