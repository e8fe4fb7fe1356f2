"""What people decide: book, split, undo; nothing is erased, and money is never made or lost."""

import threading
from datetime import date

import pytest

from huishoudboekje.day import taking_in
from huishoudboekje.domain.errors import NotAllowed, NotFound
from huishoudboekje.storage import ledger, occurrences
from ingest.by_hand import AlreadyBooked, NothingToUndo, OtherDirection, Part, PartsDoNotAddUp
from ingest.states import BookedOn, BookingStatus
from ingest.store import SeveralTransactions
from tests.day.branch import ACCOUNT, ADA, EVA, WAGE, Branch, line


@pytest.fixture
def unknown(branch: Branch) -> str:
    """The id of a credit of € 300 from nobody that is known."""
    branch.begin()
    branch.take_in(branch.statement(line(30000, name="Tante Riet", bank_reference="R1")))
    (row,) = branch.listed()
    assert row["status"] == "queued"
    return str(row["id"])


def test_a_credit_booked_on_a_household_leaves_suspense_and_repays(branch: Branch, unknown: str) -> None:
    with branch.session() as session:
        taking_in.book(session, unknown, Part(30000, household_id="H000001"), ADA)
    balances = branch.balances()
    assert f"suspense:{ACCOUNT}" not in balances
    assert balances["advance:H000001"] == 120000 - (12050 + 30000)
    (row,) = branch.listed()
    assert (row["status"], row["household"]) == ("matched", "H000001")
    assert branch.close().complete


def test_the_banks_reference_names_a_transaction_where_it_is_unique(branch: Branch, unknown: str) -> None:
    with branch.session() as session:
        assert taking_in.book(session, "R1", Part(30000, own_purpose="gifts"), ADA) == unknown
    assert branch.balances()["own:gifts"] == -30000


def test_a_reference_that_comes_twice_is_refused_with_the_ids(branch: Branch) -> None:
    branch.begin()
    branch.take_in(branch.statement(line(100, bank_reference="R1"), line(200, entry=2, bank_reference="R1")))
    with branch.session() as session, pytest.raises(SeveralTransactions) as told:
        taking_in.book(session, "R1", Part(100, household_id="H000001"), ADA)
    for row in branch.listed():
        assert str(row["id"]) in told.value.sentence


def test_a_split_adds_up_and_is_undone_as_a_whole(branch: Branch, unknown: str) -> None:
    before = branch.balances()
    parts = [
        Part(10000, household_id="H000001"),
        Part(15000, household_id="H000002"),
        Part(5000, own_purpose="costs"),
    ]
    with branch.session() as session:
        taking_in.split(session, unknown, parts, ADA)
    balances = branch.balances()
    assert balances["household:H000002"] == 15000
    assert balances["own:costs"] == -5000
    assert branch.close().complete
    with branch.session() as session:
        taking_in.unbook(session, unknown, "verkeerd verdeeld", ADA)
    assert branch.balances() == before
    assert branch.close().complete


@pytest.mark.parametrize("cents", [[29999], [20000, 10001], [30000, 0], [-100, 30100]])
def test_parts_that_do_not_add_up_are_refused(branch: Branch, unknown: str, cents: list[int]) -> None:
    parts = [Part(each, household_id="H000002") for each in cents]
    with branch.session() as session, pytest.raises(PartsDoNotAddUp):
        taking_in.split(session, unknown, parts, ADA)


def test_what_is_booked_is_not_booked_again(branch: Branch, unknown: str) -> None:
    with branch.session() as session:
        taking_in.book(session, unknown, Part(30000, household_id="H000002"), ADA)
    with branch.session() as session, pytest.raises(AlreadyBooked):
        taking_in.book(session, unknown, Part(30000, household_id="H000001"), ADA)


def test_what_waits_cannot_be_undone(branch: Branch, unknown: str) -> None:
    with branch.session() as session, pytest.raises(NothingToUndo):
        taking_in.unbook(session, unknown, "zomaar", ADA)


def test_an_income_is_not_booked_on_a_cost(branch: Branch, unknown: str) -> None:
    with branch.session() as session, pytest.raises(OtherDirection):
        taking_in.book(session, unknown, Part(30000, agreement_id="A0000002"), ADA)


def test_what_does_not_exist_is_said(branch: Branch, unknown: str) -> None:
    for part in (Part(30000, agreement_id="A9"), Part(30000, household_id="H9")):
        with branch.session() as session, pytest.raises(NotFound):
            taking_in.book(session, unknown, part, ADA)


def test_who_may_not_book_is_told(branch: Branch, unknown: str) -> None:
    with branch.session() as session, pytest.raises(NotAllowed):
        taking_in.book(session, unknown, Part(30000, household_id="H000002"), EVA)


def test_undoing_an_income_that_was_spent_is_carried_by_the_advance(branch: Branch) -> None:
    branch.begin(households__0__opening__advance="0.00")
    branch.take_in(branch.statement(line(180000, **WAGE)))
    branch.take_in(
        branch.statement(
            line(-150000, on=date(2026, 1, 5), name="Deurwaarder"),
            sequence=2,
            on=date(2026, 1, 5),
            opening=branch.statement(line(180000)).balances[1].amount,
        )
    )
    wage, debit = (str(row["id"]) for row in branch.listed())
    with branch.session() as session:
        taking_in.book(session, debit, Part(150000, household_id="H000001"), ADA)
        taking_in.unbook(session, wage, "hoort bij een ander", ADA)
    balances = branch.balances()
    # 120.50 + 1800.00 - 1500.00 = 420.50 own money; 1800.00 goes back: 1000.00 of the limit,
    # 379.50 beyond it.
    assert "household:H000001" not in balances
    assert (balances["advance:H000001"], balances["excess:H000001"]) == (100000, 37950)
    assert balances[f"suspense:{ACCOUNT}"] == 180000
    assert branch.close().complete


def test_a_debit_by_hand_on_an_agreement_closes_its_occurrence(branch: Branch) -> None:
    branch.begin()
    branch.take_in(branch.statement(line(-61234, name="De Merwe", iban="NL89RABO0401404241")))
    (row,) = branch.listed()
    with branch.session() as session:
        taking_in.book(session, str(row["id"]), Part(61234, agreement_id="A0000002"), ADA)
        taken = occurrences.taken(session, date(2025, 12, 1), date(2026, 2, 1))
        assert [(each.agreement_id, each.due_on) for each in taken] == [("A0000002", date(2025, 12, 31))]
    with branch.session() as session:
        taking_in.unbook(session, str(row["id"]), "toch niet", ADA)
        assert occurrences.taken(session, date(2025, 12, 1), date(2026, 2, 1)) == set()
    assert branch.close().complete


def test_every_decision_stays_in_the_history(branch: Branch, unknown: str) -> None:
    with branch.session() as session:
        taking_in.book(session, unknown, Part(30000, household_id="H000002"), ADA)
    with branch.session() as session:
        taking_in.unbook(session, unknown, "vergissing", ADA)
    with branch.session() as session:
        taking_in.book(session, unknown, Part(30000, household_id="H000001"), ADA)
        listed, history = taking_in.transaction(session, unknown, ADA)
    assert [each.status for each in history] == [
        BookingStatus.QUEUED,
        BookingStatus.BY_HAND,
        BookingStatus.QUEUED,
        BookingStatus.BY_HAND,
    ]
    assert history[2].reason == "vergissing"
    assert listed.booked.booked_on is BookedOn.HOUSEHOLD
    with branch.session() as session:
        kinds = [each.entry.kind for each in ledger.entries_of_transaction(session, listed.line.id)]
    assert [kind.value for kind in kinds] == ["suspense", "income", "reversal", "income", "repayment"]


def test_of_two_people_who_book_at_once_one_wins_and_one_is_told(branch: Branch, unknown: str) -> None:
    told: list[str] = []
    ready = threading.Barrier(2)

    def book(household: str) -> None:
        ready.wait()
        try:
            with branch.session() as session:
                taking_in.book(session, unknown, Part(30000, household_id=household), ADA)
            told.append("booked")
        except AlreadyBooked:
            told.append("told")

    people = [threading.Thread(target=book, args=[each]) for each in ("H000001", "H000002")]
    for each in people:
        each.start()
    for each in people:
        each.join()
    assert sorted(told) == ["booked", "told"]
    assert branch.close().complete
