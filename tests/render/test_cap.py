"""The document that goes with a copy: CAP 1.2, read back by our own reader."""

from dataclasses import replace

import pytest
from lxml import etree

from callout.domain.alert import MsgType, Status
from callout.domain.instant import HOUR, Instant
from callout.domain.level import Hazard
from callout.ports.copies import About, Leaflet
from callout.render.cap import NAMESPACE, cap_document
from callout.render.messages import Templates
from callout.settings import Settings
from callout.sources.reading import read_xml
from tests.channels.desk import MEANING, NOW

LEAFLET = Leaflet("500156.1.mail", "示例区暴雨橙色预警", "转移 <临坎> & 临崖人员", "orange", Instant(NOW + HOUR), NOW)
ABOUT = About(replace(MEANING, run="actual"), "500156")
END = replace(LEAFLET, id="500156.2.mail", title="示例区暴雨橙色预警已解除", level="", lifting=True)
ENDED = replace(ABOUT, ended=(("500156.1.mail", NOW),))

ALERT = ("identifier", "sender", "sent", "status", "msgType", "source", "scope", "restriction", "addresses", "code",
         "note", "references", "incidents", "info")  # fmt: skip
INFO = ("language", "category", "event", "responseType", "urgency", "severity", "certainty", "audience", "eventCode",
        "effective", "onset", "expires", "senderName", "headline", "description", "instruction", "web", "contact",
        "parameter", "resource", "area")  # fmt: skip
"""The order that the standard demands (CAP 1.2, section 3.2)."""


def names(element: etree._Element) -> list[str]:
    return [etree.QName(child).localname for child in element]


@pytest.mark.parametrize(("leaflet", "about"), [(LEAFLET, ABOUT), (END, ENDED)], ids=["warning", "end"])
def test_elements_stand_in_the_order_of_the_standard(leaflet: Leaflet, about: About) -> None:
    root = etree.fromstring(cap_document(leaflet, about))
    assert etree.QName(root).namespace == NAMESPACE
    for element, order in ((root, ALERT), (root[-1], INFO)):
        assert names(element) == sorted(names(element), key=order.index)
    assert {"identifier", "sender", "sent", "status", "msgType", "scope"} <= set(names(root))
    assert {"category", "event", "urgency", "severity", "certainty"} <= set(names(root[-1]))
    assert names(root[-1][-1]) == ["areaDesc", "geocode"]


def test_a_warning_is_read_back_as_it_was_meant() -> None:
    alert = read_xml(cap_document(LEAFLET, ABOUT))
    assert (alert.identifier, alert.sender, alert.sent) == ("500156.1.mail", "callout.500156", MEANING.issued_at)
    assert (alert.status, alert.msg_type) == (Status.ACTUAL, MsgType.ALERT)
    assert (alert.info.hazard, alert.info.expires) == (Hazard.RAINSTORM, LEAFLET.expires_at)
    assert (alert.info.headline, alert.info.description) == (LEAFLET.title, LEAFLET.text)
    assert alert.info.instruction == MEANING.measure
    assert alert.info.areas[0].desc == MEANING.area


def test_the_end_names_the_warning_that_it_ends() -> None:
    alert = read_xml(cap_document(END, ENDED))
    assert (alert.msg_type, alert.references) == (MsgType.CANCEL, ("500156.1.mail",))
    assert alert.info.instruction == ""


@pytest.mark.parametrize(
    ("run", "status"), [("demo", Status.TEST), ("drill", Status.EXERCISE), ("rehearsal", Status.TEST)]
)
def test_what_is_not_real_says_so(run: str, status: Status) -> None:
    about = replace(ABOUT, meaning=replace(MEANING, run=run))
    assert read_xml(cap_document(LEAFLET, about)).status is status


def test_what_xml_cannot_hold_is_left_out() -> None:
    odd = replace(LEAFLET, id="500156.1.a b,c<d", text="注意\x00\x0b山洪")
    alert = read_xml(cap_document(odd, ABOUT))
    assert (alert.identifier, alert.info.description) == ("500156.1.a-b-c-d", "注意山洪")


def test_the_page_can_be_signed() -> None:
    cap, page = Templates(Settings().templates).documents(LEAFLET, ABOUT)
    assert (cap.name, page.name) == ("500156.1.mail.xml", "500156.1.mail.txt")
    lines = page.body.decode().splitlines()
    assert lines[0] == LEAFLET.title
    assert "防御措施：转移" in lines
    assert lines[-1].startswith("签收人：")
    _, end = Templates(Settings().templates).documents(
        END, replace(ENDED, meaning=replace(MEANING, in_force=("山洪红色",)))
    )
    assert "山洪红色仍生效，不得返回。" in end.body.decode().splitlines()
