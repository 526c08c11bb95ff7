"""The administrator's page: who may sign in, and which programs have a key."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from callout.domain.errors import CalloutError
from callout.domain.user import Right, Role, Scope, ScopeKind
from callout.store.users import NewUser
from callout.web import staff
from callout.web.access import SignedIn, Where
from callout.web.oidc import normal
from callout.web.pages import page
from callout.web.site import Site

router = APIRouter()

MOST_DAYS = 730


class PlaceForm(BaseModel):
    """Where somebody belongs."""

    kind: str = Field("", max_length=20)
    county: str = Field("", max_length=40)
    township: str = Field("", max_length=40)
    roles: str = Field("", max_length=200)


class UserForm(PlaceForm):
    """Somebody to be taken on."""

    login: str = Field("", max_length=40)
    name: str = Field("", max_length=40)
    title: str = Field("", max_length=40)
    role: Role = Role.OFFICER


class KeyForm(PlaceForm):
    """A key to be made."""

    name: str = Field("", max_length=40)
    rights: list[Right] = Field(default_factory=list)
    days: int = Field(365, ge=1, le=MOST_DAYS)


@router.get("/users")
def users(request: Request, where: Where) -> Response:
    """Everybody and every key."""
    return _page(request, where)


@router.post("/users")
def add(request: Request, where: Where, who: SignedIn, form: Annotated[UserForm, Form()]) -> Response:
    """Take somebody on."""

    def make(scope: Scope) -> str:
        new = NewUser(form.login.strip(), form.name.strip(), form.title.strip(), form.role, scope)
        return staff.engage(where.store, new, who.actor)

    return _show_once(request, where, f"用户 {form.login} 的首个密码", lambda: make(_scope(where, form)))


@router.post("/users/{user}/reset")
def reset(request: Request, where: Where, who: SignedIn, user: str) -> Response:
    """Give a new first password."""
    return _show_once(request, where, f"用户 {user} 的新密码", lambda: staff.reset(where.store, user, who.actor))


@router.post("/users/{user}/bind")
def bind(
    request: Request, where: Where, who: SignedIn, user: str, subject: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """Let the other system's word sign somebody in."""
    if where.identity is None:
        raise CalloutError("没有接统一身份认证")
    try:
        staff.bind(where.store, user, normal(subject, where.identity.registration.claim), who.actor)
    except CalloutError as error:
        return _page(request, where, said=str(error))
    return RedirectResponse("/users", 303)


@router.post("/users/{user}/close")
def close(where: Where, who: SignedIn, user: str) -> Response:
    """Let somebody go."""
    if user == who.login:
        raise CalloutError("不能停用自己的账户，请由另一位管理员来做")
    staff.dismiss(where.store, user, who.actor)
    return RedirectResponse("/users", 303)


@router.post("/users/{user}/reopen")
def reopen(where: Where, who: SignedIn, user: str) -> Response:
    """Let somebody in again."""
    staff.readmit(where.store, user, who.actor)
    return RedirectResponse("/users", 303)


@router.post("/keys")
def add_key(request: Request, where: Where, who: SignedIn, form: Annotated[KeyForm, Form()]) -> Response:
    """Make a key."""

    def make() -> str:
        new = staff.NewKey(form.name, frozenset(form.rights), _scope(where, form), form.days)
        return staff.make_key(where.store, new, who.actor)

    return _show_once(request, where, f"“{form.name}”的密钥", make)


@router.post("/keys/{key}/close")
def close_key(where: Where, who: SignedIn, key: str) -> Response:
    """Let a key open nothing any more."""
    staff.close_key(where.store, key, who.actor)
    return RedirectResponse("/users", 303)


def _scope(where: Site, form: PlaceForm) -> Scope:
    words = staff.PlaceWords(form.kind, form.county.strip(), form.township.strip(), form.roles)
    return staff.scope_in(words, staff.places(where.store, where.rulebooks))


def _show_once(request: Request, where: Site, what: str, make: Callable[[], str]) -> Response:
    try:
        secret = make()
    except CalloutError as error:
        return _page(request, where, said=str(error))
    return _page(request, where, told=(what, secret))


def _page(request: Request, where: Site, said: str = "", told: tuple[str, str] = ("", "")) -> Response:
    """`told` = (what it is, the secret that is shown this once)."""
    people, keys = where.store.read(lambda work: (work.users.all(), work.keys.all()))
    counties = staff.places(where.store, where.rulebooks)
    return page(
        request,
        "users.html.j2",
        422 if said else 200,
        people=[(one, staff.scope_words(one.viewer.scope, counties)) for one in people],
        keys=[(one, staff.scope_words(one.viewer.scope, counties)) for one in keys],
        counties=counties,
        roles=list(Role),
        kinds=list(ScopeKind),
        rights=list(Right),
        claim=where.identity.registration.claim if where.identity else "",
        said=said,
        told=told,
    )
