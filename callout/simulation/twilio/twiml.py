"""TwiML: the few verbs that a warning call and an SMS webhook use."""

from collections.abc import Mapping
from dataclasses import dataclass

from callout.domain.errors import Refusal
from callout.domain.instant import SECOND, Millis
from callout.simulation.people import PER_CHARACTER
from callout.sources.xml import Element, local, parse

PLAYED: Millis = 10 * SECOND
"""How long a sound file lasts; nobody fetches it."""
_SPOKEN = ("Say", "Play", "Pause")
KNOWN = frozenset({*_SPOKEN, "Gather", "Redirect", "Hangup", "Reject", "Dial"})


class TwimlError(Exception):
    """A document that Twilio would not play."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One element."""

    name: str
    attributes: Mapping[str, str]
    text: str
    spoken: str
    """The words in it, once, those of nested verbs too."""
    length: Millis
    """How long it speaks, all repetitions."""
    inner: tuple["Verb", ...] = ()
    """For a Dial: whom it rings."""

    def get(self, name: str, default: str = "") -> str:
        """An attribute."""
        return self.attributes.get(name, default)


def verbs(document: bytes) -> list[Verb]:
    """The verbs of a voice document, in order; raises TwimlError."""
    found = [_verb(each) for each in _root(document)]
    unknown = [one.name for one in found if one.name not in KNOWN]
    if unknown:
        raise TwimlError(f"unknown verb {unknown[0]}")
    return found


def replies(document: bytes) -> list[str]:
    """The texts that an SMS webhook answers with; raises TwimlError. An empty answer is none."""
    if not document.strip():
        return []
    messages = [each for each in _root(document) if local(each) == "Message"]
    bodies = ["".join(b.text or "" for b in each if local(b) == "Body") or (each.text or "") for each in messages]
    return [body.strip() for body in bodies if body.strip()]


def _root(document: bytes) -> Element:
    try:
        root = parse(document)
    except Refusal:
        raise TwimlError("not XML") from None
    if local(root) != "Response":
        raise TwimlError("no Response")
    return root


def _verb(element: Element) -> Verb:
    name, attributes = local(element), {str(key): str(value) for key, value in element.attrib.items()}
    text, inner = " ".join((element.text or "").split()), [_verb(each) for each in element]
    match name:
        case "Say":
            words = " ".join("".join(str(one) for one in element.itertext()).split())
            return Verb(name, attributes, words, words, len(words) * PER_CHARACTER * _times(attributes))
        case "Play":
            return Verb(name, attributes, text, "", PLAYED * _times(attributes))
        case "Pause":
            return Verb(name, attributes, text, "", _whole(attributes, "length", 1) * SECOND)
        case "Gather":
            if any(one.name not in _SPOKEN for one in inner):
                raise TwimlError("Gather holds what cannot be spoken")
            spoken = " ".join(one.spoken for one in inner if one.spoken)
            return Verb(name, attributes, text, spoken, sum(one.length for one in inner))
        case "Dial":
            if [one.name for one in inner] != ["Number"]:
                raise TwimlError("Dial without one Number")
            return Verb(name, attributes, text, "", 0, tuple(inner))
    return Verb(name, attributes, text, "", 0)


def _times(attributes: Mapping[str, str]) -> int:
    """`loop`; 0 is for ever, which nobody listens to."""
    return _whole(attributes, "loop", 1) or 1000


def _whole(attributes: Mapping[str, str], name: str, default: int) -> int:
    text = attributes.get(name, str(default))
    if not text.isdecimal():
        raise TwimlError(f"{name} is no number")
    return int(text)
