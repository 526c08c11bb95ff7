"""Several providers: outages, limits, refusals. Every message has a way, or somebody knows that it has none."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import select

from callout.domain.abilities import Abilities, Window
from callout.domain.instant import MINUTE, SECOND, Instant, later
from callout.domain.ladder import ChannelKind
from callout.domain.level import Level
from callout.domain.pace import PerPart
from callout.pipeline.send import Sender
from callout.ports import Message, Outcome, Provider, Refusal, Submission
from callout.simulation.carrier import ABILITIES
from callout.store import schema
from tests.scenarios.baima import CALL, TEXT
from tests.scenarios.field import BAIMA, DEPUTY, GRID_1, GRID_2, Field, number

ACCEPTED = Submission(Outcome.ACCEPTED)
DOWN = Submission(Outcome.REFUSED, reason="ClientConnectorError", kind=Refusal.DOWN)
UNKNOWN = Submission(Outcome.UNKNOWN, reason="TimeoutError")


@dataclass
class Line:
    """A provider in the hands of a story."""

    name: str
    clock: Callable[[], Instant]
    end: Callable[[Message], Submission] = lambda _: ACCEPTED
    able: Abilities = ABILITIES
    took: list[tuple[Instant, Message]] = field(default_factory=list)
    asked: int = 0

    def abilities(self, _: str) -> Abilities:
        return self.able

    async def submit(self, message: Message) -> Submission:
        self.asked += 1
        end = self.end(message)
        if end.outcome in (Outcome.ACCEPTED, Outcome.UNKNOWN):
            self.took.append((self.clock(), message))
        return replace(end, ref=f"{self.name}:{self.asked}")

    async def hang_up(self, *_: str) -> None:
        pass

    def serials(self) -> list[int]:
        return [int(m.e164[-7:]) for _, m in self.took]


def use(field: Field, *lines: Line, kinds: frozenset[ChannelKind] = frozenset(ChannelKind), real: bool = False) -> None:
    """These lines carry everything, in this order."""
    made = tuple(Provider(line, kinds, real=real) for line in lines)
    field.app.sender = Sender(replace(field.app.sender.sending, providers=made))


def texts_and_calls(field: Field, texts: Line, calls: Line) -> None:
    made = (Provider(texts, frozenset({TEXT})), Provider(calls, frozenset({CALL})))
    field.app.sender = Sender(replace(field.app.sender.sending, providers=made))


def line(field: Field, name: str = "first", **more: object) -> Line:
    return Line(name, field.clock.now, **more)  # type: ignore[arg-type]


def attempts(field: Field, serial: int) -> list[tuple[str, str, str]]:
    """(channel, state, provider) of everything for this phone."""
    t, n, x = schema.attempt, schema.number, schema.personal
    rows = field.rows(
        select(t).join(n, n.c.id == t.c.number).join(x, x.c.commitment == n.c.commitment)
        .where(x.c.value == number(serial).e164).order_by(t.c.claimed_at, t.c.id)
    )  # fmt: skip
    return [(r.channel, r.state, r.provider) for r in rows]


def on_the_list(field: Field) -> list[str]:
    return [kind for _, kind in field.human_calls()]


def test_a_provider_that_is_gone_hands_its_load_to_the_next_and_is_one_line_on_the_list(field: Field) -> None:
    first, second = line(field, end=lambda _: DOWN), line(field, "second")
    use(field, first, second)
    field.alert(Level.ORANGE)
    field.wait(60)
    assert sorted(set(second.serials())) == [1, 2, 3, 4, 5, 6]
    assert on_the_list(field) == ["provider_down"]
    assert first.asked < 2 * 5 + 6  # the breaker leaves it alone, but for one trial now and then
    assert {a[1:] for serial in (4, 5, 6) for a in attempts(field, serial)} == {("sent", "second")}


def test_when_it_is_back_the_line_goes_from_the_list_by_itself(field: Field) -> None:
    up: list[bool] = []
    first, second = line(field, end=lambda _: ACCEPTED if up else DOWN), line(field, "second")
    use(field, first, second)
    field.alert(Level.ORANGE)
    assert on_the_list(field) == ["provider_down"]
    up.append(True)
    field.wait(100)
    assert "provider_down" not in on_the_list(field)
    assert first.took


def test_with_texts_dead_for_ten_minutes_red_is_rung_at_once(field: Field) -> None:
    texts, calls = line(field, end=lambda _: DOWN), line(field, "calls")
    texts_and_calls(field, texts, calls)
    field.alert(Level.RED)
    assert sorted(set(calls.serials())) == [1, 2, 3, 4, 5, 6]
    assert "provider_down" in on_the_list(field)
    field.wait(10 * 60)
    assert on_the_list(field).count("provider_down") == 1
    texts.end = lambda _: ACCEPTED
    field.alert(Level.RED, identifier="again")
    field.wait(60)
    assert "provider_down" not in on_the_list(field)
    assert texts.took


def test_yellow_waits_for_its_only_way_and_a_human_knows_after_five_minutes(field: Field) -> None:
    texts, calls = line(field, end=lambda _: DOWN), line(field, "calls", end=lambda _: DOWN)
    texts_and_calls(field, texts, calls)
    field.alert(Level.YELLOW, areas=[BAIMA])
    post = next(iter(field.states()))
    field.wait(4 * 60)
    assert field.states()[post] == "to_call"
    field.wait(2 * 60)
    assert (post, "no_way") in field.human_calls()


def test_no_breaker_stands_between_red_and_its_only_way(field: Field) -> None:
    """UNKNOWN never delays a ladder: with nobody else, the provider that fails is used all the same."""
    use(field, line(field, end=lambda m: UNKNOWN if m.wants_answer else ACCEPTED))
    field.alert(Level.RED, areas=[BAIMA])
    assert field.states()[GRID_1] == "exhausted"


def test_too_many_at_once_come_again_each_exactly_once(field: Field) -> None:
    """A 429 storm: three of four are turned away at first; nobody is lost and nobody has it twice."""
    turned: dict[str, int] = {}

    def end(message: Message) -> Submission:
        turned[message.attempt] = turned.get(message.attempt, 0) + 1
        busy = turned[message.attempt] == 1 and len(turned) % 4
        return Submission(Outcome.THROTTLED, reason="429 20429") if busy else ACCEPTED

    first = line(field, end=end)
    use(field, first)
    field.alert(Level.ORANGE)
    field.wait(20)
    assert sorted(first.serials()) == [1, 2, 3, 4, 5, 6]
    assert {row.state for row in field.attempts()} == {"sent"}
    assert field.audit("attempt.passed_on")


def test_a_storm_of_throttling_uses_up_nobodys_ladder(field: Field) -> None:
    """Every way is throttled for three minutes: everybody waits, a human knows, and then they are called."""
    until = later(field.clock.now(), 3 * MINUTE)
    busy = Submission(Outcome.THROTTLED, reason="429")
    first = line(field, end=lambda _: busy if field.clock.now() < until else ACCEPTED)
    use(field, first)
    field.alert(Level.ORANGE, areas=[BAIMA])
    field.wait(180)
    assert "exhausted" not in field.states().values()
    assert set(on_the_list(field)) == {"no_way"}
    field.wait(60)
    assert {GRID_1, GRID_2} <= set(first.serials())
    assert DEPUTY not in first.serials()


def test_a_provider_that_stays_throttled_is_left_for_the_next_way(field: Field) -> None:
    texts = line(field, end=lambda _: Submission(Outcome.THROTTLED, reason="429"))
    calls = line(field, "calls")
    texts_and_calls(field, texts, calls)
    field.alert(Level.ORANGE, areas=[BAIMA])
    field.wait(15)
    assert GRID_1 in calls.serials()


def test_a_pair_without_a_road_goes_to_another_provider_in_the_same_attempt(field: Field) -> None:
    no_road = Submission(Outcome.REFUSED, reason="21612", kind=Refusal.ROUTE)
    first, second = line(field, end=lambda _: no_road), line(field, "second")
    use(field, first, second)
    field.alert(Level.ORANGE, areas=[BAIMA])
    assert attempts(field, GRID_1) == [("sms", "sent", "second")]


@pytest.mark.parametrize(("kind", "column"), [(Refusal.CONTACT, "textless"), (Refusal.SUPPRESSED, "opted_out")])
def test_a_number_that_takes_no_texts_is_rung_at_once_and_remembered(field: Field, kind: Refusal, column: str) -> None:
    refused = Submission(Outcome.REFUSED, reason="x", kind=kind)
    texts = line(field, end=lambda m: refused if m.e164 == number(GRID_1).e164 else ACCEPTED)
    calls = line(field, "calls")
    texts_and_calls(field, texts, calls)
    field.alert(Level.ORANGE, areas=[BAIMA])
    assert calls.serials() == [GRID_1]
    assert len(field.rows(select(schema.number.c.id).where(schema.number.c[column] == 1))) == 1


def test_filtered_words_are_put_before_the_officer(field: Field) -> None:
    filtered = Submission(Outcome.REFUSED, reason="30007", kind=Refusal.CONTENT)
    texts_and_calls(field, line(field, end=lambda _: filtered), line(field, "calls"))
    field.alert(Level.ORANGE, areas=[BAIMA])
    assert (0, "filtered") in field.human_calls()


def test_a_number_is_not_rung_more_often_than_the_gateway_allows(field: Field) -> None:
    """Voice once an hour: the second call to the phone is a text, also where the ladder has none."""
    narrow = replace(ABILITIES, windows=(Window(1, 60 * MINUTE),))
    texts, calls = line(field), line(field, "calls", able=narrow)
    texts_and_calls(field, texts, calls)
    field.alert(Level.ORANGE, areas=[BAIMA])
    field.wait(30 * 60)
    assert len(calls.serials()) == len(set(calls.serials()))
    instead = [row for row in field.attempts() if row.instead.endswith(" window")]
    assert instead
    assert {(row.channel, row.state) for row in instead} == {("sms", "sent")}


def test_an_attempt_of_a_demo_never_reaches_a_real_provider(field: Field) -> None:
    """Whatever else goes wrong: the hand-over itself refuses."""
    first = line(field)
    use(field, first, real=True)
    field.app.intake = replace(field.app.intake, run="demo")
    field.alert(Level.RED, areas=[BAIMA])
    field.wait(60)
    assert first.asked == 0
    assert {(row.state, row.reason) for row in field.attempts()} == {("refused", "demo 不交真实通道")}


def slow(field: Field, per_second: float) -> Line:
    return line(field, able=replace(ABILITIES, per_second=per_second))


def test_a_provider_is_never_used_faster_than_it_takes(field: Field) -> None:
    one = slow(field, 1.0)
    use(field, one)
    field.alert(Level.ORANGE)
    field.wait(12)
    times = [at for at, _ in one.took]
    assert len(times) >= 6
    assert all(sum(0 <= at - start < SECOND for at in times) <= 1 for start in times)


def test_a_carrier_that_counts_parts_gets_the_next_text_when_those_of_the_last_are_through(
    field: Field,
) -> None:
    one = line(field, able=replace(ABILITIES, per_second=1.0, by_part=True))
    use(field, one, kinds=frozenset({ChannelKind.SMS}))
    field.alert(Level.ORANGE)
    field.wait(40)
    parts = [field.app.sender.sending.renderer.parts(m.text) for _, m in one.took]
    assert len(parts) >= 6
    assert max(parts) > 1
    for (at, _), (then, _), many in zip(one.took, one.took[1:], parts, strict=False):
        assert then - at >= many * SECOND
    assert isinstance(field.app.sender.fleet.rates()[ChannelKind.SMS], PerPart)


def test_red_overtakes_a_backlog_of_blue(field: Field) -> None:
    one = slow(field, 1.0)
    use(field, one)
    field.alert(Level.BLUE, areas=[BAIMA])
    field.alert(Level.RED, identifier="red", areas=["stats:500156102"])
    field.wait(4)
    levels = [m.meaning.level for _, m in one.took]
    assert levels[:1] == [Level.BLUE] or levels[:1] == [Level.RED]
    assert levels[1:4] == [Level.RED] * 3


def test_senders_share_the_load_and_a_number_keeps_its_sender(field: Field) -> None:
    senders = ("+9990001", "+9990002", "+9990003")
    one = line(field, able=replace(ABILITIES, senders=senders, per_sender=100.0))
    use(field, one)
    field.alert(Level.ORANGE)
    field.wait(20 * 60)
    by_phone: dict[str, set[str]] = {}
    for _, message in one.took:
        by_phone.setdefault(message.e164, set()).add(message.sender)
    assert all(len(used) == 1 for used in by_phone.values())
    assert len(set.union(*by_phone.values())) > 1


def test_a_long_backlog_does_not_keep_one_beat_for_ever(field: Field) -> None:
    """The pulse beats, and other work gets its turn, while thousands wait for theirs."""

    def slowly(_: Message) -> Submission:
        field.clock.advance(Instant(field.clock.now() + SECOND))
        return ACCEPTED

    one = line(field, end=slowly)
    sending = replace(field.app.sender.sending, providers=(Provider(one, frozenset(ChannelKind)),), slots=1)
    field.app.sender = Sender(sending)
    field.alert(Level.ORANGE)
    assert 0 < len(one.took) < 6
    field.settle()
    field.settle()
    assert len(one.took) == 6
