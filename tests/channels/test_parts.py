"""Long texts: cut, put together, and what a receipt for one part proves."""

from hypothesis import given
from hypothesis import strategies as st

from callout.channels.parts import INCOMPLETE, PATIENCE, Assembly, Receipts, Sent, headed, ucs2
from callout.domain.answer import Grade
from callout.domain.attempt import ReceiptKind
from callout.domain.instant import later
from callout.domain.reply import read_reply
from tests.channels.desk import NOW


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=600), st.integers(0, 10_000))
def test_a_text_comes_back_whole_and_no_character_is_cut(text: str, reference: int) -> None:
    parts = ucs2(text, reference)
    assert all(len(part) <= 140 for part in parts)
    if len(parts) == 1:
        assert parts[0].decode("utf-16-be") == text
        return
    assembly, whole = Assembly(), None
    for part in reversed(parts):
        place, data = headed(part)
        assert place is not None
        assert whole is None
        whole = assembly.add("1", place, data.decode("utf-16-be"), NOW)  # decodes by itself: no surrogate is alone
    assert whole == text


@given(st.binary(max_size=160))
def test_no_bytes_of_a_header_do_harm(data: bytes) -> None:
    _, rest = headed(data)
    assert data.endswith(rest)


def test_a_sixteen_bit_reference_is_read_too() -> None:
    place, rest = headed(bytes((6, 8, 4, 1, 2, 3, 2)) + b"ab")
    assert place is not None
    assert (place.reference, place.total, place.number, rest) == (258, 3, 2, b"ab")


def test_half_a_text_is_never_an_answer() -> None:
    assembly = Assembly()
    place, data = headed(bytes((5, 0, 3, 9, 2, 1)) + "收到".encode("utf-16-be"))
    assert place is not None
    assert assembly.add("1", place, data.decode("utf-16-be"), NOW) is None
    assert assembly.overdue(later(NOW, PATIENCE - 1)) == []
    (_, _, text) = assembly.overdue(later(NOW, PATIENCE))[0]
    assert text == "收到" + INCOMPLETE
    assert read_reply(text).grade is Grade.CONTACT


def test_delivered_is_what_all_parts_are() -> None:
    receipts, sent = Receipts(), Sent("a", 2)
    assert receipts.taken(sent, "11") is None
    assert receipts.taken(sent, "12") is None
    assert sent.ref == "11,12"
    assert receipts.came("11", ReceiptKind.DELIVERED) == ("a", None)
    assert receipts.came("11", ReceiptKind.DELIVERED) == ("a", None)  # said twice
    assert receipts.came("12", ReceiptKind.DELIVERED) == ("a", ReceiptKind.DELIVERED)
    assert receipts.came("12", ReceiptKind.DELIVERED) == ("a", ReceiptKind.DELIVERED)  # told again until it is kept


def test_one_lost_part_is_a_lost_message_whatever_came_first() -> None:
    receipts, sent = Receipts(), Sent("a", 2)
    assert receipts.came("12", ReceiptKind.DEAD) == ("", None)  # before the provider's own answer
    assert receipts.taken(sent, "11") is None
    assert receipts.taken(sent, "12") is ReceiptKind.DEAD
    assert receipts.came("11", ReceiptKind.DELIVERED) == ("a", ReceiptKind.DEAD)
