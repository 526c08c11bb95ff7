"""A small database with one county, written row by row so that every state of a pair can be put there."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, update

from callout.domain.area import County, Township
from callout.domain.callout import CalloutState
from callout.domain.errors import RuleError
from callout.domain.instant import Instant
from callout.domain.ladder import ChannelKind, Ladder, Step, Target
from callout.domain.roster import ContactMethod, NumberKind, Post, Responder, Roster
from callout.domain.rule import Call, Condition, Rule, Rulebook
from callout.reports.account import Account, account, as_json
from callout.store import schema
from callout.store.database import Database
from callout.store.rosters import RosterRows
from callout.store.sealing import seal_ready
from callout.store.transaction import Event, Ledger

COUNTY = "500156"
BAIMA, XIANNV = "stats:500156101", "stats:500156102"
ROLE = "村书记"
T0 = Instant(1_750_000_000_000 - 1_750_000_000_000 % 86_400_000)
"""08:00 Beijing time: day."""
LADDER = Ladder("standard", 1, (Step(Target.HOLDER, 1, ChannelKind.SMS, ChannelKind.VOICE, 60_000),))
POSTS = 8
VACANT = 9
"""The last post; nobody holds it."""
DUE = VACANT
"""Posts that an alert for both townships calls."""


class Salts:
    """Ids that a test can foresee."""

    def __init__(self) -> None:
        self._given = 0

    def attempt(self) -> str:
        self._given += 1
        return f"{self._given}"

    def salt(self) -> bytes:
        self._given += 1
        return self._given.to_bytes(16, "big")


@dataclass(frozen=True)
class Books:
    """One rulebook, version b1: heavy rain from yellow on calls the village secretaries."""

    def get(self, county: str, version: str) -> Rulebook:
        if version != "b1":
            raise RuleError(f"没有规则版本 {version}，请先载入规则")
        townships = (Township("示例白马镇", "500156101", None), Township("示例仙女镇", "500156102", None))
        when = (Condition("hazard", "暴雨"), Condition("level_at_least", "yellow"))
        rule = Rule("r1", "示例预案", frozenset(), when, (Call((ROLE,), "standard"),))
        return Rulebook(
            version,
            County(county, "示例区", townships),
            (rule,),
            {"standard": LADDER},
            frozenset({BAIMA, XIANNV}),
            "值班室",
            "standard",
        )


def roster(county: str = COUNTY) -> Roster:
    """Posts 1 to 8 with one person and number each (odd ones in 白马), and a vacant one; one of another role."""
    people = tuple(
        Responder(i, f"示例人{i}", (ContactMethod(f"+99900000{i:04}", NumberKind.MOBILE),)) for i in range(1, POSTS + 1)
    )
    posts = [Post(i, BAIMA if i % 2 else XIANNV, ROLE, f"示例{i}村书记", i) for i in range(1, POSTS + 1)]
    posts += [Post(VACANT, BAIMA, ROLE, "示例9村书记", None), Post(10, BAIMA, "校长", "示例学校校长", 1)]
    return Roster("v1", county, tuple(posts), people)


class World:
    """One database; every method writes one kind of row and fills in what the test does not care about."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def put(self, table: Table, **values: Any) -> None:
        self.run(lambda db: db.execute(insert(table), values))

    def run(self, work: Callable[[Connection], Any]) -> Any:
        return self.database.write(work)

    def use_roster(self, county: str = COUNTY) -> None:
        self.run(lambda db: RosterRows(Ledger(db, T0), Salts()).use_roster(roster(county), "actual", "tester"))

    def alert(self, alert: int = 1, **given: Any) -> None:
        """An orange rainstorm alert for the given areas, matched and planned unless `given` says otherwise."""
        own = {"hazard": "暴雨", "level": "orange", "sent": T0, "run": "actual", "identifier": f"示例-{alert}"}
        county = {
            "county": COUNTY,
            "episode": 1,
            "state": "planned",
            "areas": [BAIMA, XIANNV],
            "rulebook": "b1",
            "roster": "v1",
            "cursor": 99,
        }
        own |= {k: given.pop(k) for k in list(given) if k in own}
        if not given.pop("again", False):
            self.put(
                schema.alert,
                id=alert,
                digest=f"d{alert}",
                sender="示例气象台",
                received_at=T0,
                status="Actual",
                msg_type="Alert",
                headline="=示例标题",
                description="",
                instruction="",
                expires=None,
                document="{}",
                raw="",
                code="A1",
                **own,
            )
        county |= given
        areas = json.dumps(county.pop("areas"))
        self.put(schema.alert_county, alert=alert, areas=areas, lane=1, expires_at=T0 + 3_600_000, rev=0, **county)
        for area in (BAIMA, XIANNV):
            match = {"county": county["county"], "alert": alert, "area": area, "role": ROLE, "ladder": LADDER.id}
            self.put(schema.rule_match, **match, rules="r1", measure="")

    def callout(self, post: int, state: str = "answered", alert: int = 1, **given: Any) -> None:
        row = {
            "county": COUNTY,
            "round": 0,
            "episode": 1,
            "step": 0,
            "next_at": None,
            "lane": 1,
            "ladder": LADDER.id,
            "rules": "r1",
            "expires_at": None,
            "opened_at": T0,
            "grade": "",
        }
        if state == CalloutState.ANSWERED:
            row |= {"answered_at": T0 + 60_000, "grade": "acknowledged"}
        if state in (CalloutState.TO_CALL, CalloutState.WAITING):
            row |= {"next_at": T0 + 60_000}
        self.put(schema.callout, alert=alert, post=post, state=state, **row | given)

    def attempt(self, *posts: int, name: str = "", alert: int = 1, **given: Any) -> None:
        """One attempt that speaks for these posts; it calls the holder of the first."""
        row = {
            "county": COUNTY,
            "target": "holder",
            "channel": "sms",
            "number": posts[0],
            "responder": posts[0],
            "roster": "v1",
            "repeated": 0,
            "state": "sent",
            "owner": "w",
            "lease": 0,
            "wait": 0,
            "claimed_at": T0,
            "submitted_at": T0 + 1_000,
            "receipt": "",
            "rev": 0,
        } | given
        county, name, of_round = row["county"], name or f"{alert}-{posts}", row.pop("round", 0)
        self.put(schema.attempt, id=f"{county}.{name}", alert=alert, **row)
        for post in posts:
            self.put(
                schema.attempt_callout,
                county=county,
                attempt=f"{county}.{name}",
                alert=alert,
                post=post,
                round=of_round,
            )

    def answer(self, post: int, grade: str, alert: int = 1, **given: Any) -> None:
        row = {
            "county": COUNTY,
            "round": 0,
            "ref": f"{alert}-{post}-{grade}",
            "attempt": "",
            "at": T0 + 60_000,
            "late": 0,
            "body": "1",
            "actor": "phone",
        }
        self.put(schema.answer, alert=alert, post=post, grade=grade, **row | given)

    def human_call(self, post: int, kind: str, state: str = "open", alert: int = 1, **given: Any) -> None:
        row = {"county": COUNTY, "about": "", "note": "", "lane": 1, "opened_at": T0, "next_at": None}
        self.put(schema.human_call, alert=alert, post=post, kind=kind, state=state, **row | given)

    def stop_work(self, alert: int, area: str, code: str, objects: int) -> None:
        self.put(
            schema.stop_work,
            county=COUNTY,
            alert=alert,
            area=area,
            code=code,
            role="校长",
            rule="r1",
            measure="",
            objects=objects,
            state="proposed",
            proposed_at=T0,
        )

    def all_answered(self, *but: int, alert: int = 1, **given: Any) -> None:
        """Every due post was called and answered, those in `but` left out."""
        for post in [p for p in range(1, VACANT + 1) if p not in but]:
            self.callout(post, alert=alert, **given)
            self.attempt(post, alert=alert)
            self.answer(post, "acknowledged", alert=alert)

    def drop(self, table: Table, **where: Any) -> None:
        self.run(lambda db: db.execute(delete(table).filter_by(**where)))

    def change(self, table: Table, where: dict[str, Any], **values: Any) -> None:
        self.run(lambda db: db.execute(update(table).filter_by(**where).values(values)))

    def note(self, county: str = COUNTY, detail: str = "", at: Instant = T0) -> None:
        """One audit entry."""
        self.database.write(lambda db: Ledger(db, at).note(Event("示例"), county=county, detail=detail))

    def seal(self, at: Instant = T0) -> None:
        self.database.write(lambda db: seal_ready(db, at))

    def account(self, county: str | None = None, alerts: list[int] | None = None) -> Account:
        found: Account = self.database.read(lambda db: account(db, Books(), county, alerts))
        return found

    def counts(self, county: str | None = None, alerts: list[int] | None = None) -> dict[str, Any]:
        return as_json(self.account(county, alerts))
