"""What each bank takes, and a batch in as many files as it asks for."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_formats import CreditTransfer, CreditTransferBatch
from bank_formats.pain001 import CannotBePaid, CannotBeSent
from bank_formats.profiles import ABN_AMRO, BNG, ING, NEUTRAL, PROFILES, RABOBANK, Profile, profile_for, split
from tests.bank_formats.paying import BATCH, GERMAN, RENT, payment_file, payments_of

STRICT = replace(
    NEUTRAL,
    versions=("03",),
    most_payments=2,
    largest_sum_cents=100,
    instant=False,
    structured_reference=False,
    ultimate_debtor=False,
    needs_debtor_bic=True,
    needs_foreign_bic=True,
    name_length=35,
    remittance_length=30,
)
PLAIN = CreditTransfer("E1", 40, "Energie Zuid", RENT.creditor_iban)


def files(
    batch: CreditTransferBatch, payments: list[CreditTransfer], profile: Profile
) -> list[tuple[CreditTransferBatch, list[CreditTransfer]]]:
    return [(head, list(some)) for head, some in split(batch, payments, profile)]


BANKS = [
    ("NL91ABNA0417164300", ABN_AMRO),
    ("NL06BNGH0285074401", BNG),
    ("NL20INGB0001234567", ING),
    ("NL44RABO0123456789", RABOBANK),
    ("NL39ASNB0123456789", NEUTRAL),
    ("DE89370400440532013000", NEUTRAL),
    ("DE99INGB0001234567", NEUTRAL),
]


@pytest.mark.parametrize(("iban", "profile"), BANKS)
def test_an_account_tells_its_bank(iban: str, profile: Profile) -> None:
    assert profile_for(iban) is profile


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_every_profile_knows_its_name_and_takes_what_we_write(profile: Profile) -> None:
    assert PROFILES[profile.name] is profile
    assert profile.problem_of(BATCH, "09") is None
    assert profile.problem_of(BATCH._replace(local_instrument="INST"), "03") is None
    assert profile.problem_of_payment(RENT) is None
    assert {*profile.unknown} <= {*Profile.__dataclass_fields__}
    for field in profile.unknown:
        assert getattr(profile, field) == getattr(NEUTRAL, field)


def test_who_books_the_sum_at_once() -> None:
    one_by_one = BATCH._replace(batch_booking=False)
    assert [profile.books_at_once(one_by_one) for profile in (NEUTRAL, ABN_AMRO, BNG)] == [False, True, False]
    assert NEUTRAL.books_at_once(BATCH._replace(batch_booking=True))


HEADS: list[tuple[dict[str, Any], str]] = [
    ({"local_instrument": "INST"}, "instantbetalingen"),
    ({"debtor_bic": None}, "BIC van de eigen rekening"),
    ({"ultimate_debtor": "Wijkteam"}, "namens wie"),
]


@pytest.mark.parametrize(("change", "words"), HEADS)
def test_a_head_that_this_bank_does_not_take_is_told(change: dict[str, Any], words: str) -> None:
    assert words in (STRICT.problem_of(BATCH._replace(**change), "03") or "")


def test_a_version_that_this_bank_does_not_take_is_told() -> None:
    assert STRICT.problem_of(BATCH, "03") is None
    assert STRICT.problem_of(BATCH, "09") == "Deze bank neemt pain.001.001.09 niet aan"


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"amount_cents": 101}, "ten hoogste € 1,00"),
    ({"reference": "5000056789012345"}, "kenmerk"),
    ({"ultimate_debtor": "Zoe"}, "namens wie"),
    ({"creditor_iban": GERMAN}, "buitenlandse rekening"),
    ({"creditor_name": "x" * 36}, "36 tekens; 35"),
    ({"remittance": "x" * 31}, "31 tekens; 30"),
]


@pytest.mark.parametrize(("change", "words"), REFUSED)
def test_a_payment_that_this_bank_does_not_take_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(CannotBePaid, match=words):
        files(BATCH, [PLAIN, PLAIN._replace(**change)], STRICT)
    assert STRICT.problem_of_payment(PLAIN._replace(creditor_iban=GERMAN, creditor_bic="DEUTDEFF500")) is None


def test_what_fits_in_one_file_is_not_changed() -> None:
    payments = [PLAIN._replace(end_to_end_id=f"E{number}") for number in range(5)]
    assert files(BATCH, payments, NEUTRAL) == [(BATCH, payments)]
    assert files(BATCH, payments[:2], STRICT) == [(BATCH, payments[:2])]
    assert files(BATCH, [], STRICT) == []


def test_more_than_a_bank_takes_becomes_more_files_with_numbered_ids() -> None:
    payments = [PLAIN._replace(end_to_end_id=f"E{number}") for number in range(5)]
    made = files(BATCH, payments, STRICT)
    assert [(head.message_id, head.payment_information_id, len(some)) for head, some in made] == [
        ("HHB-20261103-1", "HHB-20261103-1-A", 2),
        ("HHB-20261103-1-2", "HHB-20261103-1-A-2", 2),
        ("HHB-20261103-1-3", "HHB-20261103-1-A-3", 1),
    ]
    assert [payment for head, some in made for payment in some] == payments
    assert [payments_of(payment_file(head, some)) for head, some in made] == [[each] for each in made]


def test_a_file_that_nobody_reads_is_passed_over() -> None:
    payments = [PLAIN._replace(end_to_end_id=f"E{number}") for number in range(5)]
    assert [head.message_id for head, _ in split(BATCH, payments, STRICT)] == [
        "HHB-20261103-1",
        "HHB-20261103-1-2",
        "HHB-20261103-1-3",
    ]


@given(
    cents=st.lists(st.integers(1, 100), min_size=1, max_size=20),
    most=st.none() | st.integers(1, 5),
    largest=st.none() | st.integers(100, 300),
)
def test_no_payment_is_lost_and_no_file_is_too_large(
    cents: list[int], most: int | None, largest: int | None
) -> None:
    payments = [
        PLAIN._replace(end_to_end_id=f"E{number}", amount_cents=each) for number, each in enumerate(cents)
    ]
    profile = replace(NEUTRAL, most_payments=most, largest_sum_cents=largest)
    made = files(BATCH, payments, profile)
    assert [payment for _, some in made for payment in some] == payments
    assert len({head.message_id for head, _ in made}) == len(made)
    assert made == files(BATCH, payments, profile)
    for _, some in made:
        assert some
        assert most is None or len(some) <= most
        assert largest is None or sum(payment.amount_cents for payment in some) <= largest


@pytest.mark.parametrize("field", ["message_id", "payment_information_id"])
def test_ids_without_room_for_a_number_are_refused_before_the_first_file(field: str) -> None:
    change: dict[str, Any] = {field: "x" * 31}
    batch = BATCH._replace(**change)
    payments = [PLAIN._replace(end_to_end_id=f"E{number}") for number in range(3)]
    with pytest.raises(CannotBeSent, match="volgnummer"):
        next(split(batch, payments, STRICT))
    assert files(batch, payments, NEUTRAL) == [(batch, payments)]
    assert files(batch, payments[:2], STRICT) == [(batch, payments[:2])]
    assert files(batch, [], STRICT) == []


def test_an_id_that_comes_twice_is_refused_though_it_is_in_two_files() -> None:
    payments = [PLAIN._replace(end_to_end_id=f"E{number}") for number in (1, 2, 3, 1)]
    with pytest.raises(CannotBeSent, match=r"HHB-20261103-1 .*E1 komt twee keer voor"):
        files(BATCH, payments, STRICT)


def test_bng_takes_a_hundred_thousand_payments() -> None:
    payments = (PLAIN._replace(end_to_end_id=f"E{number}") for number in range(100_001))
    assert [sum(1 for _ in some) for _, some in split(BATCH, payments, BNG)] == [100_000, 1]
