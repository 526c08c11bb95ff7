"""What the send stage stands on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from callout.domain.pace import Portions
from callout.ports import Clock, Ids, Provider, Renderer, SendWork, Writer


@dataclass(frozen=True, slots=True)
class Sending:
    """What the send stage stands on."""

    store: Writer[SendWork]
    providers: Sequence[Provider]
    """In order of preference."""
    renderer: Renderer
    clock: Clock
    ids: Ids
    owner: str
    counties: Callable[[], Sequence[str]]
    """Codes of the counties whose officers are told of a provider that has gone."""
    link: Callable[[str], str]
    """The address of the page for whoever is called by the attempt with this id; empty where there is none."""
    slots: int = 200
    """Hand-overs under way at once; red may have some more."""
    timeout: float = 15.0
    """Seconds after which a hand-over counts as UNKNOWN."""
    portions: Portions = field(default_factory=Portions)
