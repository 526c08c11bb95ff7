"""The duty officer's manual: its pictures are there, small, and it speaks of every page of the menu."""

import re

from callout.web.menu import MENU
from tests.shape import ROOT
from tests.web.room import Room

MANUAL = (ROOT / "docs" / "manual.zh-CN.md").read_text(encoding="utf-8")
MOST_BYTES = 1_000_000


def test_every_picture_is_there_and_all_are_small() -> None:
    """To make them anew: python -m tests.write_manual"""
    shown = set(re.findall(r"\]\((manual/[\w-]+\.png)\)", MANUAL))
    held = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs" / "manual").iterdir()}
    assert shown == held
    assert sum((ROOT / "docs" / name).stat().st_size for name in held) < MOST_BYTES


def test_it_names_every_page_and_the_buttons_it_speaks_of(room: Room) -> None:
    assert [word for _, word in MENU if word not in MANUAL and word not in ("查记录", "用户与密钥")] == []
    wording = "".join(path.read_text(encoding="utf-8") for path in sorted((room.site.templates / "web").rglob("*.j2")))
    pressed = re.findall(r"按“([^”]+)”", MANUAL)
    assert pressed
    assert [word for word in pressed if word.replace("停学", "") not in wording] == []
