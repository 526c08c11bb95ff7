"""explain: what would become of a document, without writing or sending anything."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import func, select

from callout.app import StoredRulebooks, SystemClock, channels_plan, providers
from callout.cli.db import has_database, reading
from callout.cli.roster_import import in_force, none
from callout.cli.screen import Json, fail, options, say, show_json, warn
from callout.domain.alert import Alert
from callout.domain.answer import answer_code
from callout.domain.errors import CalloutError, Refusal, RuleError
from callout.domain.instant import BEIJING, Instant, beijing, instant
from callout.domain.intake import AlertState, Known, digest, duplicate
from callout.domain.roster import Roster
from callout.domain.rule import Rulebook
from callout.pipeline.send import Fleet
from callout.ports import SIMULATED
from callout.render.messages import Templates
from callout.reports.finish import NO_RATES, Rates
from callout.reports.forecast import Looking, Stored, forecast
from callout.reports.outlook import Called, Forecast
from callout.reports.outlook_words import alert_lines, as_document, called_lines, rule_lines, summary_lines
from callout.reports.why import why
from callout.reports.why_then import why_then
from callout.rulebook.reading import parse, read_files, version
from callout.settings import Settings
from callout.sources.reading import read
from callout.store import schema
from callout.store.ear import Ear
from callout.store.store import Work

REFUSED, NEEDS_A_HUMAN = 1, 3
_SENT = "sent"
STDIN = "-"


@dataclass(frozen=True, slots=True)
class Question:
    """The arguments of the command, by their names."""

    file: Annotated[
        str, typer.Argument(help="预警文件；- 表示从标准输入读；问已收到的预警用 --alert", metavar="文件")
    ] = ""
    alert: Annotated[
        int, typer.Option("--alert", help="已收到的预警的编号：事后按记录说明，须同时写 --why", metavar="编号", min=0)
    ] = 0
    at: Annotated[
        str,
        typer.Option(help="当作这时收到，如 2026-08-02T22:30；sent 为发布那一刻；不写为现在", metavar="时间"),
    ] = ""
    post: Annotated[str, typer.Option(help="逐步列出这些岗位：岗位号，或岗位、姓名里的几个字", metavar="岗位")] = ""
    area: Annotated[str, typer.Option(help="逐步列出这个乡镇的岗位", metavar="乡镇")] = ""
    why: Annotated[
        str, typer.Option(help="为什么叫或不叫：岗位号，岗位、姓名里的几个字，或乡镇名", metavar="岗位、姓名或乡镇")
    ] = ""
    rules: Annotated[bool, typer.Option("--rules", help="逐条列出规则是否适用，为什么")] = False
    as_json: Json = False


@options(Question)
def explain(asked: Question) -> None:
    """预演一份预警：会叫谁、怎样叫、说什么、依据什么；不写也不发。退出码：读懂 0，拒收 1，须转人工 3"""
    settings = Settings()
    if asked.alert:
        _explain_then(settings, asked)
        return
    alerts, refused = alerts_in(_bytes(asked.file, settings.max_document_bytes))
    answer = replace(_answer(settings, alerts, asked.at), rates=_rates(settings))
    if asked.as_json:
        show_json({"refused": list(refused), "alerts": [each.document() for each in answer.seen]})
    else:
        _show(asked, answer, refused)
    if code := exit_code(refused, [each.seen for each in answer.seen]):
        raise typer.Exit(code)


def _explain_then(settings: Settings, asked: Question) -> None:
    """What the record says about one person, post or township and one warning that came in."""
    if not asked.why or asked.file:
        raise CalloutError("问已收到的预警，请写 --alert 编号 --why 岗位、姓名或乡镇，不写文件")

    def told(work: Work, rulebooks: StoredRulebooks) -> list[str]:
        book, _ = in_force(work, settings.county)
        if not book:
            raise CalloutError(f"数据库里没有区县 {settings.county}")
        county = rulebooks.get(settings.county, book).county
        return list(why_then(work.ledger.connection, rulebooks, county, asked.alert, asked.why))

    with reading(settings) as (store, rulebooks):
        lines = store.read(lambda work: told(work, rulebooks))
    if asked.as_json:
        show_json({"alert": asked.alert, "why": asked.why, "lines": lines})
        return
    for line in lines:
        say(line)


def exit_code(refused: Sequence[str], seen: Sequence[Forecast | None]) -> int:
    """The worst of what a listing holds: REFUSED, then NEEDS_A_HUMAN, else 0."""
    if refused:
        return REFUSED
    return NEEDS_A_HUMAN if any(each and each.state is AlertState.HELD for each in seen) else 0


def alerts_in(raw: bytes) -> tuple[Sequence[Alert], Sequence[str]]:
    """The alerts of a document, and what of a listing cannot be read. Raises CalloutError for no document at all."""
    try:
        found = read(raw)
    except Refusal as refusal:
        raise CalloutError(f"拒收，转人工：{refusal}") from None
    return [part.alert for part in found.parts], found.refused


def _bytes(file: str, most: int) -> bytes:
    if not file:
        raise CalloutError("缺少预警文件；问已收到的预警用 --alert 编号 --why 岗位、姓名或乡镇")
    try:
        raw = sys.stdin.buffer.read(most + 1) if file == STDIN else Path(file).read_bytes()
    except FileNotFoundError:
        raise CalloutError(f"没有文件 {file}，请核对文件名") from None
    except OSError:
        raise CalloutError(f"{file} 读不出来，请检查它是不是文件、有没有读权限") from None
    if len(raw) > most:
        raise CalloutError(f"超过 {most} 字节，不是预警文件")
    return raw


def _moment(word: str, alert: Alert) -> Instant:
    if not word:
        return SystemClock().now()
    if word == _SENT:
        return alert.sent
    try:
        given = datetime.fromisoformat(re.sub(r"\s+", "T", word.strip()))
    except ValueError:
        raise CalloutError(f"看不懂时间“{word[:40]}”；请写成 2026-08-02T22:30，或 sent") from None
    return instant(given if given.tzinfo else given.replace(tzinfo=BEIJING))


@dataclass(frozen=True, slots=True)
class Seen:
    """One alert as it would be taken."""

    alert: Alert
    at: Instant
    known: Sequence[Known]
    """What is on record that may be the same message."""
    seen: Forecast | None
    """None: it does not touch the county."""

    @property
    def duplicate(self) -> int | None:
        """The alert on record that says the same."""
        return duplicate(self.known, self.alert, digest(self.alert))

    @property
    def same_identifier(self) -> list[int]:
        """Alerts on record under its identifier."""
        return [known.id for known in self.known if known.identifier == self.alert.identifier]

    def document(self) -> dict[str, Any]:
        """For programs."""
        alert = self.alert
        return {
            "identifier": alert.identifier,
            "hazard": alert.info.hazard,
            "level": alert.info.level,
            "sent": alert.sent,
            "at": self.at,
            "duplicate_of": self.duplicate,
            "same_identifier": self.same_identifier,
            "in_scope": self.seen is not None,
            "forecast": as_document(alert, self.seen) if self.seen else None,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said about a document, and by which rules and roster."""

    rulebook: Rulebook
    roster: Roster
    seen: Sequence[Seen]
    notes: Sequence[str]
    rates: Rates = field(default_factory=lambda: NO_RATES)
    """How fast the providers of this installation take what is handed to them."""


def _answer(settings: Settings, alerts: Sequence[Alert], at: str) -> Answer:
    """What would become of the alerts; the database is open for reading only, on one snapshot."""
    if has_database(settings):
        with reading(settings) as (store, rulebooks):
            counties = {row.county for row in store.read(lambda work: work.rosters.counties())}
            if settings.county in counties:
                return store.read(lambda work: _by_database(settings, work, rulebooks, (alerts, at)))
    rulebook = parse(read_files(settings.rules), settings.county)
    templates = Templates(settings.templates)
    looks = [(alert, Looking(rulebook, templates, _moment(at, alert), SIMULATED, None)) for alert in alerts]
    seen = [Seen(alert, looking.now, (), forecast(looking, alert)) for alert, looking in looks]
    return Answer(rulebook, none(settings.county), seen, ("数据库里没有名册：只看规则文件，说不出是谁",))


def _rates(settings: Settings) -> Rates:
    """What the channels file allows; none are known where it cannot be used from here (a secret is missing)."""
    try:
        return Fleet(providers(settings, channels_plan(settings), SystemClock(), Ear())).rates()
    except CalloutError:
        return NO_RATES


def _by_database(
    settings: Settings, work: Work, rulebooks: StoredRulebooks, asked: tuple[Sequence[Alert], str]
) -> Answer:
    book, roster = in_force(work, settings.county)
    rulebook, templates = rulebooks.get(settings.county, book), Templates(settings.templates)
    db = work.ledger.connection
    following: int = (db.execute(select(func.max(schema.alert.c.id))).scalar() or 0) + 1
    stored = Stored(db, roster, following, answer_code(following)) if roster.version else None
    notes = [] if _same_rules(settings, book) else ["规则文件与正在用的规则不同；以下按正在用的规则"]
    notes += [] if stored else ["还没有名册：只看规则，说不出是谁"]
    alerts, at = asked
    seen = []
    for alert in alerts:
        looking = Looking(rulebook, templates, _moment(at, alert), SIMULATED, stored)
        seen.append(Seen(alert, looking.now, work.alerts.known(alert), forecast(looking, alert)))
    return Answer(rulebook, roster, seen, notes)


def _same_rules(settings: Settings, book: str) -> bool:
    try:
        return version(read_files(settings.rules)) == book
    except RuleError:
        return False


def _show(asked: Question, answer: Answer, refused: Sequence[str]) -> None:
    for note in answer.notes:
        warn(note)
    for sentence in refused:
        fail(f"拒收，转人工：{sentence}")
    if not answer.seen and not refused:
        say("清单读懂了，里面没有预警", bold=True)
    away = sum(one.seen is None for one in answer.seen)
    told = answer.seen if len(answer.seen) == 1 else [one for one in answer.seen if one.seen]
    for one in told:
        _show_alert(asked, answer, one)
    if len(answer.seen) > 1:
        say(f"清单里有 {len(answer.seen)} 条：涉及本区县 {len(told)} 条（见上），不涉及、只留存 {away} 条", bold=True)


def _show_alert(asked: Question, answer: Answer, one: Seen) -> None:
    for line in alert_lines(one.alert):
        say(line)
    say(f"当作 {beijing(one.at)} 收到；没有写入任何记录，没有发出任何消息")
    if one.duplicate is not None:
        warn(f"已收过（预警 {one.duplicate}），再收不会再叫任何人；以下是第一次收到时会怎样")
    elif one.same_identifier:
        warn(f"同一编号已有预警 {'、'.join(map(str, one.same_identifier))} 而内容不同：两份都会保留，并转人工")
    if one.seen is None:
        say(f"结论：不涉及{answer.rulebook.county.name}，只留存，不会叫任何人", bold=True)
    else:
        _show_one(asked, answer, one, one.seen)


def _show_one(asked: Question, answer: Answer, one: Seen, seen: Forecast) -> None:
    if asked.why:
        lines = list(why(asked.why, one.alert, seen, answer.roster, answer.rulebook.county))
    elif asked.rules:
        lines = list(rule_lines(one.alert, seen))
    elif asked.post or asked.area:
        chosen = [each for each in seen.called if _chosen(asked, each)]
        lines = list(called_lines(chosen, one.at)) or ["没有这样的岗位会被叫；为什么不叫见 --why"]
    else:
        lines = list(summary_lines(one.alert, seen, answer.rulebook.ladders, one.at, answer.rates))
    *most, last = lines
    for line in most:
        say(line)
    say(last, bold=last.startswith("结论"))


def _chosen(asked: Question, each: Called) -> bool:
    post = asked.post in (str(each.post), "") or (not asked.post.isdecimal() and asked.post in each.title + each.holder)
    return post and (not asked.area or asked.area in each.area)
