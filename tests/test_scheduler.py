"""The metronome: a job that fails is told of, without what its data said, and beats again."""

import asyncio
import logging

import pytest

from callout.pipeline.attend import close
from callout.scheduler import Job, Metronome, place


async def beating(job: Job, until: asyncio.Event) -> None:
    metronome = Metronome([job])
    metronome.start()
    try:
        async with asyncio.timeout(60):
            await until.wait()
    finally:
        await metronome.stop(patience=60)


def test_a_failing_job_is_logged_without_its_words_and_beats_again(caplog: pytest.LogCaptureFixture) -> None:
    done, beats = asyncio.Event(), 0

    async def fails_at_first() -> None:
        nonlocal beats
        beats += 1
        if beats <= 3:
            raise ValueError("示例人员 secret")
        done.set()

    with caplog.at_level(logging.WARNING, "callout"):
        asyncio.run(beating(Job("beat", 5, fails_at_first), done))
    said = [record.getMessage() for record in caplog.records]
    assert [line.split()[0] for line in said] == ["故障", "故障", "恢复"]
    assert "任务=beat 错误=ValueError" in said[0]
    assert "连续失败=2" in said[1]
    assert "此前连续失败=3" in said[2]
    assert not [line for line in said if "示例人员" in line]


def test_one_job_never_runs_twice_at_once_and_stopping_waits_for_it() -> None:
    now, most, ended, begun = 0, 0, 0, asyncio.Event()

    async def slow() -> None:
        nonlocal now, most, ended
        now += 1
        most = max(most, now)
        begun.set()
        await asyncio.sleep(0.05)
        now, ended = now - 1, ended + 1

    asyncio.run(beating(Job("slow", 5, slow), begun))
    assert (now, most) == (0, 1)
    assert ended >= 1


def test_stopping_does_not_wait_for_ever() -> None:
    begun = asyncio.Event()

    async def hangs() -> None:
        begun.set()
        await asyncio.Event().wait()

    async def story() -> None:
        metronome = Metronome([Job("hangs", 5, hangs)])
        metronome.start()
        await asyncio.wait_for(begun.wait(), 60)
        await asyncio.wait_for(metronome.stop(patience=0.01), 60)

    asyncio.run(story())


def test_a_job_is_woken_before_its_time_and_once_more_where_it_ran_already() -> None:
    ran: list[int] = []

    async def story() -> None:
        first, last, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def run() -> None:
            ran.append(len(ran))
            (first, last)[min(len(ran), 2) - 1].set()
            await go_on.wait()

        metronome = Metronome([Job("rare", 3_600_000, run)])
        metronome.wake("rare")  # not yet: it does not beat
        metronome.start()
        async with asyncio.timeout(60):
            await asyncio.to_thread(metronome.wake, "rare")
            await first.wait()
            await asyncio.to_thread(metronome.wake, "rare")
            metronome.wake("rare")
            go_on.set()
            await last.wait()
        await metronome.stop(patience=60)
        metronome.wake("rare")  # no more: it has ended

    asyncio.run(story())
    assert ran == [0, 1]


def test_place_names_our_own_line_only() -> None:
    with pytest.raises(AttributeError) as ours:
        close(object(), ("500156", 1, 2, "asked", ""), "示例", "办了")  # type: ignore[arg-type]
    assert place(ours.value).startswith("pipeline/attend.py:")
    assert place(ValueError()) == "?"
