"""What leaves the house goes on record before it is made, and once more with the hashes of its files, under a seal.

Where the database cannot be written at all (a replica, an account that may only read), it says of itself that it is on
no record.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from callout.domain.instant import NEVER_YET, Instant, beijing
from callout.store.database import Database
from callout.store.sealing import newest_seal
from callout.store.store import Store, Work
from callout.store.transaction import Event

KINDS = ("archive", "ledger", "record", "report")
"""What can be exported."""


@dataclass(frozen=True, slots=True)
class Export:
    """What leaves the house: one of KINDS, of which county ("" = all), for whom, about which alerts, shown how."""

    kind: str
    county: str
    officer: str
    alerts: tuple[int, ...] = ()
    told: Mapping[str, object] = field(default_factory=dict)

    def document(self, files: Mapping[str, str]) -> str:
        """What the record says of it; `files`: name → SHA-256, empty before they are written."""
        return json.dumps({"alerts": self.alerts, **self.told, "files": dict(files)}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Noted:
    """The newest seal as an export carries it."""

    now: Instant
    seq: int = 0
    """0 = there is none yet."""
    hash: str = ""
    at: Instant = NEVER_YET
    recorded: bool = True

    @property
    def seal(self) -> str:
        """In words."""
        return f"封条 {self.seq}（{beijing(self.at)}）" if self.seq else "还没有封条"

    def heads(self, officer: str = "") -> dict[str, str]:
        """What stands at the head of every file."""
        said = {"导出时间": beijing(self.now), "封条": self.seal, "校验值": self.hash or "—"}
        return said if self.recorded else said | {"没有写入记录": unrecorded(officer)}


def unrecorded(officer: str) -> str:
    """What an export says of itself that is on no record."""
    by = f"由{officer}" if officer else ""
    return f"数据库只读，这次导出{by}没有写入记录，须在库外另行登记；封条以前的记录仍由封条担保"


def enter(store: Store, seal: Callable[[], object], export: Export, files: Mapping[str, str]) -> Noted:
    """Put it on record and seal the entry; the newest seal comes back."""
    event = Event(f"{export.kind}.written" if files else f"{export.kind}.exported", export.officer)
    alert = export.alerts[0] if len(export.alerts) == 1 else 0

    def work(work: Work) -> Instant:
        work.ledger.note(event, alert, export.county, export.document(files))
        return work.at

    now = store.write(work)
    seal()
    return newest(store.database, now)


def newest(database: Database, now: Instant, *, recorded: bool = True) -> Noted:
    """The newest seal there is."""
    found = database.read(newest_seal)
    return Noted(now, found.seq, found.hash, found.at, recorded) if found else Noted(now, recorded=recorded)
