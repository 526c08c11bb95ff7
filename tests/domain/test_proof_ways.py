"""The prover goes by what the installation's channels can do together."""

from callout.domain.abilities import Abilities, Answering, Receipts, Window
from callout.domain.instant import DAY, HOUR, MINUTE
from callout.domain.ladder import ChannelKind
from callout.domain.proof.finding import Kind
from callout.domain.proof.rungs import CLOUD
from callout.domain.proof.ways import NOBODY, ways_of
from tests.domain.proof_county import about, proved

SMS, VOICE = ChannelKind.SMS, ChannelKind.VOICE
KEYS = frozenset({Answering.KEY})


def calls(*windows: Window, reaches: bool = True, answers: frozenset[Answering] = KEYS) -> Abilities:
    return Abilities(answers, Receipts.PUSH, reaches=reaches, windows=windows)


def test_of_several_providers_the_answers_count_together_and_shared_limits_add_up() -> None:
    """The second takes what the first does not."""
    minute, day, night = Window(1, MINUTE), Window(20, DAY), Window(1, HOUR, night_only=True)
    ways = ways_of({VOICE: [calls(minute, day, night), calls(Window(2, MINUTE), Window(9, HOUR), answers=frozenset())]})
    assert ways[VOICE].windows == (Window(3, MINUTE),)
    assert ways[VOICE].answers == KEYS
    assert ways_of({VOICE: [calls(minute), calls()]})[VOICE].windows == ()
    assert ways_of({VOICE: [calls(minute), calls(reaches=False)]})[VOICE].windows == (minute,)


def test_a_kind_that_nobody_carries_is_no_step() -> None:
    """Twilio to +86 rings nobody: a county whose only way by night is the call has nobody called then."""
    ways = ways_of({SMS: [CLOUD[SMS]], VOICE: [calls(reaches=False)]})
    assert ways[VOICE] is NOBODY
    proof = proved(ways=ways)
    assert not proof.holds
    night = [line for line in about(proof.findings) if line.startswith("危急 一步也走不通")]
    assert all("05:59开始叫，都没有一步走得通" in line for line in night[:4])
    none = proved(ways=ways_of({}))
    stuck = [line for line in about(none.findings) if "没有语音通道" in line]
    assert stuck
    assert "没有短信通道" in stuck[0]


def test_a_channel_without_answers_is_found() -> None:
    deaf = {kind: [calls(answers=frozenset())] for kind in ChannelKind}
    assert Kind.NO_ANSWER in {one.kind for one in proved(ways=ways_of(deaf)).findings}


def test_limits_of_the_channels_and_no_others_are_held_against_the_ladders() -> None:
    tight = {SMS: [CLOUD[SMS]], VOICE: [calls(Window(1, HOUR))]}
    assert Kind.WINDOW in {one.kind for one in proved(ways=ways_of(tight)).findings}
    loose = {kind: [calls()] for kind in ChannelKind}
    assert about(proved(ways=ways_of(loose)).findings) == []
