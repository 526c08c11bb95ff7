"""events: the record as a stream of JSON lines, for programs."""

import json
import os
import time
from dataclasses import dataclass
from typing import Annotated

import typer

from callout.app import App, checkpoint_file
from callout.channels.copying import load_copy
from callout.cli.db import reading
from callout.cli.screen import options
from callout.domain.errors import CalloutError
from callout.domain.instant import MINUTE, SECOND
from callout.ports.copies import CopySetup
from callout.reports.checkpoint_mail import CheckpointMail
from callout.reports.checkpoints import HeldSeal
from callout.reports.events import Batch, Wanted, cursor_of, line
from callout.reports.events import events as after
from callout.rulebook.outlets import MailEntry, read_outlets
from callout.scheduler import Job
from callout.settings import Settings
from callout.store.transaction import Event
from callout.web.outlets import outlets

_EVERY = 1.0


@dataclass(frozen=True, slots=True)
class Asked:
    """From where, of what, and for how long."""

    since: Annotated[
        str, typer.Option("--since", help="从这个位置之后（上一条事件的 cursor），0 为从头", metavar="位置")
    ] = "0"
    kinds: Annotated[
        str, typer.Option("--only", help="只要这几类，用逗号隔开，例如 callout,human_call", metavar="类别")
    ] = ""
    county: Annotated[str, typer.Option("--county", help="只要一个区县（六位代码）", metavar="代码")] = ""
    follow: Annotated[bool, typer.Option("--follow", help="一直等新的事件，按 Ctrl+C 结束")] = False


@options(Asked)
def events(asked: Asked) -> None:
    """事件流：每行一个 JSON，按记录的次序，不含姓名、号码和原文；记下最后的 cursor，下次从那里接着要"""
    kinds = frozenset(one.strip() for one in asked.kinds.split(",") if one.strip())
    wanted, at = Wanted(kinds, frozenset({asked.county} if asked.county else ())), cursor_of(asked.since)
    with reading(Settings()) as (store, _):
        while True:
            batch: Batch = store.database.read(lambda db, at=at: after(db, at, wanted))  # type: ignore[misc]
            at = batch.cursor
            for event in batch.events:
                typer.echo(line(event))
            if not (batch.more or asked.follow):
                return
            time.sleep(0 if batch.more else _EVERY)


def handing_out(settings: Settings, app: App) -> tuple[Job, ...]:
    """What pushes events and mails checkpoints beside the engine. Raises RuleError or CalloutError before it starts."""
    if settings.outlets is None:
        return ()
    plan = read_outlets(settings.outlets, lambda: load_copy("email").Config)
    made = outlets(plan.outlets, os.environ, app.database, app.world.clock, live=settings.live)
    pushing = tuple(Job(f"push {one.entry.name}", SECOND, one.run_once) for one in made)
    return (
        (*pushing, Job("checkpoint mail", MINUTE, _mail(settings, app, plan.mail).run_once)) if plan.mail else pushing
    )


def _mail(settings: Settings, app: App, entry: MailEntry) -> CheckpointMail:
    path = checkpoint_file(settings)
    if path is None:
        raise CalloutError("要用邮件发送封条存证，请先设 CALLOUT_CHECKPOINTS")
    if entry.config.real and not settings.live:
        raise CalloutError("邮件服务器不在本机，没有 CALLOUT_LIVE=1 不能发送封条存证")
    variable = entry.config.password_env
    if variable and not os.environ.get(variable):
        raise CalloutError(f"邮件服务器的密码没有设：请设置环境变量 {variable} 后再启动")

    def told(held: HeldSeal) -> None:
        detail = json.dumps({"seal": held.seq, "hash": held.hash, "mails": len(entry.config.to)})
        app.store.write(lambda work: work.ledger.note(Event("checkpoint.mailed"), detail=detail))

    secrets = {"password": os.environ[variable]} if variable else {}
    way = load_copy("email").way(CopySetup("checkpoint-mail", entry.config, secrets, _nobody_says))
    return CheckpointMail(path, way, entry.every, app.world.clock, settings.templates, told)


async def _nobody_says(_leaflet: str, _device: str) -> None:
    """A mailbox does not acknowledge."""
