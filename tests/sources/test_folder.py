"""The watched folder hands over what is finished, oldest first, and never loses or overwrites a file."""

import hmac
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from callout.domain.errors import CalloutError
from callout.ports import Document, Settlement, Source
from callout.sources.folder import WatchedFolder

NOBODY = 65534


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    path = tmp_path / "inbox"
    path.mkdir(mode=0o770)
    return path


def put(path: Path, content: bytes, age: int = 0) -> Path:
    """A file of `content` that was written `age` seconds before a fixed moment."""
    path.write_bytes(content)
    os.utime(path, (1_785_600_000 - age, 1_785_600_000 - age))
    return path


@contextmanager
def ordinary_account() -> Iterator[None]:
    """File permissions hold for us too, even where the tests run as root."""
    account = os.geteuid()
    os.seteuid(account or NOBODY)
    try:
        yield
    finally:
        os.seteuid(account)


class Raced(WatchedFolder):
    """A folder in which another process takes each file just before it is moved."""

    def _source(self, document: Document) -> Path | None:
        found = super()._source(document)
        assert found is not None
        found.unlink()
        return found


def names(folder: WatchedFolder) -> list[str]:
    return [document.name for document in folder.poll()]


def test_finished_files_oldest_first(inbox: Path) -> None:
    put(inbox / "b.xml", b"2", age=20)
    put(inbox / "a.xml", b"3", age=10)
    put(inbox / "C.XML", b"1", age=30)
    documents = list(WatchedFolder(inbox).poll())
    assert [(document.name, document.raw) for document in documents] == [
        ("C.XML", b"1"),
        ("b.xml", b"2"),
        ("a.xml", b"3"),
    ]
    assert {document.origin for document in documents} == {f"folder:{inbox} uid:{os.getuid()}"}


def test_what_is_not_finished_or_no_plain_file_is_left_alone(inbox: Path, tmp_path: Path) -> None:
    secret = put(tmp_path / "outside.xml", b"secret")
    for name in (".hidden.xml", "a.xml.part", "b.tmp", "~c.xml", "notes.txt"):
        put(inbox / name, b"x")
    (inbox / "link.xml").symlink_to(secret)
    (inbox / "folder.xml").mkdir()
    os.mkfifo(inbox / "pipe.xml")
    before = sorted(inbox.iterdir())
    assert names(WatchedFolder(inbox)) == []
    assert sorted(inbox.iterdir()) == before


def test_settled_files_move_and_the_reason_lies_beside_a_refused_one(inbox: Path) -> None:
    for name in Settlement:
        put(inbox / f"{name}.xml", name.encode())
    folder: Source = WatchedFolder(inbox)
    for document in folder.poll():
        folder.settle(document, Settlement(document.name.removesuffix(".xml")), "来文缺少 msgType。")
    assert list(folder.poll()) == []
    assert sorted(path.name for path in (inbox / "done").iterdir()) == ["duplicate.xml", "kept.xml"]
    assert sorted(path.name for path in (inbox / "refused").iterdir()) == ["refused.xml", "refused.xml.why.txt"]
    assert (inbox / "refused" / "refused.xml.why.txt").read_text(encoding="utf-8") == "来文缺少 msgType。\n"
    assert (inbox / "done" / "kept.xml").read_bytes() == b"kept"


def test_nothing_earlier_is_overwritten(inbox: Path) -> None:
    folder = WatchedFolder(inbox)
    for content in (b"1", b"2", b"3"):
        put(inbox / "a.xml", content)
        for document in folder.poll():
            folder.settle(document, Settlement.REFUSED, content.decode())
    assert {path.name: path.read_bytes().strip() for path in (inbox / "refused").iterdir()} == {
        "a.xml": b"1",
        "a.xml.why.txt": b"1",
        "a.2.xml": b"2",
        "a.2.xml.why.txt": b"2",
        "a.3.xml": b"3",
        "a.3.xml.why.txt": b"3",
    }


def test_after_a_crash_before_the_move_the_file_is_read_again(inbox: Path) -> None:
    put(inbox / "a.xml", b"1")
    first = next(WatchedFolder(inbox).poll())
    again = WatchedFolder(inbox)
    assert list(again.poll()) == [first]
    again.settle(first, Settlement.DUPLICATE, "")
    again.settle(first, Settlement.DUPLICATE, "")
    assert [path.name for path in (inbox / "done").iterdir()] == ["a.xml"]


def test_a_newer_file_under_the_same_name_is_not_moved_unread(inbox: Path) -> None:
    folder = WatchedFolder(inbox)
    put(inbox / "latest.xml", b"blue")
    document = next(folder.poll())
    put(inbox / "latest.xml", b"red!")
    folder.settle(document, Settlement.KEPT, "")
    assert [waiting.raw for waiting in folder.poll()] == [b"red!"]


def test_a_file_that_became_a_link_is_not_followed(inbox: Path, tmp_path: Path) -> None:
    folder = WatchedFolder(inbox)
    put(inbox / "a.xml", b"1")
    document = next(folder.poll())
    (inbox / "a.xml").unlink()
    (inbox / "a.xml").symlink_to(put(tmp_path / "outside.xml", b"1"))
    folder.settle(document, Settlement.KEPT, "")
    assert (inbox / "a.xml").is_symlink()


def test_a_file_that_another_reader_took_is_no_error(inbox: Path) -> None:
    put(inbox / "a.xml", b"1", age=1)
    put(inbox / "b.xml", b"2")
    folder = WatchedFolder(inbox)
    documents = folder.poll()
    first = next(documents)
    (inbox / "a.xml").unlink()
    (inbox / "b.xml").unlink()
    assert list(documents) == []
    folder.settle(first, Settlement.KEPT, "")
    assert list(inbox.iterdir()) == []


def test_two_readers_settle_the_same_file(inbox: Path) -> None:
    put(inbox / "a.xml", b"1")
    folder = Raced(inbox)
    folder.settle(next(folder.poll()), Settlement.REFUSED, "来文是空的。")
    assert list((inbox / "refused").iterdir()) == []


def test_an_unreadable_file_does_not_hold_up_the_others() -> None:
    with tempfile.TemporaryDirectory() as home:
        inbox = Path(home)
        inbox.chmod(0o755)
        put(inbox / "a.xml", b"1", age=2).chmod(0)
        put(inbox / "b.xml", b"2", age=1)
        with ordinary_account():
            documents = WatchedFolder(inbox).poll()
            assert next(documents).raw == b"2"
            with pytest.raises(CalloutError, match=r"a\.xml 读不出来"):
                next(documents)


def test_an_oversized_file_is_cut_just_beyond_the_limit(inbox: Path) -> None:
    put(inbox / "large.xml", b"x" * 5000)
    folder = WatchedFolder(inbox, max_bytes=100)
    document = next(folder.poll())
    assert len(document.raw) == 101
    folder.settle(document, Settlement.REFUSED, "太大")
    assert (inbox / "refused" / "large.xml").stat().st_size == 5000


def test_names_that_are_no_utf8_or_very_long_pass(inbox: Path) -> None:
    foreign = os.fsencode(inbox) + b"/" + "预警".encode("gb18030") + b".xml"
    with open(foreign, "wb") as file:
        file.write(b"1")
    put(inbox / ("预" * 83 + ".xml"), b"2")
    folder = WatchedFolder(inbox)
    for document in folder.poll():
        document.name.encode("utf-8")
        folder.settle(document, Settlement.REFUSED, "")
    assert names(folder) == []
    assert len(list((inbox / "refused").iterdir())) == 4


def test_a_folder_open_to_everybody_is_refused(inbox: Path) -> None:
    folder = WatchedFolder(inbox)
    put(inbox / "a.xml", b"1")
    inbox.chmod(0o777)
    with pytest.raises(CalloutError, match="任何人都可写"):
        WatchedFolder(inbox)
    with pytest.raises(CalloutError, match="任何人都可写"):
        next(folder.poll())


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CalloutError, match="不存在"):
        WatchedFolder(tmp_path / "nowhere")


def sign(path: Path, key: bytes = b"secret") -> Path:
    digest = hmac.new(key, path.read_bytes(), "sha256").hexdigest()
    path.with_name(f"{path.name}.hmac").write_text(f"{digest.upper()}\n")
    return path


def test_every_known_ending_is_taken(inbox: Path) -> None:
    for name in ("a.json", "b.jsonl", "c.js", "d.cap", "e.xml", "f.xml.hmac", "g.zip", "h.txt"):
        put(inbox / name, b"x")
    assert sorted(names(WatchedFolder(inbox))) == ["a.json", "b.jsonl", "c.js", "d.cap", "e.xml", "g.zip"]


def test_a_file_that_anybody_could_have_changed_is_not_read(inbox: Path) -> None:
    put(inbox / "a.xml", b"1").chmod(0o666)
    [document] = WatchedFolder(inbox).poll()
    assert "任何人都可改写" in document.fault


def test_with_a_key_only_signed_files_are_read_and_the_signature_goes_along(inbox: Path) -> None:
    sign(put(inbox / "a.xml", b"1", age=4))
    put(inbox / "b.xml", b"2", age=3)
    sign(put(inbox / "c.xml", b"3", age=2), b"other")
    sign(put(inbox / "d.xml", b"4", age=1))
    put(inbox / "d.xml", b"changed")
    folder = WatchedFolder(inbox, key="secret")
    documents = list(folder.poll())
    assert [(one.name, one.fault[:9]) for one in documents] == [
        ("a.xml", ""),
        ("b.xml", "这份文件没有签名（"),
        ("c.xml", "这份文件的签名不对"),
        ("d.xml", "这份文件的签名不对"),
    ]
    for one in documents:
        folder.settle(one, Settlement.REFUSED if one.fault else Settlement.KEPT, one.fault)
    assert sorted(path.name for path in (inbox / "done").iterdir()) == ["a.xml", "a.xml.hmac"]
    assert {path.name for path in inbox.iterdir()} == {"done", "refused"}
