"""责任人名册: posts, the people who hold them, and the numbers that reach these people."""

from dataclasses import dataclass
from enum import StrEnum

from callout.domain.instant import Instant


class NumberKind(StrEnum):
    """What a number can do: a landline takes no SMS."""

    MOBILE = "mobile"
    LANDLINE = "landline"


@dataclass(frozen=True, slots=True)
class ContactMethod:
    """One number of a person, in the order in which it is tried."""

    e164: str
    kind: NumberKind


@dataclass(frozen=True, slots=True)
class Responder:
    """A 责任人. `contacts` are in order of trial and may be empty: that is a finding, not an error."""

    id: int
    name: str
    contacts: tuple[ContactMethod, ...]


@dataclass(frozen=True, slots=True)
class Post:
    """A 岗位: a role in an area, held by one person, with a deputy and a superior post."""

    id: int
    area: str
    role: str
    title: str
    """What people call it, e.g. 示例·白马镇党委书记."""
    holder: int | None
    """Responder id; None = vacant."""
    deputy: int | None = None
    superior: int | None = None
    """Post id."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Who stands in for the holder of a post from `begins` until before `ends`."""

    post: int
    responder: int
    begins: Instant
    ends: Instant


@dataclass(frozen=True, slots=True)
class Roster:
    """All posts and people of one county in one version."""

    version: str
    county: str
    posts: tuple[Post, ...]
    responders: tuple[Responder, ...]
    shifts: tuple[Shift, ...] = ()
