"""stop-work and feedback as an officer types them: by hand without an engine, and through a running one."""

import asyncio

import pytest
from sqlalchemy import select

from callout.app import SystemClock
from callout.cli.control import open_app
from callout.pipeline.receive import receive
from callout.ports import Document, everywhere
from callout.rulebook.roster import roster_sample
from callout.settings import Settings
from callout.simulation.carrier import Carrier
from callout.store import schema
from callout.store.database import Database
from tests.cli.office import OFFICER, Office, Said, write_warning

WHO = ("--by", "示例区长", "--officer", OFFICER)
ORDER = ("stop-work", "order", *WHO, "--title", "副区长", "--basis", "暴雨橙色，会商")
LIFT = ("stop-work", "lift", *WHO, "--title", "副区长", "--basis", "雨停", "--check", "边坡已查")


@pytest.fixture(scope="module")
def warned(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database in which everybody is being called about an orange warning, as bytes to copy."""
    home = tmp_path_factory.mktemp("office")
    settings = Settings(database_url=f"sqlite:///{home}/callout.sqlite3")
    app = open_app(settings, everywhere(Carrier(SystemClock(), 1)))
    rulebook = app.rulebooks.get(settings.county, app.store.read(lambda work: work.rosters.counties())[0].rulebook)
    app.use_roster(roster_sample(rulebook.county, 500, 1, rulebook), "示例·测试")
    letter = write_warning(home, 1)
    receive(app.intake, Document(letter.name, "test", letter.read_bytes()))
    asyncio.run(app.settle())
    app.close()
    return (home / "callout.sqlite3").read_bytes()


@pytest.fixture
def desk(office: Office, warned: bytes) -> Office:
    office.database.write_bytes(warned)
    return office


def listed(office: Office, *more: str) -> list[dict[str, object]]:
    return list(office("stop-work", "list", "--json", *more).document["stop_work"])


def test_the_list_names_each_with_a_handle(desk: Office) -> None:
    said = desk("stop-work", "list", "--area", "白马镇", "--code", "停学")
    assert said.code == 0
    assert "1-停学-白马镇-学校安全责任人  1 个对象  已建议  〔演示〕" in said.out
    assert "预警 1 暴雨橙色" in said.out
    assert {one["state"] for one in listed(desk)} == {"proposed"}


def test_one_decision_for_all_that_was_shown(desk: Office) -> None:
    """By township and kind, with one confirmation; nothing else is touched."""
    said = desk(*ORDER, "--area", "鸭江镇", "--area", "长坝镇", "--code", "停工", "--except", "抢险", "--yes")
    assert said.code == 0, said.err
    assert "已记录：2 处决定执行" in said.out
    ordered = [one for one in listed(desk) if one["state"] == "ordered"]
    assert [(one["area_name"], one["ordering_by"], one["ordering_title"]) for one in ordered] == [
        ("鸭江镇", "示例区长", "副区长"), ("长坝镇", "示例区长", "副区长")
    ]  # fmt: skip
    assert {one["ordering"] for one in ordered} == {1}
    status = desk("status")
    assert "熔断已决定、现场未确认、未解除：停工 2 处" in status.out
    assert "熔断待决定：" in status.out


def test_confirmed_lifted_and_still_in_the_books(desk: Office) -> None:
    handle = "1-停学-白马镇-学校安全责任人"
    assert desk(*ORDER, handle, "--yes", "--effective", "06:00").code == 0
    seen = ("stop-work", "confirm", handle, *WHO, "--seen", "校门已关", "--photo", "照片 17", "--yes")
    assert desk(*seen).code == 0
    assert "照片 17" in desk("stop-work", "list", "--area", "白马镇").out
    lifted = desk(*LIFT, handle, "--yes")
    assert "注意：预警 1（暴雨橙色）仍在有效期内" in lifted.out
    assert "已记录：1 处解除" in lifted.out
    assert handle not in desk("stop-work", "list").out
    assert "恢复前检查：边坡已查" in desk("stop-work", "list", "--all", "--area", "白马镇").out


def test_declined_with_a_reason(desk: Office) -> None:
    said = desk("stop-work", "decline", *WHO, "--code", "停学", "--reason", "放假，无学生在校", "--yes")
    assert said.code == 0, said.err
    assert "学校" not in desk("stop-work", "list").out
    assert desk(*ORDER, "1-停学-白马镇-学校安全责任人", "--yes").code == 0


def test_without_a_yes_nothing_is_done(desk: Office) -> None:
    said = desk.process(*ORDER, "--code", "停工", stdin=b"n\n")
    assert said.code == 1
    assert "确认吗" in said.out
    assert {one["state"] for one in listed(desk)} == {"proposed"}


def test_a_human_proposes(desk: Office) -> None:
    said = desk("stop-work", "propose", *WHO, "--code", "断", "--area", "白马镇", "--object", "白马大桥",
                "--measure", "封闭桥面", "--basis", "水位超警戒")  # fmt: skip
    assert "已建议 0-断-白马镇-白马大桥" in said.out
    assert "由人建议" in desk("stop-work", "list", "--code", "断").out
    assert "熔断建议待决定" in desk("human-calls", "list").out


def test_through_the_running_engine(desk: Office) -> None:
    with desk.serving():
        assert desk(*ORDER, "--code", "停工", "--area", "鸭江镇", "--yes").code == 0
        assert [one["state"] for one in listed(desk, "--code", "停工", "--area", "鸭江镇")] == ["ordered"]


MISTAKES = [
    ((*ORDER, "--yes"), "请写编号，或用 --alert"),
    ((*ORDER, "--area", "白马", "--yes"), "没有“白马”这个乡镇；请写全名，例如：白马镇"),
    ((*ORDER, "1-停学", "--yes"), "编号 1-停学 不对"),
    ((*ORDER, "9-停学-白马镇-学校安全责任人", "--yes"), "没有 9-停学-白马镇-学校安全责任人 这个熔断"),
    ((*ORDER, "--code", "停电", "--yes"), "没有符合条件、可以决定执行的熔断"),
    ((*ORDER, "--code", "停学", "--effective", "明天", "--yes"), "看不懂时间“明天”"),
    ((*LIFT, "--code", "停学", "--yes"), "没有符合条件、可以解除的熔断"),
    ((*LIFT, "1-停学-白马镇-学校安全责任人", "--yes"), "还没有决定"),
    (("stop-work", "propose", *WHO, "--code", "停电", "--area", "白马镇", "--object", "x", "--measure", "y",
      "--basis", "z"), "没有“停电”这一类熔断"),
    (("stop-work", "propose", *WHO, "--code", "断", "--area", "白马镇", "--object", " ", "--measure", "y",
      "--basis", "z"), "请用 --object 写明对象"),
    (("feedback", "give", "1", "5", "到岗", "--officer", OFFICER), "没有“到岗”反馈任务"),
    (("feedback", "give", "1", "5", "到场", "--officer", OFFICER), "没有“到场”这一类反馈"),
    (("feedback", "give", "1", "5", "转移", "--officer", OFFICER), "转移反馈要写人数"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "sentence"), MISTAKES)
def test_a_mistake_is_one_sentence_and_changes_nothing(desk: Office, command: tuple[str, ...], sentence: str) -> None:
    said = desk(*command)
    assert said.code == 1, said.out
    assert sentence in said.err
    assert {one["state"] for one in listed(desk)} == {"proposed"}


def warden() -> int:
    """A post that owes 到岗 once it has answered."""
    database = Database(Settings().database_url)
    d, k = schema.duty, schema.county
    here = (
        select(d.c.post).join(k, k.c.roster == d.c.roster).where(d.c.role == "水库行政责任人", d.c.holder.is_not(None))
    )
    found = database.read(lambda db: int(db.execute(here.order_by(d.c.post)).scalars().first() or 0))
    database.close()
    return found


def test_an_officer_enters_what_somebody_reported(desk: Office) -> None:
    post = str(warden())
    assert "没有欠着的反馈" in desk("feedback", "list").out
    answered: Said = desk("ack", "1", post, "--officer", OFFICER)
    assert answered.code == 0, answered.err
    assert f"1 {post} 到岗  橙色  待反馈" in desk("feedback", "list").out
    given = desk("feedback", "give", "1", post, "到岗", "--by", "示例巡查员", "--officer", OFFICER)
    assert "到岗已反馈" in given.out
    assert "没有欠着的反馈" in desk("feedback", "list").out
    [row] = desk("feedback", "list", "--all", "--json").document["feedback"]
    assert (row["kind"], row["state"], row["people"]) == ("到岗", "given", -1)
    assert "反馈 到岗：应报 1  已报 1  逾期 0" in desk("status").out


def test_the_end_is_proposed_looked_at_refused_and_decided_by_commands(desk: Office) -> None:
    who = ("--area", "白马镇", "--code", "停学", "--yes")
    assert desk(*ORDER, *who).code == 0
    confirmed = desk("stop-work", "confirm", *WHO, "--seen", "已停课", *who)
    assert confirmed.code == 0, confirmed.err
    assert desk("stop-work", "propose-lift", *WHO, "--basis", "雨停", *who).code == 0
    looked = desk("stop-work", "inspect", *WHO, "--check", "校舍和边坡已查", "--result", "可以恢复", *who)
    assert looked.code == 0, looked.err
    assert {one["state"] for one in listed(desk, "--area", "白马镇", "--code", "停学")} == {"inspected"}
    assert desk("stop-work", "refuse-lift", *WHO, "--reason", "夜里还有雨", *who).code == 0
    assert {one["state"] for one in listed(desk, "--area", "白马镇", "--code", "停学")} == {"confirmed"}
    assert desk("stop-work", "refuse-lift", *WHO, "--reason", "再看", *who).code != 0
