"""What an office here has issued, read elsewhere: CAP 1.2 documents that strict readers take, in Atom and RSS feeds."""

from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from callout.domain.alert import MsgType
from callout.domain.issuing import Act, Draft, alert_of, identifier_of
from callout.domain.issuing import Earlier as Before
from callout.domain.level import LEVELS_OF, Hazard, Level
from callout.domain.user import Right
from callout.render.issued import Issued, document
from callout.sources.reading import DocumentReader
from tests.scenarios.field import BAIMA, COUNTY, NIGHT, make_alert, open_field
from tests.web.room import Room
from tests.web.strict_cap import NAMESPACE, faults
from tests.web.test_api import Program

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """Orange for one township, carried on as red, then all clear; beside it a warning of another office."""
    field = open_field(f"sqlite:///{tmp_path_factory.mktemp('cap')}/field.sqlite3")
    [county] = field.app.rulebooks.counties()
    field.alert(Level.YELLOW, identifier="another office")

    def issue(act: Act, level: Level, before: Before | None, mark: str) -> Before:
        draft = Draft(act, Hazard.RAINSTORM, level, (BAIMA,), 6, "雨很大 <3小时>", "会商", "山洪 & 滑坡", "请转移")
        alert = alert_of(draft, county, before, identifier_of(county, mark), field.clock.now())
        field.take_in(alert)
        field.wait(60)
        return Before(alert.identifier, alert.references, Hazard.RAINSTORM, level, (BAIMA,))

    first = issue(Act.NEW, Level.ORANGE, None, "20260802100000_a1")
    second = issue(Act.UPGRADE, Level.RED, first, "20260802110000_b2")
    issue(Act.ALL_CLEAR, Level.RED, second, "20260802120000_c3")
    yield Room(field)
    field.app.close()


def cap(room: Room, alert: int) -> bytes:
    answer = Program(room, Right.READ).get(f"cap/{alert}")
    assert answer.headers["content-type"] == "application/cap+xml"
    return bytes(answer.content)


def test_every_document_is_whole_by_the_standard(room: Room) -> None:
    documents = [cap(room, alert) for alert in (2, 3, 4)]
    assert [faults(one) for one in documents] == [[], [], []]
    said = [ET.fromstring(one) for one in documents]  # our own bytes
    info = f"{NAMESPACE}info/{NAMESPACE}"
    assert [one.findtext(f"{NAMESPACE}msgType") for one in said] == ["Alert", "Update", "Cancel"]
    assert [one.findtext(f"{info}severity") for one in said] == ["Severe", "Extreme", "Extreme"]
    assert [(one.findtext(f"{NAMESPACE}references") or "").count("callout-") for one in said] == [0, 2, 4]
    assert said[2].findtext(f"{info}responseType") == "AllClear"


def test_the_judge_sees_what_is_wrong(room: Room) -> None:
    whole = cap(room, 3)
    for old, new in (
        (b"</status>", b"!</status>"),
        (b"<scope>Public</scope>", b""),
        (b"+08:00</sent>", b"</sent>"),
        (b"</references>", b" one,two</references>"),
        (b"<category>", b"<colour/><category>"),
    ):
        assert old in whole
        assert faults(whole.replace(old, new)), old


def test_it_is_read_again_as_what_was_issued(room: Room) -> None:
    [part] = DocumentReader().read(cap(room, 3)).parts
    assert part.alert.sender == f"callout-{COUNTY}"
    assert (part.alert.info.headline, part.alert.info.instruction) == (part.alert.info.headline, "请转移")
    assert "雨很大 <3小时>" in part.alert.info.description
    assert "山洪 & 滑坡" in part.alert.info.description
    assert part.alert.info.expires == part.alert.sent + 6 * 3_600_000
    assert part.alert.references == (f"callout-{COUNTY}_20260802100000_a1",)


def test_the_feeds_list_our_own_newest_first_and_nobody_elses(room: Room) -> None:
    program = Program(room, Right.READ)
    atom = ET.fromstring(program.get("cap/atom").content)  # our own bytes
    links = [one.attrib["href"] for one in atom.iter(f"{ATOM}link")]
    assert [one.rpartition("/")[2] for one in links] == ["4", "3", "2"]
    assert all(program.client.get(one, headers=program.headers).status_code == 200 for one in links)
    assert all(one.findtext(f"{ATOM}updated") for one in atom.iter(f"{ATOM}entry"))
    rss = ET.fromstring(program.get("cap/rss").content)  # our own bytes
    assert len(list(rss.iter("item"))) == 3
    assert program.get("cap/1").status_code == 404
    assert program.get("cap/0").status_code == 404


def test_what_is_not_real_says_so() -> None:
    alert = make_alert(NIGHT, Level.RED)
    for run, status, mark in (
        ("demo", "Test", "【演示】"),
        ("drill", "Exercise", "【演练】"),
        ("actual", "Actual", ""),
    ):
        made = document(Issued(alert, run, "示例办"))
        root = ET.fromstring(made)  # our own bytes
        assert root.findtext(f"{NAMESPACE}status") == status
        assert (root.findtext(f"{NAMESPACE}info/{NAMESPACE}headline") or "").startswith(mark)
        assert faults(made) == []


def test_every_hazard_and_level_that_is_issued_here_gives_a_whole_document() -> None:
    alert = make_alert(NIGHT, Level.RED)
    for hazard, levels in LEVELS_OF.items():
        for level in levels:
            info = replace(alert.info, hazard=hazard, level=level, event=hazard.value, expires=None)
            kind = replace(alert, infos=(info,), msg_type=MsgType.ALERT, sender=f"callout-{COUNTY}")
            assert faults(document(Issued(kind, "actual", "示例办"))) == []
