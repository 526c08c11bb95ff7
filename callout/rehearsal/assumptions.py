"""How people, officers and gateways are assumed to behave: a file that sets it, and the same again for the report."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from callout.domain.errors import RuleError
from callout.domain.instant import SECOND
from callout.domain.ladder import ChannelKind
from callout.rulebook.document import load
from callout.simulation.gateways import ASSUMED_GATEWAYS, Gateway
from callout.simulation.habits import ASSUMED, Habits, Points, Temperament
from callout.simulation.officer import ALONE, BY_PHONE, Working

_LENGTHS = ("delivery", "pickup", "late_pickup", "deciding")
_CHANCES = ("wakes", "slow_picks_up", "second_thought", "uses_code", "dead_is_told")
_WAYS = {"短信": ChannelKind.SMS, "语音": ChannelKind.VOICE}
Seconds = list[float]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class PeopleEntry(_Strict):
    """How those behave who are called. Lengths are points in seconds that cut a distribution into equal parts."""

    shares: dict[str, int] = Field(default_factory=dict)
    replies: dict[str, Seconds] = Field(default_factory=dict)
    delivery: Seconds | None = None
    pickup: Seconds | None = None
    late_pickup: Seconds | None = None
    deciding: Seconds | None = None
    wakes: float | None = Field(default=None, ge=0, le=1)
    slow_picks_up: float | None = Field(default=None, ge=0, le=1)
    second_thought: float | None = Field(default=None, ge=0, le=1)
    uses_code: float | None = Field(default=None, ge=0, le=1)
    dead_is_told: float | None = Field(default=None, ge=0, le=1)


class OfficersEntry(_Strict):
    """How the officers work."""

    officers: int | None = Field(default=None, ge=1, le=50)
    arrival: Seconds | None = None
    work: Seconds | None = None
    by_phone: dict[str, int] | None = None


class GatewayEntry(_Strict):
    """One gateway."""

    name: str = Field(min_length=1, max_length=40)
    kinds: list[str] = Field(min_length=1)
    per_second: float = Field(default=0.0, ge=0)
    fen: float = Field(default=0.0, ge=0)


class AssumptionsFile(_Strict):
    """The whole file; what it does not name stays as assumed."""

    source: str = ""
    people: PeopleEntry = Field(default_factory=PeopleEntry)
    officers: OfficersEntry = Field(default_factory=OfficersEntry)
    gateways: list[GatewayEntry] | None = None


@dataclass(frozen=True)
class Assumptions:
    """All of it."""

    habits: Habits = ASSUMED
    working: Working = ALONE
    gateways: tuple[Gateway, ...] = ASSUMED_GATEWAYS


def read_assumptions(path: Path) -> Assumptions:
    """The file as values. Raises RuleError with file, line and key for the first thing that is wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise RuleError(f"{path.name}：读不出来；请检查文件和权限，编码应是 UTF-8。") from None
    document = load(path.name, text)
    found, mistakes = document.read(AssumptionsFile)
    if found is None:
        raise mistakes[0]
    try:
        return _values(found, found.source or path.name)
    except ValueError as error:
        raise RuleError(f"{path.name}：{error}") from None


def _values(found: AssumptionsFile, source: str) -> Assumptions:
    people, own = found.people, found.officers
    habits: dict[str, Any] = {"source": source}
    habits |= {name: _points(name, value) for name in _LENGTHS if (value := getattr(people, name)) is not None}
    habits |= {name: value for name in _CHANCES if (value := getattr(people, name)) is not None}
    if people.shares:
        habits["shares"] = {who: people.shares.get(who.value, 0) for who in _known(people.shares)}
    if people.replies:
        _known(people.replies)
        given = {Temperament(who): _points(who, value) for who, value in people.replies.items()}
        habits["replies"] = {**ASSUMED.replies, **given}
    working: dict[str, Any] = {"officers": own.officers} if own.officers else {}
    working |= {name: _points(name, value) for name in ("arrival", "work") if (value := getattr(own, name)) is not None}
    if own.by_phone is not None:
        if set(own.by_phone) - set(BY_PHONE) or sum(own.by_phone.values()) <= 0:
            raise ValueError(f"officers.by_phone 只能有 {'、'.join(BY_PHONE)}，且合计大于 0；请改正。")
        working["by_phone"] = own.by_phone
    gateways = ASSUMED_GATEWAYS if found.gateways is None else tuple(map(_gateway, found.gateways))
    return Assumptions(replace(ASSUMED, **habits), replace(ALONE, **working), gateways)


def _known(given: Mapping[str, object]) -> tuple[Temperament, ...]:
    """All kinds of people. Raises ValueError where a word is none of them, or nobody is left."""
    unknown = sorted(set(given) - set(Temperament))
    if unknown:
        raise ValueError(f"不认识的人群“{unknown[0]}”；可用 {'、'.join(Temperament)}。")
    if all(isinstance(many, int) and many <= 0 for many in given.values()):
        raise ValueError("people.shares 合计应大于 0；请改正。")
    return tuple(Temperament)


def _points(name: str, seconds: Seconds) -> Points:
    if len(seconds) < 2 or sorted(seconds) != seconds or seconds[0] < 0:  # noqa: PLR2004
        raise ValueError(f"{name} 应是由小到大的至少两个秒数；请改正。")
    return tuple(round(each * SECOND) for each in seconds)


def _gateway(entry: GatewayEntry) -> Gateway:
    unknown = [kind for kind in entry.kinds if kind not in _WAYS]
    if unknown:
        raise ValueError(f"通道“{entry.name}”的 kinds 只能是 短信 和 语音；请改正“{unknown[0]}”。")
    return Gateway(entry.name, frozenset(_WAYS[kind] for kind in entry.kinds), entry.per_second, entry.fen)


def as_document(it: Assumptions) -> dict[str, Any]:
    """The same in the form of the file, so that what was assumed can be read, kept and used again."""
    habits, working = it.habits, it.working
    words = {kind: word for word, kind in _WAYS.items()}
    return {
        "source": habits.source,
        "people": {
            "shares": {who.value: many for who, many in habits.shares.items()},
            "replies": {who.value: _seconds(points) for who, points in habits.replies.items()},
            **{name: _seconds(getattr(habits, name)) for name in _LENGTHS},
            **{name: getattr(habits, name) for name in _CHANCES},
        },
        "officers": {
            "officers": working.officers,
            "arrival": _seconds(working.arrival),
            "work": _seconds(working.work),
            "by_phone": dict(working.by_phone),
        },
        "gateways": [
            {"name": g.name, "kinds": [words[k] for k in sorted(g.kinds)], "per_second": g.per_second, "fen": g.fen}
            for g in it.gateways
        ],
    }  # fmt: skip


def _seconds(points: Points) -> Seconds:
    return [each / SECOND for each in points]
