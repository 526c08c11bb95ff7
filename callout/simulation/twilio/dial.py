"""A second phone that an answered call is put through to: TwiML's Dial with one Number."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from callout.domain.instant import SECOND
from callout.domain.ladder import ChannelKind
from callout.simulation.people import Contact, react
from callout.simulation.twilio.hooks import Word
from callout.simulation.twilio.network import Network
from callout.simulation.twilio.pace import wall
from callout.simulation.twilio.records import Call, rfc2822
from callout.simulation.twilio.request import Hook
from callout.simulation.twilio.tally import Got
from callout.simulation.twilio.twiml import Verb

_STATUS = {"initiated": "initiated", "ringing": "ringing", "answered": "in-progress"}
_TIMEOUT = 30


@dataclass(frozen=True, slots=True)
class Reached:
    """What became of the second phone, as the Dial's action is told."""

    status: str
    seconds: int
    sid: str

    @property
    def form(self) -> dict[str, str]:
        """The parameters of the action."""
        more = {"DialCallDuration": str(self.seconds), "DialBridged": "true"} if self.status == "completed" else {}
        return {"DialCallStatus": self.status, "DialCallSid": self.sid} | more


@dataclass(frozen=True, slots=True)
class SecondPhone:
    """Rings the person whom the first phone is put through to."""

    net: Network
    parent: Call
    form: Callable[[Call], dict[str, str]]
    """What every voice webhook says of a call."""
    ends: Mapping[str, tuple[str, int]]
    """How a call ends that nobody picks up."""

    async def ring(self, verb: Verb, source: Hook) -> Reached:
        """Until the talk is over or nobody has picked up."""
        number = next(one for one in verb.inner if one.name == "Number")
        child = Call(number.text, verb.get("callerId") or self.parent.sender, wall())
        self.net.tally.got(Got(self.net.pace.now(), child.to, "dialled", "", child.sid))
        self._tell(child, number, source, "initiated")
        nth = self.net.phones.nth(child.to, ChannelKind.VOICE)
        response = react(self.net.phones.person(child.to), Contact(_Talk(), self.net.pace.now(), nth))
        self._tell(child, number, source, "ringing")
        last, limit = response.reactions[-1], int(verb.get("timeout", str(_TIMEOUT))) * SECOND
        picked = response.picks_up
        if picked is None or picked > limit:
            await self.net.pace.wait(min(last.after, limit))
            child.status, child.sip = self.ends.get(last.body, ("no-answer", 487))
            self._tell(child, number, source, "completed")
            return Reached(child.status, 0, child.sid)
        await self.net.pace.wait(picked)
        self._tell(child, number, source, "answered")
        await self.net.pace.wait(last.after - picked)
        child.status, child.seconds, child.sip = "completed", max(1, (last.after - picked) // SECOND), 200
        self._tell(child, number, source, "completed")
        return Reached("completed", child.seconds, child.sid)

    def _tell(self, child: Call, number: Verb, source: Hook, event: str) -> None:
        """Unlike those of the first phone, each kind must be asked for by its word."""
        child.status, child.updated = _STATUS.get(event, child.status), wall()
        asked = number.get("statusCallbackEvent", "completed").split()
        address = number.get("statusCallback")
        if event not in asked or not address:
            return
        form = self.form(child) | {"ParentCallSid": self.parent.sid, "Direction": "outbound-dial"}
        form |= {"CallbackSource": "call-progress-events", "Timestamp": rfc2822(wall()) or ""}
        form |= {"SequenceNumber": str(["initiated", "ringing", "answered", "completed"].index(event))}
        form |= {"SipResponseCode": str(child.sip)} if event == "completed" and child.sip else {}
        hook = Hook(urljoin(source.url, address), number.get("statusCallbackMethod", "POST").upper())
        self.net.hooks.tell(child.sid, child.to, Word(hook, form))


@dataclass(frozen=True, slots=True)
class _Talk:
    """A person speaks, nothing is asked for by keys."""

    channel: ChannelKind = ChannelKind.VOICE
    text: str = "值班员来电。" * 8
    expires_at: None = None
    wants_answer: bool = True
