"""Names that come with a decision or a report: the value is erasable, all other rows hold its commitment."""

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
