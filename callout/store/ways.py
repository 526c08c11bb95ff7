"""Attempts on their way between providers: put back, counted per number, in doubt; and what refusals prove."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from callout.domain.attempt import TABLE as ATTEMPTS
from callout.domain.attempt import Attempt, AttemptEvent, AttemptState, ReceiptKind, recordable
from callout.domain.callout import CalloutKey
from callout.domain.drill import is_drill
from callout.domain.instant import Instant
from callout.domain.ladder import ChannelKind
from callout.domain.machine import follow
from callout.domain.moves import SpokenTo
from callout.ports import Doubtful
from callout.ports.rows import Keys
from callout.store import schema
from callout.store.batch import packed
from callout.store.notices import say_again
from callout.store.prepared import fetch
from callout.store.sending_sql import SELECT_DOUBTFUL, select_filtered, select_recent, select_said, select_submitting
from callout.store.steps import StepRows
from callout.store.transaction import Change, Event, Note, changed


class WayRows(StepRows):
    """Reads and writes of attempts that no provider has taken, or that nobody can vouch for."""

    def _touched(self, attempts: Iterable[Attempt]) -> list[Attempt]:
        """Those of them that are still being submitted, though something was noted about them meanwhile: an answer."""
        wanted = {(a.county, a.id): a for a in attempts if a.state is AttemptState.SUBMITTING}
        if not wanted:
            return []
        rows = fetch(self._db, select_submitting(self._ledger.dialect), packed(wanted))
        return [replace(wanted[r.county, r.id], rev=r.rev) for r in rows]

    def pass_on(self, some: Sequence[tuple[Attempt, Instant, str]]) -> None:
        """Put attempts back that no provider has taken, each until it is handed over again, and why."""
        done = self._pass_on(some)
        missed = {(a.county, a.id): (until, why) for a, until, why in some if (a.county, a.id) not in done}
        touched = self._touched(a for a, _, _ in some if (a.county, a.id) in missed)
        self._pass_on([(a, *missed[a.county, a.id]) for a in touched])

    def _pass_on(self, some: Sequence[tuple[Attempt, Instant, str]]) -> Keys:
        event = AttemptEvent.PASSED_ON
        changes = [
            Change(
                (a.county, a.id),
                a.rev,
                a.state,
                {"state": follow(ATTEMPTS, a.state, event), "lease": until, "reason": recordable(why)},
                Note(detail=json.dumps([a.provider, "", recordable(why)], ensure_ascii=False)),
                {"alert": a.alert},
            )
            for a, until, why in some
        ]
        return self._ledger.record(schema.attempt, changes, Event(event))

    def say_again(self, attempts: Sequence[str], *, doubt: bool, texts: bool = True) -> None:
        """Those of the attempts that carried a notice: it is said once more, another way where there is one.

        `doubt`: nobody can vouch for it; otherwise it provably did not arrive. `texts`: the words may be texted again.
        """
        say_again(self._ledger, attempts, doubt=doubt, texts=texts)

    def filtered(self, texts: Sequence[tuple[int, int]]) -> Mapping[tuple[int, int], frozenset[str]]:
        """Per (number, alert) the providers where these words to this number were filtered."""
        if not texts:
            return {}
        found = defaultdict[tuple[int, int], set[str]](set)
        numbers = packed({(number,) for number, _ in texts})
        for row in fetch(self._db, select_filtered(self._ledger.dialect), numbers):
            found[row.number, row.alert].add(row.provider)
        return {key: frozenset(names) for key, names in found.items()}

    def said(self, keys: Sequence[CalloutKey]) -> Mapping[CalloutKey, frozenset[SpokenTo]]:
        """Per callout the numbers that it has spoken to, and how: what provably never left does not count."""
        found = defaultdict[CalloutKey, set[SpokenTo]](set)
        if keys:
            for r in fetch(self._db, select_said(self._ledger.dialect), packed(set(keys))):
                found[CalloutKey(r.county, r.alert, r.post, r.round)].add((r.number, ChannelKind(r.channel)))
        return {key: frozenset(all_said) for key, all_said in found.items()}

    def recent(self, numbers: Sequence[int], since: Instant) -> list[tuple[int, ChannelKind, str, Instant, bool]]:
        """(number, kind, provider, when, for a drill) of what was handed over to these numbers since then."""
        if not numbers:
            return []
        values = packed((n,) for n in dict.fromkeys(numbers)) | {"since": since}
        rows = fetch(self._db, select_recent(self._ledger.dialect), values)
        return [(r.number, ChannelKind(r.channel), r.provider, Instant(r.claimed_at), is_drill(r.county)) for r in rows]

    def doubtful(self, since: Instant, providers: Sequence[str], limit: int) -> list[Doubtful]:
        """The newest attempts that these providers may have taken."""
        values = {"since": since, "providers": list(providers), "limit": limit}
        rows = fetch(self._db, SELECT_DOUBTFUL, values)
        return [Doubtful(r.id, r.e164, r.provider, Instant(r.submitted_at)) for r in rows]

    def keep_filtered(self, attempts: Sequence[Attempt]) -> None:
        """Keep that these were refused for their words, as a receipt would have told it: see `filtered`."""
        t = schema.attempt
        keys = {(a.county, a.id) for a in attempts}
        if keys:
            word = changed(t, receipt=ReceiptKind.FILTERED.value, receipt_at=self._ledger.at)
            mine = t.c.county.in_({county for county, _ in keys}), t.c.id.in_({ident for _, ident in keys})
            self._ledger.record_set(word.where(*mine, t.c.receipt == ""), Event("receipt"))

    def mark(self, what: str, numbers: Sequence[int]) -> None:
        """Keep what a refusal has proved of numbers: `textless`, `dead` or `opted_out`."""
        n = schema.number
        if numbers:
            marking = changed(n, **{what: 1}).where(n.c.id.in_(numbers), n.c[what] == 0)
            self._ledger.record_set(marking, Event(what))
