"""When and how a notice is said once more."""

import pytest

from callout.domain.ladder import ChannelKind
from callout.domain.level import Level
from callout.domain.notice import LATER, Again, Spoken, said_again

SMS, VOICE = ChannelKind.SMS, ChannelKind.VOICE


@pytest.mark.parametrize(
    ("channel", "texts", "level", "doubt", "again"),
    [
        (SMS, True, Level.RED, True, Again(VOICE, 0)),
        (SMS, True, Level.ORANGE, False, Again(VOICE, 0)),
        (SMS, False, None, False, Again(VOICE, 0)),
        (VOICE, True, Level.RED, False, Again(SMS, 0)),
        (VOICE, False, Level.RED, True, Again(VOICE, 0)),
        (VOICE, False, Level.RED, False, None),
        (SMS, True, Level.BLUE, True, Again(SMS, LATER)),
        (VOICE, True, Level.YELLOW, True, Again(SMS, LATER)),
        (SMS, False, Level.YELLOW, False, Again(VOICE, 0)),
        (VOICE, False, Level.BLUE, True, Again(VOICE, 0)),
        (VOICE, False, Level.BLUE, False, None),
    ],
)
def test_orange_and_red_take_the_other_way_and_the_rest_is_texted_later(
    channel: ChannelKind, texts: bool, level: Level | None, doubt: bool, again: Again | None
) -> None:
    """A number that takes no texts is rung; a call that nobody took, and no text can follow, is a human's."""
    assert said_again(Spoken(channel, texts, level, doubt)) == again
