"""Every table of callout. The county is part of every key; times are milliseconds since 1970 UTC.

Personal data (numbers, names, reply texts) lies in `personal` alone; all other rows carry its commitment.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    literal,
    or_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"},
)

CALLOUT_KEY = ("county", "alert", "post", "round")
"""Primary key of a callout, and how attempts point to one."""

BigId = BigInteger().with_variant(Integer, "sqlite")


class TransactionId(FunctionElement[int]):
    """The id of the writing transaction: it orders entries where several writers commit (PostgreSQL only)."""

    inherit_cache = True


@compiles(TransactionId)
def _no_transaction_id(_element: Any, _compiler: Any, **_: Any) -> str:
    return "0"


@compiles(TransactionId, "postgresql")
def _transaction_id(_element: Any, _compiler: Any, **_: Any) -> str:
    return "(pg_current_xact_id()::text::bigint)"


def _word(name: str, *, key: bool = False, default: str | None = None) -> Column[str]:
    return Column(name, String, primary_key=key, nullable=False, server_default=default)


def _number(name: str, *, key: bool = False, default: str | None = None) -> Column[int]:
    return Column(name, BigInteger, primary_key=key, nullable=False, autoincrement=False, server_default=default)


def _instant(name: str) -> Column[int | None]:
    return Column(name, BigInteger)


county = Table(
    "county",
    metadata,
    _word("county", key=True),
    _word("name"),
    _word("rulebook", default=""),
    _word("roster", default=""),
    _word("desk_role", default=""),
    _word("desk_ladder", default=""),
    _number("ring_after", default="0"),
    _number("rev", default="0"),
)

raw_document = Table(
    "raw_document",
    metadata,
    _word("sha256", key=True),
    Column("body", LargeBinary, nullable=False),
    _word("name"),
    _word("origin"),
    _number("received_at"),
)

alert = Table(
    "alert",
    metadata,
    Column("id", BigId, primary_key=True),
    _word("identifier"),
    _word("digest"),
    _word("sender"),
    _number("sent"),
    _number("received_at"),
    _word("status"),
    _word("msg_type"),
    _word("hazard"),
    _word("level"),
    _word("headline"),
    Column("description", Text, nullable=False),
    Column("instruction", Text, nullable=False),
    _instant("expires"),
    Column("document", Text, nullable=False),
    _word("raw"),
    _word("code"),
    _word("run"),
    Index(None, "identifier", "digest", unique=True),
)

alert_reference = Table(
    "alert_reference",
    metadata,
    _number("alert", key=True),
    _word("identifier", key=True),
)

episode = Table(
    "episode",
    metadata,
    _word("county", key=True),
    _number("id", key=True),
    _word("sender"),
    _word("hazard"),
    _number("opened_at"),
)

alert_county = Table(
    "alert_county",
    metadata,
    _word("county", key=True),
    _number("alert", key=True),
    _number("episode"),
    _word("state"),
    Column("areas", Text, nullable=False),
    _number("lane"),
    _instant("expires_at"),
    _word("rulebook", default=""),
    _word("roster", default=""),
    _number("cursor", default="0"),
    _number("rev", default="0"),
    Index(None, "state"),
)

rulebook_version = Table(
    "rulebook_version",
    metadata,
    _word("county", key=True),
    _word("version", key=True),
    Column("files", Text, nullable=False),
    _number("loaded_at"),
)

ladder = Table(
    "ladder",
    metadata,
    _word("id", key=True),
    Column("steps", Text, nullable=False),
)

rule_match = Table(
    "rule_match",
    metadata,
    _word("county", key=True),
    _number("alert", key=True),
    _word("area", key=True),
    _word("role", key=True),
    _word("ladder"),
    _word("rules"),
    _word("measure"),
)

roster_version = Table(
    "roster_version",
    metadata,
    _word("county", key=True),
    _word("version", key=True),
    _number("loaded_at"),
    _word("loaded_by"),
    _word("run"),
)

responder = Table(
    "responder",
    metadata,
    _word("county", key=True),
    _word("roster", key=True),
    _number("id", key=True),
    _word("name"),
)

contact = Table(
    "contact",
    metadata,
    _word("county", key=True),
    _word("roster", key=True),
    _number("responder", key=True),
    _number("ord", key=True),
    _number("number"),
    _word("kind"),
    _number("shared", default="0"),
)

shift = Table(
    "shift",
    metadata,
    _word("county", key=True),
    _word("roster", key=True),
    _number("post", key=True),
    _number("begins", key=True),
    _number("ends"),
    _number("responder"),
)

duty = Table(
    "duty",
    metadata,
    _word("county", key=True),
    _word("roster", key=True),
    _number("post", key=True),
    _word("area"),
    _word("role"),
    _word("title"),
    Column("holder", BigInteger),
    Column("deputy", BigInteger),
    Column("superior", BigInteger),
    _word("unusable", default=""),
    _word("holder_name", default=""),
    Index(None, "county", "roster", "role"),
    Index(None, "county", "roster", "superior"),
)

number = Table(
    "number",
    metadata,
    Column("id", BigId, primary_key=True),
    _word("commitment"),
    _number("dead", default="0"),
    _number("opted_out", default="0"),
    _number("rev", default="0"),
    Index(None, "commitment", unique=True),
)

personal = Table(
    "personal",
    metadata,
    _word("commitment", key=True),
    _word("kind"),
    Column("salt", LargeBinary),
    Column("value", Text),
    Index(None, "kind", "value"),
)



callout = Table(
    "callout",
    metadata,
    _word("county", key=True),
    _number("alert", key=True),
    _number("post", key=True),
    _number("round", key=True),
    _number("episode"),
    _word("state"),
    _number("step"),
    _instant("next_at"),
    _number("lane"),
    _word("ladder"),
    _word("rules"),
    _instant("expires_at"),
    _number("opened_at"),
    _word("attempt", default=""),
    _number("repeated", default="0"),
    _instant("answered_at"),
    _word("grade", default=""),
    _number("late", default="0"),
    _number("rev", default="0"),
    Index(None, "state", "lane", "next_at"),
)

attempt = Table(
    "attempt",
    metadata,
    _word("county", key=True),
    _word("id", key=True),
    _number("alert"),
    _word("notice", default=""),
    _word("target"),
    _word("channel"),
    _number("number"),
    _number("shared", default="0"),
    _number("responder"),
    _word("roster"),
    _number("repeated"),
    _word("state"),
    _word("owner"),
    _number("lease"),
    _number("wait"),
    _number("claimed_at"),
    _instant("submitted_at"),
    _instant("settled_at"),
    _word("provider", default=""),
    _word("provider_ref", default=""),
    _word("reason", default=""),
    _word("receipt", default=""),
    _instant("receipt_at"),
    _number("hang_up", default="0"),
    _number("rev", default="0"),
    Index(None, "number", "claimed_at"),
)

attempt_callout = Table(
    "attempt_callout",
    metadata,
    _word("county", key=True),
    _word("attempt", key=True),
    _number("alert", key=True),
    _number("post", key=True),
    _number("round", key=True),
    Index(None, "county", "alert", "post", "round"),
)

inbound = Table(
    "inbound",
    metadata,
    _word("event", key=True),
    _word("kind"),
    _word("county"),
    _word("attempt"),
    _number("number"),
    _word("body"),
    _number("came_at"),
    _word("state"),
    _word("outcome", default=""),
    _number("rev", default="0"),
)

answer = Table(
    "answer",
    metadata,
    _word("county", key=True),
    _number("alert", key=True),
    _number("post", key=True),
    _number("round", key=True),
    _word("ref", key=True),
    _word("attempt"),
    _word("grade"),
    _number("at"),
    _number("late"),
    _number("moved", default="-1"),
    _word("body"),
    _word("actor"),
)


human_call = Table(
    "human_call",
    metadata,
    _word("county", key=True),
    _number("alert", key=True),
    _number("post", key=True),
    _word("kind", key=True),
    _word("about", key=True),
    _word("state"),
    _word("note"),
    _number("lane"),
    _number("opened_at"),
    _instant("next_at"),
    _word("claimed_by", default=""),
    _word("closed_by", default=""),
    _instant("closed_at"),
    _word("outcome", default=""),
    _number("rev", default="0"),
)

stop_work = Table(
    "stop_work",
    metadata,
    _word("county", key=True),
    _number("alert", key=True),
    _word("area", key=True),
    _word("code", key=True),
    _word("role", key=True),
    _word("rule"),
    Column("measure", Text, nullable=False),
    _number("objects"),
    _word("state"),
    _number("proposed_at"),
    _number("rev", default="0"),
)

notice = Table(
    "notice",
    metadata,
    _word("county", key=True),
    _word("id", key=True),
    _number("alert"),
    _word("kind"),
    _number("number"),
    _number("responder"),
    _word("detail"),
    _word("state"),
    _number("next_at"),
    _number("rev", default="0"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("xid", BigInteger, nullable=False, server_default=TransactionId()),
    _word("county"),
    _number("at"),
    _word("event"),
    _number("alert"),
    _number("post"),
    _word("attempt"),
    _word("ref"),
    _word("before"),
    _word("after"),
    _word("actor"),
    _word("commitment"),
    _word("detail"),
    Index(None, "xid", "id"),
    Index(None, "county", "alert", "post"),
)

seal = Table(
    "seal",
    metadata,
    _number("seq", key=True),
    _word("lo"),
    _word("hi"),
    _number("count"),
    _word("root"),
    _word("prev"),
    _number("at"),
    _word("hash"),
)


def _is(column: Column[Any], *words: str) -> ColumnElement[bool]:
    """A condition with its words written out: only so can a partial index serve the query that repeats it."""
    written = [literal(word, literal_execute=True) for word in words]
    return or_(*[column == word for word in written]) if len(written) > 1 else column == written[0]


attempt_open = _is(attempt.c.state, "claimed", "submitting")
attempt_to_hang_up = attempt.c.hang_up == literal(1, literal_execute=True)
inbound_pending = _is(inbound.c.state, "pending")
human_call_open = _is(human_call.c.state, "open")
notice_to_send = _is(notice.c.state, "to_send")

for _name, _column, _where in (
    ("ix_attempt_open", attempt.c.lease, attempt_open),
    ("ix_attempt_hang_up", attempt.c.hang_up, attempt_to_hang_up),
    ("ix_inbound_pending", inbound.c.came_at, inbound_pending),
    ("ix_human_call_open", human_call.c.next_at, human_call_open),
    ("ix_notice_to_send", notice.c.next_at, notice_to_send),
):
    Index(_name, _column, sqlite_where=_where, postgresql_where=_where)
