"""Those who sign in: their roles, and below which place they see and act."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from callout.domain.instant import Instant


class Role(StrEnum):
    """What a signed-in user is there for. Each has rights of its own; none includes another."""

    OFFICER = "officer"
    """值班员: works the desk."""
    LEADER = "leader"
    """带班领导: approves red and orders 熔断, and may do what an officer does."""
    AUDITOR = "auditor"
    """审计员: reads everything, changes nothing; numbers stay masked until a reason is given."""
    ADMINISTRATOR = "administrator"
    """管理员: users and keys; calls nobody."""

    @property
    def zh(self) -> str:
        """As the office says it."""
        return _ROLES[self]


class Right(StrEnum):
    """What a program may do with its key."""

    READ = "read"
    """读取：what an auditor sees, numbers masked."""
    REPORT = "report"
    """送入：hand in documents, answers and readings."""
    ACT = "act"
    """处理：what an officer does at the desk."""

    @property
    def zh(self) -> str:
        """As the office says it."""
        return {"read": "读取", "report": "送入", "act": "处理"}[self.value]


_ROLES = {
    Role.OFFICER: "值班员",
    Role.LEADER: "带班领导",
    Role.AUDITOR: "审计员",
    Role.ADMINISTRATOR: "管理员",
}


class ScopeKind(StrEnum):
    """How wide a user's place is."""

    CITY = "city"
    """Every county of this installation."""
    COUNTY = "county"
    TOWNSHIP = "township"
    DEPARTMENT = "department"
    """The posts of some roles, in one county."""

    @property
    def zh(self) -> str:
        """As the office says it."""
        return {"city": "全市", "county": "区县", "township": "乡镇", "department": "部门"}[self.value]


@dataclass(frozen=True, slots=True)
class Scope:
    """The place below which a user sees and acts."""

    kind: ScopeKind
    county: str = ""
    """Six digits; empty for a city."""
    area: str = ""
    """Key of the township."""
    roles: tuple[str, ...] = ()
    """Roles of posts that belong to the department."""

    @property
    def text(self) -> str:
        """For the record: city, or the county and what narrows it."""
        return "/".join([self.kind.value, *filter(None, (self.county, self.area, "+".join(self.roles)))])

    def counties(self, served: Iterable[str]) -> list[str]:
        """Those of the served counties that lie below it."""
        return [one for one in served if self.kind is ScopeKind.CITY or one == self.county]

    def holds(self, county: str, area: str = "", role: str = "") -> bool:
        """Whether a post with this role in this area lies below it."""
        if self.kind is ScopeKind.CITY:
            return True
        if county != self.county:
            return False
        if self.kind is ScopeKind.TOWNSHIP:
            return area == self.area
        return self.kind is ScopeKind.COUNTY or role in self.roles


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is looking: a signed-in user as pages know them, or a program with a key."""

    user: int
    """0 = a program."""
    login: str
    name: str
    """As it goes into the record."""
    title: str
    """职务."""
    role: Role | None
    """None = a program: it has rights instead."""
    scope: Scope
    rights: frozenset[Right] = frozenset()

    @property
    def actor(self) -> str:
        """How the record names this user."""
        return f"{self.name}（{self.login}）"

    @property
    def grants(self) -> frozenset[Role | Right]:
        """What a line of the table of access may ask for."""
        return self.rights | ({self.role} if self.role else frozenset())


@dataclass(frozen=True, slots=True)
class User:
    """One who signs in, as on record."""

    viewer: Viewer
    secret: str
    """Hash of the password."""
    must_change: bool
    """The password is the one that was printed; it lets in to nothing but its own change."""
    totp: str
    """Shared secret of the second step, base32; empty = there is none."""
    totp_used: int
    """The newest step of it that was used: none counts twice."""
    open: bool
    rev: int
    subject: str = ""
    """How another system knows them that vouches for its users; empty = it does not."""


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser."""

    id: str
    """Hash of the secret that the browser holds."""
    user: User
    ends_at: Instant
    half: bool
    """The password was right; the second step is still to come."""
    rev: int
