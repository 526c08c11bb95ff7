"""The search: screen everything, rehearse the most dangerous, make the worst as small as it can be, try its mend."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from callout.ports import Reader
from callout.rehearsal.setting import Setting
from callout.rehearsal.storm import Storm
from callout.rehearsal.worst.failures import NOTHING, Bounds, Failure, Failures, Kind, losses, suffered
from callout.rehearsal.worst.forecast import Forecast
from callout.rehearsal.worst.mending import mend
from callout.rehearsal.worst.playing import Ground, Played
from callout.rehearsal.worst.screening import Screened, Way, overflow, screen
from callout.rehearsal.worst.smaller import simpler, smaller
from callout.rehearsal.worst.weather import Shape, brew, shapes

_ALIKE = 2
"""No failure is in more of the rehearsed combinations than this: else all of them would be about one of them."""
_VARIED = 4
"""One rehearsal in so many is kept for the worst combination in other storms."""


@dataclass(frozen=True, slots=True)
class Means:
    """What the search works with."""

    reader: Reader
    tell: Callable[[str], None]
    """Where progress goes."""
    seconds: Callable[[], float]
    """A clock for the estimates alone: no result depends on it."""
    storms: Mapping[str, Storm] = field(default_factory=dict)
    """Storms that were given, by name; none: those that the bounds make."""


@dataclass(frozen=True, slots=True)
class Hunted:
    """What the search found."""

    bounds: Bounds
    shapes: tuple[Shape, ...]
    """The storms in which it looked."""
    screened: int
    """Combinations that leave some post without any way, by rules and roster alone."""
    played: tuple[Played, ...]
    """What the engine was asked, the worst first."""
    worst: Played | None
    """The smallest story that is as bad as the worst; None: within these bounds everybody is reached in time."""
    anyway: frozenset[int]
    """Posts that nobody reaches in that storm though nothing fails."""
    ways: Mapping[int, Sequence[Way]]
    """How the posts of that storm are reached, by rules and roster alone."""
    mends: tuple[str, ...]
    mended: Played | None
    """The worst once more with those mends that a rehearsal can show."""
    runs: int


def hunt(setting: Setting, bounds: Bounds, means: Means) -> Hunted:
    """Search within the bounds. Equal arguments find equal things."""
    found = _Hunt(setting, bounds, means)
    try:
        return found.whole()
    finally:
        found.ground.close()


def _rank(one: Played) -> tuple[int, int, int, list[Failure]]:
    return -len(one.missed), losses(one.failures), len(one.failures), sorted(one.failures)


class _Hunt:
    """One search under way."""

    def __init__(self, setting: Setting, bounds: Bounds, means: Means) -> None:
        self._given, self._bounds, self._means, begun = setting, bounds, means, means.seconds()
        self._shapes = tuple(Shape(given=name) for name in means.storms) or tuple(shapes(bounds))
        self._screens: dict[tuple[str, int, str], Screened] = {}
        for shape in self._shapes:
            if shape.peak not in self._screens:
                one = self._under(shape)
                self._screens[shape.peak] = screen(one, one.storm, bounds)
        self._known: dict[tuple[Shape, Failures], Played] = {}
        self._screened_in = means.seconds() - begun
        self._forecast = Forecast(means.seconds, bounds.runs)
        self.ground = Ground(min(map(self._under, self._shapes), key=lambda one: one.storm.opens), bounds.seed)

    def _under(self, shape: Shape) -> Setting:
        storm = self._means.storms.get(shape.given) or brew(shape, self._given, self._bounds, self._means.reader)
        return replace(self._given, storm=storm)

    def _screen(self, shape: Shape) -> Screened:
        return self._screens[shape.peak]

    def whole(self) -> Hunted:
        """All of it, in order."""
        self._foretell()
        for shape, some in self._plan():
            self._play(shape, some)
        worst = min(self._known.values(), key=_rank)
        for shape in self._others(worst.shape):
            self._play(shape, worst.failures)
        played = tuple(sorted(self._known.values(), key=_rank))
        worst, many = played[0], sum(one.looked_at for one in self._screens.values())
        if not worst.missed:
            nothing = frozenset[int]()
            return Hunted(self._bounds, self._shapes, many, played, None, nothing, {}, (), None, self.ground.runs)
        anyway = self._play(worst.shape, NOTHING)
        if worst.missed <= anyway.missed:
            worst = anyway
        base = anyway.missed if worst.failures else frozenset[int]()
        steps = simpler(worst, base, self._given.roster, self._areas())
        self._forecast.planned = self.ground.runs + steps
        self._means.tell(
            f"最坏的一种有 {len(worst.missed)} 岗没有及时叫到；再把它缩到最小，大约再推演 {steps} 次、"
            f"{self._forecast.of(steps + 1):.0f} 秒"
        )
        least = smaller(worst, base, self._given.roster, self._areas(), self._play)
        ways = self._screen(least.shape).ways
        words, mended = self._mended(least, base, ways)
        return Hunted(self._bounds, self._shapes, many, played, least, base, ways, words, mended, self.ground.runs + 1)

    def _areas(self) -> dict[str, str]:
        return {town.key: town.name for town in self._given.rulebook.county.townships}

    def _foretell(self) -> None:
        """How much is to be done; how long that takes is known once the first rehearsal is over."""
        due = max(len(one.ways) for one in self._screens.values())
        self._means.tell(
            f"筛查完毕（{self._screened_in:.1f} 秒）；先用引擎推演至多 {self._bounds.runs} 次，每次约叫 {due} 岗，"
            "再把最坏的一种缩到最小；要多久，推演过一次就按实际用时估计"
        )

    def _plan(self) -> list[tuple[Shape, Failures]]:
        """What the engine is asked: nothing lost, each gateway, then the most dangerous combinations."""
        first = dict[tuple[str, int], Shape]()
        for shape in self._shapes:
            first.setdefault((shape.given, shape.hour), shape)
        plain = list(first.values())
        singles = [frozenset({Failure(Kind.GATEWAY, one.name)}) for one in self._given.gateways]
        asked = [(self._heaviest(plain, some), some) for some in (NOTHING, *singles) if self._bounds.hold(some)]
        room = self._bounds.runs - self._bounds.runs // _VARIED - len(asked)
        return [*asked, *_apart(self._dangers(plain), max(room, 1))]

    def _heaviest(self, plain: Iterable[Shape], some: Failures) -> Shape:
        """The storm in which the gateways have most to carry."""
        return max(plain, key=lambda shape: overflow(self._given, self._screen(shape), some))

    def _dangers(self, plain: Iterable[Shape]) -> list[tuple[Shape, Failures]]:
        each = [
            (-len(one.posts) - overflow(self._given, self._screen(shape), one.failures), one.order, at, shape, one)
            for at, shape in enumerate(plain)
            for one in self._screen(shape).candidates
        ]
        return [(shape, one.failures) for *_, shape, one in sorted(each, key=lambda one: one[:3])]

    def _others(self, done: Shape) -> Iterator[Shape]:
        """Other storms for the worst combination: another pace and course at the same hour, then other hours."""
        rest = sorted(
            (s for s in self._shapes if s != done), key=lambda s: (s.hour != done.hour, -len(s.course), s.pace)
        )
        yield from rest[: max(self._bounds.runs - len(self._known), 0)]

    def _play(self, shape: Shape, some: Failures) -> Played:
        """Rehearse it, once."""
        if (shape, some) not in self._known:
            self._forecast.begin()
            found = self.ground.play(suffered(self._under(shape), some, self._bounds), shape, some)
            self._known[shape, some] = found
            self._means.tell(
                f"推演 {self.ground.runs}（{self._forecast.done()}）：{shape.words(self._bounds.hazard)}，"
                f"{losses(some)} 样失效，{len(found.missed)} 岗没有及时叫到"
            )
        return self._known[shape, some]

    def _mended(
        self, worst: Played, base: frozenset[int], ways: Mapping[int, Sequence[Way]]
    ) -> tuple[tuple[str, ...], Played]:
        done = mend(self._under(worst.shape), worst.failures, sorted(worst.missed - base), ways)
        ground = Ground(done.setting, self._bounds.seed)
        try:
            setting = suffered(done.setting, worst.failures, self._bounds)
            return done.words, ground.play(setting, worst.shape, worst.failures)
        finally:
            ground.close()


def _apart(ranked: Iterable[tuple[Shape, Failures]], room: int) -> Iterator[tuple[Shape, Failures]]:
    """The first ones, so that none is there twice and no failure in too many of them."""
    seen: set[Failures] = set()
    used: Counter[Failure] = Counter()
    for shape, some in ranked:
        if len(seen) >= room:
            return
        if some and some not in seen and all(used[one] < _ALIKE for one in some):
            seen.add(some)
            used.update(some)
            yield shape, some
