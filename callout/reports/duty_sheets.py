"""The export's files about what comes after an answer: decisions about 熔断, and feedback."""

from callout.reports import words
from callout.reports.sheets import Column, Sheet, _count, _in, _same, _sheet, _time, _word
from callout.store import schema


def duty_sheets(county: str | None) -> list[Sheet]:
    """Both files."""
    return [_decisions(county), _feedback(county)]


def _decisions(county: str | None) -> Sheet:
    d = schema.stop_decision
    columns = [
        Column("区县", d.c.county, _same),
        Column("决定编号", d.c.id, _same),
        Column("事项", d.c.event, _word(words.STOP_WORK_STATES)),
        Column("姓名校验值", d.c.name, _same),
        Column("职务", d.c.title, _same),
        Column("依据", d.c.basis, _same),
        Column("生效时间", d.c.effective_at, _time),
        Column("例外", d.c.exceptions, _same),
        Column("恢复前检查", d.c.checks, _same),
        Column("照片", d.c.evidence, _same),
        Column("记录人", d.c.officer, _same),
        Column("记录时间", d.c.at, _time),
    ]
    return _sheet("stop_decisions.csv", columns, d, _in(d, county))


def _feedback(county: str | None) -> Sheet:
    a, f = schema.alert, schema.feedback
    columns = [
        Column("预警", a.c.identifier, _same),
        Column("岗位编号", f.c.post, _same),
        Column("类别", f.c.kind, _same),
        Column("规则", f.c.rule, _same),
        Column("状态", f.c.state, _word(words.FEEDBACK_STATES)),
        Column("开始时间", f.c.opened_at, _time),
        Column("时限", f.c.due_at, _time),
        Column("反馈时间", f.c.given_at, _time),
        Column("转移户数", f.c.households, _count),
        Column("转移人数", f.c.people, _count),
        Column("来源", f.c.ref, _same),
    ]
    return _sheet("feedback.csv", columns, f.outerjoin(a, a.c.id == f.c.alert), _in(f, county))
