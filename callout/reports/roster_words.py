"""A roster and its changes in words, as plain documents: for a screen, for programs, and across the control socket."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callout.domain.area import County
from callout.domain.roster import ContactMethod, Post, Responder, Roster
from callout.domain.roster_change import LOUD, Changes, Field, RosterDiff, Weak, Weakness, diff, weaknesses
from callout.domain.rule import Rulebook
from callout.reports.sheets import mask_number

Doc = dict[str, Any]

FIELDS: Mapping[str, str] = {
    Field.AREA: "乡镇", Field.ROLE: "角色", Field.TITLE: "岗位", Field.HOLDER: "任职人", Field.DEPUTY: "副职",
    Field.SUPERIOR: "上级岗位", Field.NAME: "姓名", Field.CONTACTS: "号码",
}  # fmt: skip
WEAKNESSES: Mapping[str, str] = {
    Weakness.NO_DESK: "没有“{about}”这个角色的岗位：待人工的事没有人会被叫，请立即补上",
    Weakness.DESK_UNREACHABLE: "值班室一个能用的号码也没有：待人工的事没有人会被叫，请立即补上",
    Weakness.LOST_REACH: "{many} 个岗位原来叫得到，改后没有任职人或没有号码",
    Weakness.VACANT: "{many} 个岗位空缺，预警时直接转人工",
    Weakness.NO_NUMBER: "{many} 个岗位的任职人没有号码，预警时直接转人工",
    Weakness.ROLE_MISSING: "规则要叫而名册里没有的岗位 {about_many} 处",
    Weakness.ROLE_UNCALLED: "{many} 个岗位的角色没有规则叫，预警时不会叫到",
    Weakness.SHARED_NUMBER: "{people_many} 人与别人共用号码，从它来的答复只算代答",
    Weakness.SUPERIOR_CIRCLE: "{many} 个岗位的上级绕回自己",
    Weakness.NO_SUPERIOR: "{many} 个岗位没有上级岗位，叫不应时少一步",
    Weakness.DEPUTY_SELF: "{many} 个岗位的副职就是本人，叫不应时少一步",
    Weakness.NO_DEPUTY: "{many} 个岗位没有副职，叫不应时少一步",
    Weakness.SAME_NAME: "{people_many} 人同名，若是同一人请把号码写成一样",
}


@dataclass(frozen=True, slots=True)
class _Names:
    """What ids of one roster mean."""

    county: County
    posts: Mapping[int, Post]
    people: Mapping[int, Responder]

    def area(self, key: str) -> str:
        names = {self.county.key: self.county.name, **{t.key: t.name for t in self.county.townships}}
        return names.get(key, key)

    def post(self, ident: int) -> Doc:
        post = self.posts[ident]
        return {"id": ident, "area": self.area(post.area), "role": post.role, "title": post.title,
                "holder": self.person(post.holder)}  # fmt: skip

    def person(self, ident: int | None) -> str:
        return self.people[ident].name if ident is not None else ""

    def value(self, of: Post | Responder, field: Field) -> str:
        value = getattr(of, field)
        if field is Field.AREA:
            return self.area(value)
        if field is Field.CONTACTS:
            return _masked(value)
        if field is Field.SUPERIOR:
            return self.posts[value].title if value is not None else ""
        return self.person(value) if field in (Field.HOLDER, Field.DEPUTY) else str(value)


def _names(roster: Roster, county: County) -> _Names:
    return _Names(county, {p.id: p for p in roster.posts}, {p.id: p for p in roster.responders})


def _masked(contacts: Sequence[ContactMethod]) -> str:
    return "、".join(mask_number(c.e164) for c in contacts) or "无"


def changes(before: Roster, after: Roster, rulebook: Rulebook) -> Doc:
    """What `after` changes and what it leaves open; numbers show their last four digits only."""
    found = diff(before, after)
    old, new = _names(before, rulebook.county), _names(after, rulebook.county)
    return {
        "posts": len(after.posts),
        "people": len(after.responders),
        "different": bool(found),
        "posts_added": [new.post(i) for i in found.posts.added],
        "posts_removed": [old.post(i) for i in found.posts.removed],
        "posts_changed": [
            {**new.post(i), "fields": _fields(fields, old.posts[i], new.posts[i], (old, new))}
            for i, fields in found.posts.changed.items()
        ],
        "people_added": [{"id": i, "name": new.person(i)} for i in found.people.added],
        "people_removed": [{"id": i, "name": old.person(i)} for i in found.people.removed],
        "people_changed": [
            {"id": i, "name": new.person(i), "fields": _fields(fields, old.people[i], new.people[i], (old, new))}
            for i, fields in found.people.changed.items()
        ],
        "areas": _areas(found, old, new),
        "warnings": warnings(weaknesses(after, rulebook, before), after),
    }


def _fields(
    fields: Iterable[Field], before: Post | Responder, after: Post | Responder, names: tuple[_Names, _Names]
) -> list[Doc]:
    old, new = names
    return [{"field": FIELDS[f], "before": old.value(before, f), "after": new.value(after, f)} for f in fields]


def _areas(found: RosterDiff, old: _Names, new: _Names) -> list[Doc]:
    """Counts per township, those of the new roster first, in the order of the county's list."""
    rows: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for names, column in ((old, "before"), (new, "after")):
        for post in names.posts.values():
            rows[post.area][column] += 1
    for column, ids, names in (
        ("added", found.posts.added, new),
        ("removed", found.posts.removed, old),
        ("changed", tuple(found.posts.changed), new),
    ):
        for ident in ids:
            rows[names.posts[ident].area][column] += 1
    order = [new.county.key, *(t.key for t in new.county.townships)]
    keys = [key for key in order if key in rows] + sorted(rows.keys() - set(order))
    columns = ("before", "after", "added", "changed", "removed")
    return [{"area": new.area(key), **{column: rows[key][column] for column in columns}} for key in keys]


def warnings(found: Iterable[Weak], roster: Roster) -> list[Doc]:
    """Each weakness as a sentence, with the posts, people and words that it is about."""
    titles, names = {p.id: p.title for p in roster.posts}, {p.id: p.name for p in roster.responders}
    return [
        {
            "kind": weak.kind.value,
            "loud": weak.kind in LOUD,
            "text": WEAKNESSES[weak.kind].format(
                many=len(weak.posts),
                people_many=len(weak.people),
                about_many=len(weak.about),
                about="、".join(weak.about[:3]),
            ),
            "about": [*(titles[i] for i in weak.posts), *(names[i] for i in weak.people), *weak.about],
        }
        for weak in found
    ]


def on_record(found: RosterDiff) -> Doc:
    """The change as the audit record keeps it: ids only, for names and numbers can be erased and the record cannot."""
    return {"posts": _spans(found.posts), "people": _spans(found.people)}


def _spans(found: Changes) -> Doc:
    ids = {"added": found.added, "removed": found.removed, "changed": tuple(found.changed)}
    return {what: ",".join(_ranges(each)) for what, each in ids.items() if each}


def _ranges(ids: Sequence[int]) -> Iterable[str]:
    begin = last = None
    for ident in ids:
        if last is not None and ident == last + 1:
            last = ident
            continue
        if begin is not None:
            yield f"{begin}-{last}" if last != begin else f"{begin}"
        begin = last = ident
    if begin is not None:
        yield f"{begin}-{last}" if last != begin else f"{begin}"


def census(roster: Roster, rulebook: Rulebook) -> Doc:
    """How many posts of each role there are in each township, and what the roster leaves open."""
    names = _names(roster, rulebook.county)
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for post in roster.posts:
        counts[post.area][post.role] += 1
    order = [rulebook.county.key, *(t.key for t in rulebook.county.townships)]
    keys = [key for key in order if key in counts] + sorted(counts.keys() - set(order))
    return {
        "version": roster.version,
        "posts": len(roster.posts),
        "people": len(roster.responders),
        "areas": [{"area": names.area(key), "posts": counts[key].total(), "roles": dict(counts[key])} for key in keys],
        "townships_without": [t.name for t in rulebook.county.townships if t.key not in counts],
        "warnings": warnings(weaknesses(roster, rulebook), roster),
    }
