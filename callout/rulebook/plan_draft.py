"""Rule files put together from lines of a workbook; each value remembers the cell it came from."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from callout.rulebook.document import FileError, load
from callout.rulebook.plan_cells import Row, clock, folded, level, number, several, span
from callout.rulebook.plan_columns import COLUMNS, NONE, Col
from callout.rulebook.plan_lines import model_of
from callout.rulebook.roster_table import Remark

Data = dict[str, Any]
_HEAD = "# 由工作簿写成；callout plan export 得到工作簿，callout plan import 读回。\n"

_SHEET_WORDS = (
    ("请改正，或先在本文件开头的 roles 里写明", "请改正，或先在“方案”表这个方案的“岗位”里写明"),
    ("请改正，或先在 ladders.yaml 里写明", "请改正，或先在“叫应阶梯”表里写明"),
    ("请写成 行业文件名/规则编号", "请写成 方案/编号"),
    ("请先写 calls", "请先写“叫谁”"),
    ("请写 calls 或 stop_work", "请写“叫谁”或“熔断类别”"),
    ("同时写了 measure 和 measures；请只留一种", "有的措施有代码，有的没有；请都写或都不写"),
    ("，不加引号", ""),
    ("“ladder”", "“叫应阶梯”"),
    ("“roles”", "“岗位”"),
    ("“hazard”", "“灾种”"),
    ("“within”", "“反馈时限”"),
    ("“role”", "“熔断对象”"),
    ("“measure”", "“熔断措施”"),
    ("“wait”", "“等多久”"),
    ("“target”", "“对谁”"),
    ("“day”", "“白天”"),
    ("“night”", "“夜间”"),
    ("“strictness”", "“严格程度”"),
    ("“code”", "“代码”"),
    ("“rules”", "规则"),
    ("stats 和 mca 请至少写一个", "请至少写一个代码"),
    ("请改正，或写到 mca", "请改正，或写到“民政部代码”"),
    ("请改正，或写到 stats", "请改正，或写到“统计局代码”"),
    ("已是 places 里的地点", "已在“地点”表里"),
    ("请写区划文件里的全称", "请写“乡镇”表里的全称"),
    ("（stats）", "（统计局）"),
    ("（mca）", "（民政部）"),
)
"""What is said of a file → what is said of a workbook."""


class _Plain(yaml.SafeDumper):
    """Writes everything out: rule files hold no anchors."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        """Nothing is an alias."""
        return True


@dataclass(slots=True)
class Draft:
    """One rule file in the making."""

    name: str
    origin: tuple[Row, Col]
    """What the whole file stands on."""
    data: Data = field(default_factory=dict)
    cells: dict[str, tuple[Row, Col]] = field(default_factory=dict)
    """Key of the file, as errors name it → its cell."""

    def put(self, where: tuple[Data, str], row: Row, name: Col, value: object = None) -> None:
        """The cell's value, or `value` made of it, under the last word of the key; a blank cell says nothing."""
        target, key = where
        if row[name]:
            target[key.rpartition(".")[2]] = row[name] if value is None else value
            self.cells[key] = (row, name)

    def at(self, key: str, row: Row, name: Col) -> None:
        """Remember the cell of a key."""
        self.cells[key] = (row, name)

    def remark(self, error: FileError) -> Remark:
        """The mistake, where the office finds it."""
        key = error.place.key
        while key and key not in self.cells:
            key = key[: max(key.rfind("."), key.rfind("["), 0)]
        row, name = self.cells.get(key, self.origin)
        said = error.message
        for word, other in _SHEET_WORDS:
            said = said.replace(word, other)
        absent = re.match(r"缺少“(.+?)”", said)
        where = next((c for c in COLUMNS[row.tab] if absent and c == absent[1]), name)
        return row.wrong(where, said.rstrip("。"))

    def without(self, errors: Sequence[FileError]) -> bool:
        """Put something harmless in the place of every rule that these errors are about, so that what else is wrong
        shows; says whether there was any. The draft cannot be used any more.
        """
        found = {int(m[1]) for e in errors if (m := re.match(r"rules\[(\d+)\]", e.place.key))}
        roles = self.data.get("roles") or ["占位"]
        for at in found:
            call = {"roles": list(roles[:1]), "ladder": "占位"}
            self.data["rules"][at - 1] = {"id": f"占位{at}", "hazard": ["暴雨"], "calls": [call]}
        return bool(found)

    def text(self, base: Mapping[str, str]) -> str:
        """The file; the one in force, comments and all, where it says the same."""
        made = _HEAD + yaml.dump(
            self.data, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=1000, default_flow_style=None
        )
        model = model_of(self.name)
        if self.name not in base or model is None:
            return made
        mine, _ = load(self.name, made).read(model)
        theirs, _ = load(self.name, base[self.name]).read(model)
        same = mine is not None and theirs is not None and _bare(mine.model_dump()) == _bare(theirs.model_dump())
        return base[self.name] if same else made


def _bare(value: Any) -> Any:
    """Without blanks around texts, which no cell keeps."""
    if isinstance(value, dict):
        return {key: _bare(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_bare(each) for each in value]
    return value.strip() if isinstance(value, str) else value


def begin_rule(draft: Draft, row: Row) -> Data:
    """A new rule with its conditions."""
    rules: list[Data] = draft.data.setdefault("rules", [])
    entry: Data = {}
    rules.append(entry)
    base = f"rules[{len(rules)}]"
    draft.at(base, row, Col.ID)
    several_words = ((Col.HAZARD, "hazard"), (Col.WORDS, "words"), (Col.PLACE, "place"))
    draft.put((entry, f"{base}.id"), row, Col.ID)
    for name, key in several_words:
        draft.put((entry, f"{base}.{key}"), row, name, several(row[name]))
    draft.put((entry, f"{base}.level"), row, Col.LEVEL, level(row[Col.LEVEL]))
    draft.put((entry, f"{base}.kind"), row, Col.KIND)
    draft.put((entry, f"{base}.issued"), row, Col.ISSUED, span(row[Col.ISSUED], "-"))
    draft.put((entry, f"{base}.season"), row, Col.SEASON, span(row[Col.SEASON], ".."))
    draft.put((entry, f"{base}.at"), row, Col.AT, clock(row[Col.AT]))
    _pair(draft, row, (entry, f"{base}.beside"), {Col.BESIDE_HAZARD: "hazard", Col.BESIDE_LEVEL: "level"})
    _pair(draft, row, (entry, f"{base}.observed"), {Col.READING: "reading", Col.AT_LEAST: "at_least"})
    return entry


def _pair(draft: Draft, row: Row, where: tuple[Data, str], columns: Mapping[Col, str]) -> None:
    """Two cells that make one condition."""
    target, base = where
    if not any(row[name] for name in columns):
        return
    inner: Data = {}
    target[base.rpartition(".")[2]] = inner
    draft.at(base, row, next(iter(columns)))
    made: Mapping[Col, Callable[[str], object]] = {
        Col.BESIDE_HAZARD: several,
        Col.BESIDE_LEVEL: level,
        Col.READING: str,
        Col.AT_LEAST: lambda cell: float(found) if isinstance(found := number(cell), int) else found,
    }
    for name, key in columns.items():
        draft.put((inner, f"{base}.{key}"), row, name, made[name](row[name]))


def go_on_rule(draft: Draft, row: Row, entry: Data, roles: Mapping[str, str]) -> None:
    """What this line of the rule calls, proposes, asks for and measures; what merged cells repeat is not said twice."""
    base = f"rules[{len(draft.data['rules'])}]"
    call = {"roles": _roles(row[Col.CALL_ROLES], roles), "ladder": row[Col.CALL_LADDER]}
    _item(draft, row, (entry, f"{base}.calls"), {Col.CALL_ROLES: "roles", Col.CALL_LADDER: "ladder"}, call)
    exempt = [] if row[Col.STOP_EXEMPT] == NONE else several(row[Col.STOP_EXEMPT])
    role = row[Col.STOP_ROLE]
    stop = {"code": row[Col.STOP_CODE], "role": roles.get(folded(role), role), "measure": row[Col.STOP_MEASURE],
            "exempt": exempt, "lead": row[Col.STOP_LEAD]}  # fmt: skip
    columns = {Col.STOP_CODE: "code", Col.STOP_ROLE: "role", Col.STOP_MEASURE: "measure", Col.STOP_EXEMPT: "exempt",
               Col.STOP_LEAD: "lead"}  # fmt: skip
    _item(draft, row, (entry, f"{base}.stop_work"), columns, stop)
    asked = {"kind": row[Col.FEEDBACK_KIND], "within": row[Col.FEEDBACK_WITHIN],
             "roles": _roles(row[Col.FEEDBACK_ROLES], roles)}  # fmt: skip
    columns = {Col.FEEDBACK_KIND: "kind", Col.FEEDBACK_WITHIN: "within", Col.FEEDBACK_ROLES: "roles"}
    _item(draft, row, (entry, f"{base}.feedback"), columns, asked)
    if row[Col.MEASURE_CODE]:
        one = {"code": row[Col.MEASURE_CODE], "text": row[Col.MEASURE]}
        _item(draft, row, (entry, f"{base}.measures"), {Col.MEASURE_CODE: "code", Col.MEASURE: "text"}, one)
    elif row[Col.MEASURE] and row[Col.MEASURE] != entry.get("measure"):
        entry["measure"] = "；".join(filter(None, (entry.get("measure", "").rstrip("。"), row[Col.MEASURE])))
        draft.at(f"{base}.measure", row, Col.MEASURE)


def _item(draft: Draft, row: Row, where: tuple[Data, str], columns: Mapping[Col, str], made: Data) -> None:
    """One more entry of a list, from several cells of a line."""
    target, base = where
    inner = {key: made[key] for name, key in columns.items() if row[name]}
    name = base.rpartition(".")[2]
    if not inner or inner in target.get(name, []):
        return
    entries: list[Data] = target.setdefault(name, [])
    entries.append(inner)
    here = f"{base}[{len(entries)}]"
    draft.at(here, row, next(iter(columns)))
    for cell, key in columns.items():
        if row[cell]:
            draft.at(f"{here}.{key}", row, cell)


def _roles(cell: str, known: Mapping[str, str]) -> list[str]:
    return [known.get(folded(word), word) for word in several(cell)]
