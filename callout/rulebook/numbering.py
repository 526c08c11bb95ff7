"""Whether numbers lie in a country's numbering plan, by the tables of phonenumbers."""

from collections.abc import Iterable

from callout.domain.roster import ContactMethod, NumberKind

_MADE_UP = "+999"


def strange(contacts: Iterable[ContactMethod]) -> frozenset[str]:
    """The numbers that no operator has given out as what the roster says they are. Made-up ones are none of them."""
    return frozenset(c.e164 for c in contacts if not c.e164.startswith(_MADE_UP) and not _fits(c))


def _fits(contact: ContactMethod) -> bool:
    from phonenumbers import NumberParseException, PhoneNumberType, number_type, parse  # noqa: PLC0415 - large tables

    try:
        found = number_type(parse(contact.e164))
    except NumberParseException:
        return False
    fixed = contact.kind is NumberKind.LANDLINE
    return found in (
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.FIXED_LINE if fixed else PhoneNumberType.MOBILE,
    )
