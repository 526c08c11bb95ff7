"""Storms: which documents come in when. Written in a file of ours, or recorded as a folder of warning documents."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from callout.domain.alert import Alert, MsgType
from callout.domain.area import County
from callout.domain.errors import CalloutError, Refusal
from callout.domain.instant import HOUR, Instant, later
from callout.ports import Document, Reader
from callout.rehearsal.storm_file import read_storm_file

SHIPPED = Path(__file__).parent / "storms"
BEFORE = 15 * 60_000
"""So long before the first warning rules and roster are in force."""
_VALID = {MsgType.CANCEL: 1}
"""Hours for which a rehearsal looks at a message that names no end; a day for the others."""
_LINES = (".jsonl", ".ndjson")
_WHOLE = (".xml", ".json", ".zip", ".cap")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A document and the instant at which it comes in."""

    at: Instant
    document: Document


@dataclass(frozen=True, slots=True)
class Storm:
    """What comes in, in order of time."""

    name: str
    incoming: tuple[Incoming, ...]
    alerts: tuple[Alert, ...]
    refused: tuple[str, ...] = ()
    """Documents that could not be read, one sentence each."""

    @property
    def opens(self) -> Instant:
        """When a rehearsal of it begins."""
        return later(self.incoming[0].at, -BEFORE)

    @property
    def ends(self) -> Instant:
        """When the last warning has run out; those that name no end run for a day."""
        return max(a.info.expires or later(a.sent, _VALID.get(a.msg_type, 24) * HOUR) for a in self.alerts)


NO_STORM = Storm("", (), ())
"""Where the storm is still to be chosen."""


def shipped() -> list[str]:
    """The names of the storms that come with the program."""
    return sorted(path.stem for path in SHIPPED.iterdir() if path.is_dir() or path.suffix == ".yaml")


def find_storm(asked: str, reader: Reader, county: County) -> Storm:
    """A shipped storm by its name, else a storm file, a document, or a folder of documents.

    Raises CalloutError where there is none, or nothing in it can be read.
    """
    path = next((p for p in (Path(asked), SHIPPED / asked, SHIPPED / f"{asked}.yaml") if p.exists()), None)
    if path is None:
        raise CalloutError(f"没有风暴“{asked}”：请给文件或目录，或用自带的：{'、'.join(shipped())}")
    if path.suffix in (".yaml", ".yml"):
        return storm_of(*read_storm_file(path, county), reader)
    return _storm(path.stem, _documents(path), reader)


def read_folder(folder: Path, reader: Reader) -> Storm:
    """The documents of one folder."""
    return _storm(folder.name, _documents(folder), reader)


def storm_of(name: str, written: Iterable[bytes], reader: Reader) -> Storm:
    """A written storm. Raises CalloutError where nothing in it can be read."""
    return _storm(name, (Document(f"{at}", f"storm:{name}", raw) for at, raw in enumerate(written, 1)), reader)


def _storm(name: str, documents: Iterable[Document], reader: Reader) -> Storm:
    found, alerts, refused = list[Incoming](), list[Alert](), list[str]()
    for document in documents:
        try:
            parts = reader.read(document.raw).parts
        except Refusal as why:
            refused.append(f"{document.name}：{why}")
            continue
        if parts:
            found.append(Incoming(Instant(max(part.alert.sent for part in parts)), document))
            alerts += [part.alert for part in parts]
    if not found:
        raise CalloutError(f"风暴“{name}”里没有读得出的预警" + (f"；{refused[0]}" if refused else "，请检查文件"))
    found.sort(key=lambda one: (one.at, one.document.name))
    alerts.sort(key=lambda one: (one.sent, one.identifier))
    return Storm(name, tuple(found), tuple(alerts), tuple(refused))


def _documents(path: Path) -> Iterator[Document]:
    files: Sequence[Path] = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for file in files:
        if file.suffix in _LINES:
            yield from _records(file, path.stem)
        elif file.suffix in _WHOLE:
            yield Document(file.name, f"storm:{path.stem}", file.read_bytes())


def _records(file: Path, storm: str) -> Iterator[Document]:
    """One document for each line of the file."""
    lines = enumerate(file.read_bytes().splitlines(), 1)
    return (
        Document(f"{file.name}:{at:05d}", f"storm:{storm}", _as_listing(line)) for at, line in lines if line.strip()
    )


def _as_listing(line: bytes) -> bytes:
    """One record as the list of one that feeds send; what is no JSON stays as it is and is refused by its reader."""
    try:
        return json.dumps([json.loads(line)], ensure_ascii=False).encode()
    except ValueError:
        return line
