from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huishoudboekje.domain.money import (
    NotAnAmount,
    NotAWrittenAmount,
    as_text,
    divide,
    parse_euros,
    read_amount,
    show,
)

CENTS = st.integers(-(10**17) + 1, 10**17 - 1)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("0", 0),
        ("12", 1200),
        ("12,34", 1234),
        ("1234,56", 123_456),
        ("1.234,56", 123_456),
        ("1.234.567,89", 123_456_789),
        ("1.234", 123_400),
        ("12,-", 1200),
        ("€ 1.234,56", 123_456),
        ("€\N{NO-BREAK SPACE}5,00", 500),
        ("EUR 5", 500),
        ("-0,50", -50),
        ("− € 0,50", -50),
        ("€ -0,50", -50),
        (" 7,05 ", 705),
    ],
)
def test_what_people_type_is_read_as_cents(text: str, cents: int) -> None:
    assert cents == parse_euros(text)


@pytest.mark.parametrize(
    "text",
    ["", "twaalf", "12.34", "1,5", "1,234", "1234.567,00", "1.23,00", ",50", "--1", "-€-1", "1 2", "١٢"],
)
def test_what_could_mean_two_amounts_is_refused(text: str) -> None:
    with pytest.raises(NotAnAmount) as refused:
        parse_euros(text)
    assert text in refused.value.sentence


@pytest.mark.parametrize(
    ("text", "cents"), [("0.00", 0), ("0.05", 5), ("-12.34", -1234), ("1234567.89", 123_456_789)]
)
def test_what_files_write_is_read_as_cents(text: str, cents: int) -> None:
    assert cents == read_amount(text)


@pytest.mark.parametrize(
    "text", ["", "1", "1.2", "1.234", "1,00", "01.00", "+1.00", " 1.00", "1.00\n", "1e2", "NaN", ".50"]
)
def test_a_file_with_another_amount_format_is_refused(text: str) -> None:
    with pytest.raises(NotAWrittenAmount):
        read_amount(text)


@pytest.mark.parametrize(
    ("cents", "shown"),
    [(0, "€ 0,00"), (5, "€ 0,05"), (123_456, "€ 1.234,56"), (-1234, "− € 12,34"), (10**9, "€ 10.000.000,00")],
)
def test_amounts_are_shown_the_dutch_way(cents: int, shown: str) -> None:
    assert shown == show(cents)


@given(CENTS)
def test_every_amount_is_read_back_from_how_it_is_shown_and_written(cents: int) -> None:
    assert cents == parse_euros(show(cents)) == read_amount(as_text(cents))


@given(CENTS, st.lists(st.integers(0, 10**6), min_size=1).filter(any))
def test_dividing_loses_no_cent_and_is_off_by_less_than_one(cents: int, weights: list[int]) -> None:
    shares = divide(cents, weights)
    assert cents == sum(shares)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * sum(weights) - cents * weight) < sum(weights)


def test_the_cent_that_is_left_goes_to_the_largest_remainder_and_then_to_the_first() -> None:
    assert divide(100, [1, 1, 1]) == [34, 33, 33]
    assert divide(-100, [1, 1, 1]) == [-34, -33, -33]
    assert divide(100, [1, 2, 4]) == [14, 29, 57]
    assert divide(100, [0, 3]) == [0, 100]


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_nothing_can_be_divided_over_no_weights(weights: list[int]) -> None:
    with pytest.raises(ValueError, match=r".*"):
        divide(100, weights)
