"""How many SMS parts a text costs, by the Chinese operators' rule and by GSM 03.38."""

from collections.abc import Iterable

_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Each costs two septets, because an escape goes before it."""

_LAST_SIMPLE = "\uffff"
"""Characters above it take two UTF-16 units."""
_ALONE, _EACH = 70, 67


def parts(text: str, chinese: bool = True) -> int:
    """The number of SMS parts of a text, signature included; an empty text is one part.

    `chinese`: mainland operators count every character alike, 70 in one part, else 67 in each. Otherwise a text that
    the GSM 7-bit alphabet holds counts 160, else 153; any other text counts as Chinese. No character is split in two.
    """
    if not chinese and _GSM7.union(_GSM7_EXTENDED).issuperset(text):
        return _packed((2 if char in _GSM7_EXTENDED else 1 for char in text), 160, 153)
    if len(text.encode("utf-16-le", "surrogatepass")) == 2 * len(text):
        return 1 if len(text) <= _ALONE else -(-len(text) // _EACH)
    return _packed((2 if char > _LAST_SIMPLE else 1 for char in text), _ALONE, _EACH)


def _packed(sizes: Iterable[int], single: int, each: int) -> int:
    count, used, total = 1, 0, 0
    for size in sizes:
        total += size
        if used + size > each:
            count, used = count + 1, 0
        used += size
    return 1 if total <= single else count
