"""An export goes on record before it is made, and once more with the hashes of its files, under a seal."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

import typer

from callout.app import App
from callout.cli.control import Args, Result, Route, Verb, word
from callout.cli.screen import say
from callout.domain.errors import CalloutError
from callout.domain.instant import Instant, beijing
from callout.store.sealing import newest_seal
from callout.store.transaction import Event

KINDS = ("ledger", "record", "report")
"""What can be exported."""
_LONGEST = 20_000

Exporter = Annotated[
    str, typer.Option("--officer", help="导出人姓名，写入记录；不写则记下运行命令的账户", metavar="姓名")
]


@dataclass(frozen=True, slots=True)
class Export:
    """What leaves the house: one of KINDS, of which county ("" = all), for whom, about which alerts, shown how."""

    kind: str
    county: str
    officer: str
    alerts: tuple[int, ...] = ()
    told: Mapping[str, object] = field(default_factory=dict)

    @property
    def by(self) -> str:
        """Who takes it; an account where no name was given."""
        return self.officer.strip() or f"本机账户 {os.getuid()}"


def note(way: Route, export: Export, files: Mapping[str, str]) -> Result:
    """Put it on record: `files`, name → SHA-256, is empty before they are written. The newest seal comes back."""
    told = {"alerts": export.alerts, **export.told, "files": dict(files)}
    return way.ask(
        ON_RECORD,
        {"kind": export.kind, "county": export.county, "officer": export.by,
         "told": json.dumps(told, ensure_ascii=False)},
    )  # fmt: skip


def seal_in_words(seal: Result) -> str:
    """The newest seal, for people."""
    return f"封条 {seal['seq']}（{beijing(Instant(seal['at']))}）" if seal["seq"] else "还没有封条"


def say_seal(seal: Result) -> None:
    """What an export tells of itself on the screen."""
    say(f"这次导出已写入记录，{seal_in_words(seal)}，校验值 {seal['hash'] or '—'}")


def _note(app: App, args: Args) -> Result:
    """On record, under a seal; the seal comes back."""
    officer, county, told = word(args, "officer", 40).strip(), word(args, "county", 20), word(args, "told", _LONGEST)
    kind = word(args, "kind", 20)
    if not officer or kind not in KINDS:
        raise CalloutError("请写明导出人姓名，和导出的是什么")
    document = json.loads(told)
    event = Event(f"{kind}.written" if document["files"] else f"{kind}.exported", officer)
    alert = document["alerts"][0] if len(document["alerts"]) == 1 else 0
    app.store.write(lambda work: work.ledger.note(event, alert, county, told))
    app.seal()
    seal = app.database.read(newest_seal)
    newest = {"seq": seal.seq, "hash": seal.hash, "at": seal.at} if seal else {"seq": 0, "hash": "", "at": 0}
    return newest | {"now": app.world.clock.now()}


ON_RECORD = Verb("on record", _note)
