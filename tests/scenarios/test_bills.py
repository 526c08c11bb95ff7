"""What a provider bills is counted when it is handed over: parts of a text, or one call."""

from callout.domain.ladder import ChannelKind
from callout.render.sms import parts
from tests.scenarios.field import Field


def test_parts_and_calls_are_counted_as_they_leave(field: Field) -> None:
    """A long text is as many as the phone puts together; whoever's fate is unknown may be billed all the same."""
    field.phones.script = lambda message: "unknown" if message.channel is ChannelKind.VOICE else ""
    field.alert()
    field.wait(400)
    counted = {a.id: (a.state, a.parts) for a in field.attempts()}
    assert {m.channel for _, m in field.phones.got} == {ChannelKind.SMS, ChannelKind.VOICE}
    for _, message in field.phones.got:
        wanted = parts(message.text) if message.channel is ChannelKind.SMS else 1
        assert counted[message.attempt][1] == wanted
    assert {state for state, _ in counted.values()} == {"sent", "unknown"}
