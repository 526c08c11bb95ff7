"""user: those who sign in to the pages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import typer

from callout.app import App
from callout.cli.control import Args, Officer, Result, Verb, route, word
from callout.cli.db import reading
from callout.cli.screen import Json, options, say, show_json, warn
from callout.domain.errors import CalloutError
from callout.domain.user import Role, ScopeKind, User
from callout.settings import Settings
from callout.store.users import NewUser
from callout.web import staff

app = typer.Typer(help="网页用户：添加、查看、重设密码、停用", no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="登录名", metavar="登录名")]


@dataclass(frozen=True, slots=True)
class Adding:
    """The options of add."""

    login: Login
    name: Annotated[str, typer.Option("--name", help="姓名，写入记录", metavar="姓名")]
    officer: Officer
    role: Annotated[Role, typer.Option("--role", help="身份")] = Role.OFFICER
    title: Annotated[str, typer.Option("--title", help="职务", metavar="职务")] = ""
    scope: Annotated[ScopeKind, typer.Option("--scope", help="范围：全市、区县、乡镇、部门")] = ScopeKind.COUNTY
    county: Annotated[str, typer.Option("--county", help="区县，默认为本区县", metavar="代码")] = ""
    township: Annotated[str, typer.Option("--township", help="乡镇，范围是乡镇时", metavar="乡镇")] = ""
    posts: Annotated[str, typer.Option("--posts", help="岗位，范围是部门时，用顿号隔开", metavar="岗位")] = ""


@app.command("add")
@options(Adding)
def add(it: Adding) -> None:
    """添加用户。首个密码只显示这一次，本人登录后必须改掉"""
    given = {"login": it.login, "name": it.name, "title": it.title, "role": it.role.value, "officer": it.officer}
    place = {"scope": it.scope.value, "county": it.county, "township": it.township, "posts": it.posts}
    _tell(it.login, _ask(ADD, given | place)["password"])


@app.command("reset")
def reset(login: Login, officer: Officer) -> None:
    """重设密码：显示新的首个密码，停用动态口令，所有浏览器退出登录"""
    _tell(login, _ask(RESET, {"login": login, "officer": officer})["password"])


@app.command("close")
def close(login: Login, officer: Officer) -> None:
    """停用：不能再登录；做过的事仍在记录里"""
    _ask(CLOSE, {"login": login, "officer": officer})
    say(f"已停用 {login}")


@app.command("reopen")
def reopen(login: Login, officer: Officer) -> None:
    """恢复已停用的用户，密码不变"""
    _ask(REOPEN, {"login": login, "officer": officer})
    say(f"已恢复 {login}")


@app.command("list")
def show(as_json: Json = False) -> None:
    """列出用户"""
    with reading(Settings()) as (store, rulebooks):
        people = store.read(lambda work: work.users.all())
        served = staff.places(store, rulebooks)
    if as_json:
        show_json([_plain(one) for one in people])
        return
    if not people:
        say("还没有用户；先添加一名管理员：callout user add 登录名 --name 姓名 --role administrator --officer 姓名")
    for one in people:
        who, stands = one.viewer, "" if one.open else "  已停用"
        role = who.role.zh if who.role else ""
        say(f"{who.login}  {who.name}  {role}  {staff.scope_words(who.scope, served)}{stands}")


def _plain(one: User) -> dict[str, object]:
    who = one.viewer
    return {
        "login": who.login,
        "name": who.name,
        "title": who.title,
        "role": who.role,
        "scope": who.scope.text,
        "open": one.open,
        "must_change": one.must_change,
        "totp": bool(one.totp),
    }


def _tell(login: str, password: str) -> None:
    say(f"{login} 的首个密码，只显示这一次：")
    say(f"    {password}", bold=True)
    warn("请当面交给本人。第一次登录必须改掉它")


def _ask(verb: Verb, args: Args) -> Result:
    with route(Settings()) as way:
        return way.ask(verb, args)


def _verb(name: str, act: Callable[[App, Args, str], Result]) -> Verb:
    def run(engine: App, args: Args) -> Result:
        officer = word(args, "officer", 40).strip()
        if not officer:
            raise CalloutError("请写明值班人员姓名")
        return act(engine, args, officer)

    return Verb(name, run)


def _add(engine: App, args: Args, officer: str) -> Result:
    kind, county = word(args, "scope", 20), word(args, "county", 20) or engine.settings.county
    words = staff.PlaceWords(kind, county, word(args, "township", 40), word(args, "posts"))
    role = word(args, "role", 20)
    if role not in {one.value for one in Role}:
        raise CalloutError("请选身份：" + "、".join(one.value for one in Role))
    scope = staff.scope_in(words, staff.places(engine.store, engine.rulebooks))
    new = NewUser(word(args, "login", 40), word(args, "name", 40).strip(), word(args, "title", 40), Role(role), scope)
    return {"password": staff.engage(engine.store, new, officer)}


def _reset(engine: App, args: Args, officer: str) -> Result:
    return {"password": staff.reset(engine.store, word(args, "login", 40), officer)}


def _close(engine: App, args: Args, officer: str) -> Result:
    staff.dismiss(engine.store, word(args, "login", 40), officer)
    return {}


def _reopen(engine: App, args: Args, officer: str) -> Result:
    staff.readmit(engine.store, word(args, "login", 40), officer)
    return {}


ADD, RESET = _verb("user add", _add), _verb("user reset", _reset)
CLOSE, REOPEN = _verb("user close", _close), _verb("user reopen", _reopen)
USER_VERBS = (ADD, RESET, CLOSE, REOPEN)
