"""From rule files to one Rulebook. The texts alone decide it, so a stored version can be parsed again."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath

from callout.domain.alert import CodeSystem
from callout.domain.area import Abolished, County, Locality, Township
from callout.domain.errors import RuleError
from callout.domain.instant import Millis
from callout.domain.ladder import Ladder, Step
from callout.domain.level import Level
from callout.domain.rule import Rule, Rulebook
from callout.rulebook.area_mistakes import area_mistakes
from callout.rulebook.area_villages import villages_of
from callout.rulebook.codes_file import FILE as CODES
from callout.rulebook.codes_file import CodesFile, book_of, code_mistakes
from callout.rulebook.document import Document, FileError, Model, Place, load, near
from callout.rulebook.gauges import FILE as GAUGES
from callout.rulebook.gauges import GaugesFile, gauge_mistakes, gauges_of, thresholds_of
from callout.rulebook.mistakes import office_mistakes, rule_mistakes, unknown
from callout.rulebook.models import (
    AreasFile,
    CountyFile,
    IndustryFile,
    LaddersFile,
    Plan,
    TownshipEntry,
    TownshipFile,
    TownshipRef,
)
from callout.rulebook.rules import Ground, as_rule
from callout.rulebook.township_codes import meant

_FOLDERS = ("areas", "industries", "townships")
_SINGLE = ("county.yaml", "ladders.yaml", GAUGES, CODES)


def read_files(folder: Path) -> dict[str, str]:
    """Every YAML file under `folder`: path below it → text. Raises RuleError for a file that is not UTF-8."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".yaml", ".yml") and path.is_file())
    if not found:
        raise RuleError(f"{folder.name} 目录里没有规则文件（.yaml）；请检查目录位置。")
    return {path.relative_to(folder).as_posix(): _text(folder, path) for path in found if path.name[0] != "."}


def _text(folder: Path, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        place = Place(path.relative_to(folder).as_posix())
        raise FileError(place, "文件编码不是 UTF-8；请用编辑器另存为 UTF-8。") from None


def parse(files: Mapping[str, str], county: str) -> Rulebook:
    """The rulebook of the county with the six-digit code `county`.

    Its version is a hash of all names and texts. Raises RuleError, in Chinese, for the first thing that cannot be used.
    """
    return _parsed(tuple(sorted(files.items())), county)


@lru_cache(maxsize=4)
def _parsed(files: tuple[tuple[str, str], ...], county: str) -> Rulebook:
    """Cached, because what is put in force is soon read again from the record."""
    rulebook, mistakes = examine(dict(files), county)
    if rulebook is None:
        raise mistakes[0]
    return rulebook


def examine(files: Mapping[str, str], county: str) -> tuple[Rulebook | None, list[FileError]]:
    """The same with everything that cannot be used; there is no rulebook where there is any mistake."""
    reading = _Reading(files)
    reading.mistakes += _misplaced(files)
    place = reading.areas(county)
    ladders, limits = reading.ladders()
    desk_doc, office = reading.office(place, ladders)
    ground = Ground(place, ladders, tuple(office.exempt) if office else ())
    rules = [*reading.rules(desk_doc, office, frozenset({place.key}) if place else frozenset(), ground)]
    for doc in reading.folder("industries"):
        rules += reading.rules(doc, reading.shape(doc, IndustryFile), frozenset(), ground)
    general = [rule.id for rule in rules if not place or rule.areas != frozenset({place.key})]
    planned: dict[str, str] = {}
    for doc in reading.folder("townships"):
        plan = reading.shape(doc, TownshipFile)
        key = reading.township(doc, plan, place, planned)
        rules += reading.rules(doc, plan, frozenset({key}), ground)
        reading.overrides(doc, plan, key, general)
    measured, codes = reading.gauges(place), reading.codes()
    if reading.mistakes or place is None or office is None or ladders is None:
        return None, reading.mistakes
    place = _by_office(place, office)
    names = office.desk.role, office.desk.ladder
    place = replace(place, gauges=gauges_of(measured, place), codes=book_of(codes))
    told = tuple(replace(rule, overridden=frozenset(reading.overridden.get(rule.id, ()))) for rule in rules)
    book = Rulebook(version(files), place, told, ladders, frozenset(planned), *names, limits)
    limits_of = thresholds_of(measured, place)
    return replace(book, spare=frozenset(reading.spare), named=tuple(reading.named), thresholds=limits_of), []


def _by_office(place: County, office: CountyFile) -> County:
    """The county with what its own plan sets."""
    waits = {level: getattr(office.confirm, level) for level in Level}
    return replace(
        place,
        validity={level: getattr(office.validity, level) for level in Level},
        confirm={level: wait for level, wait in waits.items() if wait},
        office=office.office.strip(),
    )


def version(files: Mapping[str, str]) -> str:
    """SHA-256 over all names and texts, independent of their order."""
    text = json.dumps(sorted(files.items()), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _misplaced(files: Mapping[str, str]) -> Iterator[FileError]:
    """A file in the wrong place would be a plan that nobody follows: refuse it. Plans are told apart by their stem."""
    stems: dict[str, str] = {}
    for name in sorted(files):
        path = PurePosixPath(name)
        known = name in _SINGLE or (len(path.parts) == len(("folder", "file")) and path.parts[0] in _FOLDERS)
        if not known or path.suffix != ".yaml":
            wanted = f"{'、'.join(_SINGLE)} 或 {'、'.join(_FOLDERS)} 目录下的 .yaml 文件"
            yield FileError(Place(name), f"不认识的规则文件；应为 {wanted}。")
        elif path.parts[0] != "areas":
            if "," in path.stem:
                yield FileError(Place(name), "文件名不能含逗号；请改名。")
            if path.stem in stems:
                yield FileError(Place(name), f"与 {stems[path.stem]} 同名；请改名，规则编号由文件名区分。")
            stems[path.stem] = name


@dataclass(slots=True)
class _Reading:
    """One pass over the files that goes on after a mistake, so that all of them are found."""

    files: Mapping[str, str]
    mistakes: list[FileError] = field(default_factory=list)
    overridden: dict[str, list[str]] = field(default_factory=dict)
    """Rule of an industry → townships whose own plan stands in its place."""
    spare: list[tuple[str, str]] = field(default_factory=list)
    """(area or empty, role) of posts that must have somebody to stand in."""
    named: list[tuple[str, str, str]] = field(default_factory=list)
    """(plan, area or empty, role) of every role that a plan names."""

    def load(self, name: str) -> Document | None:
        """The file, None where it is missing or is no YAML."""
        if name not in self.files:
            self.mistakes.append(FileError(Place(name), "缺少这个文件；请补上。"))
            return None
        try:
            return load(name, self.files[name])
        except FileError as error:
            self.mistakes.append(error)
            return None

    def folder(self, folder: str) -> Iterator[Document]:
        """The readable plans of a folder."""
        names = (name for name in sorted(self.files) if name.startswith(f"{folder}/") and name.count("/") == 1)
        return (doc for doc in map(self.load, names) if doc)

    def shape(self, doc: Document | None, model: type[Model]) -> Model | None:
        """The document as `model`."""
        if doc is None:
            return None
        found, mistakes = doc.read(model)
        self.mistakes += mistakes
        return found

    def areas(self, code: str) -> County | None:
        """The county and its townships."""
        doc = self.load(f"areas/{code}.yaml")
        entry = self.shape(doc, AreasFile)
        if doc is None or entry is None:
            return None
        self.mistakes += area_mistakes(doc, entry, code)
        townships = tuple(_as_township(each) for each in entry.townships)
        gone = tuple(Abolished(a.name, a.stats, a.mca, tuple(a.now), a.since, a.basis) for a in entry.abolished)
        return County(code, entry.county.name, townships, _places(entry, townships), abolished=gone)

    def gauges(self, place: County | None) -> GaugesFile:
        """Gauges and thresholds; a county that has none needs no file."""
        if GAUGES not in self.files:
            return GaugesFile()
        doc = self.load(GAUGES)
        entry = self.shape(doc, GaugesFile)
        if doc is not None and entry is not None and place is not None:
            self.mistakes += gauge_mistakes(doc, entry, place)
        return entry or GaugesFile()

    def codes(self) -> CodesFile:
        """Codes beyond the own county; a county that wants no help with them needs no file."""
        doc = self.load(CODES) if CODES in self.files else None
        entry = self.shape(doc, CodesFile)
        if doc is not None and entry is not None:
            self.mistakes += code_mistakes(doc, entry)
        return entry or CodesFile()

    def ladders(self) -> tuple[dict[str, Ladder] | None, dict[str, Millis]]:
        """The ladders by name, and their limits."""
        found = self.shape(self.load("ladders.yaml"), LaddersFile)
        limits = {name: one.limit for name, one in found.ladders.items() if one.limit} if found else {}
        return None if found is None else _ladders(found), limits

    def office(
        self, place: County | None, ladders: Mapping[str, Ladder] | None
    ) -> tuple[Document | None, CountyFile | None]:
        """The county's own plan."""
        doc = self.load("county.yaml")
        office = self.shape(doc, CountyFile)
        if doc is not None and office is not None:
            self.mistakes += office_mistakes(doc, office, place, ladders)
        return doc, office

    def township(self, doc: Document, plan: TownshipFile | None, place: County | None, planned: dict[str, str]) -> str:
        """The key of the township that a plan is for, noted in `planned`; empty where that cannot be said."""
        if plan is None or place is None:
            return ""
        key = _key(doc, plan.township, place)
        if isinstance(key, FileError):
            self.mistakes.append(key)
            return ""
        if key in planned:
            again = f"{plan.township.name}已有方案 {planned[key]}；一个乡镇只留一个方案。"
            self.mistakes.append(doc.fail(("township",), again))
        planned[key] = doc.name
        return key

    def rules(self, doc: Document | None, plan: Plan | None, areas: frozenset[str], ground: Ground) -> Iterator[Rule]:
        """The rules of a plan."""
        if doc is None or plan is None:
            return
        stem = PurePosixPath(doc.name).stem
        self.named += [(stem, area, role) for area in areas or ("",) for role in plan.roles]
        for at, role in enumerate(plan.spare):
            self.mistakes += unknown(doc, ("spare", at), role, plan.roles)
            self.spare += [(area, role) for area in areas or ("",)]
        for at, entry in enumerate(plan.rules):
            self.mistakes += rule_mistakes(doc, ("rules", at), entry, (plan.roles, areas), ground)
            yield as_rule(stem, entry, areas, ground)

    def overrides(self, doc: Document, plan: TownshipFile | None, key: str, general: Sequence[str]) -> None:
        """Note which rules of industries the township replaces by its own."""
        for at, each in enumerate(plan.overrides if plan else ()):
            if each.rule not in general:
                said = f"没有“{each.rule}”这条行业规则{near(each.rule, general)}；请写成 行业文件名/规则编号。"
                self.mistakes.append(doc.fail(("overrides", at, "rule"), said))
            self.overridden.setdefault(each.rule, []).append(key)


def _places(entry: AreasFile, townships: Sequence[Township]) -> tuple[Locality, ...]:
    keys = {township.name: township.key for township in townships}
    spots = tuple(
        Locality(each.name, each.kind, frozenset(keys[town] for town in each.townships if town in keys))
        for each in entry.places
    )
    return spots + tuple(villages_of(entry, keys))


def _as_township(entry: TownshipEntry) -> Township:
    return Township(entry.name, entry.stats, entry.mca, tuple(entry.alias))


def _ladders(found: LaddersFile) -> dict[str, Ladder]:
    return {
        name: Ladder(
            name, entry.strictness, tuple(Step(s.target, s.number, s.day, s.night, s.wait) for s in entry.steps)
        )
        for name, entry in found.ladders.items()
    }


def _key(doc: Document, ref: TownshipRef, place: County) -> str | FileError:
    for township in place.townships:
        code = township.stats if ref.system is CodeSystem.STATS else township.mca
        if code == ref.code:
            if township.name != ref.name:
                right = meant(place, ref.code, ref.name)
                other = f"代码 {code}（{ref.system}）是{township.name}，不是{ref.name}{right}；请改正其一。"
                return doc.fail(("township", "name"), other)
            return township.key
    hint = meant(place, ref.code, ref.name) or near(ref.name, [township.name for township in place.townships])
    return doc.fail(("township", "code"), f"{place.name}没有代码为 {ref.code}（{ref.system}）的乡镇{hint}；请改正。")
