"""静默测试 beside the engine: begins today's test of some numbers."""

from dataclasses import dataclass

from callout.app import App
from callout.cli.roster_confirm import titles_of
from callout.cli.roster_import import in_force
from callout.domain.instant import Instant
from callout.domain.number_test import due_today, pace, portion
from callout.domain.roster_round import times, whom
from callout.store.store import Work
from callout.store.transaction import ENGINE


@dataclass(frozen=True, slots=True)
class NumberTest:
    """The tests of this engine's county. Where several engines run, whoever is first begins."""

    app: App

    async def run_once(self) -> int:
        """Begin today's test where it is due and no warning runs; returns how many are asked."""
        return self.app.store.write(self._begin)

    def _begin(self, work: Work) -> int:
        settings = self.app.settings
        county, days = settings.county, settings.number_test_days
        tests = work.confirmations.rounds(county, tested=True)
        if not due_today(work.at, Instant(tests[0]) if tests else None) or work.confirmations.warned(county):
            return 0
        _, roster = in_force(work, county)
        titles = titles_of(roster)
        numbers, _ = whom(titles, work.confirmations.lines(county, roster.version))
        chosen = portion(numbers, work.confirmations.last_asked(county), work.at, days)
        when = times(work.at, len(chosen), pace(len(chosen)))
        asked = [(one, numbers[one], at, titles[one]) for one, at in zip(chosen, when, strict=True)]
        if asked:
            work.confirmations.start(county, asked, ENGINE, tested=True)
        return len(asked)
