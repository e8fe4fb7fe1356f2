"""What stands out in transactions while they pass, also in statements that are long."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_formats import Party, Transaction, notes
from bank_formats.notes import Notes, References, Repeated, is_wrong_iban
from tests.bank_formats.made import DAY, OURS, THEIRS, credit


def noted(moved: list[Transaction]) -> Notes:
    found = Notes()
    assert list(found.passing(iter(moved))) == moved
    return found


@pytest.mark.parametrize("count", [0, 1, notes.AT_ONCE - 1, notes.AT_ONCE, notes.AT_ONCE * 2 + 1])
def test_every_transaction_is_looked_at_once_however_many_there_are(count: int) -> None:
    found = noted([credit(number) for number in range(1, count + 1)])
    assert sum(seen.times for seen in found.currencies.seen.values()) == count
    assert len(found.end_to_end_ids.hashes) == count


@given(st.lists(st.sampled_from(["A", "B", "C", None, "D\nE"]), max_size=30), st.integers(1, 5))
def test_references_that_come_again_are_found_exactly_in_parts_too(
    references: list[str | None], at_once: int
) -> None:
    first: dict[str, int] = {}
    expected = []
    for entry, reference in enumerate(references):
        if reference is not None:
            tidy = " ".join(reference.split()) if "\n" in reference else reference
            if tidy in first:
                expected.append(Repeated(tidy, first[tidy], entry))
            first.setdefault(tidy, entry)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notes, "HASHES_AT_ONCE", at_once)
        kept = References()
        kept.add(references, range(len(references)))
        times, examples = kept.repeated()
    assert (times, examples) == (len(expected), expected[: notes.EXAMPLES])


def test_hashes_that_are_alike_by_chance_prove_nothing() -> None:
    kept = References()
    kept.add(["A", "B"], [1, 2])
    kept.hashes[1] = kept.hashes[0]
    assert kept.repeated() == (0, [])


def test_of_very_many_repeated_references_a_part_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "MANY", 2)
    kept = References()
    kept.add([f"R{number % 9}" for number in range(18)], range(18))
    assert kept.repeated()[0] == 9


def test_what_differs_without_end_is_kept_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "MANY", 3)
    moved = [
        credit(number)._replace(booked_on=DAY + timedelta(number), counterparty=Party(None, f"X{number}"))
        for number in range(1, notes.AT_ONCE + 9)
    ]
    assert len(noted(moved).days.seen) == 3


def test_the_parts_of_one_long_entry_are_one_entry() -> None:
    moved = [credit(1)._replace(part=part, ref=f"R#{part}") for part in range(1, notes.AT_ONCE * 2 + 9)]
    found = noted(moved)
    assert len(found.servicer_references.hashes) == 1


def test_an_account_number_that_is_no_iban_is_not_a_wrong_one() -> None:
    wrong = {each: is_wrong_iban(each) for each in (OURS, THEIRS, "123456", "NL91ABNA0417164301", "")}
    assert [each for each, is_wrong in wrong.items() if is_wrong] == ["NL91ABNA0417164301"]
