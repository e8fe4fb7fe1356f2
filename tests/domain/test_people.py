from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.people import (
    NotABsn,
    NotAKvkNumber,
    NotAnEan,
    NotAnIban,
    NotAPostcode,
    knows_bank,
    masked_iban,
    read_bsn,
    read_ean,
    read_iban,
    read_kvk_number,
    read_postcode,
    show_iban,
)

IBAN = "NL91ABNA0417164300"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("999999990", "999999990"),
        ("9999.99.990", "999999990"),
        ("111222333", "111222333"),
        ("10000008", "010000008"),
        ("10000009", None),
    ],
)
def test_a_bsn_passes_the_eleven_test(text: str, number: str | None) -> None:
    if number is None:
        with pytest.raises(NotABsn):
            read_bsn(text)
    else:
        assert number == read_bsn(text)


@pytest.mark.parametrize("text", ["", "123456789", "000000000", "99999999x", "9999999900"])
def test_a_wrong_bsn_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(NotABsn) as refused:
        read_bsn(text)
    assert not text or text not in refused.value.sentence


@given(st.integers(10**7, 10**9 - 1))
def test_a_bsn_with_one_digit_changed_is_refused(number: int) -> None:
    try:
        right = read_bsn(str(number))
    except NotABsn:
        return
    for place in range(9):
        wrong = f"{right[:place]}{(int(right[place]) + 1) % 10}{right[place + 1 :]}"
        with pytest.raises(NotABsn):
            read_bsn(wrong)


@pytest.mark.parametrize(
    ("text", "iban"),
    [
        ("nl91 abna 0417 1643 00", IBAN),
        ("NL91ABNA0417164300", IBAN),
        ("BE68 5390 0754 7034", "BE68539007547034"),
        ("DE89370400440532013000", "DE89370400440532013000"),
    ],
)
def test_account_numbers_are_kept_in_one_form(text: str, iban: str) -> None:
    assert iban == read_iban(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("NL91ABNA0417164301", "controlecijfers"),
        ("NL91ABNA041716430", "te kort of te lang"),
        ("XX91ABNA0417164300", "land"),
        ("", "opgebouwd"),
        ("hallo", "opgebouwd"),
        ("NL91ABN10417164300", "opgebouwd"),
    ],
)
def test_a_wrong_account_number_is_refused_with_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(NotAnIban, match=why):
        read_iban(text)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    for read in (read_bsn, read_iban, read_postcode, read_kvk_number, read_ean):
        try:
            kept = read(text)
        except Refused:
            continue
        assert kept == read(kept)


def test_a_made_up_bank_is_noticed() -> None:
    assert knows_bank(IBAN)
    assert not knows_bank(read_iban("NL51ZZZZ0123456789"))


def test_an_account_number_is_shown_whole_or_masked() -> None:
    assert show_iban(IBAN) == "NL91 ABNA 0417 1643 00"
    assert masked_iban(IBAN) == "NL91…4300"


@pytest.mark.parametrize("text", ["1234AB", "1234 ab", " 1234 AB "])
def test_postcodes_are_kept_in_one_form(text: str) -> None:
    assert read_postcode(text) == "1234 AB"


@pytest.mark.parametrize("text", ["", "0123 AB", "1234 SS", "1234", "12345 A", "AB 1234"])
def test_what_is_no_postcode_is_refused(text: str) -> None:
    with pytest.raises(NotAPostcode):
        read_postcode(text)


def test_numbers_of_the_trade_register_and_of_connections() -> None:
    assert read_kvk_number("00 123 456") == "00123456"
    assert read_ean("8716 8794 0000 0000 15") == "871687940000000015"
    with pytest.raises(NotAKvkNumber):
        read_kvk_number("1234567")
    with pytest.raises(NotAnEan):
        read_ean("871687940000000018")
