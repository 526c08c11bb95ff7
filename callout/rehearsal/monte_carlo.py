"""Many seeds of one setting, in as many processes as asked; the order of the results is the order of the seeds."""

from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from callout.domain.errors import CalloutError
from callout.rehearsal.observing import Facts
from callout.rehearsal.play import Stage
from callout.rehearsal.setting import Setting
from callout.scheduler import collect_rarely


def play_all(setting: Setting, seeds: Sequence[int], processes: int = 1) -> list[Facts]:
    """One rehearsal for each seed. Raises what a rehearsal raises; a process that dies raises CalloutError."""
    if processes <= 1 or len(seeds) <= 1:
        return _alone(setting, seeds)
    fork = get_context("fork")  # a setting is inherited, never pickled
    shares = [list(seeds[at::processes]) for at in range(min(processes, len(seeds)))]
    workers: list[tuple[Any, Connection]] = []
    for share in shares:
        ours, theirs = fork.Pipe(duplex=False)
        worker = fork.Process(target=_work, args=(setting, share, theirs), daemon=True)
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


def _alone(setting: Setting, seeds: Sequence[int]) -> list[Facts]:
    stage = Stage(setting)
    try:
        return [stage.play(seed) for seed in seeds]
    finally:
        stage.close()


def _work(setting: Setting, seeds: Sequence[int], answer: Connection) -> None:
    collect_rarely()
    try:
        answer.send(_alone(setting, seeds))
    except Exception as error:  # the parent raises it
        answer.send(error)
    answer.close()
