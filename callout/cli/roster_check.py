"""roster check: how true the roster in force is, with a score for each township and the list behind it."""

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from callout.app import SystemClock
from callout.cli.db import reading
from callout.cli.roster_import import in_force
from callout.cli.roster_screen import table
from callout.cli.screen import Json, options, say, show_json, warn
from callout.domain.errors import CalloutError
from callout.domain.hygiene import Known, hygiene
from callout.domain.instant import HOUR, Instant
from callout.domain.roster import Roster
from callout.domain.roster_round import ConfirmState
from callout.reports.hygiene import FLAWS, health
from callout.rulebook.numbering import strange
from callout.settings import Settings
from callout.store.signs import last_shown, number_marks
from callout.store.store import Work

_DAYS = 365
_FEW = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for."""

    days: Annotated[int, typer.Option("--days", help="多少天没有确认或应答算太久", min=1, max=3650, metavar="天数")] = (
        _DAYS
    )
    town: Annotated[str, typer.Option("--town", help="只看这个乡镇，并列出每一项", metavar="名称")] = ""
    as_json: Json = False


@options(Asked)
def check_roster(asked: Asked) -> None:
    """名册体检：号码、副职、上级、停用、退订、太久没确认；每个乡镇一个分数和背后的清单。不改动任何东西"""
    settings = Settings()
    with reading(settings) as (store, rulebooks):
        book, roster, known = store.read(lambda work: _known(work, settings.county))
        if not roster.version:
            raise CalloutError("还没有名册；用 callout roster template 得到空表，填好后 callout roster import")
        rulebook = rulebooks.get(settings.county, book)
    areas = hygiene(roster, rulebook, known, SystemClock().now(), asked.days * 24 * HOUR)
    document = health(areas, roster, rulebook)
    if asked.town:
        document["areas"] = [each for each in document["areas"] if each["area"] == asked.town]
        if not document["areas"]:
            raise CalloutError(f"名册里没有“{asked.town}”；请写全称")
    if asked.as_json:
        show_json(document)
        return
    _show(document, whole=bool(asked.town))


def _known(work: Work, county: str) -> tuple[str, Roster, Known]:
    book, roster = in_force(work, county)
    db = work.ledger.connection
    contacts = (contact for person in roster.responders for contact in person.contacts)
    said = work.confirmations.newest(county)
    shown = dict(last_shown(db, county, roster.version))
    for person, one in said.items():
        shown[person] = max(shown.get(person, Instant(0)), one.answered_at or Instant(0))
    denied = frozenset(person for person, one in said.items() if one.state is ConfirmState.DENIED)
    return book, roster, Known(number_marks(db, county, roster.version), strange(contacts), shown, denied)


def _show(document: dict[str, Any], *, whole: bool) -> None:
    say(f"名册 {document['version']}：{document['score']} 分（满分 100），{document['posts']} 个岗位", bold=True)
    rows = [[each["area"], each["score"], each["posts"], len(each["found"])] for each in document["areas"]]
    table(("乡镇", "分数", "岗位", "问题"), rows)
    for each in document["areas"] if whole else document["areas"][:3]:
        if each["found"]:
            _show_area(each, whole=whole)
    if document["flaws"] and not whole:
        said = "、".join(f"{FLAWS_BY_WORD[flaw]} {many}" for flaw, many in document["flaws"].items())
        warn(f"合计：{said}")
        say("一个乡镇的全部清单：callout roster check --town 名称；给程序用：--json")


def _show_area(area: dict[str, Any], *, whole: bool) -> None:
    say(f"{area['area']}：", bold=True)
    if not whole:
        counts = Counter(one["text"] for one in area["found"])
        say("  " + "、".join(f"{text} {many}" for text, many in counts.most_common(_FEW)))
        return
    for one in area["found"]:
        who = f"（{one['person']}）" if one["person"] else ""
        say(f"  {one['title'] or one['role']}{who}：{one['text']}")


FLAWS_BY_WORD = {flaw.value: text for flaw, text in FLAWS.items()}
