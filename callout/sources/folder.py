"""The watched folder: a relay or an officer puts finished files in, callout takes them out.

Put a file in by atomic rename (write `x.xml.part`, then rename to `x.xml`). The key of this intake is the right to
write into the folder: it must not be open to everybody on the machine, and neither must a file. Where that right says
too little (a network share, an account that several use), a key is set, and every file needs `x.xml.hmac` beside it,
put there first: the HMAC-SHA256 of its bytes in hexadecimal digits.
"""

import hmac
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from callout.domain.errors import CalloutError
from callout.ports import Document, Settlement
from callout.sources.xml import MAX_BYTES

_ENDINGS = (".xml", ".cap", ".json", ".jsonl", ".js", ".zip")
_STEM_AT_MOST = 200
"""Bytes of a name that are kept, so that a number and `.why.txt` still fit into a directory entry."""


class WatchedFolder:
    """A folder of incoming documents; what has been handled lies in its `done/` and `refused/`."""

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES, key: str = "") -> None:
        """Raises CalloutError when the folder is missing or open to everybody. `key` signs every file; empty: none."""
        self._path = path
        self._max_bytes = max_bytes
        self._key = key.encode()
        self._check_key()

    def poll(self) -> Iterator[Document]:
        """The documents waiting, the oldest first; `origin` names the folder and the account that owns the file.

        Nothing is moved: `settle` does that after the commit.

        Of an oversized file only `max_bytes` + 1 bytes are read, so that its reading refuses it. A file that cannot be
        read does not hold up the others: they come first, then CalloutError names it.
        """
        self._check_key()
        unreadable = []
        for name in self._waiting():
            try:
                document = self._document(name)
            except FileNotFoundError:
                continue
            except OSError:
                unreadable.append(_shown(name))
            else:
                yield document
        if unreadable:
            raise CalloutError(f"来文文件夹里的 {'、'.join(unreadable)} 读不出来，请检查文件权限。")

    def settle(self, document: Document, outcome: Settlement, note: str) -> None:
        """Move a handled document to `done/`, or to `refused/` with `note` beside it in a `.why.txt`.

        No earlier file is overwritten. A file that has gone, or whose content is no longer the document's (a newer one
        came in under its name), is left alone. After a crash before the move the file is read again, as a duplicate.
        """
        source = self._source(document)
        if source is None:
            return
        directory = self._path / ("refused" if outcome is Settlement.REFUSED else "done")
        directory.mkdir(mode=0o750, exist_ok=True)
        target = _reserve(directory, document.name)
        why = target.with_name(f"{target.name}.why.txt")
        if outcome is Settlement.REFUSED:
            why.write_text(f"{note}\n", encoding="utf-8")
        signature = _signature(source)
        try:
            source.replace(target)
        except FileNotFoundError:
            # Another process settled the same document in this moment.
            target.unlink()
            why.unlink(missing_ok=True)
        else:
            if self._key and signature.exists():
                signature.replace(_signature(target))

    def _check_key(self) -> None:
        if not self._path.is_dir():
            raise CalloutError(f"来文文件夹 {self._path} 不存在，请先建好并只给接收账号写权限。")
        if self._path.stat().st_mode & stat.S_IWOTH:
            raise CalloutError(f"来文文件夹 {self._path} 任何人都可写，谁都能放假预警，请执行 chmod o-w 后再启动。")

    def _waiting(self) -> list[str]:
        found = []
        with os.scandir(self._path) as entries:
            for entry in entries:
                if _is_finished(entry.name) and (age := _age(entry)) is not None:
                    found.append((age, entry.name))
        return [name for _, name in sorted(found)]

    def _document(self, name: str) -> Document:
        raw, found = self._read(self._path / name)
        fault = self._fault(self._path / name, raw, found)
        return Document(_shown(name), f"folder:{self._path} uid:{found.st_uid}", raw, fault)

    def _fault(self, path: Path, raw: bytes, found: os.stat_result) -> str:
        """Why nobody can stand for the file; empty when it may be read."""
        if found.st_mode & stat.S_IWOTH:
            return "这份文件任何人都可改写，不能确认是谁放的，没有读取，请按发送方的原件重放。"
        if not self._key:
            return ""
        try:
            given = self._read(_signature(path))[0].strip().lower()
        except OSError:
            return "这份文件没有签名（.hmac 文件），不能确认是谁放的，没有读取，请发送方先放签名再放文件。"
        if not hmac.compare_digest(given, hmac.new(self._key, raw, "sha256").hexdigest().encode()):
            return "这份文件的签名不对，内容可能被改过或不是发送方放的，没有读取，请向发送方核对。"
        return ""

    def _read(self, path: Path) -> tuple[bytes, os.stat_result]:
        # O_NOFOLLOW and O_NONBLOCK: the entry may have been swapped for a link or a pipe since it was listed.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            return file.read(self._max_bytes + 1), os.fstat(file.fileno())

    def _source(self, document: Document) -> Path | None:
        """Where the document still lies, unchanged; None when it has gone."""
        plain = self._path / document.name
        # The shown name differs from the real one only where that is no UTF-8.
        names = [document.name] if plain.exists() else [n for n in os.listdir(self._path) if _shown(n) == document.name]
        for name in names:
            try:
                if self._read(self._path / name)[0] == document.raw:
                    return self._path / name
            except OSError:
                continue
        return None


def _age(entry: os.DirEntry[str]) -> int | None:
    """When a plain file was last written (ns); None for links, folders, pipes and what has just gone."""
    try:
        return entry.stat(follow_symlinks=False).st_mtime_ns if entry.is_file(follow_symlinks=False) else None
    except FileNotFoundError:
        return None


def _is_finished(name: str) -> bool:
    return name.lower().endswith(_ENDINGS) and not name.startswith((".", "~"))


def _signature(path: Path) -> Path:
    return path.with_name(f"{path.name}.hmac")


def _shown(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _reserve(directory: Path, name: str) -> Path:
    """A new empty file called `name`, or `name` with a number where that is taken."""
    stem, suffix = os.path.splitext(name)
    stem = os.fsencode(stem)[:_STEM_AT_MOST].decode("utf-8", "ignore")
    target, number = directory / f"{stem}{suffix}", 1
    while True:
        try:
            target.touch(exist_ok=False)
            return target
        except FileExistsError:
            number += 1
            target = directory / f"{stem}.{number}{suffix}"
