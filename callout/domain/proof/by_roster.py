"""Whether every post that the rules demand can be reached, at any time and in any state of the shifts."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from callout.domain.duty import Duty, compile_duty
from callout.domain.instant import HOUR, Instant
from callout.domain.ladder import Ladder
from callout.domain.moves import VACANT, PostView
from callout.domain.proof.faults import Fault, faults
from callout.domain.proof.finding import Danger, Finding, Kind
from callout.domain.proof.mending import Mending
from callout.domain.proof.rungs import Shape, Ways, shape_of
from callout.domain.proof.space import Case, Space
from callout.domain.proof.states import State, coming, states
from callout.domain.relocation_plan import UNLISTED, RelocationPlan
from callout.domain.roster import Roster
from callout.domain.roster_views import Views
from callout.domain.rule import Rulebook

LIMIT = HOUR
"""How long a ladder may take that names no limit of its own."""

Place = tuple[str, str]
"""(area, role)."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What is proved, and with what."""

    rulebook: Rulebook
    roster: Roster
    views: Views
    ways: Ways
    now: Instant
    """From here on the shifts must hold."""
    relocation: RelocationPlan = UNLISTED
    """Whom the county must move; the roster may know of people whom a list that is not there leaves out."""


@dataclass(slots=True)
class Tested:
    """What became of all posts of one role in one area with one ladder."""

    posts: int = 0
    troubled: int = 0
    worst: int = 0
    """The highest danger, 0 for none."""


@dataclass(slots=True)
class Checked:
    """What the check of the posts found."""

    findings: list[Finding] = field(default_factory=list)
    tested: dict[tuple[str, str, str], Tested] = field(default_factory=dict)
    """(area, role, name of the ladder) → how its posts stand."""
    shapes: int = 0
    posts: int = 0


def wanted(rulebook: Rulebook, space: Space) -> dict[Place, dict[str, Ladder]]:
    """Per area and role every ladder by which it is called anywhere in the space; the desk included."""
    found: defaultdict[Place, dict[str, Ladder]] = defaultdict(dict)
    for one in space.demands:
        for place, match in one.found.items():
            found[place][match.ladder.name] = match.ladder
    found[rulebook.county.key, rulebook.desk_role][rulebook.desk_ladder] = rulebook.ladders[rulebook.desk_ladder]
    return dict(found)


def check(ground: Ground, space: Space) -> Checked:
    """Climb every ladder for every post, in every state of its shifts; alike ones once."""
    checker = _Checker(ground)
    demanded = wanted(ground.rulebook, space)
    for duty in compile_duty(ground.roster):
        ladders = demanded.get((duty.area, duty.role))
        if ladders:
            checker.post(duty, ladders)
    return checker.result()


class _Checker:
    """One pass over the posts."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._names = {person.id: person.name for person in ground.roster.responders}
        self._mending = Mending(ground.roster, ground.rulebook.county)
        self._shifts = coming(ground.roster, ground.now)
        self._views = ground.views((post.id for post in ground.roster.posts), ground.now)
        self._found = Checked()
        self._by_ladder: defaultdict[tuple[Fault, str], list[int]] = defaultdict(list)
        self._shapes: set[Shape] = set()
        self._faults = cache(self._of)

    def _of(self, shape: Shape, name: str) -> tuple[Fault, ...]:
        book = self._ground.rulebook
        return faults(shape, book.ladders[name], book.limits.get(name, LIMIT), self._ground.ways)

    def post(self, duty: Duty, ladders: Mapping[str, Ladder]) -> None:
        """Test one post with each of these ladders."""
        self._found.posts += 1
        seen: defaultdict[Fault, list[tuple[str, PostView]]] = defaultdict(list)
        here = self._states(duty.post)
        for name in ladders:
            self._count(duty, name, max((self._note(duty.post, name, *each, seen) for each in here), default=0))
        for one, where in seen.items():
            self._found.findings.append(self._mending.finding(duty, one, *where[0]))

    def _note(
        self, post: int, ladder: str, state: str, view: PostView, seen: dict[Fault, list[tuple[str, PostView]]]
    ) -> int:
        """Keep the faults of one ladder in one state; returns the worst danger, 0 for none."""
        found = self._test(view, ladder)
        for one in found:
            if one.of_ladder:
                self._by_ladder[one, ladder].append(post)
            else:
                seen[one].append((state, view))
        return max((one.danger for one in found), default=0)

    def _test(self, view: PostView, name: str) -> tuple[Fault, ...]:
        shape = shape_of(view)
        self._shapes.add(shape)
        return self._faults(shape, name)

    def _states(self, post: int) -> Sequence[tuple[str, PostView]]:
        shifts = self._shifts.get(post)
        if shifts is None:
            return (("", self._views.get(post, VACANT)),)
        known: tuple[State, ...] = states(shifts, self._names, self._ground.now)
        return [(one.name, self._ground.views([post], one.at).get(post, VACANT)) for one in known]

    def _count(self, duty: Duty, ladder: str, worst: int) -> None:
        tested = self._found.tested.setdefault((duty.area, duty.role, ladder), Tested())
        tested.posts += 1
        tested.troubled += worst > 0
        tested.worst = max(tested.worst, worst)

    def result(self) -> Checked:
        """All of it, the faults of ladders summed up."""
        for (fault, ladder), posts in self._by_ladder.items():
            self._found.findings.append(self._mending.of_ladder(fault, ladder, tuple(dict.fromkeys(posts))))
        self._found.shapes = len(self._shapes)
        return self._found


def missing(ground: Ground, space: Space) -> Iterator[Finding]:
    """Roles that the rules call and nobody holds: in a township whose own plan calls them, else anywhere."""
    book, posts = ground.rulebook, {(post.area, post.role) for post in ground.roster.posts}
    roles, local = {role for _, role in posts}, {rule.id: rule.areas for rule in book.rules}
    general: dict[str, str] = {}
    for place, (rules, cases) in _why(space).items():
        area, role = place
        own = [rule for rule in rules if local[rule] == {area}]
        if own and place not in posts:
            yield _no_post(place, own[0], tuple(cases), book)
        elif role not in roles:
            general.setdefault(role, next(iter(rules)))
    for role, rule in general.items():
        mend = f"在名册里补上岗位“{role}”，或在规则里改正写法"
        yield Finding(Kind.NO_POST, Danger.DEADLY, role, f"规则 {rule} 等要叫，名册里哪里都没有", (mend,))
    if (book.county.key, book.desk_role) not in posts:
        mend = f"在名册里补上岗位“{book.desk_role}”（{book.county.name}本级）"
        what = "转人工的事没有人会被叫"
        yield Finding(Kind.NO_DESK, Danger.DEADLY, book.desk_role, what, (mend,), areas=(book.county.key,))


def _no_post(place: Place, rule: str, cases: tuple[Case, ...], book: Rulebook) -> Finding:
    area, role = place
    names = {book.county.key: book.county.name, **{t.key: t.name for t in book.county.townships}}
    where, mend = f"{names[area]} {role}", f"在名册里给{names[area]}补上岗位“{role}”，或在规则里改正写法"
    what = f"规则 {rule} 要叫，名册里没有"
    return Finding(Kind.NO_POST, Danger.DEADLY, where, what, (mend,), areas=(area,), cases=cases)


Why = tuple[dict[str, None], dict[Case, None]]
"""The rules that demand a role in an area, and for which warnings."""


def _why(space: Space) -> dict[Place, Why]:
    found: dict[Place, Why] = {}
    for one in space.demands:
        for place, match in one.found.items():
            rules, cases = found.setdefault(place, ({}, {}))
            rules.update(dict.fromkeys(match.rule_ids))
            cases[one.case] = None
    return found
