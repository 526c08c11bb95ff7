"""How often somebody may try to sign in, and with what."""

import pytest

from callout.domain.instant import SECOND, Instant, later
from callout.domain.sign_in import (
    FOR_NAME,
    FROM_ADDRESS,
    FROM_HERE,
    LONGEST,
    WINDOW,
    Try,
    wait_until,
    weakness,
)

NOW = Instant(1_800_000_000_000)


def failures(many: int, login: str = "zhiban", address: str = "a", ago: int = SECOND) -> list[Try]:
    return [Try(later(NOW, -ago - i), login, address, opened=False) for i in range(many)]


def test_one_less_than_too_many_need_not_wait() -> None:
    assert wait_until(failures(FROM_HERE - 1), "zhiban", "a", NOW) is None
    assert wait_until(failures(FROM_ADDRESS - 1, "x"), "zhiban", "a", NOW) is None
    assert wait_until(failures(FOR_NAME - 1, address="x"), "zhiban", "a", NOW) is None


@pytest.mark.parametrize("tries", [failures(FROM_HERE), failures(FROM_ADDRESS, "x"), failures(FOR_NAME, address="x")])
def test_too_many_wait_until_the_oldest_that_counts_is_past(tries: list[Try]) -> None:
    until = wait_until(tries, "zhiban", "a", NOW)
    assert until == later(min(one.at for one in tries), WINDOW)
    assert wait_until(tries, "zhiban", "a", until) is None


def test_failures_elsewhere_do_not_hold_up_an_address_that_is_known() -> None:
    known = Try(later(NOW, -WINDOW * 10), "zhiban", "a", opened=True)
    assert wait_until([known, *failures(FOR_NAME, address="x")], "zhiban", "a", NOW) is None
    assert wait_until([known, *failures(FROM_HERE)], "zhiban", "a", NOW)


def test_names_that_nobody_has_are_counted_by_address_only() -> None:
    assert wait_until(failures(FOR_NAME, "", "x"), "", "a", NOW) is None
    assert wait_until(failures(FROM_ADDRESS, "", "a"), "", "a", NOW)


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("too short", "至少"),
        ("x" * (LONGEST + 1), "最多"),
        ("Zhiban zhiban", "登录名"),
        ("1212121212", "不同的字符太少"),
        ("晴雨表晴雨表晴雨表晴雨", "不同的字符太少"),
        ("correct horse battery", ""),
    ],
)
def test_what_will_not_do_as_a_password(password: str, said: str) -> None:
    found = weakness(password, "zhiban")
    assert said in found
    assert bool(found) is bool(said)
