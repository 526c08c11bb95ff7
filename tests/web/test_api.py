"""The interface for programs: what is read, what is handed in and done, once, and errors that say which field."""

import json
from typing import Any

from sqlalchemy import func, select

from callout.domain.instant import DAY
from callout.domain.level import Level
from callout.domain.user import Right, Scope, ScopeKind
from callout.sources.reading import DocumentReader
from callout.store import schema
from callout.store.sealing import seals
from callout.web import staff
from tests.pipeline.night import STORM
from tests.scenarios.field import BAIMA, COUNTY, GRID_1, GRID_2, JIANGKOU, Field, number
from tests.web.room import HERE, Room

TOWN = Scope(ScopeKind.TOWNSHIP, COUNTY, BAIMA)
PROBLEM = "application/problem+json"


class Program:
    """A program with a key."""

    def __init__(self, room: Room, *rights: Right, scope: Scope = HERE) -> None:
        self.client = room.browser().client
        new = staff.NewKey("示例程序", frozenset(rights), scope, 30)
        self.headers = {"Authorization": f"Bearer {staff.make_key(room.field.app.store, new, '示例·测试')}"}

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1/{path}", headers=self.headers)

    def post(self, path: str, once: str, json: Any = None, **more: Any) -> Any:
        headers = self.headers | ({"Idempotency-Key": once} if once else {})
        return self.client.post(f"/api/v1/{path}", headers=headers, json=json, **more)


def asking(room: Room) -> dict[str, Any]:
    """Somebody asks for help by text; the item about it."""
    room.field.alert(Level.ORANGE)
    room.field.reply(GRID_1, "1人受伤")
    [row] = room.field.rows(select(schema.human_call).where(schema.human_call.c.kind == "asked"))
    return {"county": COUNTY, "alert": 1, "post": GRID_1, "kind": "asked", "about": row.about}


def answers(field: Field) -> int:
    """Answers that are kept for programs."""
    return int(field.rows(select(func.count()).select_from(schema.api_answer))[0][0])


def test_what_stands_is_read_with_masked_numbers_and_page_by_page(room: Room) -> None:
    room.field.alert(Level.ORANGE)
    room.field.reply(GRID_2, "收到")
    program = Program(room, Right.READ)
    status = program.get("status").json()
    [alert] = status["alerts"]
    assert (status["engine"], alert["level"], alert["counts"]["answered"], alert["counts"]["due"]) == (
        "running",
        "orange",
        1,
        6,
    )
    first = program.get("callouts?limit=4&alert=1").json()
    assert (first["total"], len(first["items"])) == (6, 4)
    rest = program.client.get(first["next"], headers=program.headers).json()
    assert (len(rest["items"]), rest["next"]) == (2, None)
    assert len({one["post"] for one in [*first["items"], *rest["items"]]}) == 6
    one = program.get(f"callouts/{COUNTY}/1/{GRID_2}").json()
    assert (one["state"], one["grade"], one["opened"]) == ("answered", "acknowledged", "2026-08-02T10:00:00+08:00")
    assert any(moment["grade"] == "acknowledged" for moment in one["course"])
    posts = program.get("roster").json()
    assert posts["total"] == 6
    assert posts["items"][3]["numbers"] == [f"****{number(GRID_1).e164[-4:]}"]
    report = program.get("report?since=2026-08-01&until=2026-08-03").json()
    assert report["processes"][0]["total"]["due"] == 6
    [entry] = room.field.audit("report.exported")
    assert (entry.actor, json.loads(entry.detail)["way"]) == (report["about"]["导出人"], "接口")
    [seal] = [one for one in room.field.app.database.read(seals) if one.hash == report["about"]["校验值"]]
    assert (entry.xid, entry.id) <= seal.hi
    assert program.get("report?since=2026-08-03&until=2026-08-01").status_code == 422
    everything = "".join(
        program.get(path).text for path in ("status", "alerts", "callouts", "human-calls", "stop-work")
    )
    assert "+999" not in everything + str(one) + str(posts)


def test_a_program_of_a_township_reads_and_does_only_what_lies_in_it(room: Room) -> None:
    item = asking(room)
    program = Program(room, Right.READ, Right.ACT, Right.REPORT, scope=TOWN)
    for path in ("callouts", "roster", "stop-work"):
        assert {one["area"] for one in program.get(path).json()["items"]} <= {BAIMA}
    assert program.get(f"callouts/{COUNTY}/1/6").status_code == 404
    assert program.post("human-calls/take", "k1", item | {"post": 6}).status_code == 404
    assert program.post("human-calls/take", "k2", item).json() == {"done": True}
    assert program.post("alerts", "k3", content=b"<alert/>").status_code == 403
    wish = {"county": COUNTY, "areas": [JIANGKOU], "code": "停学", "role": "小学", "by": "示例·张", "basis": "会商"}
    assert program.post("stop-work/propose", "k4", wish).status_code == 404
    assert program.get("report?since=2026-08-01&until=2026-08-03").status_code == 403


def test_an_item_is_taken_called_about_and_answered_and_the_record_names_the_key(room: Room) -> None:
    item = asking(room)
    program = Program(room, Right.ACT)
    assert program.get("human-calls").json()["total"] > 0
    assert program.post("human-calls/take", "t", item).status_code == 200
    assert program.post("human-calls/release", "r", item).status_code == 200
    assert program.post("human-calls/result", "x", item | {"result": "confirmed"}).status_code == 409
    assert program.post("human-calls/take", "t2", item).status_code == 200
    assert program.post("human-calls/result", "c", item | {"result": "confirmed", "note": "本人"}).status_code == 200
    assert room.field.callout(GRID_1).grade == "confirmed_by_human"
    [entry] = room.field.audit("callout.answered")
    assert entry.actor.startswith("示例程序（key:")


def test_a_document_is_handed_in_once_and_called(room: Room) -> None:
    object.__setattr__(room.field.app.intake, "reader", DocumentReader())
    raw = (STORM / "02-yellow.xml").read_bytes()
    program = Program(room, Right.REPORT)
    first = program.post("alerts", "doc-1", content=raw)
    assert first.status_code == 200, first.text
    again = program.post("alerts", "doc-1", content=raw)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    other = program.post("alerts", "doc-1", content=raw + b" ")
    assert (other.status_code, other.headers["content-type"]) == (409, PROBLEM)
    assert program.post("alerts", "doc-2", content=raw).json()["outcome"] == "duplicate"
    refused = program.post("alerts", "doc-3", content=b"no warning")
    assert (refused.status_code, refused.headers["content-type"]) == (422, PROBLEM)
    assert program.post("alerts", "doc-4", content=b" ").status_code == 400
    huge = program.post("alerts", "doc-5", content=b"x" * (room.site.longest_body + 1))
    assert (huge.status_code, huge.headers["content-type"]) == (413, PROBLEM)


def test_the_same_key_has_one_effect_and_one_answer_even_after_a_restart(room: Room) -> None:
    item = asking(room)
    program = Program(room, Right.ACT)
    assert program.post("human-calls/take", "same", item).json() == {"done": True}
    fresh = Room(room.field).browser().client
    again = fresh.post("/api/v1/human-calls/take", headers=program.headers | {"Idempotency-Key": "same"}, json=item)
    assert (again.status_code, again.json(), again.headers["idempotency-replayed"]) == (200, {"done": True}, "true")
    assert len([row for row in room.field.audit("human_call.claimed") if row.post == GRID_1]) == 1
    conflict = program.post("human-calls/take", "same", item | {"post": GRID_2})
    assert conflict.status_code == 409
    assert "已用于别的内容" in conflict.json()["detail"]
    assert program.post("human-calls/release", "same", item).status_code == 409
    stranger = Program(room, Right.ACT)
    assert stranger.post("human-calls/take", "same", item).status_code == 409
    assert "正在联系这个人" in stranger.post("human-calls/take", "same", item).json()["detail"]
    assert answers(room.field) == 1


def test_what_was_refused_keeps_no_answer_and_may_be_asked_again(room: Room) -> None:
    item = asking(room)
    program = Program(room, Right.ACT)
    wrong = program.post("human-calls/end", "once", item | {"outcome": "已上门"})
    assert (wrong.status_code, answers(room.field)) == (409, 0)
    assert program.post("human-calls/take", "first", item).status_code == 200
    assert program.post("human-calls/end", "once", item | {"outcome": "已上门"}).status_code == 200


WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("human-calls/take", {"county": COUNTY, "alert": "x", "kind": "asked"}, "alert", "应是整数"),
    ("human-calls/take", {"county": COUNTY, "alert": 1}, "kind", "必须填写"),
    ("human-calls/result", {"county": COUNTY, "alert": 1, "kind": "a", "result": "x"}, "result", "不是可用的值"),
    ("stop-work/confirm", {"stops": [], "by": "示例·张", "basis": "b"}, "stops", "项目太少"),
]


def test_errors_say_which_field_is_wrong_in_chinese_unless_asked_otherwise(room: Room) -> None:
    program = Program(room, Right.ACT)
    for path, body, field, said in WRONG:
        answer = program.post(path, "k", body)
        told = answer.json()
        assert (answer.status_code, answer.headers["content-type"], told["status"]) == (422, PROBLEM, 422)
        assert {"field": field, "said": said} in told["errors"]
        assert field in told["detail"]
    missing = program.post("human-calls/take", "", {"county": COUNTY, "alert": 1, "kind": "asked"}).json()
    assert {"field": "Idempotency-Key", "said": "必须填写"} in missing["errors"]
    program.headers |= {"Accept-Language": "en"}
    english = program.post("human-calls/take", "k", {"county": COUNTY, "alert": "x", "kind": "asked"})
    assert (english.headers["content-language"], english.json()["detail"]) == ("en", "Wrong fields: alert")
    assert english.json()["errors"] == [{"field": "alert", "said": "must be a whole number"}]


def test_without_a_key_or_a_right_the_problem_says_so(room: Room) -> None:
    client = room.browser().client
    nobody = client.get("/api/v1/status")
    assert (nobody.status_code, nobody.headers["content-type"]) == (401, PROBLEM)
    assert nobody.headers["www-authenticate"] == "Bearer"
    assert Program(room, Right.READ).post("human-calls/take", "k", {}).status_code == 403
    missing = Program(room, Right.READ).get("nothing")
    assert missing.status_code in (403, 404)
    assert Program(room, Right.READ).get(f"callouts/{COUNTY}/99/1").json()["detail"].startswith("没有这个叫应")


def test_a_proposal_waits_for_a_named_human_and_a_site_is_confirmed_in_the_revision_that_was_read(room: Room) -> None:
    room.field.alert(Level.RED)
    program = Program(room, Right.ACT)
    wish = {"county": COUNTY, "areas": [BAIMA], "code": "停工", "role": "示例工地", "by": "示例·张", "basis": "会商"}
    assert program.post("stop-work/propose", "p", wish).status_code == 200
    assert program.post("stop-work/propose", "p", wish).headers["idempotency-replayed"] == "true"
    [stop] = [one for one in program.get("stop-work?limit=500").json()["items"] if one["role"] == "示例工地"]
    assert stop["state"] == "proposed"
    seen = {
        "stops": [{k: stop[k] for k in ("county", "alert", "area", "code", "role", "rev")}],
        "by": "示例·李",
        "basis": "已停",
    }
    early = program.post("stop-work/confirm", "c", seen)
    assert (early.status_code, early.json()["detail"][-5:]) == (409, "还没有决定")


def test_every_route_is_described_with_its_problems_and_its_key(room: Room) -> None:
    described = room.browser().client.get("/api/v1/openapi.json").json()
    operations = {(m, p): op for p, ways in described["paths"].items() for m, op in ways.items()}
    assert len(operations) >= 17
    assert all({"401", "403", "422"} <= set(op["responses"]) for op in operations.values())
    posts = [op for (method, _), op in operations.items() if method == "post"]
    assert all(any(p["name"] == "Idempotency-Key" and p["required"] for p in op["parameters"]) for op in posts)
    assert described["security"] == [{"key": []}]


ISSUE = {
    "county": COUNTY, "hazard": "暴雨", "level": "orange", "areas": [BAIMA], "hours": 6,
    "content": "未来6小时雨量超过80毫米", "reason": "会商", "leader": "示例·局长",
}  # fmt: skip


def test_a_program_issues_once_and_red_waits_for_the_leader(room: Room) -> None:
    program = Program(room, Right.REPORT)
    made = program.post("warnings/issue", "w1", ISSUE)
    assert (made.status_code, made.json()["alert"]) == (200, 1)
    again = program.post("warnings/issue", "w1", ISSUE)
    assert again.json() == made.json()
    assert again.headers["idempotency-replayed"] == "true"
    # Answered, and the process died before the answer was kept: still one warning.
    room.field.app.store.write(lambda work: work.ledger.connection.execute(schema.api_answer.delete()))
    assert program.post("warnings/issue", "w1", ISSUE).json() == made.json() | {
        "outcome": "duplicate", "note": "这张表已经发布过，没有再发布一次"
    }  # fmt: skip
    up = ISSUE | {"act": "upgrade", "of": 1, "level": "red"}
    refused = program.post("warnings/issue", "w2", up)
    assert (refused.status_code, refused.headers["content-type"]) == (409, PROBLEM)
    assert "输入“红色”" in refused.json()["detail"]
    assert program.post("warnings/issue", "w3", up | {"typed": "红色"}).json()["alert"] == 2
    room.field.settle()
    ac = schema.alert_county
    assert [(r.alert, r.state) for r in room.field.rows(select(ac).order_by(ac.c.alert))][1] == (2, "awaiting")
    assert Program(room, Right.REPORT, scope=TOWN).post("warnings/issue", "w4", ISSUE).status_code == 403
    for nowhere in ({"county": "500112"}, {"areas": ["gb2260:500112001"]}, {"act": "upgrade", "of": 9}):
        assert program.post("warnings/issue", "w6", ISSUE | nowhere).status_code == 404
    assert Program(room, Right.ACT).post("warnings/issue", "w5", ISSUE).status_code == 403
    assert program.post("warnings/issue", "", ISSUE).status_code == 422


def test_answers_to_programs_go_after_their_time(room: Room) -> None:
    program = Program(room, Right.REPORT)
    assert program.post("warnings/issue", "old", ISSUE).status_code == 200
    store = room.field.app.store
    assert store.write(lambda work: work.answers.forget()) == 0
    room.wait(31 * DAY)
    assert store.write(lambda work: work.answers.forget()) == 1
    assert answers(room.field) == 0
    assert [one.detail for one in room.field.audit("api_answer.forgotten")] == ["1"]
