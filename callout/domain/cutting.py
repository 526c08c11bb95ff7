"""Old storms leave for an archive: which may go together, which entries of the record go, and what a verifier takes
for gone there."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from callout.domain.audit import Entry
from callout.domain.instant import Instant

CUT = "audit.cut"
"""The event of the entries that say which others have left."""
_STAYS = (".cut", ".exported", ".written", ".erased")
"""What was taken out of the database stays on record in it."""

_MOST = 1_000_000
"""More entries than any seal has."""

StormKey = tuple[str, int]
"""(county, episode)."""


@dataclass(frozen=True, slots=True)
class Storm:
    """Every message of one episode in one county."""

    county: str
    episode: int
    alerts: tuple[int, ...]

    @property
    def key(self) -> StormKey:
        """By which others are told of it."""
        return self.county, self.episode


def free(storms: Iterable[StormKey], linked: Iterable[tuple[StormKey, StormKey]]) -> set[StormKey]:
    """The storms that no attempt links with one that stays: `linked` are pairs, in any order."""
    going, pairs = set(storms), [pair for pair in linked if pair[0] != pair[1]]
    while stays := {one for pair in pairs for one in pair if one in going and not going.issuperset(pair)}:
        going -= stays
    return going


def leaves_with_its_storm(event: str) -> bool:
    """Whether an entry about a storm goes into the archive with it."""
    return not event.endswith(_STAYS)


@dataclass(frozen=True, slots=True)
class Cut:
    """What one entry says has left: entries by their places under a seal, from 0, into which file, by whose order."""

    seal: int
    places: frozenset[int]
    archive: str
    sha256: str
    officer: str
    at: Instant

    def document(self) -> str:
        """The detail of its entry."""
        said: dict[str, object] = {"seal": self.seal, "places": _ranges(self.places)}
        said |= {"archive": self.archive, "sha256": self.sha256}
        return json.dumps(said, ensure_ascii=False)


def read_cut(entry: Entry) -> Cut | None:
    """What the entry says has left; None where nobody can tell."""
    try:
        said = json.loads(entry.detail)
        seal, places = int(said["seal"]), _places(said["places"])
        return Cut(seal, places, str(said["archive"]), str(said["sha256"]), entry.actor, entry.at)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _ranges(places: Collection[int]) -> str:
    """0-41,57."""
    spans: list[list[int]] = []
    for place in sorted(places):
        if spans and spans[-1][1] == place - 1:
            spans[-1][1] = place
        else:
            spans.append([place, place])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)


def _places(text: str) -> frozenset[int]:
    spans = [(int(a), int(b or a)) for a, _, b in (span.partition("-") for span in text.split(","))]
    if max(last for _, last in spans) > _MOST:
        raise ValueError(text)
    return frozenset(place for first, last in spans for place in range(first, last + 1))


def gone_by_seal(cuts: Iterable[Cut]) -> Mapping[int, frozenset[int]]:
    """All places under each seal from which entries have left."""
    found: dict[int, frozenset[int]] = {}
    for cut in cuts:
        found[cut.seal] = found.get(cut.seal, frozenset()) | cut.places
    return found
