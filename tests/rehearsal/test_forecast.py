"""How long a search says that it will still take: from its own rehearsals, and corrected after each."""

from callout.rehearsal.worst.forecast import Forecast


class Watch:
    """A clock that a story moves on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def told(lengths: list[float], planned: int) -> tuple[Forecast, list[str]]:
    watch = Watch()
    forecast, said = Forecast(watch, planned), list[str]()
    for seconds in lengths:
        watch.now += 7  # what lies between two rehearsals
        forecast.begin()
        watch.now += seconds
        said.append(forecast.done())
    return forecast, said


def test_the_rest_is_told_from_what_the_rehearsals_of_this_run_took() -> None:
    _, said = told([2.0, 2.0, 2.0], 3)
    assert said == [
        "用了 2.0 秒，这一段照此至多还要 4 秒",
        "用了 2.0 秒，这一段照此至多还要 2 秒",
        "用了 2.0 秒",
    ]


def test_a_machine_that_grows_slow_is_seen_after_three_rehearsals_and_one_that_grows_fast_is_not_believed() -> None:
    slower, said = told([1.0] * 9 + [10.0] * 3, 20)
    assert said[-1] == "用了 10.0 秒，这一段照此至多还要 80 秒"
    assert slower.of(3) == 30.0
    faster, _ = told([10.0] * 9 + [1.0] * 3, 20)
    assert faster.of(4) == 31.0


def test_before_the_first_rehearsal_nothing_is_foretold() -> None:
    assert Forecast(Watch(), 5).of(5) == 0.0
