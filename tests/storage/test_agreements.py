from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.orm import Session

from huishoudboekje.domain.agreements import Schedule, Unit
from huishoudboekje.domain.errors import NotFound
from huishoudboekje.domain.schedule import occurrences
from huishoudboekje.storage import agreements, people
from tests.storage.conftest import BY, RENT


def test_what_was_agreed_is_read_as_it_was_written(session: Session) -> None:
    assert agreements.agreement(session, RENT.id) == RENT
    assert agreements.for_households(session, ["H000001", "H9"]) == {"H000001": [RENT], "H9": []}
    assert agreements.all_on(session, date(2026, 3, 1), date(2026, 3, 31)) == [RENT]
    with pytest.raises(NotFound):
        agreements.agreement(session, "A9")


def test_each_version_answers_for_its_own_days(session: Session) -> None:
    dearer = replace(RENT, amount_cents=63000)
    agreements.add_version(session, dearer, date(2026, 3, 1), BY)
    old, new = agreements.all_on(session)
    since, until = date(2026, 1, 1), date(2026, 5, 1)
    assert [date(2026, 1, 1), date(2026, 2, 1)] == [each.due_on for each in occurrences(old, since, until)]
    assert [date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)] == [
        each.due_on for each in occurrences(new, since, until)
    ]
    assert [each.amount_cents for each in agreements.all_on(session, date(2026, 3, 1))] == [63000]
    assert [each.amount_cents for each in agreements.all_on(session, until=date(2026, 2, 28))] == [61234]


def test_a_later_version_with_an_earlier_day_replaces_what_was_planned(session: Session) -> None:
    agreements.add_version(session, replace(RENT, amount_cents=70000), date(2026, 6, 1), BY)
    agreements.add_version(session, replace(RENT, amount_cents=65000), date(2026, 4, 1), BY)
    assert [each.amount_cents for each in agreements.all_on(session)] == [61234, 65000]


def test_what_was_known_before_a_change_can_still_be_asked(session: Session) -> None:
    before = agreements.versions(session, RENT.id)[0].recorded_at
    agreements.add_version(session, replace(RENT, amount_cents=70000), date(2026, 6, 1), BY)
    assert agreements.all_on(session, known_at=before) == [RENT]


def test_an_agreement_is_found_by_account_and_by_reference(session: Session) -> None:
    assert agreements.by_iban(session, ["NL89RABO0401404241", "NL20INGB0001234567"]) == [RENT]
    assert agreements.by_reference_key(session, ["12345"]) == [RENT]
    assert agreements.by_reference_key(session, ["0012345"]) == []


@pytest.mark.parametrize(
    ("ends_on", "expected"),
    [
        (date(2026, 3, 31), [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]),
        (date(2026, 1, 1), [date(2026, 1, 1)]),
        (date(2025, 12, 31), []),
    ],
)
def test_an_agreement_ends(session: Session, ends_on: date, expected: list[date]) -> None:
    agreements.end(session, RENT.id, ends_on, BY)
    assert expected == [
        each.due_on
        for version in agreements.all_on(session)
        for each in occurrences(version, date(2026, 1, 1), date(2026, 12, 31))
    ]


def test_an_agreement_ends_before_a_version_that_was_still_to_come(session: Session) -> None:
    agreements.add_version(session, replace(RENT, amount_cents=70000), date(2026, 6, 1), BY)
    agreements.end(session, RENT.id, date(2026, 3, 31), BY)
    due = [
        (each.due_on, version.amount_cents)
        for version in agreements.all_on(session)
        for each in occurrences(version, date(2026, 2, 1), date(2027, 12, 31))
    ]
    assert due == [(date(2026, 2, 1), 61234), (date(2026, 3, 1), 61234)]


def test_an_agreement_cannot_end_long_before_it_starts(session: Session) -> None:
    with pytest.raises(agreements.EndsBeforeItStarts):
        agreements.end(session, RENT.id, date(2025, 12, 30), BY)


def test_nothing_falls_due_after_a_household_closed(session: Session) -> None:
    people.close_household(session, "H000001", date(2026, 2, 14), BY, "verhuisd")
    (last,) = agreements.all_on(session)
    assert date(2026, 2, 14) == last.applies_until
    assert agreements.all_on(session, date(2026, 2, 15)) == []


def test_the_same_agreement_is_added_once(session: Session) -> None:
    with pytest.raises(agreements.AgreementExists):
        agreements.add_agreements(
            session, [replace(RENT, schedule=Schedule(Unit.ONCE, date(2026, 1, 1)))], date(2026, 1, 1), BY
        )
