"""What callout says when it cannot go on. Every message names the place and the mend, in Chinese."""


class CalloutError(Exception):
    """Base of every error that is meant for a person to read."""


class Unknown(CalloutError):
    """What was named is not there, or not for whoever named it; that there is such a one is not told."""


class Refusal(CalloutError):
    """An incoming document that cannot be understood; the text is one clear sentence."""


class RuleError(CalloutError):
    """A rule file that cannot be used; the text names file, line, key and mend."""


class RosterError(CalloutError):
    """A roster that cannot be used; the text names the row and the mend."""


class StateError(CalloutError):
    """A transition that the state table does not hold."""
