"""Parts of an SMS, at every edge where one more character costs one more part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.render.sms import parts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 1),
        ("预" * 70, 1),
        ("预" * 71, 2),
        ("预" * 134, 2),
        ("预" * 135, 3),
        ("a" * 70, 1),
        ("a" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("预" * 66 + "😀" * 2 + "预" * 64, 3),
        ("预" * 65 + "😀" * 2 + "预" * 65, 2),
    ],
)
def test_chinese_rule(text: str, expected: int) -> None:
    assert parts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("a" * 151 + "€" + "a" * 153, 2),
        ("a" * 71 + "预", 2),
        ("ç" * 71, 2),
    ],
)
def test_gsm_rule(text: str, expected: int) -> None:
    assert parts(text, chinese=False) == expected


@given(st.text(max_size=400), st.characters(), st.booleans())
def test_a_longer_text_never_costs_less(text: str, more: str, chinese: bool) -> None:
    assert 1 <= parts(text, chinese) <= parts(text + more, chinese)


@given(st.text(max_size=400), st.booleans())
def test_the_chinese_rule_is_the_dearer_one(text: str, chinese: bool) -> None:
    assert parts(text, chinese) <= parts(text)
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    assert parts(text) >= -(-units // 70)
