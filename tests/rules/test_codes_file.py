"""codes.yaml: what the sample says, and what in it cannot be used."""

import pytest

from callout.rulebook.reading import examine, read_files
from tests.shape import ROOT

FILES = read_files(ROOT / "rules")
TEXT = FILES["codes.yaml"]


def test_the_sample_knows_the_changes_of_2025() -> None:
    book, mistakes = examine(FILES, "500156")
    assert (mistakes, book is not None) == ([], True)
    assert book is not None
    codes = book.county.codes
    changed = {change.old: (change.since, list(change.now)) for change in codes.changes}
    assert changed["500112"] == ("2025-11", ["500157", "500109"])
    assert changed["500105"] == ("2025-11", ["500157"])
    assert len(codes.listed) == 38
    assert not changed.keys() & codes.listed.keys()
    assert {unit for change in codes.changes for unit in change.now} <= codes.listed.keys()


def test_a_county_needs_no_such_file() -> None:
    book, mistakes = examine({name: text for name, text in FILES.items() if name != "codes.yaml"}, "500156")
    assert mistakes == []
    assert book is not None
    assert book.county.codes.listed == {}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('old: "500105"', 'old: "500112"', "旧码 500112 写了两次"),
        ('old: "500105"', 'old: "500109"', "旧码 500109 又列在 listed 里"),
        ('since: "2016"', 'since: "2016-13"', "看不懂撤销时间“2016-13”"),
        ('{"500156": 武隆区}', "{}", "now：不能为空"),
        ('"500101": 万州区', '"5001": 万州区', "区县代码"),
    ],
)
def test_a_mistake_is_told_with_its_place(old: str, new: str, said: str) -> None:
    assert old in TEXT
    book, mistakes = examine({**FILES, "codes.yaml": TEXT.replace(old, new, 1)}, "500156")
    assert book is None
    assert any("codes.yaml 第" in str(one) and said in str(one) for one in mistakes), [str(one) for one in mistakes]


def test_a_file_that_is_no_yaml_is_one_mistake() -> None:
    _, mistakes = examine({**FILES, "codes.yaml": "changes: [\n"}, "500156")
    assert "codes.yaml" in str(mistakes[0])
