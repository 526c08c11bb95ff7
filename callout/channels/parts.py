"""Long texts in several SMS: cut for sending, put together when they come in, and receipts that speak for one part."""

from collections import OrderedDict
from dataclasses import dataclass, field

from callout.domain.attempt import ReceiptKind
from callout.domain.instant import MINUTE, Instant, Millis, later

SINGLE, EACH = 140, 134
"""Bytes of UCS-2 in an SMS that stands alone, and in one part of several."""
KEPT = 50_000
"""Provider ids that are remembered; the oldest are forgotten first."""
INCOMPLETE = "〔长短信不完整〕"
"""Stands at the end of a text of which a part never came, so that nobody reads an answer into the rest of it."""
PATIENCE: Millis = MINUTE
"""How long the parts of a text may take to come in."""
_REFERENCE_8, _REFERENCE_16 = (0, 3), (8, 4)
"""Information elements that say: this is part n of m. (kind, bytes)"""


@dataclass(frozen=True, slots=True)
class Place:
    """Which part of which text this is."""

    reference: int
    total: int
    number: int


def ucs2(text: str, reference: int) -> list[bytes]:
    """The user data of each part, with a concatenation header where there are several. No character is cut in two."""
    whole = text.encode("utf-16-be")
    if len(whole) <= SINGLE:
        return [whole]
    pieces = _cut(text)
    return [bytes((5, 0, 3, reference % 256, len(pieces), n)) + piece for n, piece in enumerate(pieces, 1)]


def _cut(text: str) -> list[bytes]:
    pieces = [b""]
    for char in text:
        raw = char.encode("utf-16-be")
        if len(pieces[-1]) + len(raw) > EACH:
            pieces.append(b"")
        pieces[-1] += raw
    return pieces


def headed(data: bytes) -> tuple[Place | None, bytes]:
    """User data that begins with a header: which part it is (None where it does not say so), and the rest."""
    length = data[0] + 1 if data else 0
    said, rest = data[1:length], data[length:]
    while len(said) > 1:
        kind, value = said[0], said[2 : 2 + said[1]]
        said = said[2 + said[1] :]
        if (kind, len(value)) in (_REFERENCE_8, _REFERENCE_16):
            return Place(int.from_bytes(value[:-2], "big"), value[-2], value[-1]), rest
    return None, rest


@dataclass(slots=True)
class _Waiting:
    until: Instant
    place: Place
    pieces: dict[int, str] = field(default_factory=dict)

    def text(self) -> str:
        return "".join(self.pieces[n] for n in sorted(self.pieces))


class Assembly:
    """Incoming texts of several parts until they are whole."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[tuple[str, int], _Waiting] = OrderedDict()

    def add(self, sender: str, place: Place, text: str, now: Instant) -> str | None:
        """The whole text once its last part is here. It stays until it is forgotten, so that it may be told again."""
        one = self._waiting.setdefault((sender, place.reference), _Waiting(later(now, PATIENCE), place))
        one.pieces[place.number] = text
        return one.text() if len(one.pieces) >= place.total else None

    def forget(self, sender: str, place: Place | None) -> None:
        """The text is kept elsewhere."""
        if place:
            self._waiting.pop((sender, place.reference), None)

    def overdue(self, now: Instant) -> list[tuple[str, Place, str]]:
        """(sender, place, text) of those whose other parts never came, marked as incomplete."""
        return [
            (sender, one.place, one.text() + INCOMPLETE)
            for (sender, _), one in self._waiting.items()
            if one.until <= now
        ]


@dataclass(slots=True)
class Sent:
    """One message on its way in so many parts."""

    attempt: str
    parts: int
    refs: list[str] = field(default_factory=list)
    delivered: set[str] = field(default_factory=set)
    over: ReceiptKind | None = None
    """What became of the whole."""

    @property
    def ref(self) -> str:
        """One reference for all parts: a receipt for one of several does not match it, and proves nothing alone."""
        return ",".join(self.refs)

    def fold(self, ref: str, kind: ReceiptKind) -> ReceiptKind | None:
        """What a receipt for one part makes of the whole; None while nothing. One lost part is a lost message."""
        self.delivered.add(ref)
        if self.over is None and (kind.failed or len(self.delivered) >= self.parts):
            self.over = kind
        return self.over


class Receipts:
    """Which provider ids belong to which message. It is delivered when all its parts are.

    What this process does not know (it may have been restarted) is left to the store, by the provider's id.
    """

    def __init__(self) -> None:
        self._sent: OrderedDict[str, Sent] = OrderedDict()
        self._early: OrderedDict[str, ReceiptKind] = OrderedDict()

    def taken(self, one: Sent, ref: str) -> ReceiptKind | None:
        """The provider took one part; returns what a receipt that came before makes of the message."""
        one.refs.append(ref)
        self._sent[ref] = one
        _bound(self._sent)
        early = self._early.pop(ref, None)
        return one.fold(ref, early) if early else None

    def came(self, ref: str, kind: ReceiptKind) -> tuple[str, ReceiptKind | None]:
        """(attempt, what is now true of it); no attempt where nobody knows the id, None while nothing is true yet."""
        one = self._sent.get(ref)
        if one is None:
            self._early[ref] = kind
            _bound(self._early)
            return "", None
        return one.attempt, one.fold(ref, kind)


def _bound(kept: OrderedDict[str, Sent] | OrderedDict[str, ReceiptKind]) -> None:
    while len(kept) > KEPT:
        kept.popitem(last=False)
