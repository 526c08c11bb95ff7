"""The auditor's export: the whole record as files that open in a spreadsheet and can be checked without callout."""

import csv
import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from callout.domain.audit import Entry, leaf_of
from callout.reports import verify_record
from callout.reports.checkpoints import HeldSeal
from callout.reports.course import NO_PRICES
from callout.reports.duty_sheets import duty_sheets
from callout.reports.raw_tables import write_tables
from callout.reports.sheets import Sheet, sheets
from callout.reports.tables import safe
from callout.store import schema
from callout.store.sealing import all_leaves, entry, seals

_BATCH = 5_000
_FIELDS = tuple(one.name for one in fields(Entry))


@dataclass(frozen=True, slots=True)
class Going:
    """What goes out, and what goes with it."""

    county: str | None = None
    """None = all of them."""
    checkpoints: Sequence[HeldSeal] = ()
    prices: Mapping[str, int] = field(default_factory=lambda: NO_PRICES)
    """Of one part or call in 分, by provider."""
    about: Mapping[str, str] = field(default_factory=dict)
    """For whom, when, under which seal."""


EVERYTHING = Going()


def export(db: Connection, folder: Path, going: Going = EVERYTHING) -> list[Path]:
    """Write the record into `folder`; files of the same names are replaced.

    With it go the checkpoints and a verifier that needs nothing of callout. Full names, full numbers and reply texts
    are left out; the commitments stand for them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    county = going.county
    made = [_write_sheet(db, folder, sheet) for sheet in [*sheets(county), *duty_sheets(county)]]
    # Seals before entries: what is written meanwhile then stands after the newest seal, and no seal lacks its entries.
    chain = seals(db)
    made.append(_write_lines(folder / "seals.jsonl", (asdict(it) for it in chain)))
    newest = chain[-1].seq if chain else 0
    leaves = ({"seq": seq, "leaves": [each.hex() for each in some]} for seq, some in all_leaves(db, newest))
    made.append(_write_lines(folder / "leaves.jsonl", leaves))
    made.append(_write_lines(folder / "checkpoints.jsonl", (each.document() for each in going.checkpoints)))
    made.append(_write_lines(folder / "audit.jsonl", _audit(db, county)))
    made += write_tables(db, folder, county, going.prices)
    made.append(Path(shutil.copyfile(verify_record.__file__, folder / "verify_record.py")))
    return [*made, _write_readme(folder, made, going.about)]


def _write_sheet(db: Connection, folder: Path, sheet: Sheet) -> Path:
    path = folder / sheet.name
    # The byte order mark tells Excel that the file is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow([column.header for column in sheet.columns])
        for row in db.execute(sheet.query, execution_options={"yield_per": _BATCH}):
            out.writerow([safe(column.form(value)) for column, value in zip(sheet.columns, row, strict=True)])
    return path


def _write_lines(path: Path, documents: Iterable[dict[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(each, ensure_ascii=False) + "\n" for each in documents)
    return path


def _audit(db: Connection, county: str | None) -> Iterator[dict[str, Any]]:
    """Every entry in order. Those of other counties show their leaf hash only, which keeps the seals checkable."""
    a = schema.audit
    rows = db.execute(select(a).order_by(a.c.xid, a.c.id), execution_options={"yield_per": _BATCH})
    for one in map(entry, rows):
        if county is None or one.county in ("", county):
            yield {name: getattr(one, name) for name in _FIELDS}
        else:
            yield {"id": one.id, "xid": one.xid, "leaf": leaf_of(one).hex()}


def _write_readme(folder: Path, made: Sequence[Path], about: Mapping[str, str]) -> Path:
    path = folder / "README.txt"
    sums = "\n".join(f"  {sha256(each)}  {each.relative_to(folder)}" for each in made)
    said = "".join(f"{name}：{words}\n" for name, words in about.items())
    path.write_text(_README.format(about=said, sums=sums), encoding="utf-8-sig")
    return path


def sha256(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_README = """叫应记录导出
============

{about}
表格（CSV，UTF-8，可用电子表格打开；时间一律为北京时间）
  alerts.csv       预警，及其使用的预案版本和名册版本
  callouts.csv     应叫的每个岗位一行；状态“缺失”表示按规则和名册应叫，而没有叫应记录
  attempts.csv     每次短信或电话；号码只留后四位；“结果不明”不算已叫到
  answers.csv      应答与回话；送达、已读、听完都不是应答
  human_calls.csv  转人工的事项
  stop_work.csv    熔断：建议及其状态；各“编号”指向 stop_decisions.csv 里的决定，0 为没有
  stop_decisions.csv  谁（职务）依据什么决定、确认、解除了熔断；一个决定可以管多处；照片不在导出内，只有它的 SHA-256
  feedback.csv     应答之后还要报的到岗、措施、转移情况
  relocations.csv  该转移的每个处所：应转、已转、状态；没有名称和地址，只有名称的校验值
以 = + - @ 开头的单元格前加了一个单引号，以免被当作公式执行。
  tables/          出报告要用的表，每行一个 JSON，没有姓名、号码和回话原文：
                   callout report --export 本目录 --from … --to … 由它得出与数据库相同的数字，
                   阈值的判断也在内（读数、报警、险情，没有险情的文字和记录人）
姓名、号码和回话原文不在导出内；审计条目里的 commitment 是它们的加盐校验值。

审计记录（每行一个 JSON）
  audit.jsonl      审计条目，按 (xid, id) 排序
  seals.jsonl      封条，逐个封存一段条目，并链接前一封条
  leaves.jsonl     封存时每个条目的叶值：有改动时用它指出是哪一条
  checkpoints.jsonl  导出时的封条存证；真正可靠的是早先交到别处的那些，请用它们核对
  verify_record.py   核对程序，只用 Python 自带的库：python verify_record.py 本目录 --checkpoints 存证 --public-key 公钥
只导出一个区县时，其他区县的条目只留 id、xid 和叶值 leaf，封条仍可完整核对。

怎样核对（上面的程序就这样做；任何语言都能写，不需要本系统）
  1. 条目的字节：把 id, xid, county, at, event, alert, post, attempt, ref, before, after, actor, commitment, detail
     依次放进一个 JSON 数组，分隔符不带空格，非 ASCII 字符不转义，按 UTF-8 编码。
  2. 叶值 = SHA-256(字节 00 + 条目的字节)；只有 leaf 的条目直接用 leaf。
  3. 一个封条管 lo 到 hi（含两端，[xid, id]）之间的全部条目，条数应等于 count。
     两两相邻合并：SHA-256(字节 01 + 左 + 右)，落单的原样进入上一层，直到剩一个，应等于 root。
  4. 封条的 hash = SHA-256([seq,lo,hi,count,root,prev,at] 按第 1 条的写法)。
  5. seq 从 1 起连续；prev 等于前一封条的 hash，第一个封条的 prev 是 64 个 0。
     前一封条的 hi 与后一封条的 lo 之间不应有条目。
  6. 用库外存证（checkpoints，每行有 seq 和 hash）与同号封条比对。存证之后的封条和未封存的条目，
     若被整段改写，本方法无法发现。存证有 sig 的，是 Ed25519 对 “callout checkpoint 1” 换行再接 [seq,hash,at] 的签名。

各文件的 SHA-256
{sums}
"""
