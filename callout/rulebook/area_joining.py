"""A county's areas file from the lists of both code systems and the file in use, and what a person should look at."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from callout.domain.alert import CodeSystem
from callout.domain.area import Abolished, County, Locality
from callout.rulebook.area_tables import Codes, Listed
from callout.rulebook.area_villages import Village, together
from callout.rulebook.township_codes import BOTH, SYSTEMS, code_in


@dataclass(frozen=True, slots=True)
class Joined:
    """A county by both lists."""

    county: str
    name: str
    stats: Listed
    mca: Listed
    villages: Mapping[CodeSystem, Codes] = field(default_factory=dict)
    """By system: twelve digits → name."""
    old: County | None = None
    """As the file in use has it."""

    @property
    def names(self) -> tuple[str, ...]:
        """All townships, in the order of their codes in 统计局's list, then those that only 民政部 has."""
        stats, mca = self.stats.codes, self.mca.codes
        only = sorted(mca.keys() - stats.keys(), key=lambda name: mca[name])
        return (*sorted(stats, key=lambda name: stats[name]), *only)

    def text(self) -> str:
        """The areas file; short names, places and what is known of abolished townships stay from the file in use."""
        spots, gone, peopled = self.spots(), self.abolished(), [*self._peopled_lines()]
        lines = [
            f'county: {{gb2260: "{self.county}", name: {_word(self.name)}}}',
            "townships:",
            *(self._township(name) for name in self.names),
            *(("", "places:") if spots else ()),
            *(_spot(each, self._town_names) for each in spots),
            *(("", "villages:", *peopled) if peopled else ()),
            *(("", "abolished:") if gone else ()),
            *(_gone(each) for each in gone),
        ]
        return "\n".join(lines) + "\n"

    def _township(self, name: str) -> str:
        known = next((t.aliases for t in self.old.townships if t.name == name), ()) if self.old else ()
        alias = f"alias: {_flow(known) if len(known) > 1 else _word(known[0])}, " if known else ""
        stats, mca = _code(self.stats.codes.get(name)), _code(self.mca.codes.get(name))
        return f"  - {{name: {_word(name)}, {alias}stats: {stats}, mca: {mca}}}"

    def _peopled_lines(self) -> Iterator[str]:
        known = self.peopled()
        for town in self.names:
            lists = {system: {codes[system]: name for (where, name), codes in known.items()
                              if where == town and system in codes} for system in BOTH}  # fmt: skip
            if any(lists.values()):
                yield f"  - township: {_word(town)}"
            for system, codes in lists.items():
                if codes:
                    said = ", ".join(f'"{code}": {_word(name)}' for code, name in sorted(codes.items()))
                    yield f"    {system}: {{{said}}}"

    @property
    def _town_names(self) -> Mapping[str, str]:
        """Key of a township → its name, in the file to be written and in the one in use."""
        old = {t.key: t.name for t in self.old.townships} if self.old else {}
        mca = {f"{CodeSystem.MCA}:{code}": name for name, code in self.mca.codes.items()}
        return old | mca | {f"{CodeSystem.STATS}:{code}": name for name, code in self.stats.codes.items()}

    def spots(self) -> list[Locality]:
        """The office's own places; what is a village of the lists now stands there."""
        listed = {name for _, name in self.peopled()}
        return [place for place in self._kept() if not (place.stats or place.mca) and place.name not in listed]

    def _kept(self) -> Iterator[Locality]:
        """Places of the file in use, as far as their townships are still there."""
        for place in self.old.places if self.old else ():
            areas = frozenset(key for key in place.areas if self._town_names[key] in self.names)
            if areas:
                yield replace(place, areas=areas)

    def peopled(self) -> Mapping[Village, Mapping[CodeSystem, str]]:
        """The villages with their codes: those of the lists, and in a system without a list those in use."""
        lists = []
        for system, codes in self.villages.items():
            for town, begins in self._listed(system).codes.items():
                lists.append((system, town, {code: name for code, name in codes.items() if code[:9] == begins}))
        for (town, name), known in self._villages_in_use().items():
            lists += [(system, town, {code: name}) for system, code in known.items() if system not in self.villages]
        return together(lists)

    def _villages_in_use(self) -> Mapping[Village, Mapping[CodeSystem, str]]:
        found = {}
        for place in self._kept():
            if codes := {system: code for system in BOTH if (code := code_in(place, system))}:
                town = self._town_names[next(iter(place.areas))]
                found[town, place.name.removeprefix(town)] = codes
        return found

    def _listed(self, system: CodeSystem) -> Listed:
        return self.stats if system is CodeSystem.STATS else self.mca

    def abolished(self) -> list[Abolished]:
        """Townships that a list marks as abolished, or that the file in use has and no list any more."""
        known = {one.name: one for one in self.old.abolished} if self.old else {}
        marked = dict.fromkeys([*self.stats.gone, *self.mca.gone])
        lost = [t for t in self.old.townships if t.name not in self.names] if self.old else []
        found = [*known.values()]
        for name in (name for name in marked if name not in known):
            likely = self._likely(name)
            found.append(Abolished(name, self.stats.gone.get(name), self.mca.gone.get(name), *likely))
        for town in (town for town in lost if town.name not in marked and town.name not in known):
            stats, mca = (self._unused(code_in(town, system), system) for system in BOTH)
            if stats or mca:
                found.append(Abolished(town.name, stats, mca, *self._likely(town.name, town.key)))
        return found

    def _unused(self, code: str | None, system: CodeSystem) -> str | None:
        """A code that goes on under another name is not abolished: the township was renamed."""
        return None if code in self._listed(system).codes.values() else code

    def _likely(self, name: str, key: str = "") -> tuple[tuple[str, ...], str, str]:
        """(now, since, basis) by the villages: where those of old lie now, else where one bears the old name."""
        inside = [*self.peopled()]
        had = self.old.places if self.old and key else ()
        mine = {place.name for place in had if key in place.areas and (place.stats or place.mca)}
        moved = Counter(town for town, name in inside if name in mine or f"{town}{name}" in mine)
        if moved:
            told = "，".join(f"{many} 个在{town}" for town, many in moved.most_common())
            return tuple(town for town, _ in moved.most_common()), "", f"原有的村（社区）{told}"
        stem = re.sub(r"(?<=..)(街道|[镇乡])$", "", name)
        heirs = [(town, village) for town, village in inside if village.startswith(stem)]
        told = "，".join(f"{town}有{village}" for town, village in heirs)
        return tuple(dict.fromkeys(town for town, _ in heirs)), "", told and f"按村名推断：{told}"

    def remarks(self) -> Iterator[str]:
        """Names in one list only, codes with two meanings, what is abolished, changes against the file in use."""
        stats, mca = self.stats.codes, self.mca.codes
        if stats == mca:
            yield "两份名单完全相同，请核对是不是把同一份给了两次"
        if stats and mca:
            for system, mine, other in (("统计局", stats, mca), ("民政部", mca, stats)):
                if only := [name for name in self.names if name in mine and name not in other]:
                    yield f"只有{system}有：{'、'.join(only)}（同一乡镇写法不同的，请合成一行，两个代码都写上）"
        owners = {code: name for name, code in mca.items()}
        for name, code in stats.items():
            if owners.get(code, name) != name:
                yield f"{code} 在统计局是{name}，在民政部是{owners[code]}"
        yield from map(_remark, self.abolished())
        yield from self._doubled()
        yield from self._changed(self.old) if self.old else ()

    def _doubled(self) -> Iterator[str]:
        for system, codes in self.villages.items():
            for (begins, name), many in Counter((code[:9], name) for code, name in codes.items()).items():
                if many > 1:
                    yield f"{SYSTEMS[system]} {begins} 下有 {many} 个{name}，只留了一个代码；请改成不同的名称后补上"

    def _changed(self, old: County) -> Iterator[str]:
        kept = {place.name for place in self._kept()}
        if lost := [place.name for place in old.places if place.name not in kept]:
            yield f"所在的乡镇已不在名单里、没有留下的地点：{'、'.join(lost)}"
        had = {town.name: town for town in old.townships}
        for name in self.names:
            if name not in had:
                yield f"现用区划文件里没有{name}"
        yield from (f"现用区划文件里的{name}，两份数据都没有" for name in had if name not in self.names)
        for system in BOTH:
            codes = self._listed(system).codes
            for name in had.keys() & codes.keys():
                was = code_in(had[name], system)
                if was != codes[name]:
                    yield f"{name}的{SYSTEMS[system]}代码：现用 {was or '没有'}，数据里是 {codes[name]}"


def _remark(one: Abolished) -> str:
    codes = "、".join(f"{SYSTEMS[system]} {code}" for system in BOTH if (code := code_in(one, system)))
    likely = (
        f"现多半是{'或'.join(one.now)}（{one.basis}），请核对" if one.now else "数据里没有现属哪里，知道的请写在 now"
    )
    return f"{one.name}（{codes}）已撤销，{likely}"


def _spot(place: Locality, towns: Mapping[str, str]) -> str:
    inside = _flow(sorted(towns[key] for key in place.areas))
    return f"  - {{name: {_word(place.name)}, kind: {place.kind}, townships: {inside}}}"


def _gone(one: Abolished) -> str:
    said = f"name: {_word(one.name)}, stats: {_code(one.stats)}, mca: {_code(one.mca)}"
    said += f", now: {_flow(one.now)}" if one.now else ""
    said += "".join(
        f", {key}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in (("since", one.since), ("basis", one.basis))
        if value
    )
    return f"  - {{{said}}}"


def _word(text: str) -> str:
    return text if re.fullmatch(r"[^\W\d_][\w（）()·]*", text) else json.dumps(text, ensure_ascii=False)


def _flow(words: Iterable[str]) -> str:
    return f"[{', '.join(_word(word) for word in words)}]"


def _code(code: str | None) -> str:
    return f'"{code}"' if code else "null"
