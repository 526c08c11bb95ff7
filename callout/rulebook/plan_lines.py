"""A plan's files as the lines of the workbook's sheets; `plan_reading` makes the same files of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import PurePosixPath

from pydantic import BaseModel

from callout.domain.errors import RuleError
from callout.domain.instant import HOUR, MINUTE, Millis
from callout.domain.ladder import ChannelKind, Target
from callout.domain.length import whole
from callout.domain.level import Level
from callout.rulebook.document import load
from callout.rulebook.entries import LevelTest, RuleEntry
from callout.rulebook.models import AreasFile, CountyFile, IndustryFile, LaddersFile, Plan, TownshipFile
from callout.rulebook.plan_columns import COUNTY_STEM, KINDS, NONE, Col, Tab
from callout.rulebook.township_codes import SYSTEMS

Line = Mapping[Col, str]
Lines = dict[Tab, list[Line]]
TARGETS = {Target.HOLDER: "本人", Target.DEPUTY: "副职", Target.SUPERIOR: "上级"}
CHANNELS = {ChannelKind.SMS: "短信", ChannelKind.VOICE: "语音"}
MODELS: Mapping[str, type[BaseModel]] = {
    "county.yaml": CountyFile, "ladders.yaml": LaddersFile, "industries": IndustryFile, "townships": TownshipFile,
    "areas": AreasFile,
}  # fmt: skip


def model_of(name: str) -> type[BaseModel] | None:
    """The shape of a rule file that the workbook carries."""
    return MODELS.get(PurePosixPath(name).parts[0])


def plan_lines(files: Mapping[str, str]) -> Lines:
    """Every line of every sheet but the roster's, from files that read well."""
    lines: Lines = {tab: [] for tab in (Tab.OFFICE, Tab.PLANS, *KINDS, Tab.OVERRIDES, Tab.LADDERS)}
    order = ("county.yaml", "ladders.yaml")
    for name in sorted(files, key=lambda n: (order.index(n) if n in order else len(order), n)):
        if model := model_of(name):
            _add(lines, PurePosixPath(name).stem, model.model_validate(load(name, files[name]).data))
    return lines


def _add(lines: Lines, stem: str, found: BaseModel) -> None:
    if isinstance(found, LaddersFile):
        lines[Tab.LADDERS] += _ladders(found)
    elif isinstance(found, CountyFile):
        lines[Tab.OFFICE] += _office(found)
        _plan(lines, Tab.COUNTY, (COUNTY_STEM, {Col.NAME: found.county.name}), found)
    elif isinstance(found, IndustryFile):
        _plan(lines, Tab.INDUSTRIES, (stem, {Col.NAME: found.industry}), found)
    elif isinstance(found, TownshipFile):
        ref = found.township
        _plan(
            lines,
            Tab.TOWNSHIPS,
            (stem, {Col.NAME: ref.name, Col.SYSTEM: SYSTEMS[ref.system], Col.CODE: ref.code}),
            found,
        )
        lines[Tab.OVERRIDES] += [
            {Col.PLAN: stem, Col.REPLACED: one.rule, Col.REASON: one.reason} for one in found.overrides
        ]


def _office(found: CountyFile) -> Iterator[Line]:
    values = {
        "值班室岗位": found.desk.role,
        "值班室阶梯": found.desk.ladder,
        "停工例外": joined(found.exempt),
        **{f"{level.zh}推定有效期": whole(getattr(found.validity, level.value), HOUR) for level in Level},
        **{f"{level.zh}待确认": _wait(getattr(found.confirm, level.value)) for level in Level},
        "发布单位": found.office,
    }
    return ({Col.ITEM: item, Col.VALUE: value} for item, value in values.items())


def _wait(time: Millis | None) -> str:
    return "" if time is None else whole(time, HOUR)


def _plan(lines: Lines, tab: Tab, head: tuple[str, Line], plan: Plan) -> None:
    stem, said = head
    lines[Tab.PLANS].append(
        {
            Col.PLAN: stem,
            Col.PLAN_KIND: KINDS[tab],
            **said,
            Col.ROLES: joined(plan.roles),
            Col.SPARE: joined(plan.spare),
        }
    )
    for entry in plan.rules:
        lines[tab] += ({Col.PLAN: stem, **line} for line in rule_lines(entry))


def rule_lines(entry: RuleEntry) -> list[Line]:
    """One line, and more below it where the rule calls, proposes or asks for several things."""
    calls = [{Col.CALL_ROLES: joined(c.roles), Col.CALL_LADDER: c.ladder} for c in entry.calls]
    stops = [
        {
            Col.STOP_CODE: s.code.value,
            Col.STOP_ROLE: s.role,
            Col.STOP_MEASURE: s.measure,
            Col.STOP_EXEMPT: "" if s.exempt is None else joined(s.exempt) or NONE,
            Col.STOP_LEAD: s.lead,
        }
        for s in entry.stop_work
    ]
    asked = [
        {
            Col.FEEDBACK_KIND: f.kind.value,
            Col.FEEDBACK_WITHIN: whole(f.within, MINUTE),
            Col.FEEDBACK_ROLES: joined(f.roles),
        }
        for f in entry.feedback
    ]
    measures = [{Col.MEASURE_CODE: m.code.value, Col.MEASURE: m.text} for m in entry.measures]
    if entry.measure:
        measures = [{Col.MEASURE: entry.measure}]
    parts: Iterable[Sequence[Line]] = zip_longest(calls, stops, asked, measures, fillvalue={})
    lines = [{key: value for part in row for key, value in part.items()} for row in parts]
    return [{**_head(entry), **lines[0]}, *lines[1:]]


def _head(entry: RuleEntry) -> dict[Col, str]:
    beside, seen = entry.beside, entry.observed
    return {
        Col.ID: entry.id,
        Col.HAZARD: joined(h.value for h in entry.hazard),
        Col.LEVEL: _level(entry.level),
        Col.KIND: entry.kind.value,
        Col.ISSUED: entry.issued or "",
        Col.SEASON: entry.season or "",
        Col.AT: "" if entry.at is None else f"{entry.at // 60:02d}:{entry.at % 60:02d}",
        Col.WORDS: joined(entry.words or ()),
        Col.PLACE: joined(entry.place or ()),
        Col.BESIDE_HAZARD: joined(h.value for h in beside.hazard) if beside else "",
        Col.BESIDE_LEVEL: _level(beside.level) if beside else "",
        Col.READING: seen.reading if seen else "",
        Col.AT_LEAST: repr(seen.at_least).removesuffix(".0") if seen else "",
    }


def _level(test: LevelTest | None) -> str:
    if test is None:
        return ""
    return f"仅{test.exactly.zh}" if test.exactly else f"{test.at_least.zh}及以上" if test.at_least else ""


def _ladders(found: LaddersFile) -> Iterator[Line]:
    for name, one in found.ladders.items():
        head = {
            Col.LADDER: name,
            Col.STRICTNESS: str(one.strictness),
            Col.LIMIT: whole(one.limit, MINUTE) if one.limit else "",
        }
        for at, step in enumerate(one.steps, 1):
            yield {
                **(head if at == 1 else {}),
                Col.STEP: str(at),
                Col.TARGET: TARGETS[step.target],
                Col.NUMBER: str(step.number),
                Col.DAY: CHANNELS[step.day],
                Col.NIGHT: CHANNELS[step.night],
                Col.WAIT: whole(step.wait, MINUTE),
            }


def joined(words: Iterable[str]) -> str:
    """The words of one cell. Raises RuleError for a word that would come back as two."""
    every = list(words)
    for one in every:
        if any(mark in one for mark in "、，,；;\n"):
            raise RuleError(f"名称“{one}”里有顿号或逗号，写不进工作簿的一格；请先在规则文件里改名")
    return "、".join(every)
