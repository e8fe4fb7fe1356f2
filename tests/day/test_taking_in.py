"""A bank file goes in once, whole or not at all, and the chain of balances judges what comes again."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from huishoudboekje.day import taking_in
from huishoudboekje.domain.errors import Refused
from huishoudboekje.storage import archive
from ingest import store
from ingest.statements import FileRefused, NotAStatement, NotInEuro, UnknownAccount
from tests.day.branch import ACCOUNT, ADA, OPENING, WAGE, Branch, line

FRIDAY, MONDAY, TUESDAY = date(2026, 1, 2), date(2026, 1, 5), date(2026, 1, 6)


def test_income_goes_to_the_household_and_repays_what_it_owes_above_the_floor(branch: Branch) -> None:
    branch.begin()
    summary = branch.take_in(branch.statement(line(180000, **WAGE)))
    assert (summary.transactions, summary.matched, summary.queued) == (1, 1, 0)
    balances = branch.balances()
    # 120.50 + 1800.00 came to 1920.50; 1200.00 was owed; the living money of the month is 80.00.
    assert (balances["household:H000001"], balances.get("advance:H000001", 0)) == (72050, 0)
    assert branch.close().complete


def test_the_same_file_again_changes_nothing_and_says_so(branch: Branch) -> None:
    branch.begin()
    branch.take_in(branch.statement(line(180000, **WAGE), line(500, entry=2)))
    before = branch.balances()
    again = branch.take_in_file(branch.files[0])
    assert (again.known, again.transactions, again.doubles) == (True, 0, 2)
    assert branch.balances() == before


def test_the_same_lines_in_another_file_are_known_by_their_content(branch: Branch) -> None:
    branch.begin()
    branch.take_in(branch.statement(line(180000, **WAGE), line(500, entry=2)))
    before = branch.balances()
    redelivered = branch.take_in(branch.statement(line(180000, **WAGE), line(500, entry=2), sequence=77))
    assert (redelivered.known, redelivered.transactions, redelivered.doubles) == (False, 0, 2)
    assert branch.balances() == before
    assert branch.close().complete


def test_two_lines_alike_on_one_statement_are_two(branch: Branch) -> None:
    branch.begin()
    summary = branch.take_in(branch.statement(line(500), line(500, entry=2)))
    assert summary.transactions == 2
    assert branch.balances()[f"suspense:{ACCOUNT}"] == 1000


def test_a_second_statement_of_the_day_with_a_line_alike_is_another_payment(branch: Branch) -> None:
    branch.begin()
    branch.take_in(branch.statement(line(500)))
    second = branch.take_in(branch.statement(line(500), sequence=2, opening=OPENING + 5))
    assert (second.transactions, second.doubles) == (1, 0)
    assert branch.balances()[f"suspense:{ACCOUNT}"] == 1000
    assert branch.close().complete


def test_an_overlapping_statement_adds_only_what_is_new(branch: Branch) -> None:
    branch.begin()
    branch.take_in(branch.statement(line(500)))
    both = branch.statement(line(500), line(700, entry=2, on=MONDAY), sequence=2, on=MONDAY)
    both.from_date = FRIDAY
    summary = branch.take_in(both)
    assert (summary.transactions, summary.doubles) == (1, 1)
    assert branch.balances()[f"suspense:{ACCOUNT}"] == 1200
    assert branch.close().complete


def test_lines_that_came_before_in_a_statement_that_does_not_fit_are_kept_aside(branch: Branch) -> None:
    branch.begin()
    branch.take_in(branch.statement(line(500)))
    odd = branch.take_in(
        branch.statement(line(500), line(900, entry=2), sequence=9, opening=Decimal("31.00"))
    )
    assert (odd.transactions, odd.kept_aside) == (0, 2)
    assert "sluiten niet op elkaar aan" in odd.asides[0]
    closed = branch.close()
    assert (closed.explained, closed.complete, len(closed.asides)) == (True, False, 1)


def test_a_statement_that_does_not_add_up_is_kept_aside_until_a_person_accepts_it(branch: Branch) -> None:
    branch.begin()
    wrong = branch.statement(line(500))
    wrong.balances[1] = wrong.balances[1]._replace(amount=OPENING)
    summary = branch.take_in(wrong)
    assert (summary.transactions, summary.kept_aside) == (0, 1)
    assert "€ 5,00" in summary.asides[0]
    assert f"suspense:{ACCOUNT}" not in branch.balances()
    with branch.session() as session:
        (aside,) = store.statements(session)
        accepted = taking_in.accept_statement(session, aside.id, "De bank bevestigt dit.", ADA)
    assert accepted.transactions == 1
    assert branch.balances()[f"suspense:{ACCOUNT}"] == 500
    assert not branch.close().explained  # its closing balance still is not what was booked


def test_pages_of_a_statement_wait_for_each_other(branch: Branch) -> None:
    branch.begin()
    first, second = branch.statement(line(500)), branch.statement(line(700), opening=OPENING + 5)
    first.page, first.is_last_page = 1, False
    second.page, second.is_last_page = 2, True
    first.balances.pop()
    second.balances.pop(0)
    waiting = branch.take_in(first)
    assert (waiting.transactions, waiting.kept_aside) == (0, 1)
    complete = branch.take_in(second)
    assert complete.transactions == 2
    assert complete.kept_aside == 0
    assert branch.balances()[f"suspense:{ACCOUNT}"] == 1200
    assert branch.close().complete


def test_a_missing_statement_is_named_until_it_comes(branch: Branch) -> None:
    branch.begin()
    branch.take_in(branch.statement(line(500)))
    third = branch.take_in(
        branch.statement(
            line(900, on=date(2026, 1, 6)), sequence=3, on=date(2026, 1, 6), opening=OPENING + 12
        )
    )
    (gap,) = third.gaps
    assert (gap.missing, gap.amount_cents) == ((2,), 700)
    closed = branch.close()
    assert (closed.explained, closed.complete) == (True, False)
    second = branch.take_in(
        branch.statement(line(700, on=MONDAY), sequence=2, on=MONDAY, opening=OPENING + 5)
    )
    assert second.gaps == []
    assert branch.close().complete


def test_an_empty_statement_continues_the_chain_and_comes_once(branch: Branch) -> None:
    branch.begin()
    branch.take_in(branch.statement())
    branch.take_in(branch.statement())
    with branch.session() as session:
        assert len(store.statements(session)) == 1
    other = branch.take_in(branch.statement(line(100, on=MONDAY), sequence=2, on=MONDAY))
    assert other.gaps == []
    assert branch.close().complete


def test_a_statement_from_before_the_account_starts_is_listed_and_not_booked(branch: Branch) -> None:
    branch.begin()
    old = branch.take_in(
        branch.statement(line(500, on=date(2025, 1, 5)), on=date(2025, 1, 5), opening=Decimal("1.00"))
    )
    assert (old.transactions, old.before_start) == (0, 1)
    assert branch.listed() == []
    assert branch.close(FRIDAY).explained


def test_what_details_leave_of_their_entry_is_asked_and_the_bank_still_agrees(branch: Branch) -> None:
    branch.begin()
    parts = [
        line(400, part=1, entry_amount=Decimal("10.00"), name="A"),
        line(500, part=2, entry_amount=Decimal("10.00"), name="B"),
    ]
    summary = branch.take_in(branch.statement(*parts))
    assert (summary.transactions, summary.queued) == (3, 3)
    assert branch.balances()[f"suspense:{ACCOUNT}"] == 1000
    assert branch.close().complete


@pytest.mark.parametrize(
    ("content", "refused", "says"),
    [
        (b"", FileRefused, "leeg"),
        (b"<html><body>Inloggen</body></html>", FileRefused, "."),
        (b"<?xml version='1.0'?><Document><BkToCstmrStmt>", FileRefused, "."),
    ],
)
def test_a_refused_file_leaves_nothing(
    branch: Branch, content: bytes, refused: type[Refused], says: str
) -> None:
    branch.begin()
    path = branch.folder / "broken.xml"
    path.write_bytes(content)
    with pytest.raises(refused) as told:
        branch.take_in_file(path)
    assert "broken.xml" in told.value.sentence
    assert says in told.value.sentence
    assert branch.listed() == []
    with branch.session() as session:
        assert [each.name for each in archive.files(session, archive.FileKind.STATEMENT)] == []


def test_a_file_cut_off_half_way_leaves_nothing_of_its_first_half(branch: Branch) -> None:
    branch.begin()
    whole = branch.file(branch.statement(line(500), line(700, entry=2)))
    cut = branch.folder / "cut.xml"
    cut.write_bytes(whole.read_bytes()[:-200])
    with pytest.raises(FileRefused):
        branch.take_in_file(cut)
    assert branch.listed() == []
    assert branch.take_in_file(whole).transactions == 2


def test_a_file_is_refused_whole_when_its_last_statement_is_of_another_account(branch: Branch) -> None:
    branch.begin()
    stranger = branch.statement(line(700))
    stranger.account = "NL91ABNA0417164300"
    with pytest.raises(UnknownAccount):
        branch.take_in(branch.statement(line(500)), stranger)
    assert branch.listed() == []


def test_an_account_in_another_currency_is_refused(branch: Branch) -> None:
    branch.begin()
    dollars = branch.statement(line(500))
    dollars.currency = "USD"
    with pytest.raises(NotInEuro):
        branch.take_in(dollars)


def test_an_intraday_report_never_books(branch: Branch, shared: Path) -> None:
    branch.begin()
    with pytest.raises(NotAStatement):
        branch.take_in_file(shared / "corpus" / "camt052" / "genkgo-v08.xml")


def test_a_payment_of_the_previous_system_is_carried_by_own_money_then_advance_then_excess(
    branch: Branch,
) -> None:
    branch.begin(
        payments=(
            "end_to_end_id,payment_information_id,household,agreement,due_date,execution_date,amount,"
            "counter_iban,batch_booking\n"
            "HHB1,HHBB1,H000001,A0000002,2025-12-31,2025-12-31,612.34,NL89RABO0401404241,true\n"
        ),
        households__0__opening__advance="800.00",
    )
    summary = branch.take_in(
        branch.statement(line(-61234, end_to_end_id="HHB1", iban="NL89RABO0401404241", name="De Merwe"))
    )
    assert summary.matched == 1
    balances = branch.balances()
    # 120.50 own money, then 200.00 of the limit of 1,000.00 was left, the rest is beyond it.
    assert "household:H000001" not in balances
    assert (balances["advance:H000001"], balances["excess:H000001"]) == (100000, 61234 - 12050 - 20000)
    assert branch.close().complete
