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


async def _browser(eye: Lookout[int, str], record: Record, kind: str) -> list[str]:
    """What one browser is shown: first what is, then the next change."""
    seen = list[str]()
    mark: int | None = None
    while len(seen) < 2:
        mark = await eye.after(mark)
        drawn = await eye.drawn(mark, kind, record.draw)
        if drawn not in seen:
            seen.append(drawn)
        record.newest = 2
    return seen


def test_a_hundred_browsers_cost_one_look_and_a_drawing_for_each_kind() -> None:
    record = Record()

    async def all_of_them() -> list[list[str]]:
        eye = Lookout[int, str](record.mark)
        await eye.after(None)
        async with asyncio.timeout(60):
            return await asyncio.gather(*(_browser(eye, record, "zh" if n % 2 else "en") for n in range(100)))

    assert asyncio.run(all_of_them()) == [["board 1", "board 2"]] * 100
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
