"""The list of who takes part in a drill, as an office writes it: names or numbers, one person a line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callout.domain.roster import Roster
from callout.rulebook.phones import read_numbers
from callout.rulebook.roster_table import split_table, table_text
from callout.rulebook.workbook import is_workbook, read_workbook


@dataclass(frozen=True, slots=True)
class DrillFile:
    """What a file names, and what of it the roster does not know (Chinese sentences)."""

    people: frozenset[int]
    numbers: frozenset[str]
    errors: tuple[str, ...]


def read_participants(raw: bytes, roster: Roster, *, headed: bool = True) -> DrillFile:
    """Whom the lines of a CSV file or a workbook name. Raises RosterError where it is no table at all.

    A line with a number means that number; without one, everybody of that name must be one person. `headed`: the first
    line may be a header.
    """
    people, numbers, errors = set[int](), set[str](), list[str]()
    known = {contact.e164 for person in roster.responders for contact in person.contacts}
    for line, cells in _lines(raw):
        found = {one.e164 for cell in cells for one in read_numbers(cell).contacts}
        if found:
            numbers |= found & known
            errors += [f"第 {line} 行：号码 {one} 不在名册里" for one in sorted(found - known)]
            continue
        named = {person.id for person in roster.responders if person.name in {cell.strip() for cell in cells}}
        if len(named) == 1:
            people |= named
        elif line > 1 or named or not headed:
            why = "名册里有几个同名的人，请写号码" if named else "名册里没有这个人"
            errors.append(f"第 {line} 行：{why}")
    return DrillFile(frozenset(people), frozenset(numbers), tuple(errors))


def _lines(raw: bytes) -> Iterable[tuple[int, Sequence[str]]]:
    if is_workbook(raw):
        return enumerate(next((sheet.rows for sheet in read_workbook(raw) if sheet.rows), ()), 1)
    return split_table(table_text(raw))
