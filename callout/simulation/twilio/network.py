"""What all parts of a simulated carrier share."""

from dataclasses import dataclass, field

from callout.simulation.phones import Phones
from callout.simulation.twilio.hooks import Hooks
from callout.simulation.twilio.options import Options
from callout.simulation.twilio.pace import Pace
from callout.simulation.twilio.tally import Tally
from callout.simulation.twilio.trouble import Queues, Trouble


@dataclass(slots=True)
class Network:
    """One carrier's time, phones, webhooks, troubles and counts."""

    options: Options
    pace: Pace = field(init=False)
    phones: Phones = field(init=False)
    tally: Tally = field(init=False)
    trouble: Trouble = field(init=False)
    queues: Queues = field(init=False)
    hooks: Hooks = field(init=False)

    def __post_init__(self) -> None:
        self.pace = Pace(self.options.speed, self.options.start)
        self.phones = Phones(self.options.seed, self.options.cast)
        self.tally = Tally()
        self.trouble = Trouble(self.options, self.pace)
        self.queues = Queues(self.options.limits)
        self.hooks = Hooks(self.options, self.pace, self.trouble, self.tally)
