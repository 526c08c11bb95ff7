"""Keys of programs: shown once, kept as hashes, with rights, a scope and an end."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from callout.domain.instant import Instant
from callout.domain.user import Right, Scope, Viewer
from callout.store import schema
from callout.store.transaction import Change, Event, Ledger, Note
from callout.store.users import CLOSED, OPEN, scope_columns, scope_of


@dataclass(frozen=True, slots=True)
class Key:
    """One key, as on record."""

    id: str
    viewer: Viewer
    secret: str
    """Hash of the part that only the program knows."""
    made_at: Instant
    ends_at: Instant
    open: bool
    rev: int


class KeyRows:
    """Reads and writes of keys inside one transaction."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._db = ledger.connection

    def add(self, key: Key, actor: str) -> None:
        """Keep a new key."""
        row = {
            "id": key.id,
            "name": key.viewer.name,
            "rights": ",".join(sorted(key.viewer.rights)),
            **scope_columns(key.viewer.scope),
            "secret": key.secret,
            "state": OPEN,
            "made_at": self._ledger.at,
            "ends_at": key.ends_at,
        }
        said = f"rights={row['rights']} scope={key.viewer.scope.text}"
        self._ledger.record_rows(schema.api_key, [row], Event("added", actor), {(key.id,): Note(detail=said)})

    def find(self, id_: str) -> Key | None:
        """One key, whatever its state."""
        k = schema.api_key
        row = self._db.execute(select(k).where(k.c.id == id_)).first()
        return _key(row) if row else None

    def all(self) -> list[Key]:
        """Every key, open ones first."""
        k = schema.api_key
        return [_key(row) for row in self._db.execute(select(k).order_by(k.c.state.desc(), k.c.made_at))]

    def close(self, key: Key, actor: str) -> bool:
        """It opens nothing any more; False when somebody else was first."""
        change = Change((key.id,), key.rev, OPEN if key.open else CLOSED, {"state": CLOSED})
        return bool(self._ledger.record(schema.api_key, [change], Event("closed", actor)))


def key_viewer(id_: str, name: str, rights: frozenset[Right], scope: Scope) -> Viewer:
    """A program as pages know it."""
    return Viewer(0, f"key:{id_}", name, "程序", None, scope, rights)


def _key(row: Any) -> Key:
    rights = frozenset(Right(one) for one in row.rights.split(",") if one)
    viewer = key_viewer(row.id, row.name, rights, scope_of(row))
    return Key(row.id, viewer, row.secret, row.made_at, row.ends_at, row.state == OPEN, row.rev)
