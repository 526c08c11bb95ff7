"""Names that come with a decision or a report: the value is erasable, all other rows hold its commitment."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, insert

from callout.domain.audit import commitment
from callout.ports import Ids
from callout.store import schema


def keep_name(db: Connection, ids: Ids, name: str) -> str:
    """Keep a name under a salt of its own; returns its commitment."""
    salt = ids.salt()
    proof = commitment(salt, name)
    row = {"commitment": proof, "kind": "name", "salt": salt, "value": name}
    db.execute(insert(schema.personal), [row])
    return proof


def keep_many(db: Connection, ids: Ids, kind: str, values: Iterable[str]) -> dict[str, str]:
    """Keep each of these values once, under salts of their own; returns their commitments."""
    rows: list[dict[str, Any]] = []
    for value in dict.fromkeys(values):
        salt = ids.salt()
        rows.append({"commitment": commitment(salt, value), "kind": kind, "salt": salt, "value": value})
    if rows:
        db.execute(insert(schema.personal), rows)
    return {row["value"]: row["commitment"] for row in rows}
