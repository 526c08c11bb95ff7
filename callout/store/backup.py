"""Copying a whole database while it is in use, and putting such a copy back.

SQLite copies itself in one snapshot (its backup interface); PostgreSQL is dumped and restored by its own programs.
"""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pysqlite3
from sqlalchemy.engine import make_url

from callout.domain.errors import CalloutError
from callout.store.database import sqlite_path

_PART = ".part"
_DEBIAN = Path("/usr/lib/postgresql")
_INSTALL = "请安装不低于服务器版本的 PostgreSQL 客户端"
_OLDER = re.compile(r"(?s)server version mismatch(?:.*?server version: (\d+))?|unsupported version \([\d.]+\) in file")
"""What pg_dump says of a newer server, and pg_restore of a newer dump."""


class BackupError(CalloutError):
    """A copy that could not be made or put back; the text says why and how to mend it."""


def copy_out(url: str, target: Path, places: Sequence[Path] | None = None) -> None:
    """Write a consistent copy of the database to `target`, which nobody else may read. Raises BackupError.

    `places`: where pg_dump is looked for; None: in the usual `folders()`. Neither writers nor readers wait for it. An
    unfinished copy never bears the name of a finished one.
    """
    part = target.with_name(target.name + _PART)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        file = sqlite_path(url)
        if file is None:
            _run("pg_dump", ["--format=custom", f"--file={part}"], url, folders() if places is None else places)
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
        _run("pg_restore", [*whole, str(source)], url, folders())
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


def one_file(database: Path) -> None:
    """Fold an SQLite database that nobody has open into its file: no log beside it."""
    here = pysqlite3.connect(database)
    try:
        here.execute("PRAGMA journal_mode=DELETE")
    finally:
        here.close()


def _run(program: str, arguments: Sequence[str], url: str, places: Sequence[Path]) -> None:
    """Run a program of PostgreSQL. The password goes by the environment: a command line can be read by everybody.

    Where several versions are installed, the next is tried when one says that it is older than the server.
    """
    found = [one for folder in places if os.access(one := folder / program, os.X_OK)]
    if not found:
        raise BackupError(f"没有找到 {program}：{_INSTALL}（Debian、Ubuntu：apt install postgresql-client）")
    parsed = make_url(url)
    bare = parsed.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    secret = {"PGPASSWORD": str(parsed.password)} if parsed.password else {}
    package = "postgresql-client"
    for each in found:
        done = subprocess.run(  # noqa: S603  # our own arguments
            [str(each), *arguments, f"--dbname={bare}"],
            env=os.environ | {"LC_ALL": "C"} | secret,
            capture_output=True,
            text=True,
            check=False,
        )
        if not done.returncode:
            return
        older = _OLDER.search(done.stderr)
        if older is None:
            said = (done.stderr.strip().splitlines() or [""])[0][:200]
            raise BackupError(f"{program} 没有做成：{said}")
        package = f"postgresql-client-{older[1]}" if older[1] else package
    raise BackupError(f"{program} 比服务器旧：{_INSTALL}（Debian、Ubuntu：apt install {package}）")


def folders() -> list[Path]:
    """Where programs of PostgreSQL may lie: along the PATH, then where Debian keeps each version, the newest first."""
    along = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    debian = sorted(_DEBIAN.glob("*/bin"), key=lambda path: path.parent.name.zfill(3), reverse=True)
    return list(dict.fromkeys([*along, *debian]))
