"""The export's files about what comes after an answer: decisions about 熔断, feedback, and 转移."""

from sqlalchemy import and_, func

from callout.reports import words
from callout.reports.sheets import Column, Sheet, _count, _in, _on, _same, _sheet, _time, _word
from callout.store import schema


def duty_sheets(county: str | None) -> list[Sheet]:
    """All of them."""
    return [_decisions(county), _feedback(county), _relocations(county)]


def _decisions(county: str | None) -> Sheet:
    d, f = schema.stop_decision, schema.stop_photo
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
        Column("照片 SHA-256", func.coalesce(f.c.sha256, ""), _same),
        Column("记录人", d.c.officer, _same),
        Column("记录时间", d.c.at, _time),
    ]
    shown = d.outerjoin(f, and_(f.c.county == d.c.county, f.c.decision == d.c.id))
    return _sheet("stop_decisions.csv", columns, shown, _in(d, county))


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


def _relocations(county: str | None) -> Sheet:
    """Each facility and household as it stands in its event, by the list of that time; its name is a commitment."""
    a, r, s = schema.alert, schema.relocation, schema.relocation_site
    columns = [
        Column("区县", r.c.county, _same),
        Column("预警", a.c.identifier, _same),
        Column("性质", r.c.run, _word(words.RUNS)),
        Column("处所编号", r.c.site, _same),
        Column("类别", s.c.kind, _same),
        Column("名称校验值", s.c.name, _same),
        Column("乡镇", s.c.area, _same),
        Column("状态", r.c.state, _word(words.RELOCATION_STATES)),
        Column("应转户数", r.c.households, _same),
        Column("应转人数", r.c.people, _same),
        Column("行动不便", s.c.immobile, _same),
        Column("已转人数", r.c.moved_people, _count),
        Column("对接岗位", r.c.post, _same),
        Column("安置点编号", r.c.shelter, _same),
        Column("开始时间", r.c.opened_at, _time),
        Column("更新时间", r.c.changed_at, _time),
        Column("台账版本", r.c.version, _same),
    ]
    listed = r.outerjoin(s, _on(r, s, "county", "version", "site")).outerjoin(a, a.c.id == r.c.alert)
    return _sheet("relocations.csv", columns, listed, _in(r, county))
