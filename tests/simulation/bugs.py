"""Bugs planted one at a time in a copy of the code: a simulation that cannot fail proves nothing.

python -m tests.simulation.bugs    plants each, plays seeds until one finds it, prints the table of docs/drills.md
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SEEDS = 60


@dataclass(frozen=True, slots=True)
class Bug:
    """One change to one file; `old` must stand there exactly once."""

    file: str
    old: str
    new: str
    first: int = 0
    """The seed to begin with."""


BUGS: Mapping[str, Bug] = {
    "answer not checked before submit": Bug(
        "store/sending_sql.py",
        "        _SPEAKS,\n        _C.c.attempt == _T.c.id,\n",
        "",
        first=1000,
    ),
    "expiry not checked before submit": Bug(
        "store/sending_sql.py", "        or_(_C.c.expires_at.is_(None), _C.c.expires_at > _NOW),\n", ""
    ),
    "an old look at the record is believed": Bug(
        "pipeline/send/__init__.py", "FRESH: Millis = SECOND", "FRESH: Millis = 10**9"
    ),
    "lost claim: nobody comes back to it": Bug(
        "store/sending.py", '            "next_at": later(at, one.wait),\n', '            "next_at": None,\n'
    ),
    "swapped commit: bytes first": Bug(
        "pipeline/send/__init__.py",
        "        going, terms = s.store.write(lambda work: self._submitting(work, held))\n"
        "        for one, way in held:\n",
        "        for one, way in held:\n"
        "            leaving = replace(one, attempt=one.attempt.submitted())\n"
        "            task = asyncio.ensure_future(self._submit(leaving, way, Look(looked, None)))\n"
        "            self._under_way[task] = (leaving, way, s.clock.now())\n"
        "        going, terms = s.store.write(lambda work: self._submitting(work, held))\n"
        "        for one, way in ():\n",
    ),
    "lease ignored: live claims are taken over": Bug(
        "store/sending_sql.py", "schema.attempt_open, _T.c.lease <= _NOW)", "schema.attempt_open)"
    ),
    "dead claims are not taken over": Bug(
        "pipeline/send/claiming.py",
        "    taken_over, lost = work.sends.reclaim(work.at, by.owner)",
        "    taken_over, lost = [], []",
    ),
    "a dead submit is sent again": Bug(
        "store/sending.py",
        "claimed = [r for r in dead if r.state == AttemptState.CLAIMED]",
        "claimed = [r._replace(state='claimed') for r in dead]",
    ),
    "UNKNOWN counts as sent": Bug(
        "pipeline/send/recording.py",
        "Outcome.UNKNOWN: AttemptEvent.DOUBTFUL",
        "Outcome.UNKNOWN: AttemptEvent.ACCEPTED",
    ),
    "HumanCall forgotten at the end of a ladder": Bug(
        "store/steps.py", "            if c.key.round == 0 and tuple(c.key) in written:", "            if False:"
    ),
    "missing guard: a stale worker writes over what is newer": Bug(
        "store/transaction.py", 'table.c.rev == v["seen"], guard)', "guard)"
    ),
    "callbacks are told apart by their arrival": Bug(
        "store/inbox.py",
        "return InboundRow(event.event, ",
        'return InboundRow(f"{event.event}@{event.at}", ',
    ),
    "messages are put in order by their arrival": Bug(
        "domain/episode.py",
        "return sorted(said, key=lambda one: one.order)",
        "return sorted(said, key=lambda one: one.alert)",
    ),
    "chunk marked before it is opened": Bug(
        "pipeline/plan.py",
        "    return work.plans.take_chunk(job, last)\n",
        "    return work.plans.take_chunk(job, last - 3)\n",
    ),
    "an answer that comes late changes nothing": Bug(
        "domain/hearing.py",
        "OPEN = (CalloutState.TO_CALL, CalloutState.WAITING, CalloutState.EXHAUSTED, CalloutState.EXPIRED_UNANSWERED)",
        "OPEN = (CalloutState.TO_CALL, CalloutState.WAITING)",
    ),
    "expiry forgets the human": Bug(
        "store/humans.py", "HumanCallKind.EXPIRED) for r in left]", "HumanCallKind.EXPIRED) for r in left[:0]]"
    ),
}


def plant(bug: Bug, folder: Path) -> None:
    """A checkout in `folder` whose engine has the bug."""
    shutil.copytree(ROOT / "callout", folder / "callout", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("tests", "rules", "templates", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    path = folder / "callout" / bug.file
    text = path.read_text(encoding="utf-8")
    if text.count(bug.old) != 1:
        raise AssertionError(f"{bug.file} holds {text.count(bug.old)} times: {bug.old}")
    path.write_text(text.replace(bug.old, bug.new), encoding="utf-8")


def hunt(bug: Bug, folder: Path) -> str:
    """What the simulation says about the bug; empty when it does not find it."""
    plant(bug, folder)
    seeds = ["--seeds", str(SEEDS), "--from", str(bug.first), "--to-the-first"]
    outside = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation", *seeds],
        cwd=folder,
        env=outside,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1) or not done.stdout:
        return f"crashed: {done.stderr.strip().splitlines()[-1]}"
    found = [line for line in done.stdout.splitlines() if line.startswith("seed ")]
    return found[0] if found else ""


def main() -> int:
    """Hunt every bug, or those whose names hold the words given."""
    missed = 0
    for name, bug in BUGS.items():
        if sys.argv[1:] and not any(word in name for word in sys.argv[1:]):
            continue
        with tempfile.TemporaryDirectory(prefix="bug-") as folder:
            found = hunt(bug, Path(folder))
        missed += not found
        print(f"| {name} | {found or 'NOT FOUND'} |", flush=True)  # noqa: T201 - this is its purpose
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
