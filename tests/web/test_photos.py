"""Photos from the site of a 熔断: what is taken, what is kept of it, who sees it, and what is refused."""

import hashlib
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageFile
from PIL.PngImagePlugin import PngInfo
from sqlalchemy import select

from callout.domain.errors import CalloutError
from callout.domain.user import Role, Scope, ScopeKind
from callout.store import schema
from callout.web.pictures import LONGEST, SIDE, upright_jpeg
from tests.scenarios.field import BAIMA, COUNTY, JIANGKOU, open_field
from tests.scenarios.sites import SCHOOL, sites_and_a_school, states, warn
from tests.web.room import Browser, Room
from tests.web.test_stops import done, handles, shown

TAKEN_AT = "29.3N 107.7E"
SEEN = {"by": "示例·校长", "title": "校长", "basis": "校门已关", "evidence": "IMG-7"}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """The duty room while a school waits for word from the site."""
    field = open_field(f"sqlite:///{tmp_path}/field.sqlite3", roster=sites_and_a_school())
    warn(field)
    room = Room(field)
    assert done(room.officer(Role.LEADER), "order", "停学") == 303
    yield room
    field.app.close()


def snapshot(form: str = "JPEG", size: tuple[int, int] = (2400, 1200), **more: Any) -> bytes:
    """As a phone held upright writes it: lying, red on its left, with the place in its hidden parts."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, TAKEN_AT
    file = BytesIO()
    image.save(file, form, exif=exif.tobytes(), xmp=TAKEN_AT.encode(), comment=TAKEN_AT, **more)
    return file.getvalue()


def confirm(browser: Browser, *files: tuple[str, bytes, str], **say: str) -> Any:
    """Send the form as a browser does, also where no file was chosen."""
    fields = {"csrf": browser.csrf, "county": COUNTY, "chosen": handles(browser, "停学")} | SEEN | say
    parts = [("photo", file) for file in files or [("", b"", "application/octet-stream")]]
    answer = browser.client.post("/stops/confirm", data=fields, files=parts)
    browser.text = answer.text
    return answer


def photos(room: Room) -> list[Any]:
    return list(room.field.rows(select(schema.stop_photo)))


def test_a_photo_is_kept_without_what_it_hides_shown_below_its_place_and_named_in_the_record(room: Room) -> None:
    officer = room.officer()
    assert confirm(officer, ("IMG.jpg", snapshot(), "image/jpeg")).status_code == 303
    [kept] = photos(room)
    digest = hashlib.sha256(kept.body).hexdigest()
    [entry] = room.field.audit("stop_decision.confirmed")
    assert (kept.sha256, entry.detail) == (digest, f"photo={digest}")
    assert f"现场照片：校门已关，8月2日 10:00（校验值 {digest[:12]}…）" in shown(officer)
    address = f"/stops/photo/{COUNTY}/{kept.decision}"
    assert f'href="{address}"><img class="photo" src="{address}" alt=""' in officer.text

    answer = officer.get(address)
    assert (answer.status_code, answer.content) == (200, kept.body)
    told = {name: answer.headers[name] for name in ("Content-Type", "Cache-Control", "X-Content-Type-Options")}
    assert set(told.values()) == {"image/jpeg", "no-store", "nosniff"}
    assert "default-src 'none'; sandbox" in answer.headers["Content-Security-Policy"]
    image = Image.open(BytesIO(answer.content))
    assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (SIDE // 2, SIDE), {})
    assert TAKEN_AT.encode() not in answer.content
    red, blue = image.getpixel((400, 100)), image.getpixel((400, 1500))
    assert isinstance(red, tuple)
    assert isinstance(blue, tuple)
    assert [value > 128 for value in (*red, *blue)] == [True, False, False, False, False, True]

    auditor = room.officer(Role.AUDITOR)
    auditor.get(f"/audit/callout?county={COUNTY}&alert=1&post={SCHOOL}")
    assert "现场有人看到停学已停下" in auditor.text
    assert digest in auditor.text
    assert f'href="{address}"' in auditor.text
    assert auditor.get(address).status_code == 200

    here = room.officer(scope=Scope(ScopeKind.TOWNSHIP, COUNTY, BAIMA))
    there = room.officer(scope=Scope(ScopeKind.TOWNSHIP, COUNTY, JIANGKOU), login="other")
    assert (here.get(address).status_code, there.get(address).status_code) == (200, 404)
    assert room.browser().get(address).status_code == 303
    assert officer.get(f"/stops/photo/{COUNTY}/99").status_code == 404


def test_no_photo_is_needed(room: Room) -> None:
    assert confirm(room.officer()).status_code == 303
    assert photos(room) == []
    assert [one.detail for one in room.field.audit("stop_decision.confirmed")] == [""]


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG that says how large it is, with these pixels."""

    def part(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(data)) + part(b"IEND", b"")


def swollen() -> bytes:
    """A small picture with a text of 64 MB that is packed into little."""
    file, text = BytesIO(), PngInfo()
    text.add_text("Comment", "0" * 64_000_000, zip=True)
    Image.new("RGB", (9, 9)).save(file, "PNG", pnginfo=text)
    return file.getvalue()


def gif() -> bytes:
    file = BytesIO()
    Image.new("P", (9, 9)).save(file, "GIF")
    return file.getvalue()


NO_PICTURE = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "truncated": snapshot()[:-800],
    "head only": b"\xff\xd8\xff\xe0",
    "too few pixels": png(200, 200, b"\0"),
    "swollen text": swollen(),
    "another form": gif(),
    "zip": b"PK\x03\x04" + bytes(4000),
}
TOO_MANY_PIXELS = {"bomb": png(65_000, 65_000), "wide": png(2**31 - 1, 1), "large": png(5_000, 5_000)}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        *[pytest.param(given, "不是完整的照片", id=name) for name, given in NO_PICTURE.items()],
        *[pytest.param(given, "像素太多|不是完整的照片", id=name) for name, given in TOO_MANY_PIXELS.items()],
        pytest.param(b"", "是空的", id="empty"),
        pytest.param(snapshot() + bytes(LONGEST), "超过 8 MB", id="too long"),
    ],
)
def test_what_is_no_photo_is_refused(given: bytes, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as after a report was printed
    with pytest.raises(CalloutError, match=why):
        upright_jpeg(given)


@pytest.mark.parametrize(("form", "seen"), [("PNG", (0, 0, 0, 0)), ("WEBP", (0, 0, 0, 0)), ("MPO", (255, 255, 255))])
def test_other_forms_and_what_shines_through_become_a_jpeg(form: str, seen: tuple[int, ...]) -> None:
    """MPO is how some phones write a JPEG, with a second picture behind the first."""
    file, image = BytesIO(), Image.new("RGBA" if len(seen) > 3 else "RGB", (40, 20), seen)
    image.save(file, form, **({"save_all": True, "append_images": [image]} if form == "MPO" else {}))
    image = Image.open(BytesIO(upright_jpeg(file.getvalue())))
    assert (image.format, image.size, image.getpixel((5, 5))) == ("JPEG", (40, 20), (255, 255, 255))


def test_after_a_refusal_nothing_is_written_and_what_was_typed_is_still_there(room: Room) -> None:
    officer = room.officer()
    for name, given, kind in (
        ("photo.jpg", NO_PICTURE["html"], "image/jpeg"),
        ("photo.jpg", b"", "image/jpeg"),
        ("photo.svg", NO_PICTURE["svg"], "image/svg+xml"),
        ("photo.jpg", bytes(LONGEST + 1), "image/jpeg"),
    ):
        answer = confirm(officer, (name, given, kind), basis="校门已关，门卫在")
        assert answer.status_code == 422
        assert "没有记下" in officer.text
        assert "http-equiv" not in officer.text, "reloading would take it away"
        form = officer.text.partition('action="/stops/confirm"')[2].partition("</form>")[0]
        assert all(f'value="{one}"' in form for one in ("示例·校长", "校长", "校门已关，门卫在", "IMG-7"))
        assert "<details open><summary>现场确认" in officer.text
    two = [("a.jpg", snapshot(), "image/jpeg")] * 2
    assert confirm(officer, *two).status_code == 409
    assert states(room.field)[0] == ("停学", BAIMA, "ordered")
    assert photos(room) == []
    said = confirm(officer, ("photo.png", snapshot("PNG"), "text/html"))  # what a browser calls it counts for nothing
    assert said.status_code == 303
    assert photos(room)[0].body.startswith(b"\xff\xd8\xff")


def test_only_this_form_may_be_long_and_it_needs_its_mark(room: Room) -> None:
    officer = room.officer()
    big = ("a.jpg", bytes(3 * 1_048_576), "image/jpeg")
    mark = {"csrf": officer.csrf}
    assert officer.client.post("/stops/inspect", data=mark, files={"photo": big}).status_code == 413
    huge = ("a.jpg", bytes(17 * 1_048_576), "image/jpeg")
    assert officer.client.post("/stops/confirm", data=mark, files={"photo": huge}).status_code == 413
    forged = officer.client.post("/stops/confirm", data={"csrf": "0"}, files={"photo": big})
    assert forged.status_code == 403
    assert photos(room) == []
