"""Those who sign in: users, sessions, tries. Every change is on record; secrets come in as hashes."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select

from callout.domain.instant import Instant
from callout.domain.sign_in import FOR_NAME, FROM_ADDRESS, REMEMBERED, WINDOW, Try
from callout.domain.user import Role, Scope, ScopeKind, Session, User, Viewer
from callout.store import schema
from callout.store.transaction import Change, Event, Ledger, Note, changed

OPEN, CLOSED = "open", "closed"
HALF, ENDED = "half", "ended"
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user to be added."""

    login: str
    name: str
    title: str
    role: Role
    scope: Scope


class UserRows:
    """Reads and writes of users inside one transaction."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._db = ledger.connection

    def add(self, new: NewUser, secret: str, actor: str) -> bool:
        """Add a user whose password must be changed; False where the login is taken."""
        row = {
            "login": new.login,
            "name": new.name,
            "title": new.title,
            "role": new.role.value,
            **scope_columns(new.scope),
            "secret": secret,
            "must_change": 1,
            "state": OPEN,
            "made_at": self._ledger.at,
        }
        note = Note(detail=f"login={new.login} role={new.role} scope={new.scope.text}")
        # The id is given by the database, so the note cannot be found by it: it is written beside.
        added = self._ledger.record_rows(schema.office_user, [row], Event("added", actor))
        if added:
            self._ledger.note(Event("office_user.described", actor), county=new.scope.county, detail=note.detail)
        return bool(added)

    def find(self, login: str) -> User | None:
        """The user of this login, whatever their state."""
        u = schema.office_user
        row = self._db.execute(select(u).where(u.c.login == login)).first()
        return user_of(row) if row else None

    def bound(self, subject: str) -> User | None:
        """The open user who is bound to this identity; None where nobody is, or more than one."""
        u = schema.office_user
        rows = self._db.execute(select(u).where(u.c.subject == subject, u.c.state == OPEN)).all() if subject else []
        return user_of(rows[0]) if len(rows) == 1 else None

    def get(self, user: int) -> User | None:
        """One user."""
        u = schema.office_user
        row = self._db.execute(select(u).where(u.c.id == user)).first()
        return user_of(row) if row else None

    def all(self) -> list[User]:
        """Everybody, open ones first."""
        u = schema.office_user
        return [user_of(row) for row in self._db.execute(select(u).order_by(u.c.state.desc(), u.c.login))]

    def change(self, user: User, event: str, actor: str, **values: Any) -> bool:
        """Change a user who was seen; False when somebody else was first."""
        before = OPEN if user.open else CLOSED
        change = Change((user.viewer.user,), user.rev, before, values, Note(detail=f"login={user.viewer.login}"))
        return bool(self._ledger.record(schema.office_user, [change], Event(event, actor)))

    def open_session(self, secret: str, user: User, address: str, ends_at: Instant, *, half: bool) -> None:
        """A browser has signed in; `secret` is the hash of what it holds."""
        row = {
            "id": secret,
            "user": user.viewer.user,
            "state": HALF if half else OPEN,
            "address": address,
            "opened_at": self._ledger.at,
            "ends_at": ends_at,
        }
        notes = {(secret,): Note(detail=f"login={user.viewer.login} address={address}")}
        self._ledger.record_rows(schema.user_session, [row], Event("opened", user.viewer.actor), notes)

    def session(self, secret: str) -> Session | None:
        """The session of this hash, if it still holds."""
        s, u = schema.user_session, schema.office_user
        more = s.c.id.label("session"), s.c.state.label("stands"), s.c.ends_at, s.c.rev.label("seen")
        row = self._db.execute(self._holding(select(u, *more)).where(s.c.id == secret)).first()
        return Session(row.session, user_of(row), row.ends_at, row.stands == HALF, row.seen) if row else None

    def holding(self, secrets: Collection[str]) -> set[str]:
        """Those of these hashes whose sessions still hold."""
        s = schema.user_session
        return set(self._db.execute(self._holding(select(s.c.id)).where(s.c.id.in_(secrets))).scalars())

    def _holding(self, query: Select[Any]) -> Select[Any]:
        s, u = schema.user_session, schema.office_user
        stands = s.c.state != ENDED, s.c.ends_at > self._ledger.at, u.c.state == OPEN
        return query.join_from(s, u, u.c.id == s.c.user).where(*stands)

    def end(self, session: Session, actor: str) -> None:
        """Sign one browser out."""
        change = Change((session.id,), session.rev, HALF if session.half else OPEN, {"state": ENDED})
        self._ledger.record(schema.user_session, [change], Event("ended", actor))

    def end_all(self, user: int, actor: str) -> None:
        """Sign a user out everywhere."""
        s = schema.user_session
        ending = changed(s, state=ENDED).where(s.c.user == user, s.c.state != ENDED)
        self._ledger.record_set(ending, Event("ended", actor))

    def tries(self, login: str, address: str) -> list[Try]:
        """What decides whether this name may be tried from this address now."""
        t = schema.sign_in_try
        recent = t.c.at > self._ledger.at - WINDOW
        ours = or_(t.c.address == address, t.c.login == login) if login else t.c.address == address
        newest = select(t).where(recent, t.c.outcome == FAILED, ours).order_by(t.c.at.desc())
        rows = list(self._db.execute(newest.limit(FROM_ADDRESS + FOR_NAME)))
        known = select(t).where(
            t.c.login == login, t.c.address == address, t.c.outcome == OPEN, t.c.at > self._ledger.at - REMEMBERED
        )
        rows += self._db.execute(known.order_by(t.c.at.desc()).limit(1))
        return [Try(row.at, row.login, row.address, row.outcome == OPEN) for row in rows]

    def tried(self, login: str, address: str, *, opened: bool) -> None:
        """Keep one try; `login` is empty for a name that nobody has."""
        row = {"login": login, "address": address, "outcome": OPEN if opened else FAILED, "at": self._ledger.at}
        event = "passed" if opened else "failed"
        self._ledger.record_rows(schema.sign_in_try, [row], Event(event, login or "unknown"))


def scope_columns(scope: Scope) -> dict[str, str]:
    """How a scope lies in a row."""
    return {
        "scope": scope.kind.value,
        "scope_county": scope.county,
        "scope_area": scope.area,
        "scope_roles": ",".join(scope.roles),
    }


def scope_of(row: Any) -> Scope:
    """The scope in a row."""
    roles = tuple(one for one in row.scope_roles.split(",") if one)
    return Scope(ScopeKind(row.scope), row.scope_county, row.scope_area, roles)


def user_of(row: Any) -> User:
    """The user in a row."""
    viewer = Viewer(row.id, row.login, row.name, row.title, Role(row.role), scope_of(row))
    step = row.totp, row.totp_used
    return User(viewer, row.secret, bool(row.must_change), *step, row.state == OPEN, row.rev, row.subject)
