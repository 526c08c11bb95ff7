"""The newest seal by e-mail, on a schedule: a copy in a mailbox that whoever can write our database cannot reach."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from callout.domain.instant import DAY, MINUTE, NEVER_YET, Instant, Millis, beijing, later
from callout.ports import Clock, Outcome
from callout.ports.copies import CopyWay, Leaflet
from callout.reports.checkpoints import HeldSeal, read_checkpoints

_AGAIN: Millis = 15 * MINUTE
"""After a mail server that did not take it."""

Told = Callable[[HeldSeal], None]


@dataclass(slots=True)
class CheckpointMail:
    """Sends what stands in the file of checkpoints; what was sent last is kept beside it."""

    checkpoints: Path
    way: CopyWay
    every: Millis
    clock: Clock
    templates: Path
    told: Told
    """Puts on record that it went."""
    _rests_until: Instant = field(default=NEVER_YET)

    async def run_once(self) -> bool:
        """Send the newest seal where it is time, and there is a newer one than was sent last. Whether it went."""
        now = self.clock.now()
        sent_at, sent = self._last()
        if now < self._rests_until or now < later(sent_at, self.every):
            return False
        held = max(read_checkpoints(self.checkpoints), key=lambda one: one.seq, default=None)
        if held is None or held.seq <= sent:
            return False
        done = await self.way.submit(self._leaflet(held, now))
        if done.outcome is not Outcome.ACCEPTED:
            self._rests_until = later(now, _AGAIN)
            return False
        self._keep(now, held.seq)
        self.told(held)
        return True

    def _leaflet(self, held: HeldSeal, now: Instant) -> Leaflet:
        environment = Environment(loader=FileSystemLoader(self.templates / "reports"), undefined=StrictUndefined,
                                  autoescape=False, trim_blocks=True, lstrip_blocks=True)  # noqa: S701  # plain text  # fmt: skip
        text = environment.get_template("checkpoint.txt.j2").render(
            held=held, at=beijing(held.at), document=json.dumps(held.document())
        )
        title, _, body = text.partition("\n")
        return Leaflet(f"checkpoint-{held.seq}-{held.hash[:16]}", title, body.lstrip("\n"), "", later(now, DAY), now)

    @property
    def _beside(self) -> Path:
        return self.checkpoints.with_name(self.checkpoints.name + ".mailed")

    def _last(self) -> tuple[Instant, int]:
        try:
            at, seq = json.loads(self._beside.read_text(encoding="ascii"))
            return Instant(int(at)), int(seq)
        except (OSError, ValueError, TypeError):
            return Instant(0), 0

    def _keep(self, at: Instant, seq: int) -> None:
        part = self._beside.with_name(self._beside.name + ".part")
        with part.open("w", encoding="ascii") as file:
            json.dump([at, seq], file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._beside)
