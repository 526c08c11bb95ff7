"""Whatever a program sends, within the description of the interface or outside it, is answered and never with a 500."""

import warnings
from collections import Counter
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok

from callout.domain.level import Level
from callout.domain.user import Right
from callout.web import staff
from tests.web.room import HERE, Room


def often(tries: int) -> settings:
    """So many requests of each operation and mode, the same in every run."""
    return settings(
        max_examples=tries,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("tries", [3, pytest.param(40, marks=pytest.mark.long)])
def test_no_request_is_answered_with_a_500(room: Room, tries: int) -> None:
    room.field.alert(Level.RED)
    room.field.wait(900)
    key = staff.make_key(room.field.app.store, staff.NewKey("示例程序", frozenset(Right), HERE, 30), "示例·测试")
    browser = room.browser()
    described = browser.client.get("/api/v1/openapi.json").json()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema = schemathesis.openapi.from_dict(described)
        operations = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    seen: Counter[tuple[str, int]] = Counter()

    def send(case: Case[Any]) -> None:
        asked = case.as_transport_kwargs(base_url="http://duty.example")
        asked["headers"] = dict(asked["headers"]) | {"Authorization": f"Bearer {key}"}
        if isinstance(asked.get("data"), str | bytes):
            asked["content"] = asked.pop("data")
        answer = browser.client.request(**{k: v for k, v in asked.items() if k in KNOWN})
        seen[f"{case.method} {case.path}", answer.status_code] += 1
        assert answer.status_code < 500, (case.method, case.path, asked)
        assert answer.status_code < 400 or answer.headers["content-type"] == "application/problem+json"

    for one in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            often(tries)(given(case=one.as_strategy(generation_mode=mode))(send))()
    assert room.faults == []
    assert len({name for name, _ in seen}) == len(operations) > 14
    assert any(status == 200 for _, status in seen)


KNOWN = ("method", "url", "headers", "params", "content", "data", "json", "files")
