"""Numbers as offices write them. None of these rings: nobody has such mobiles and landlines."""

import pytest

from callout.domain.roster import ContactMethod, NumberKind
from callout.rulebook.phones import read_numbers, write_numbers

ZEROS = "0" * 8
MOBILE, OTHER = f"139{ZEROS}", f"138{ZEROS}"
LANDLINE = f"023-1{ZEROS[:7]}"


def mobile(digits: str) -> ContactMethod:
    return ContactMethod(f"+86{digits}", NumberKind.MOBILE)


@pytest.mark.parametrize(
    "written",
    [
        MOBILE,
        f"+86{MOBILE}",
        f"+86 {MOBILE}",
        f"86{MOBILE}",
        f"0086{MOBILE}",
        f"{MOBILE[:3]} {MOBILE[3:7]} {MOBILE[7:]}",
        f"{MOBILE[:3]}-{MOBILE[3:7]}-{MOBILE[7:]}",
        f"'{MOBILE}",
    ],
)
def test_a_mobile_in_every_dress(written: str) -> None:
    assert read_numbers(written).contacts == (mobile(MOBILE),)


@pytest.mark.parametrize("between", ["、", "；", ";", "/", "，", ",", " , ", " ", "|"])
def test_several_numbers_in_one_cell_keep_their_order(between: str) -> None:
    assert read_numbers(f"{MOBILE}{between}{OTHER}").contacts == (mobile(MOBILE), mobile(OTHER))


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        (LANDLINE, f"+86231{ZEROS[:7]}"),
        (f"(023)1{ZEROS[:7]}", f"+86231{ZEROS[:7]}"),
        (f"+86 23 1{ZEROS[:7]}", f"+86231{ZEROS[:7]}"),
        (f"0831-1{ZEROS[:6]}", f"+868311{ZEROS[:6]}"),
        (f"座机：{LANDLINE}", f"+86231{ZEROS[:7]}"),
    ],
)
def test_a_landline_with_its_area_code(written: str, e164: str) -> None:
    assert read_numbers(written).contacts == (ContactMethod(e164, NumberKind.LANDLINE),)


def test_a_sample_number_is_a_landline_where_it_says_so_or_stands_in_that_column() -> None:
    assert read_numbers("+9990000001").contacts[0].kind is NumberKind.MOBILE
    assert read_numbers("固话+9990000001").contacts[0].kind is NumberKind.LANDLINE
    assert read_numbers("+9990000001", landlines=True).contacts[0].kind is NumberKind.LANDLINE
    assert read_numbers(MOBILE, landlines=True).contacts[0].kind is NumberKind.MOBILE


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1.39E+10", "科学计数法"),
        (MOBILE[:10], "有 10 位"),
        (f"12{MOBILE[2:]}", "以 13 至 19 开头"),
        (f"1{ZEROS[:7]}转8001", "分机"),
        ("77720000", "缺区号"),
        ("无人", "不是数字"),
        ("+4412345678", "认不出"),
        (f"{MOBILE}、{MOBILE}", "写了两次"),
        ("+999" + "1" * 20, "认不出"),
    ],
)
def test_what_is_no_number_is_said_with_the_mend(written: str, said: str) -> None:
    numbers = read_numbers(written)
    assert [said in error for error in numbers.errors] == [True]


def test_every_mistake_of_a_cell_is_named() -> None:
    assert len(read_numbers("12、13、+9990000001、abc").errors) == 3


def test_numbers_are_written_as_people_read_them() -> None:
    contacts = (*read_numbers(f"{MOBILE}、{LANDLINE}").contacts, ContactMethod("+9990000001", NumberKind.LANDLINE))
    assert write_numbers(contacts) == f"{MOBILE}、{LANDLINE}、固话+9990000001"
    assert read_numbers(write_numbers(contacts)).contacts == contacts
    assert read_numbers("").contacts == ()
