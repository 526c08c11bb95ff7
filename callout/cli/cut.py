"""cut: storms that have long been at rest leave the database, once they lie in an archive that was checked."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import Annotated, Any

import typer

from callout.app import App
from callout.cli.control import Args, Officer, Result, Route, Verb, route, whole, word
from callout.cli.db import reading
from callout.cli.screen import Json, options, say, show_json, warn
from callout.domain.audit import Seal
from callout.domain.cutting import Storm, StormKey, free
from callout.domain.errors import CalloutError
from callout.domain.instant import DAY, Instant, later
from callout.domain.retention import FEWEST_DAYS
from callout.reports.checkpoints import HeldSeal
from callout.reports.record import sha256
from callout.reports.verification import archives_on_record, check_commitments, verify_record
from callout.settings import Settings
from callout.store.cutting import (
    PIECE,
    WHOLE,
    Order,
    begin,
    begun,
    concluded,
    cut_entries,
    cut_rows,
    entries,
    held_back,
    linked,
    pieces,
    still_there,
    storms,
)
from callout.store.database import Database
from callout.store.migrate import HEAD, revision
from callout.store.sealing import seals
from callout.store.store import Store, Work
from callout.store.transaction import Event

_MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Cutting:
    """The arguments of cut."""

    archive: Annotated[Path, typer.Argument(help="callout archive 写出的存档", metavar="存档")]
    older_than: Annotated[
        int,
        typer.Option("--older-than", help="这么多天没有动静的过程", metavar="天数", min=FEWEST_DAYS, max=_MOST_DAYS),
    ]
    officer: Officer
    apply: Annotated[bool, typer.Option("--apply", help="真的移出；不写只预览")] = False
    as_json: Json = False


@dataclass(slots=True)
class _Plan:
    """What may leave, what has begun to, and why the others stay."""

    going: list[Storm] = field(default_factory=list)
    begun: list[Storm] = field(default_factory=list)
    gone: list[Storm] = field(default_factory=list)
    """Had left before; of what people wrote in them, more may go where its text has been erased."""
    staying: dict[str, int] = field(default_factory=dict)

    @property
    def leaving(self) -> list[Storm]:
        return [*self.going, *self.begun, *self.gone]

    def stays(self, why: str, many: int = 1) -> None:
        self.staying[why] = self.staying.get(why, 0) + many


@options(Cutting)
def cut(it: Cutting) -> None:
    """把早已了结的过程移出正在用的库，要先存档；记录仍可核对，条目在存档里。中断了再运行一次即接着做"""
    settings = Settings()
    if it.older_than < settings.retention_days:
        raise CalloutError(f"天数不能少于保存期限 CALLOUT_RETENTION_DAYS（{settings.retention_days} 天）")
    if not it.archive.is_file():
        raise CalloutError(f"没有存档 {it.archive}，请核对路径")
    kept = Database(f"sqlite:///{it.archive.absolute()}")
    try:
        with reading(settings) as (store, _):
            plan, done = _work(it, settings, store, kept)
    finally:
        kept.close()
    _show(it, plan, done)


def _work(it: Cutting, settings: Settings, store: Store, kept: Database) -> tuple[_Plan, dict[str, int]]:
    digest, now = sha256(it.archive), store.read(lambda work: work.at)
    _check(store.database, kept, digest)
    plan = _plan(store.database, kept, now, later(now, -it.older_than * DAY))
    if not it.apply or not plan.leaving:
        return plan, {"rows": 0, "entries": 0}
    with route(settings) as way:
        return plan, _carry_out(_Way(way, it, digest), store.database, kept, plan)


def _check(live: Database, kept: Database, digest: str) -> None:
    """The archive is one that this database knows, and whole. Raises CalloutError."""
    if digest not in live.read(archives_on_record):
        raise CalloutError("记录里没有这份存档（按 SHA-256）：请先用 callout archive 存档；存档以后文件不能再改动")
    if revision(kept) != HEAD:
        raise CalloutError("这份存档的结构版本旧，请重新存档")
    here = [HeldSeal(one.seq, one.hash, one.at) for one in live.read(seals)]
    last = kept.read(seals)[-1].seq
    known = [one for one in here if one.seq <= last]
    if kept.read(lambda db: [*verify_record(db, known).findings, *check_commitments(db)]):
        raise CalloutError("存档与库里的封条不符，没有移出；请用 callout audit verify 查明")


def _why(live: Database, kept: Database, storm: Storm, now: Instant, before: Instant) -> str:
    return live.read(lambda db: kept.read(lambda old: held_back(db, old, storm, now, before)))


def _plan(live: Database, kept: Database, now: Instant, before: Instant) -> _Plan:
    plan, may = _Plan(), dict[StormKey, Storm]()
    every, pairs = kept.read(lambda db: (storms(db), linked(db)))
    for storm in every:
        if live.read(partial(begun, storm=storm)):
            (plan.gone if live.read(partial(concluded, storm=storm)) else plan.begun).append(storm)
        elif why := _why(live, kept, storm, now, before):
            plan.stays(why)
        else:
            may[storm.key] = storm
    leave = free([*may, *(storm.key for storm in plan.leaving)], pairs)
    plan.going = [storm for key, storm in may.items() if key in leave]
    if tied := len(may) - len(plan.going):
        plan.stays("与留下的过程合打过电话或合发过短信", tied)
    return plan


@dataclass(frozen=True, slots=True)
class _Way:
    """How a piece is asked for."""

    way: Route
    it: Cutting
    digest: str

    def ask(self, **more: Any) -> int:
        """Have one piece done; returns how much left."""
        given = {"archive": str(self.it.archive.absolute()), "sha256": self.digest, "officer": self.it.officer}
        return int(self.way.ask(CUT, given | {"days": self.it.older_than} | more)["cut"])


def _carry_out(way: _Way, live: Database, kept: Database, plan: _Plan) -> dict[str, int]:
    """Messages first, then what hangs on them, then their entries of the record."""
    for storm in plan.going:
        way.ask(step="begin", **asdict(storm))
    leaving, finishing = plan.leaving, len(plan.going) + len(plan.begun)

    def rows(old: Any) -> int:
        return sum(way.ask(step="rows", table=name, keys=keys) for name, keys in pieces(old, live, leaving))

    def told(old: Any) -> int:
        return sum(way.ask(step="entries", seal=seq, keys=ids) for seq, ids in _by_seal(live, entries(old, leaving)))

    done = {"rows": kept.read(rows), "entries": kept.read(told)}
    if finishing or any(done.values()):
        way.ask(step="done", storms=finishing, **done)
    return done


def _by_seal(live: Database, found: Iterable[tuple[tuple[int, int], int]]) -> Iterator[tuple[int, list[int]]]:
    """The ids that the database still has, by the seal that they stand under, a piece at a time."""
    chain = iter(live.read(seals))
    now: Seal | None = next(chain, None)

    def under(one: tuple[tuple[int, int], int]) -> int:
        nonlocal now
        while now and now.hi < one[0]:
            now = next(chain, None)
        return now.seq if now else 0

    for seq, some in groupby(found, under):
        while part := [number for _, number in islice(some, PIECE)]:
            if seq and (ids := live.read(partial(still_there, ids=part))):
                yield seq, ids


def _show(it: Cutting, plan: _Plan, done: dict[str, int]) -> None:
    if it.as_json:
        show_json({"applied": it.apply, "storms": len(plan.going), "begun": len(plan.begun)} | done | plan.staying)
        return
    for why, many in plan.staying.items():
        say(f"留下 {many} 个过程：{why}")
    if not it.apply:
        say(f"可以移出 {len(plan.going)} 个过程" + (f"，接着做完 {len(plan.begun)} 个" if plan.begun else ""))
        warn("以上只是预览，什么都没有改；确认后加 --apply 再运行一次")
        return
    if not plan.leaving:
        say("没有可以移出的，什么都没有改", bold=True)
        return
    say(f"已移出 {len(plan.going) + len(plan.begun)} 个过程：{done['rows']} 行，{done['entries']} 条记录", bold=True)
    say(f"它们只在 {it.archive} 里了，请在别处另存一份；核对记录时加 --archive {it.archive}")


def _cut(engine: App, args: Args) -> Result:
    """One piece, in one transaction."""
    officer, file = word(args, "officer", 40).strip(), Path(word(args, "archive", 1_000))
    if not officer or not file.is_file():
        raise CalloutError("请写明经办人姓名（--officer）；存档要在引擎这台机器上")
    days = max(whole(args, "days", _MOST_DAYS), FEWEST_DAYS)
    before = later(engine.world.clock.now(), -days * DAY)
    order = Order(officer, file.name, word(args, "sha256", 64), before)
    archive = Database(f"sqlite:///{file}")
    try:
        run = _STEPS[word(args, "step", 20)]
        return {"cut": engine.store.write(lambda work: archive.read(lambda kept: run(work, kept, order, args)))}
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise CalloutError(f"引擎不认识这一步（{type(error).__name__}）；引擎和命令的版本可能不同") from None
    finally:
        archive.close()


def _begin(work: Work, kept: Any, order: Order, args: Args) -> int:
    storm = Storm(word(args, "county", 20), whole(args, "episode"), tuple(map(int, args["alerts"])))
    begin(work.ledger, kept, storm, order)
    return len(storm.alerts)


def _rows(work: Work, kept: Any, _order: Order, args: Args) -> int:
    return cut_rows(work.ledger.connection, kept, word(args, "table", 40), [tuple(key) for key in args["keys"]])


def _entries(work: Work, kept: Any, order: Order, args: Args) -> int:
    [seal] = seals(work.ledger.connection, whole(args, "seal") - 1)[:1]
    return cut_entries(work.ledger, kept, seal, [int(each) for each in args["keys"]], order)


def _done(work: Work, _kept: Any, order: Order, args: Args) -> int:
    said = {name: whole(args, name) for name in ("storms", "rows", "entries")}
    detail = json.dumps({"archive": order.archive, "sha256": order.sha256, **said}, ensure_ascii=False)
    work.ledger.note(Event(WHOLE, order.officer), detail=detail)
    return 0


_STEPS = {"begin": _begin, "rows": _rows, "entries": _entries, "done": _done}
CUT = Verb("cut", _cut)
