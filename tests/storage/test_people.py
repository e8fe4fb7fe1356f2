from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from huishoudboekje.domain.people import Address, Household
from huishoudboekje.storage import people
from tests.storage.conftest import BY

ELSEWHERE = Address("Parklaan", "7", "3387 RA", "Merwestad")


@pytest.mark.parametrize(
    "words",
    [
        "R000001",
        "H000001",
        "999999990",
        "9999 99 990",
        "NL20INGB0001234567",
        "NL20 INGB 0001 2345 67",
        "31-12-1980",
        "1980-12-31",
        "van der berg",
        "BERG J.P.",
        "eikenlaan 12a",
        "3394ck 12a",
        "3394 CK",
    ],
)
def test_a_resident_is_found_by_whatever_is_at_hand(session: Session, words: str) -> None:
    assert [each.id for each in people.find_residents(session, words)] == ["R000001"]


@pytest.mark.parametrize("words", ["R000002", "111222333", "31-02-1980", "Jansen", "%", "_______"])
def test_nobody_is_found_by_what_is_not_theirs(session: Session, words: str) -> None:
    assert people.find_residents(session, words) == []


def test_a_bsn_is_nowhere_in_the_database_as_it_is(session: Session) -> None:
    row = session.execute(text("SELECT resident::text AS said, bsn_encrypted FROM resident")).one()
    assert "999999990" not in row.said
    assert b"999999990" not in bytes(row.bsn_encrypted)
    assert people.resident(session, "R000001").bsn == "999999990"
    assert people.residents_without_bsn(session)[0].bsn == ""


def test_the_same_person_is_not_added_twice(session: Session) -> None:
    twin = replace(people.resident(session, "R000001"), id="R000002")
    with pytest.raises(people.BsnKnown, match="inwoner R000001 van huishouden H000001"):
        people.add_residents(session, [twin], date(2026, 1, 1), BY)


def test_what_happened_to_a_household_is_kept(session: Session) -> None:
    people.move_resident(session, "R000001", ELSEWHERE, date(2026, 2, 1), BY)
    people.change_resident(
        session, replace(people.resident(session, "R000001"), phone="+31612345678"), date(2026, 2, 2), BY
    )
    people.add_household(session, Household("H000002", 0, 0, date(2026, 2, 1)), BY)
    people.join_household(session, "R000001", "H000002", date(2026, 3, 1), BY)
    people.close_household(session, "H000001", date(2026, 3, 31), BY, "leeg")
    assert [each.change for each in people.history(session, "H000001")] == [
        "started",
        "joined",
        "moved",
        "changed",
        "left",
        "closed",
    ]
    assert [each.change for each in people.history(session, "H000002")] == ["started", "joined"]
    assert people.resident(session, "R000001").address == ELSEWHERE
    assert [each.id for each in people.households(session, open_on=date(2026, 4, 1))] == ["H000002"]


def test_nobody_joins_a_closed_household(session: Session) -> None:
    people.close_household(session, "H000001", date(2026, 3, 31), BY, "verhuisd")
    with pytest.raises(people.HouseholdClosed):
        people.join_household(session, "R000001", "H000001", date(2026, 4, 1), BY)
    with pytest.raises(people.HouseholdClosed):
        people.close_household(session, "H000001", date(2026, 4, 1), BY, "nog eens")


def test_a_change_of_nothing_is_no_step(session: Session) -> None:
    before = people.history(session, "H000001")
    people.change_resident(session, people.resident(session, "R000001"), date(2026, 2, 1), BY)
    assert before == people.history(session, "H000001")


@pytest.mark.parametrize("written", ["Nguyen", "NGUYEN", "Nguyễn", "nguyễn"])
def test_a_name_is_found_with_and_without_its_accents(session: Session, written: str) -> None:
    session.execute(text("UPDATE resident SET surname = 'Nguyễn' WHERE id = 'R000001'"))
    assert [each.id for each in people.find_residents(session, written)] == ["R000001"]
