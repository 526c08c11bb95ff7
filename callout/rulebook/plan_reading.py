"""A plan's workbook back to rule files: every mistake at once, by sheet, row and column; what is unchanged stays."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from callout.domain.rule import Rulebook
from callout.rulebook.document import FileError
from callout.rulebook.models import AreasFile
from callout.rulebook.plan_areas import areas_draft
from callout.rulebook.plan_cells import Row, folded, number, rows_of, several
from callout.rulebook.plan_columns import (
    AREA_TABS,
    CONDITIONS,
    COUNTY_STEM,
    FOLDERS,
    ITEMS,
    KINDS,
    NONE,
    READ,
    RULE_TABS,
    Col,
    Tab,
)
from callout.rulebook.plan_draft import Data, Draft, begin_rule, go_on_rule
from callout.rulebook.plan_lines import model_of
from callout.rulebook.reading import examine
from callout.rulebook.roster_sheet import sheet_csv
from callout.rulebook.roster_table import Remark
from callout.rulebook.workbook import Sheet

_STEM = re.compile(r"[^\s/\\,.~][^\s/\\,]*")


@dataclass(frozen=True, slots=True)
class PlanFile:
    """What a workbook says; with any mistake there are no rules."""

    files: Mapping[str, str]
    """All rule files, the untouched ones as they are in force."""
    rulebook: Rulebook | None
    roster: bytes
    """The roster's lines as CSV; empty where the workbook has no such sheet."""
    errors: tuple[Remark, ...]
    rules_read: bool
    """Whether the workbook had the sheets of the plan; otherwise the rules are those in force."""


def read_plan(sheets: Sequence[Sheet], base: Mapping[str, str], county: str) -> PlanFile:
    """The plan of these sheets over the files in force."""
    named = {sheet.name: sheet for sheet in sheets}
    roster = sheet_csv(named[Tab.ROSTER]) if Tab.ROSTER in named else b""
    missing = [tab for tab in READ if tab not in named]
    if len(missing) == len(READ):
        wrong = (
            ()
            if roster
            else (Remark(1, "", f"工作簿里没有方案的表，也没有“{Tab.ROSTER}”表；请用 callout plan export 得到"),)
        )
        return PlanFile(base, examine(base, county)[0], roster, wrong, rules_read=False)
    if missing:
        names = "、".join(missing)
        return PlanFile(
            base, None, roster, (Remark(1, "", f"工作簿缺少这些表：{names}；只换名册，请把方案的表都删去"),), True
        )
    reading = _Reading()
    areas = [tab for tab in AREA_TABS if tab in named]
    if areas and len(areas) < len(AREA_TABS):
        lost = "、".join(tab for tab in AREA_TABS if tab not in areas)
        reading.errors.append(Remark(1, "", f"工作簿缺少这些表：{lost}；不动区划，请把区划的四张表都删去"))
    tables: dict[Tab, list[Row]] = {}
    for tab in (*READ, *areas):
        tables[tab], wrong_here = rows_of(named[tab], tab)
        reading.errors += wrong_here
    reading.read(tables, county)
    if len(areas) == len(AREA_TABS):
        reading.areas(tables, county)
    return _checked(reading, base, county, roster)


def _checked(reading: "_Reading", base: Mapping[str, str], county: str, roster: bytes) -> PlanFile:
    kept = {name: text for name, text in base.items() if model_of(name) in (None, AreasFile)}
    drafts = {draft.name: draft for draft in reading.drafts.values()}
    files = kept | {name: draft.text(base) for name, draft in drafts.items()}
    rulebook, mistakes = examine(files, county) if drafts else (None, [])
    errors = [*reading.errors, *(_placed(drafts, one) for one in mistakes)]
    if mistakes:
        errors += _further(drafts, kept, county, mistakes)
    order = {tab.value: at for at, tab in enumerate(Tab)}
    unique = tuple(dict.fromkeys(sorted(errors, key=lambda r: (order.get(r.sheet, -1), r.line))))
    return PlanFile(files, None if unique else rulebook, roster, unique, rules_read=True)


def _placed(drafts: Mapping[str, Draft], one: FileError) -> Remark:
    draft = drafts.get(one.place.file)
    return draft.remark(one) if draft else Remark(1, "", str(one))


def _further(
    drafts: Mapping[str, Draft], kept: Mapping[str, str], county: str, mistakes: Sequence[FileError]
) -> list[Remark]:
    """What a file of the wrong shape hides: the rules are looked at again without those that were wrong."""
    told = {(one.place.file, one.place.key) for one in mistakes}
    if not [draft for draft in drafts.values() if draft.without([m for m in mistakes if m.place.file == draft.name])]:
        return []
    _, again = examine({**kept, **{name: draft.text({}) for name, draft in drafts.items()}}, county)
    fresh = [one for one in again if (one.place.file, one.place.key) not in told and "占位" not in one.message]
    return [_placed(drafts, one) for one in fresh]


@dataclass(slots=True)
class _Reading:
    """One pass over the sheets that goes on after a mistake."""

    drafts: dict[tuple[str, str], Draft] = field(default_factory=dict)
    """(kind of plan, its name) → the file in the making."""
    errors: list[Remark] = field(default_factory=list)

    def read(self, tables: Mapping[Tab, list[Row]], county: str) -> None:
        """All sheets, the plans first."""
        for row in tables[Tab.PLANS]:
            self._plan(row, county)
        self._office(tables[Tab.OFFICE])
        for tab in RULE_TABS:
            self._rules(tables[tab], KINDS[tab])
        for row in tables[Tab.OVERRIDES]:
            self._override(row)
        self._ladders(tables[Tab.LADDERS])

    def areas(self, tables: Mapping[Tab, list[Row]], county: str) -> None:
        """The areas file, under the county's name as its own plan has it."""
        office = self.drafts.get((KINDS[Tab.COUNTY], COUNTY_STEM))
        draft = areas_draft(tables, (county, office.data["county"]["name"] if office else ""))
        if draft is None:
            self.errors.append(Remark(2, Col.NAME, "一个乡镇也没有；请补上", Tab.TOWNS))
        else:
            self.drafts["", Tab.TOWNS] = draft

    def _plan(self, row: Row, county: str) -> None:
        stem, kind = row[Col.PLAN], row[Col.PLAN_KIND]
        if kind not in FOLDERS:
            self.errors.append(row.wrong(Col.PLAN_KIND, f"“{kind[:20]}”不认识；请写{'、'.join(FOLDERS)}之一"))
            return
        if not _STEM.fullmatch(stem):
            self.errors.append(
                row.wrong(Col.PLAN, f"“{stem[:40]}”不能作方案的名称；不能空着，不含空格、逗号、斜杠，不以点开头")
            )
            return
        if (kind, stem) in self.drafts:
            first = self.drafts[kind, stem].origin[0].line
            self.errors.append(row.wrong(Col.PLAN, f"“{stem}”与第 {first} 行重复；一个方案只写一行"))
            return
        draft = Draft(FOLDERS[kind].format(stem), (row, Col.PLAN))
        self.drafts[kind, stem] = draft
        _PLAN_HEADS[kind](draft, row, county)
        for name, key in ((Col.ROLES, "roles"), (Col.SPARE, "spare")):
            draft.put((draft.data, key), row, name, several(row[name]))
        draft.at("rules", row, Col.PLAN)

    def _office(self, rows: Iterable[Row]) -> None:
        draft = self.drafts.get((KINDS[Tab.COUNTY], COUNTY_STEM))
        for row in rows:
            path = ITEMS.get(row[Col.ITEM])
            if path is None:
                known = "、".join(ITEMS)
                self.errors.append(row.wrong(Col.ITEM, f"“{row[Col.ITEM][:20]}”不认识；可用的有：{known}"))
            elif draft and row[Col.VALUE]:
                target = draft.data
                for part in path[:-1]:
                    target = target.setdefault(part, {})
                value = row[Col.VALUE]
                words = [] if value == NONE else several(value)
                draft.put((target, ".".join(path)), row, Col.VALUE, words if path == ("exempt",) else value)

    def _rules(self, rows: Iterable[Row], kind: str) -> None:
        before: tuple[Draft, Data, Row] | None = None
        for row in rows:
            draft = self.drafts.get((kind, row[Col.PLAN])) if row[Col.PLAN] else before[0] if before else None
            if draft is None:
                self.errors.append(row.wrong(Col.PLAN, self._no_plan(row[Col.PLAN], kind)))
                before = None
                continue
            if before and draft is before[0] and _continues(row, before[2]):
                entry, head = before[1], before[2]
            else:
                entry, head = begin_rule(draft, row), row
            known = {folded(role): role for role in draft.data.get("roles", ())}
            go_on_rule(draft, row, entry, known)
            before = draft, entry, head

    def _no_plan(self, stem: str, kind: str) -> str:
        other = next((k for k, s in self.drafts if s == stem and k != kind), None)
        if other:
            return f"“{stem[:40]}”是{other}方案，不写在这张表里；请移到对应的表"
        return f"“方案”表里没有“{stem[:40]}”这个{kind}方案；请改正，或先在“方案”表里加一行"

    def _override(self, row: Row) -> None:
        draft = self.drafts.get((KINDS[Tab.TOWNSHIPS], row[Col.PLAN]))
        if draft is None:
            self.errors.append(row.wrong(Col.PLAN, self._no_plan(row[Col.PLAN], KINDS[Tab.TOWNSHIPS])))
            return
        found: list[Data] = draft.data.setdefault("overrides", [])
        found.append({})
        base = f"overrides[{len(found)}]"
        draft.at(base, row, Col.REPLACED)
        draft.put((found[-1], f"{base}.rule"), row, Col.REPLACED)
        draft.put((found[-1], f"{base}.reason"), row, Col.REASON)

    def _ladders(self, rows: Sequence[Row]) -> None:
        if not rows:
            self.errors.append(Remark(2, Col.LADDER, "一道阶梯也没有；请补上", Tab.LADDERS))
            return
        draft = Draft("ladders.yaml", (rows[0], Col.LADDER), {"ladders": {}})
        self.drafts["", ""] = draft
        last = ""
        for row in rows:
            name = row[Col.LADDER] or last
            if not name:
                self.errors.append(row.wrong(Col.LADDER, "空着；请写阶梯的名称"))
                continue
            if name != last and name in draft.data["ladders"]:
                self.errors.append(row.wrong(Col.LADDER, f"“{name[:20]}”的步骤没有写在一起；请移到一处"))
            _step(draft, row, name)
            last = name


def _county(draft: Draft, row: Row, county: str) -> None:
    draft.data["county"] = {"gb2260": county, "name": row[Col.NAME]}
    draft.at("county", row, Col.NAME)


def _industry(draft: Draft, row: Row, _county: str) -> None:
    draft.put((draft.data, "industry"), row, Col.NAME)


def _township(draft: Draft, row: Row, _county: str) -> None:
    ref: Data = {}
    draft.data["township"] = ref
    draft.at("township", row, Col.NAME)
    for name, key in ((Col.NAME, "name"), (Col.SYSTEM, "system"), (Col.CODE, "code")):
        code = row[name][:9] if name is Col.CODE and re.fullmatch(r"\d{9}(?:0{3}|0{5})", row[name]) else row[name]
        draft.put((ref, f"township.{key}"), row, name, code)


_PLAN_HEADS = {KINDS[Tab.COUNTY]: _county, KINDS[Tab.INDUSTRIES]: _industry, KINDS[Tab.TOWNSHIPS]: _township}


def _continues(row: Row, head: Row) -> bool:
    """Whether the line goes on with the rule above: no id of its own, or cells merged over both lines."""
    same = row[Col.ID] in ("", head[Col.ID])
    return same and all(row[name] in ("", head[name]) for name in CONDITIONS)


def _step(draft: Draft, row: Row, name: str) -> None:
    ladders: Data = draft.data["ladders"]
    base = f"ladders.{name}"
    if name not in ladders:
        ladders[name] = {}
        draft.at(base, row, Col.LADDER)
        draft.put((ladders[name], f"{base}.strictness"), row, Col.STRICTNESS, number(row[Col.STRICTNESS]))
        draft.put((ladders[name], f"{base}.limit"), row, Col.LIMIT)
    steps: list[Data] = ladders[name].setdefault("steps", [])
    steps.append({})
    here = f"{base}.steps[{len(steps)}]"
    draft.at(here, row, Col.TARGET)
    for column, key in ((Col.TARGET, "target"), (Col.DAY, "day"), (Col.NIGHT, "night"), (Col.WAIT, "wait")):
        draft.put((steps[-1], f"{here}.{key}"), row, column)
    draft.put((steps[-1], f"{here}.number"), row, Col.NUMBER, number(row[Col.NUMBER]))
