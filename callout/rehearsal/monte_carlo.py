"""Many seeds of one setting, in as many processes as asked; the order of the results is the order of the seeds."""

from collections.abc import Sequence
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from callout.domain.errors import CalloutError
from callout.rehearsal.observing import Facts
from callout.rehearsal.play import Stage
from callout.rehearsal.setting import Setting
from callout.scheduler import collect_rarely


class Company:
    """A stage that is prepared once and handed on to every process by its fork, with all that has been compiled on it.

    It plays settings with the same rules, roster and storm.
    """

    def __init__(self, setting: Setting, processes: int) -> None:
        self._stage = Stage(setting)
        self._processes = processes
        self._fresh = True
        """Nothing has been played: a fork would compile everything by itself."""

    def play(self, setting: Setting, seeds: Sequence[int]) -> list[Facts]:
        """One rehearsal for each seed. Raises what a rehearsal raises; a process that dies raises CalloutError."""
        first = seeds[: len(seeds) if self._processes <= 1 else int(self._fresh)]
        found, self._fresh = [self._stage.play(seed, setting) for seed in first], False
        return found + _forked(self._stage, setting, seeds[len(first) :], self._processes)

    def close(self) -> None:
        """Forget it."""
        self._stage.close()


def play_all(setting: Setting, seeds: Sequence[int], processes: int = 1) -> list[Facts]:
    """One rehearsal for each seed, as a Company plays them that is then dismissed."""
    with closing(Company(setting, processes)) as company:
        return company.play(setting, seeds)


def _forked(stage: Stage, setting: Setting, seeds: Sequence[int], processes: int) -> list[Facts]:
    fork = get_context("fork")  # a stage is inherited, never pickled
    shares = [list(seeds[at::processes]) for at in range(min(processes, len(seeds)))]
    workers: list[tuple[Any, Connection]] = []
    for share in shares:
        ours, theirs = fork.Pipe(duplex=False)
        worker = fork.Process(target=_work, args=(stage, setting, share, theirs), daemon=True)
        worker.start()
        theirs.close()
        workers.append((worker, ours))
    found: dict[int, Facts] = {}
    for worker, ours in workers:
        try:
            result = ours.recv()
        except EOFError:
            raise CalloutError("一个推演进程意外结束了；请减少 --processes 或检查内存后重来") from None
        worker.join()
        if isinstance(result, Exception):
            raise result
        found |= {facts["seed"]: facts for facts in result}
    return [found[seed] for seed in seeds]


def _work(stage: Stage, setting: Setting, seeds: Sequence[int], answer: Connection) -> None:
    collect_rarely()
    try:
        answer.send([stage.play(seed, setting) for seed in seeds])
    except Exception as error:  # the parent raises it
        answer.send(error)
    answer.close()
