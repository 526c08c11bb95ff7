"""Old storms leave a database in use: by command, through the running engine, checked by both verifiers afterwards."""

import re
import shutil
from pathlib import Path

import pytest

from tests.cli.office import OFFICER, Office
from tests.scenarios.old_storm import storm_at_rest


@pytest.fixture
def archived(office: Office) -> Path:
    """A storm of August, all of it over, and the archive that was written since."""
    storm_at_rest(f"sqlite:///{office.database}")
    file = office.home / "2026.sqlite3"
    assert office("archive", str(file), "--officer", OFFICER).code == 0
    return file


def cut(office: Office, file: Path, *more: str) -> tuple[int, str]:
    said = office("cut", str(file), "--older-than", "60", "--officer", OFFICER, *more)
    return said.code, said.out + said.err


@pytest.mark.long
def test_a_storm_leaves_through_the_running_engine_and_both_verifiers_find_it_in_the_archive(
    office: Office, archived: Path
) -> None:
    assert "可以移出 1 个过程" in cut(office, archived)[1]
    with office.serving():
        code, said = cut(office, archived, "--apply")
        assert code == 0, said
    found = re.search(r"已移出 1 个过程：(\d+) 行，(\d+) 条记录", said)
    assert found
    assert min(map(int, found.groups())) > 10
    here = office("audit", "verify", "--json").document
    assert (here["ok"], here["cut"]) == (True, int(found[2]))
    assert any("2026.sqlite3（SHA-256" in note for note in here["notes"])
    there = office("audit", "verify", "--archive", str(archived), "--json").document
    assert (there["ok"], there["cut"]) == (True, 0)
    assert "接着做完" not in cut(office, archived, "--apply")[1]
    offline(office, archived, int(found[2]))
    assert office("status", "--all", "--json").document["due"] == 0


def offline(office: Office, archived: Path, moved: int) -> None:
    """The program that goes with an export says the same; a changed archive is not believed."""
    folder = office.home / "export"
    assert office("audit", "export", str(folder), "--officer", OFFICER).code == 0
    alone = office("audit", "verify", "--export", str(folder))
    assert alone.code == 0, alone.out
    assert f"有{moved}条不在这里" in alone.out
    beside = office("audit", "verify", "--export", str(folder), "--archive", str(archived))
    assert (beside.code, "不在这里" in beside.out) == (0, False)
    entries = (folder / "audit.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "audit.jsonl").write_text("".join(entries[1:]), encoding="utf-8")
    assert office("audit", "verify", "--export", str(folder), "--archive", str(archived)).code == 2


def test_only_an_archive_that_is_on_record_and_as_it_was_written_will_do(office: Office, archived: Path) -> None:
    other = office.home / "other.sqlite3"
    shutil.copy(archived, other)
    with other.open("ab") as file:
        file.write(b"\0")
    assert "记录里没有这份存档" in cut(office, other, "--apply")[1]
    assert "没有存档" in cut(office, office.home / "none", "--apply")[1]
    assert office("audit", "verify", "--archive", str(office.home / "none")).code == 1
    assert office("cut", str(archived), "--older-than", "5", "--officer", OFFICER).code == 2
    said = office("cut", str(archived), "--older-than", "3000", "--officer", OFFICER, "--apply", "--json").document
    assert said == {"applied": True, "storms": 0, "begun": 0, "rows": 0, "entries": 0, "最近还有动静": 1}
    told = office("cut", str(archived), "--older-than", "3000", "--officer", OFFICER, "--apply")
    assert (told.code, "什么都没有改" in told.out, "只在" in told.out) == (0, True, False)
    checked = office("audit", "verify", "--archive", str(archived))
    assert (checked.code, "与记录里写的不同" in checked.out + checked.err) == (0, False)


def test_personal_values_are_not_kept_for_less_long_by_it(
    office: Office, archived: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLOUT_RETENTION_DAYS", "365")
    code, said = cut(office, archived)
    assert code == 1
    assert "不能少于保存期限" in said


def test_reading_an_archive_leaves_it_as_it_is(office: Office, archived: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its hash stands in the record."""
    before = archived.read_bytes()
    monkeypatch.setenv("CALLOUT_DATABASE_URL", f"sqlite:///{archived}")
    assert office("audit", "verify").code == 0
    assert office("status", "--all").code == 0
    assert archived.read_bytes() == before
    assert [one.name for one in office.home.iterdir() if one.name.startswith(archived.name)] == [archived.name]
