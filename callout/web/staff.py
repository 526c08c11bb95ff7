"""Taking users on and letting them go, by the administrator's page or by command."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from callout.domain.area import County
from callout.domain.errors import CalloutError
from callout.domain.instant import DAY, later
from callout.domain.user import Right, Scope, ScopeKind, User
from callout.ports import Rulebooks
from callout.store.keys import Key, key_viewer
from callout.store.store import Store, Work
from callout.store.users import CLOSED, OPEN, NewUser
from callout.web.passwords import first_password, fresh_key, hashed, mark_of

LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,30}")
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """A scope as somebody wrote it down."""

    kind: str
    county: str = ""
    township: str = ""
    """Its name or key."""
    roles: str = ""
    """Roles of posts, parted by commas or 、."""


def places(store: Store, rulebooks: Rulebooks) -> list[County]:
    """The counties that are served, with their townships."""
    rows = store.read(lambda work: work.rosters.counties())
    return [rulebooks.get(row.county, row.rulebook).county for row in rows]


def scope_in(words: PlaceWords, served: Sequence[County]) -> Scope:
    """The scope that these words name. Raises CalloutError where they name none."""
    if words.kind not in {kind.value for kind in ScopeKind}:
        raise CalloutError("请选范围：全市、区县、乡镇或部门")
    kind = ScopeKind(words.kind)
    if kind is ScopeKind.CITY:
        return Scope(kind)
    county = next((one for one in served if words.county in (one.code, one.name)), None)
    if county is None:
        raise CalloutError(f"没有区县“{words.county}”；本系统服务的是 {'、'.join(one.code for one in served)}")
    if kind is ScopeKind.COUNTY:
        return Scope(kind, county.code)
    if kind is ScopeKind.TOWNSHIP:
        names = ((one.key, {one.key, one.name, *one.aliases}) for one in county.townships)
        area = next((key for key, known in names if words.township in known), None)
        if area is None:
            raise CalloutError(f"{county.name}没有乡镇“{words.township}”，请照规则文件里的名字写")
        return Scope(kind, county.code, area)
    roles = tuple(filter(None, re.split(r"[,，、\s]+", words.roles)))
    if not roles:
        raise CalloutError("部门要写明管哪些岗位，例如：学校安全责任人")
    return Scope(kind, county.code, roles=roles)


def scope_words(scope: Scope, served: Sequence[County]) -> str:
    """As people say it: 全市, 武隆区, 武隆区白马镇, 武隆区（学校安全责任人）."""
    county = next((one for one in served if one.code == scope.county), None)
    name = county.name if county else scope.county
    if scope.kind is ScopeKind.TOWNSHIP:
        townships = county.townships if county else ()
        return name + next((one.name for one in townships if one.key == scope.area), scope.area)
    if scope.kind is ScopeKind.DEPARTMENT:
        return f"{name}（{'、'.join(scope.roles)}）"
    return "全市" if scope.kind is ScopeKind.CITY else name


def engage(store: Store, new: NewUser, actor: str) -> str:
    """Add a user; returns the first password, which is kept nowhere. Raises CalloutError where that cannot be."""
    if not LOGIN.fullmatch(new.login):
        raise CalloutError("登录名用小写字母开头，3 到 31 个小写字母、数字、点、横线或下划线，例如 zhang.san")
    if not 0 < len(new.name.strip()) <= LONGEST_NAME or not new.name.isprintable():
        raise CalloutError("请写姓名，不超过 40 个字")
    password = first_password()
    secret = hashed(password)
    if not store.write(lambda work: work.users.add(new, secret, actor)):
        raise CalloutError(f"登录名 {new.login} 已经有人用")
    return password


def reset(store: Store, login: str, actor: str) -> str:
    """A new first password, the second step off, every browser signed out. Returns the password."""
    password = first_password()
    secret = hashed(password)

    def work(writing: Work) -> None:
        user = known(writing, login)
        _change(writing, user, "password_reset", actor, secret=secret, must_change=1, totp="", totp_used=0)
        writing.users.end_all(user.viewer.user, actor)

    store.write(work)
    return password


def dismiss(store: Store, login: str, actor: str) -> None:
    """The user cannot sign in any more; what they did stays on record."""

    def work(writing: Work) -> None:
        user = known(writing, login)
        _change(writing, user, "closed", actor, state=CLOSED)
        writing.users.end_all(user.viewer.user, actor)

    store.write(work)


def readmit(store: Store, login: str, actor: str) -> None:
    """The user may sign in again, with the password they had."""
    store.write(lambda work: _change(work, known(work, login), "reopened", actor, state=OPEN))


def bind(store: Store, login: str, subject: str, actor: str) -> None:
    """Let the identity of another system sign this user in; empty = none any more.

    Raises CalloutError where it is somebody else's.
    """

    def work(writing: Work) -> None:
        taken = [one for one in writing.users.all() if subject and one.subject == subject and one.open]
        other = next((one.viewer.login for one in taken if one.viewer.login != login), "")
        if other:
            raise CalloutError(f"这个身份已经绑定给 {other}")
        _change(writing, known(writing, login), "bound" if subject else "unbound", actor, subject=subject)

    store.write(work)


def known(work: Work, login: str) -> User:
    """The user of this login. Raises CalloutError where there is none."""
    user = work.users.find(login)
    if user is None:
        raise CalloutError(f"没有用户 {login}")
    return user


def _change(work: Work, user: User, event: str, actor: str, **values: object) -> None:
    if not work.users.change(user, event, actor, **values):
        raise CalloutError("这个用户刚被别人改动，请刷新后再试")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to be made."""

    name: str
    rights: frozenset[Right]
    scope: Scope
    days: int
    """How long it opens anything."""


def make_key(store: Store, new: NewKey, actor: str) -> str:
    """Make a key for a program; returns its text, which is kept nowhere. Raises CalloutError where that cannot be."""
    if not 0 < len(new.name.strip()) <= LONGEST_NAME or not new.name.isprintable():
        raise CalloutError("请写这把密钥给哪个程序用")
    if not new.rights:
        raise CalloutError("请至少选一项权限：读取、送入、处理")
    id_, text = fresh_key()
    viewer = key_viewer(id_, new.name.strip(), new.rights, new.scope)

    def work(writing: Work) -> None:
        ends = later(writing.at, new.days * DAY)
        writing.keys.add(Key(id_, viewer, mark_of(text), writing.at, ends, open=True, rev=0), actor)

    store.write(work)
    return text


def close_key(store: Store, id_: str, actor: str) -> None:
    """The key opens nothing any more. Raises CalloutError where there is none."""

    def work(writing: Work) -> None:
        key = writing.keys.find(id_)
        if key is None or not key.open:
            raise CalloutError("没有这把密钥，或者已经停用")
        writing.keys.close(key, actor)

    store.write(work)
