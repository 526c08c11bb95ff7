"""From rule files to one Rulebook. The texts alone decide it, so a stored version can be parsed again."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from callout.domain.alert import CodeSystem
from callout.domain.area import County, Township
from callout.domain.errors import RuleError
from callout.domain.ladder import Ladder, Step
from callout.domain.rule import Call, Condition, FeedbackDuty, Rule, Rulebook, StopWorkProposal
from callout.rulebook.document import Document, Loc, load, near
from callout.rulebook.models import (
    AreasFile,
    CountyEntry,
    CountyFile,
    IndustryFile,
    LaddersFile,
    Plan,
    RuleEntry,
    TownshipEntry,
    TownshipFile,
    TownshipRef,
)

_FOLDERS = ("areas", "industries", "townships")
_SINGLE = ("county.yaml", "ladders.yaml")


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
        name = path.relative_to(folder).as_posix()
        raise RuleError(f"{name}：文件编码不是 UTF-8；请用编辑器另存为 UTF-8。") from None


def parse(files: Mapping[str, str], county: str) -> Rulebook:
    """The rulebook of the county with the six-digit code `county`.

    Its version is a hash of all names and texts. Raises RuleError, in Chinese, for the first thing that cannot be used.
    """
    _check_places(files)
    place = _areas(files, county)
    ladders = _ladders(_one(files, "ladders.yaml"))
    desk_doc = _one(files, "county.yaml")
    office = _county(desk_doc, place, ladders)
    rules = [*_rules(desk_doc, office, frozenset({place.key}), ladders)]
    for doc in _folder(files, "industries"):
        rules += _rules(doc, doc.read(IndustryFile), frozenset(), ladders)
    planned: dict[str, str] = {}
    for doc in _folder(files, "townships"):
        plan = doc.read(TownshipFile)
        key = _township(doc, plan.township, place)
        if key in planned:
            raise doc.fail(("township",), f"{plan.township.name}已有方案 {planned[key]}；一个乡镇只留一个方案。")
        planned[key] = doc.name
        rules += _rules(doc, plan, frozenset({key}), ladders)
    desk = office.desk
    return Rulebook(version(files), place, tuple(rules), ladders, frozenset(planned), desk.role, desk.ladder)


def version(files: Mapping[str, str]) -> str:
    """SHA-256 over all names and texts, independent of their order."""
    text = json.dumps(sorted(files.items()), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _check_places(files: Mapping[str, str]) -> None:
    """A file in the wrong place would be a plan that nobody follows: refuse it. Plans are told apart by their stem."""
    stems: dict[str, str] = {}
    for name in sorted(files):
        path = PurePosixPath(name)
        known = name in _SINGLE or (len(path.parts) == len(("folder", "file")) and path.parts[0] in _FOLDERS)
        if not known or path.suffix != ".yaml":
            raise RuleError(
                f"{name}：不认识的规则文件；应为 {'、'.join(_SINGLE)} 或 {'、'.join(_FOLDERS)} 目录下的 .yaml 文件。"
            )
        if path.parts[0] == "areas":
            continue
        if "," in path.stem:
            raise RuleError(f"{name}：文件名不能含逗号；请改名。")
        if path.stem in stems:
            raise RuleError(f"{name}：与 {stems[path.stem]} 同名；请改名，规则编号由文件名区分。")
        stems[path.stem] = name


def _one(files: Mapping[str, str], name: str) -> Document:
    if name not in files:
        raise RuleError(f"{name}：缺少这个文件；请补上。")
    return load(name, files[name])


def _folder(files: Mapping[str, str], folder: str) -> Iterator[Document]:
    return (load(name, files[name]) for name in sorted(files) if name.startswith(f"{folder}/"))


def _areas(files: Mapping[str, str], code: str) -> County:
    doc = _one(files, f"areas/{code}.yaml")
    entry = doc.read(AreasFile)
    if entry.county.gb2260 != code:
        raise doc.fail(("county", "gb2260"), f"代码与文件名不符；应为“{code}”。")
    for name, codes in (
        ("stats", [each.stats for each in entry.townships]),
        ("mca", [each.mca for each in entry.townships]),
        ("name", [each.name for each in entry.townships]),
    ):
        _check_column(doc, name, codes, code)
    return County(code, entry.county.name, tuple(_as_township(each) for each in entry.townships))


def _check_column(doc: Document, column: str, values: Sequence[str | None], county: str) -> None:
    for at, value in enumerate(values):
        if value is not None and value in values[:at]:
            raise doc.fail(("townships", at, column), f"“{value}”与前面的乡镇重复；请改正。")
        if value is not None and column != "name" and not value.startswith(county):
            raise doc.fail(("townships", at, column), f"“{value}”不在本区县（{county}）之内；请改正。")


def _as_township(entry: TownshipEntry) -> Township:
    return Township(entry.name, entry.stats, entry.mca, tuple(entry.alias))


def _ladders(doc: Document) -> dict[str, Ladder]:
    return {
        name: Ladder(
            name, entry.strictness, tuple(Step(s.target, s.number, s.day, s.night, s.wait) for s in entry.steps)
        )
        for name, entry in doc.read(LaddersFile).ladders.items()
    }


def _county(doc: Document, place: County, ladders: Mapping[str, Ladder]) -> CountyFile:
    office = doc.read(CountyFile)
    if office.county != CountyEntry(gb2260=place.code, name=place.name):
        raise doc.fail(("county",), f"与区划文件不符；应为 {place.code} {place.name}。")
    _check_known(doc, ("desk", "role"), office.desk.role, office.roles, "岗位")
    _check_known(doc, ("desk", "ladder"), office.desk.ladder, list(ladders), "叫应阶梯")
    return office


def _township(doc: Document, ref: TownshipRef, place: County) -> str:
    for township in place.townships:
        code = township.stats if ref.system is CodeSystem.STATS else township.mca
        if code == ref.code:
            if township.name != ref.name:
                raise doc.fail(
                    ("township", "name"), f"代码 {code}（{ref.system}）是{township.name}，不是{ref.name}；请改正其一。"
                )
            return township.key
    names = [township.name for township in place.townships]
    hint = near(ref.name, names)
    raise doc.fail(("township", "code"), f"{place.name}没有代码为 {ref.code}（{ref.system}）的乡镇{hint}；请改正。")


def _rules(doc: Document, plan: Plan, areas: frozenset[str], ladders: Mapping[str, Ladder]) -> Iterator[Rule]:
    stem = PurePosixPath(doc.name).stem
    for at, entry in enumerate(plan.rules):
        _check_rule(doc, ("rules", at), entry, plan.roles, list(ladders))
        yield Rule(
            id=f"{stem}/{entry.id}",
            plan=stem,
            areas=areas,
            when=tuple(_conditions(entry)),
            calls=tuple(Call(tuple(call.roles), call.ladder) for call in entry.calls),
            proposals=tuple(StopWorkProposal(wish.code, wish.role, wish.measure) for wish in entry.stop_work),
            measure=entry.measure,
            feedback=tuple(FeedbackDuty(e.kind, e.within, tuple(e.roles or _called(entry))) for e in entry.feedback),
            at=entry.at,
        )


def _called(entry: RuleEntry) -> list[str]:
    return list(dict.fromkeys(role for call in entry.calls for role in call.roles))


def _conditions(entry: RuleEntry) -> Iterator[Condition]:
    yield Condition("hazard", ",".join(hazard.value for hazard in entry.hazard))
    if entry.level and entry.level.exactly:
        yield Condition("level", entry.level.exactly.value)
    if entry.level and entry.level.at_least:
        yield Condition("level_at_least", entry.level.at_least.value)
    if entry.issued:
        yield Condition("issued", entry.issued)
    if entry.season:
        yield Condition("season", entry.season)


def _check_rule(doc: Document, loc: Loc, entry: RuleEntry, roles: Sequence[str], ladders: Sequence[str]) -> None:
    for i, call in enumerate(entry.calls):
        here = (*loc, "calls", i)
        _check_known(doc, (*here, "ladder"), call.ladder, ladders, "叫应阶梯")
        for j, role in enumerate(call.roles):
            _check_known(doc, (*here, "roles", j), role, roles, "岗位")
    for i, wish in enumerate(entry.stop_work):
        _check_known(doc, (*loc, "stop_work", i, "role"), wish.role, roles, "岗位")

    _check_feedback(doc, loc, entry)


def _check_feedback(doc: Document, loc: Loc, entry: RuleEntry) -> None:
    """Only whom the rule calls can owe it an answer, and after it a feedback."""
    called = _called(entry)
    for i, each in enumerate(entry.feedback):
        here = (*loc, "feedback", i)
        if not called:
            raise doc.fail(here, "规则没有叫应任何岗位，不能要求反馈；请先写 calls。")
        for j, role in enumerate(each.roles):
            if role not in called:
                raise doc.fail(
                    (*here, "roles", j), f"本规则没有叫应“{role}”{near(role, called)}，不能要求反馈；请改正其一。"
                )


def _check_known(doc: Document, loc: Loc, word: str, options: Sequence[str], what: str) -> None:
    if word not in options:
        where = "本文件开头的 roles" if what == "岗位" else "ladders.yaml"
        raise doc.fail(loc, f"没有“{word}”这个{what}{near(word, options)}；请改正，或先在 {where} 里写明。")
