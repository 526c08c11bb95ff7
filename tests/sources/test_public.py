"""Every public document beside the checkout says what the tables say, and docs/formats.md shows it."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from callout.domain.alert import Alert, CodeSystem, Geocode, MsgType
from callout.domain.errors import Refusal
from callout.domain.instant import BEIJING, Instant, beijing, instant
from callout.sources.reading import read
from tests.sources.expected import (
    ALERTS,
    COLOURS,
    FOREIGN,
    LISTINGS,
    REFUSED,
    TYPES,
    Foreign,
    check_alert,
    public,
)
from tests.write_formats import DOCUMENT, outcomes, shown

SNAPSHOT = {"issued": "issued", "type": "type", "color": "color", "code": "adcode", "name": "name"}
PAGE = {"issued": "published_at", "type": "warning_type", "color": "level", "code": "", "name": "area"}


def alerts(path: Path) -> list[Alert]:
    reading = read(path.read_bytes())
    assert reading.refused == (), path.name
    return [part.alert for part in reading.parts]


def at(written: str | None) -> Instant | None:
    if written is None:
        return None
    moment = datetime.fromisoformat(written)
    return instant(moment if moment.tzinfo else moment.replace(tzinfo=BEIJING))


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a long list as they stand in it, taken apart without the code under test."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        yield from map(json.loads, text.splitlines())
    elif path.name == "pudong-warnings.json":
        yield from json.loads(text)
    else:
        for code, some in json.loads(text)["warnings"].items():
            yield from ({"adcode": code, **one} for one in some)


def test_every_public_document_stands_in_a_table() -> None:
    assert {path.name for path in public()} <= ALERTS.keys() | FOREIGN.keys() | REFUSED.keys() | LISTINGS.keys()


def test_chinese_alerts() -> None:
    for path in public():
        for alert, expected in zip(alerts(path), ALERTS[path.name], strict=True) if path.name in ALERTS else ():
            check_alert(alert, expected)


def test_foreign_alerts_have_no_level_and_go_to_a_human() -> None:
    for path in public():
        if path.name in FOREIGN:
            [alert] = alerts(path)
            info, expires = alert.info, alert.info.expires
            areas = sum(len(each.areas) for each in alert.infos)
            until = None if expires is None else beijing(expires)
            assert Foreign(alert.msg_type, beijing(alert.sent), until, areas, alert.status) == FOREIGN[path.name]
            assert (info.hazard, info.level) == (None, None)
            assert not [code for each in alert.infos for area in each.areas for code in area.geocodes]
            assert any("不是中国气象部门" in doubt for doubt in alert.doubts)


def test_what_is_refused_is_refused_in_one_sentence() -> None:
    for path in public():
        if path.name in REFUSED:
            with pytest.raises(Refusal) as refusal:
                read(path.read_bytes())
            assert str(refusal.value) == REFUSED[path.name]


def test_every_record_of_the_long_lists() -> None:
    for path in public():
        if path.name in LISTINGS:
            names = PAGE if path.name == "pudong-warnings.json" else SNAPSHOT
            found = alerts(path)
            assert Counter(alert.info.level for alert in found) == LISTINGS[path.name]
            for record, alert in zip(records(path), found, strict=True):
                check_record(record, alert, names)


def check_record(record: dict[str, Any], alert: Alert, names: dict[str, str]) -> None:
    [area] = alert.info.areas
    codes = (Geocode(CodeSystem.GB2260, record[names["code"]]),) if names["code"] else ()
    assert (area.desc, area.geocodes) == (record[names["name"]], codes)
    assert (alert.info.hazard, alert.info.level) == (TYPES[record[names["type"]]], COLOURS[record[names["color"]]])
    assert (alert.sent, alert.info.expires) == (at(record[names["issued"]]), at(record.get("expires")))
    assert (alert.msg_type, alert.references) == (MsgType.UNKNOWN, ())
    assert bool(alert.doubts) == (not codes or alert.info.hazard is None or alert.info.level is None)


def test_derived_keys_are_different_within_a_list() -> None:
    for path in public():
        if path.name in LISTINGS:
            keys = [alert.identifier for alert in alerts(path)]
            assert len(set(keys)) == len(keys)


def test_the_page_shows_the_outcomes() -> None:
    """To mend it: python -m tests.write_formats"""
    if public():
        assert shown(DOCUMENT.read_text(encoding="utf-8")) == outcomes(public())
