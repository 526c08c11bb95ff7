"""Phone numbers as carriers write them."""

_MOBILE = 11


def carrier_number(e164: str) -> str:
    """Mainland numbers without +86, others without the plus: so carriers in China want them."""
    return e164.removeprefix("+86") if e164.startswith("+86") else e164.removeprefix("+")


def e164_of(number: str) -> str:
    """The number with its country code, from any of the ways in which carriers in China write it."""
    digits = number.strip().removeprefix("+").removeprefix("00")
    if len(digits) == _MOBILE and digits.startswith("1"):
        return f"+86{digits}"
    return f"+{digits}"
