"""Many seeds of one setting, in as many processes as asked; the order of the results is the order of the seeds."""

from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from callout.domain.errors import CalloutError
from callout.rehearsal.observing import Facts
from callout.rehearsal.play import Stage
from callout.rehearsal.setting import Setting
from callout.scheduler import collect_rarely

_FORK = get_context("fork")
"""A stage is inherited, never pickled."""


class Company:
    """A stage that is prepared once: this process and its forks each play the next seed that nobody has begun.

    It plays settings with the same rules, roster and storm.
    """

    def __init__(self, setting: Setting, processes: int) -> None:
        self._stage = Stage(setting)
        self._processes = processes

    def play(self, setting: Setting, seeds: Sequence[int]) -> list[Facts]:
        """One rehearsal for each seed. Raises what a rehearsal raises; a process that dies raises CalloutError."""
        if self._processes > 1:
            collect_rarely()
        share = partial(_share, self._stage, setting, seeds, _FORK.Value("q", 0))
        forks = [_fork(share) for _ in range(min(self._processes, len(seeds)) - 1)]
        found = share()
        for worker, answers in forks:
            found |= _answer(answers)
            worker.join()
        return [found[seed] for seed in seeds]

    def close(self) -> None:
        """Forget it."""
        self._stage.close()


def play_all(setting: Setting, seeds: Sequence[int], processes: int = 1) -> list[Facts]:
    """One rehearsal for each seed, as a Company plays them that is then dismissed."""
    with closing(Company(setting, processes)) as company:
        return company.play(setting, seeds)


def _share(stage: Stage, setting: Setting, seeds: Sequence[int], begun: Any) -> dict[int, Facts]:
    """What this process played; `begun` counts the seeds that any process has begun."""
    found = dict[int, Facts]()
    while (at := _next(begun)) < len(seeds):
        found[seeds[at]] = stage.play(seeds[at], setting)
    return found


def _next(begun: Any) -> int:
    with begun:
        begun.value += 1
        return int(begun.value) - 1


def _fork(share: Callable[[], dict[int, Facts]]) -> tuple[BaseProcess, Connection]:
    """A process that plays its share, and where it answers."""
    ours, theirs = _FORK.Pipe(duplex=False)
    worker = _FORK.Process(target=_work, args=(share, theirs), daemon=True)
    worker.start()
    theirs.close()
    return worker, ours


def _answer(answers: Connection) -> dict[int, Facts]:
    try:
        result = answers.recv()
    except EOFError:
        raise CalloutError("一个推演进程意外结束了；请减少 --processes 或检查内存后重来") from None
    if isinstance(result, Exception):
        raise result
    return dict(result)


def _work(share: Callable[[], dict[int, Facts]], answer: Connection) -> None:
    try:
        answer.send(share())
    except Exception as error:  # the parent raises it
        answer.send(error)
    answer.close()
