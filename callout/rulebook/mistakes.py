"""What is wrong in files that read well one by one: names that nobody knows, codes that cannot be."""

from collections.abc import Iterator, Mapping, Sequence

from callout.domain.area import County
from callout.domain.ladder import Ladder
from callout.rulebook.document import Document, FileError, Loc, near
from callout.rulebook.entries import RuleEntry
from callout.rulebook.models import CountyEntry, CountyFile
from callout.rulebook.rules import Ground


def office_mistakes(
    doc: Document, office: CountyFile, place: County | None, ladders: Mapping[str, Ladder] | None
) -> Iterator[FileError]:
    """What the county's own plan names and nobody knows."""
    if place and office.county != CountyEntry(gb2260=place.code, name=place.name):
        yield doc.fail(("county",), f"与区划文件不符；应为 {place.code} {place.name}。")
    yield from unknown(doc, ("desk", "role"), office.desk.role, office.roles)
    yield from unknown_ladder(doc, ("desk", "ladder"), office.desk.ladder, ladders)


def rule_mistakes(
    doc: Document, loc: Loc, entry: RuleEntry, plan: tuple[Sequence[str], frozenset[str]], ground: Ground
) -> Iterator[FileError]:
    """What in the rule cannot be used; `plan` holds the roles and the areas of its plan."""
    roles, areas = plan
    for i, call in enumerate(entry.calls):
        here = (*loc, "calls", i)
        yield from unknown_ladder(doc, (*here, "ladder"), call.ladder, ground.ladders)
        for j, role in enumerate(call.roles):
            yield from unknown(doc, (*here, "roles", j), role, roles)
    for i, wish in enumerate(entry.stop_work):
        yield from unknown(doc, (*loc, "stop_work", i, "role"), wish.role, roles)
    yield from _feedback_mistakes(doc, loc, entry)
    yield from _place_mistakes(doc, loc, entry, areas, ground.county)


def _place_mistakes(
    doc: Document, loc: Loc, entry: RuleEntry, areas: frozenset[str], county: County | None
) -> Iterator[FileError]:
    places = {place.name: place for place in county.places} if county else {}
    for i, name in enumerate(entry.place or () if county else ()):
        here = (*loc, "place", i)
        place = places.get(name)
        if place is None:
            said = f"区划文件里没有“{name}”这个地点{near(name, list(places))}；请改正，或先在区划文件的 places 里写明。"
            yield doc.fail(here, said)
        elif areas and county and county.key not in areas and not areas & place.areas:
            yield doc.fail(here, f"“{name}”不在本方案的乡镇里；请改正，或在区划文件里改它的 townships。")


def _feedback_mistakes(doc: Document, loc: Loc, entry: RuleEntry) -> Iterator[FileError]:
    """Only whom the rule calls can owe it an answer, and after it a feedback."""
    called = entry.called
    for i, each in enumerate(entry.feedback):
        here = (*loc, "feedback", i)
        if not called:
            yield doc.fail(here, "规则没有叫应任何岗位，不能要求反馈；请先写 calls。")
        for j, role in enumerate(each.roles if called else ()):
            if role not in called:
                said = f"本规则没有叫应“{role}”{near(role, called)}，不能要求反馈；请改正其一。"
                yield doc.fail((*here, "roles", j), said)


def unknown(doc: Document, loc: Loc, role: str, roles: Sequence[str]) -> Iterator[FileError]:
    """A mistake where the role is not among those of the plan."""
    if role not in roles:
        mend = "请改正，或先在本文件开头的 roles 里写明。"
        yield doc.fail(loc, f"没有“{role}”这个岗位{near(role, roles)}；{mend}")


def unknown_ladder(doc: Document, loc: Loc, name: str, ladders: Mapping[str, Ladder] | None) -> Iterator[FileError]:
    """Without a readable ladders.yaml nothing can be said about names of ladders."""
    if ladders is not None and name not in ladders:
        mend = "请改正，或先在 ladders.yaml 里写明。"
        yield doc.fail(loc, f"没有“{name}”这个叫应阶梯{near(name, list(ladders))}；{mend}")
