"""Many seeds of one setting, in as many processes as asked; the order of the results is the order of the seeds."""

from collections.abc import Sequence
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from callout.domain.errors import CalloutError
from callout.rehearsal.observing import Facts
from callout.rehearsal.play import Stage
from callout.rehearsal.setting import Setting
from callout.scheduler import collect_rarely


class Company:
    """A stage that is prepared once: this process plays a share of the seeds, and its forks play the others.

    It plays settings with the same rules, roster and storm.
    """

    def __init__(self, setting: Setting, processes: int) -> None:
        self._stage = Stage(setting)
        self._processes = processes

    def play(self, setting: Setting, seeds: Sequence[int]) -> list[Facts]:
        """One rehearsal for each seed. Raises what a rehearsal raises; a process that dies raises CalloutError."""
        if self._processes > 1:
            collect_rarely()
        shares = [seeds[at :: self._processes] for at in range(max(1, min(self._processes, len(seeds))))]
        forks = [_fork(self._stage, setting, share) for share in shares[1:]]
        found = {seed: self._stage.play(seed, setting) for seed in shares[0]}
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


def _fork(stage: Stage, setting: Setting, seeds: Sequence[int]) -> tuple[BaseProcess, Connection]:
    """A process that plays these seeds, and where it answers."""
    fork = get_context("fork")  # a stage is inherited, never pickled
    ours, theirs = fork.Pipe(duplex=False)
    worker = fork.Process(target=_work, args=(stage, setting, seeds, theirs), daemon=True)
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


def _work(stage: Stage, setting: Setting, seeds: Sequence[int], answer: Connection) -> None:
    try:
        answer.send({seed: stage.play(seed, setting) for seed in seeds})
    except Exception as error:  # the parent raises it
        answer.send(error)
    answer.close()
