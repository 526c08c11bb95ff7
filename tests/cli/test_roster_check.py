"""roster check: a score for each township, and the list behind it."""

import sqlite3

from tests.cli.office import OFFICER, Office

HEADER = "乡镇,岗位,角色,姓名,号码,固话,副职,上级岗位"
LINES = (
    "武隆区,示例值班室,区应急值班室,示例值班员,+9990000001,,示例甲,",
    "白马镇,示例网格一,网格员,示例甲,+9990000002,,示例值班员,示例值班室",
    "白马镇,示例网格二,网格员,示例乙,,固话+9990000003,示例甲,示例值班室",
    "白马镇,示例网格三,网格员,示例丙,1540000" + "0000,,示例甲,示例值班室",
)


def bring(office: Office) -> None:
    file = office.home / "roster.csv"
    file.write_text("\n".join([HEADER, *LINES]), encoding="utf-8")
    assert office("roster", "import", str(file), "--apply", "--officer", OFFICER).code == 0


def found(office: Office) -> set[tuple[str, str]]:
    document = office("roster", "check", "--town", "白马镇", "--json").document
    return {(one["title"], one["flaw"]) for one in document["areas"][0]["found"] if one["title"]}


def test_flaws_are_listed_by_township_and_the_record_is_asked(office: Office) -> None:
    bring(office)
    first = found(office)
    assert ("示例网格二", "no_texts") in first
    assert ("示例网格三", "strange") in first
    assert not [one for one in first if one[0] == "示例网格一"]
    db = sqlite3.connect(office.database)
    with db:
        mine = "SELECT commitment FROM personal WHERE value = '+9990000002'"
        db.execute(f"UPDATE number SET dead = 1 WHERE commitment = ({mine})")
    db.close()
    assert ("示例网格一", "dead") in found(office)
    shown = office("roster", "check", "--town", "白马镇").out
    assert "示例网格一（示例甲）：号码都已停用或是空号" in shown


def test_the_worst_township_is_shown_first_with_its_score(office: Office) -> None:
    bring(office)
    said = office("roster", "check")
    assert "满分 100" in said.out
    assert "方案要叫，名册里没有这个岗位" in said.out
    document = office("roster", "check", "--json").document
    scores = [each["score"] for each in document["areas"]]
    assert scores == sorted(scores)
    assert office("roster", "check", "--town", "没有镇").code == 1


def test_without_a_roster_there_is_nothing_to_check(office: Office) -> None:
    assert office("roster", "check").code == 1
