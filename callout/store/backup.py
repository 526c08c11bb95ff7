"""Copying a whole database while it is in use, and putting such a copy back.

SQLite copies itself in one snapshot (its backup interface); PostgreSQL is dumped and restored by its own programs.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pysqlite3
from sqlalchemy.engine import make_url

from callout.domain.errors import CalloutError
from callout.store.database import sqlite_path

_PART = ".part"


class BackupError(CalloutError):
    """A copy that could not be made or put back; the text says why and how to mend it."""


def copy_out(url: str, target: Path) -> None:
    """Write a consistent copy of the database to `target`, which nobody else may read. Raises BackupError.

    Neither writers nor readers wait for it. An unfinished copy never bears the name of a finished one.
    """
    part = target.with_name(target.name + _PART)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        file = sqlite_path(url)
        if file is None:
            _run("pg_dump", ["--format=custom", f"--file={part}"], url)
        else:
            _copy(file, part)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def put_back(url: str, source: Path) -> None:
    """Fill the empty database at `url` from a copy. Raises BackupError; then nothing of it is there."""
    file = sqlite_path(url)
    if file is None:
        whole = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
        _run("pg_restore", [*whole, str(source)], url)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + _PART)
    try:
        _copy(source, part)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    try:
        there = pysqlite3.connect(f"file:{source}?mode=ro", uri=True)
        here = pysqlite3.connect(target)
        try:
            there.backup(here)
            here.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
            [(found,)] = here.execute("PRAGMA integrity_check(1)").fetchall()
        finally:
            here.close()
            there.close()
    except pysqlite3.Error as error:
        raise BackupError(f"{source.name} 读不出来，或写不进 {target.parent}（{error}）") from None
    if found != "ok":
        raise BackupError(f"{source.name} 的内容已损坏，没有用它；请换一份备份")


def _run(program: str, arguments: Sequence[str], url: str) -> None:
    """Run a program of PostgreSQL. The password goes by the environment: a command line can be read by everybody."""
    found = shutil.which(program)
    if found is None:
        raise BackupError(f"没有找到 {program}：请安装与服务器同版本的 PostgreSQL 客户端，并放进 PATH")
    parsed = make_url(url)
    bare = parsed.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    secret = {"PGPASSWORD": str(parsed.password)} if parsed.password else {}
    done = subprocess.run(  # noqa: S603  # our own arguments
        [found, *arguments, f"--dbname={bare}"], env=os.environ | secret, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [""])[0][:200]
        raise BackupError(f"{program} 没有做成：{said}")
