"""A whole roster from an office's file: lines joined to posts and people, who keep the ids that they have."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from callout.domain.roster import Post, Responder, Roster
from callout.domain.rule import Rulebook
from callout.rulebook.roster_lines import Line, Reading
from callout.rulebook.roster_table import EXAMPLE, Column, Remark, Row, read_table


@dataclass(frozen=True, slots=True)
class RosterFile:
    """What a file says: a roster, or every mistake in it; all or nothing."""

    roster: Roster | None
    """None where there is any mistake."""
    lines: int
    mends: tuple[Remark, ...]
    errors: tuple[Remark, ...]
    dropped: int = 0
    """Shifts of the roster in force whose post or person is no longer there."""


def read_roster(raw: bytes, rulebook: Rulebook, base: Roster, version: str) -> RosterFile:
    """The roster that `raw` holds, for the county of `rulebook`.

    Posts and people that are in `base`, the roster in force, keep their ids, so that running callouts find them, and
    the shifts of `base` go on for those who are still there. Raises RosterError where `raw` is no table at all.
    """
    table = read_table(raw)
    reading = Reading(rulebook.county, sorted({*called_roles(rulebook)}))
    reading.mends += table.mends
    reading.errors += table.errors
    lines = [reading.line(row) for row in _real(table.rows, reading)]
    posts, people = _posts(lines, reading, base), _People(reading, base)
    if not lines and not reading.errors:
        reading.errors.append(Remark(1, "", "只有表头，没有一行名册"))
    persons = people.join(lines, posts)
    joined = tuple(_refer(lines, posts, persons, reading))
    mends, errors = _ordered(reading.mends), _ordered(reading.errors)
    if errors:
        return RosterFile(None, len(lines), mends, errors)
    kept, there = {p.id for p in joined}, {p.id for p in people.made.values()}
    shifts = [s for s in base.shifts if s.post in kept and s.responder in there]
    made = tuple(sorted(people.made.values(), key=lambda p: p.id))
    ordered = tuple(sorted(joined, key=lambda p: p.id))
    roster = Roster(version, rulebook.county.code, ordered, made, tuple(shifts))
    return RosterFile(roster, len(lines), mends, (), len(base.shifts) - len(shifts))


def _real(rows: Iterable[Row], reading: Reading) -> Iterator[Row]:
    """The lines that are not the examples of the template."""
    for row in rows:
        if row[Column.NOTE] == EXAMPLE:
            reading.mends.append(Remark(row.line, Column.NOTE, "模板里的示例行，没有读"))
        else:
            yield row


def called_roles(rulebook: Rulebook) -> Iterable[str]:
    """Every role that a rule calls or proposes to stop, and the desk's."""
    yield rulebook.desk_role
    for rule in rulebook.rules:
        for call in rule.calls:
            yield from call.roles
        yield from (wish.role for wish in rule.proposals)


def _ordered(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    return tuple(sorted(remarks, key=lambda r: r.line))


def _posts(lines: Sequence[Line], reading: Reading, base: Roster) -> dict[int, int]:
    """Line → post id: the written one, else that of the same post in force, else a new one."""
    known = {(p.area, p.role, p.title): p.id for p in reversed(base.posts)}
    lines = [line for line in lines if line.title]
    _check_posts(lines, reading)
    taken = {line.post for line in lines if line.post}
    fresh = max([0, *(p.id for p in base.posts), *taken])
    ids: dict[int, int] = {}
    for line in lines:
        old = known.get((line.area, line.role, line.title))
        if line.post:
            ids[line.line] = line.post
        elif old and old not in taken:
            ids[line.line] = old
        else:
            fresh += 1
            ids[line.line] = fresh
        taken.add(ids[line.line])
    return ids


def _check_posts(lines: Sequence[Line], reading: Reading) -> None:
    by_id: dict[int, Line] = {}
    by_name: dict[tuple[str, str, str], Line] = {}
    for line in lines:
        name = (line.area, line.role, line.title)
        if line.post and (first := by_id.setdefault(line.post, line)) is not line:
            reading.fail(line, Column.POST, f"{line.post} 与第 {first.line} 行重复；新增岗位请把岗位号留空")
        same = by_name.setdefault(name, line)
        if same is not line and not (line.post and same.post):
            reading.fail(line, Column.TITLE, f"“{line.title}”与第 {same.line} 行是同一岗位；一岗多人请分成几个岗位")


class _People:
    """People by what identifies them in the file: a written id, else name and numbers together."""

    def __init__(self, reading: Reading, base: Roster) -> None:
        self._reading = reading
        self._base = base
        self.made: dict[object, Responder] = {}

    def join(self, lines: Sequence[Line], posts: dict[int, int]) -> dict[int, Responder]:
        """Line → person."""
        groups: dict[object, list[Line]] = defaultdict(list)
        numbered = {(line.name, line.contacts): line.person for line in lines if line.name and line.person}
        for line in (each for each in lines if each.name):
            person = line.person or numbered.get((line.name, line.contacts))
            groups[person or (line.name, line.contacts)].append(line)
        self._check(groups)
        taken = {key for key in groups if isinstance(key, int)}
        fresh = max([0, *(p.id for p in self._base.responders), *taken])
        held = {p.id: p.holder for p in self._base.posts}
        named: dict[str, list[Responder]] = defaultdict(list)
        for known in self._base.responders:
            named[known.name].append(known)
        for key, group in groups.items():
            old = {held.get(posts.get(line.line, 0)) for line in group}
            ident = key if isinstance(key, int) else _same(group[0], named[group[0].name], old, taken)
            if ident is None:
                fresh += 1
                ident = fresh
            taken.add(ident)
            self.made[key] = Responder(ident, group[0].name, group[0].contacts)
        return {line.line: self.made[key] for key, group in groups.items() for line in group}

    def _check(self, groups: dict[object, list[Line]]) -> None:
        by_name: dict[str, list[Line]] = defaultdict(list)
        for key, group in groups.items():
            first = group[0]
            for line in group[1:]:
                if (line.name, line.contacts) != (first.name, first.contacts):
                    self._reading.fail(
                        line, Column.PERSON, f"{key} 在第 {first.line} 行是另一个姓名或另一组号码；请写成一样"
                    )
            by_name[first.name].append(first)
        for first, *others in by_name.values():
            for line in others:
                if {c.e164 for c in line.contacts} & {c.e164 for c in first.contacts} and not line.person:
                    text = f"与第 {first.line} 行同名而号码不全一样；是同一人请写成一样，不是请写人员号"
                    self._reading.fail(line, Column.NUMBERS, text)


def _same(line: Line, namesakes: Sequence[Responder], held: set[int | None], taken: set[int]) -> int | None:
    """The person in force whom this line means: same name, and same numbers, one of them, or the same post."""
    free = [p for p in namesakes if p.id not in taken]
    numbers = {c.e164 for c in line.contacts}
    for fits in (
        lambda p: p.contacts == line.contacts,
        lambda p: numbers & {c.e164 for c in p.contacts},
        lambda p: p.id in held,
    ):
        if found := next((p for p in free if fits(p)), None):
            return found.id
    return None


def _refer(
    lines: Sequence[Line], posts: dict[int, int], persons: dict[int, Responder], reading: Reading
) -> Iterable[Post]:
    """The posts, with deputies and superiors found by what the lines call them."""
    finding = _Finding(lines, posts, persons)
    for line in lines:
        if not line.title:
            continue
        deputy, superior = finding.deputy(line), finding.superior(line)
        if isinstance(deputy, str):
            reading.fail(line, Column.DEPUTY, deputy)
        if isinstance(superior, str):
            reading.fail(line, Column.SUPERIOR, superior)
        holder = persons.get(line.line)
        yield Post(
            posts[line.line],
            line.area,
            line.role,
            line.title,
            holder.id if holder else None,
            None if isinstance(deputy, str) else deputy,
            None if isinstance(superior, str) else superior,
        )


class _Finding:
    """People by name, posts by title; the same township goes before the rest of the county."""

    def __init__(self, lines: Sequence[Line], posts: dict[int, int], persons: dict[int, Responder]) -> None:
        self._people = {p.id for p in persons.values()}
        self._posts = {posts[line.line]: line for line in lines if line.title}
        self._named: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._titled: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._holder = {posts[line.line]: persons.get(line.line) for line in lines if line.title}
        for line in lines:
            if line.name:
                self._named[line.name].append((line.area, persons[line.line].id))
            if line.title:
                self._titled[line.title].append((line.area, posts[line.line]))

    def deputy(self, line: Line) -> int | str | None:
        """The id of the person, None where none is named, or what is wrong."""
        word = line.deputy
        if not word:
            return None
        if word.isdecimal():
            return int(word) if int(word) in self._people else f"名册里没有人员号 {word[:20]}；请改正"
        if word in self._named:
            return _only(self._named[word], line.area) or f"名册里有几个“{word[:20]}”；请改写人员号"
        post = _only(self._titled.get(word, []), line.area)
        holder = self._holder.get(post) if post else None
        return holder.id if holder else f"名册里没有“{word[:20]}”这个人；请为他加一行（岗位可留空），或改正"

    def superior(self, line: Line) -> int | str | None:
        """The id of the post, None where none is named, or what is wrong."""
        word = line.superior
        if not word:
            return None
        if word.isdecimal():
            return int(word) if int(word) in self._posts else f"名册里没有岗位号 {word[:20]}；请改正"
        if word not in self._titled:
            return f"名册里没有岗位“{word[:20]}”；请改正，或为它加一行"
        return _only(self._titled[word], line.area) or f"名册里有几个“{word[:20]}”；请改写岗位号"


def _only(found: Sequence[tuple[str, int]], area: str) -> int | None:
    """The one that is meant; None where several could be."""
    here = {ident for place, ident in found if place == area}
    every = here or {ident for _, ident in found}
    return every.pop() if len(every) == 1 else None
