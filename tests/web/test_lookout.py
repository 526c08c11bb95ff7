"""However many browsers watch, one look is taken for all of them, and what looks the same is drawn once."""

import asyncio
import threading

from callout.web.lookout import Lookout


class Record:
    """What is looked at, in threads."""

    def __init__(self) -> None:
        self.newest, self.looks, self.drawings = 1, 0, 0
        self._one = threading.Lock()

    def mark(self) -> int:
        with self._one:
            self.looks += 1
            return self.newest

    def draw(self) -> str:
        with self._one:
            self.drawings += 1
            return f"board {self.newest}"


async def _browser(eye: Lookout[int, str], record: Record, kind: str, known: int | None) -> tuple[int, str]:
    """What one browser is shown next."""
    mark = known
    while mark == known:
        mark = await eye.after(known)
    return mark or 0, await eye.drawn(mark or 0, kind, record.draw)


def test_a_hundred_browsers_cost_one_look_and_a_drawing_for_each_kind() -> None:
    record, kinds = Record(), ("zh", "en") * 50

    async def story() -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
        eye = Lookout[int, str](record.mark)
        async with asyncio.timeout(60):
            first = await asyncio.gather(*(_browser(eye, record, kind, None) for kind in kinds))
            record.newest = 2
            return first, await asyncio.gather(*(_browser(eye, record, kind, 1) for kind in kinds))

    assert asyncio.run(story()) == ([(1, "board 1")] * 100, [(2, "board 2")] * 100)
    assert record.drawings == 4
    assert record.looks < 110


def test_a_drawing_that_fails_fails_for_its_kind_until_the_next_change() -> None:
    record = Record()

    def fail() -> str:
        raise ValueError("示例")

    async def story() -> tuple[list[BaseException | str], str]:
        eye = Lookout[int, str](record.mark)
        both = await asyncio.gather(*(eye.drawn(1, "zh", fail) for _ in range(2)), return_exceptions=True)
        return both, await eye.drawn(2, "zh", record.draw)

    both, later = asyncio.run(story())
    assert [type(one) for one in both] == [ValueError, ValueError]
    assert later == "board 1"
