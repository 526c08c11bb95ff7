"""What an entry of the duty log must say."""

from dataclasses import replace

import pytest

from callout.domain.errors import CalloutError
from callout.domain.instant import HOUR, later
from callout.domain.journal import LATEST, LONGEST, THREE_ONES, EntryKind, NewEntry, check, missing_ones
from tests.scenarios.field import COUNTY, DAY

NOTE = NewEntry(COUNTY, EntryKind.NOTE, DAY, 0, 0, "", "已核对各乡镇值班", "", "示例·值班员")


@pytest.mark.parametrize(
    ("new", "wrong"),
    [
        (replace(NOTE, text=" "), "请写内容"),
        (replace(NOTE, text="长" * (LONGEST + 1)), "内容太长"),
        (replace(NOTE, kind=EntryKind.CONSULTATION), "参加"),
        (replace(NOTE, kind=EntryKind.PAPER), "文号"),
        (replace(NOTE, at=later(DAY, HOUR)), "将来"),
        (replace(NOTE, at=later(DAY, -LATEST - 1)), "30 天前"),
    ],
)
def test_an_entry_that_says_too_little_is_refused(new: NewEntry, wrong: str) -> None:
    with pytest.raises(CalloutError, match=wrong):
        check(new, DAY)


@pytest.mark.parametrize("kind", EntryKind)
def test_every_kind_has_its_word_and_may_be_written(kind: EntryKind) -> None:
    assert kind.zh
    check(replace(NOTE, kind=kind, attendees="指挥部、气象、水利", ref="示例〔2026〕1号"), DAY)


def test_the_digest_is_of_every_word_but_the_names() -> None:
    assert NOTE.digest != replace(NOTE, text="已核对各乡镇值班。").digest
    assert NOTE.digest == replace(NOTE, attendees="示例·人员").digest


def test_which_of_the_three_ones_are_missing() -> None:
    assert missing_ones([]) == THREE_ONES
    assert missing_ones([EntryKind.MEETING, EntryKind.NOTE]) == (EntryKind.WEATHER, EntryKind.PAPER)
    assert missing_ones(THREE_ONES) == ()
