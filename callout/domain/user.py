"""Those who sign in: their roles, and below which place they see and act."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


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
    """Who is looking: a signed-in user as pages know them."""

    user: int
    login: str
    name: str
    """As it goes into the record."""
    title: str
    """职务."""
    role: Role
    scope: Scope

    @property
    def actor(self) -> str:
        """How the record names this user."""
        return f"{self.name}（{self.login}）"
