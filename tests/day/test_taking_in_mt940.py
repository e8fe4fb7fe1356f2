"""An MT940 file books as camt.053 does, and the two together book nothing twice."""

from datetime import date
from pathlib import Path

import pytest

from ingest.statements import NotAStatement
from tests.day.branch import ACCOUNT, EMPLOYER, OPENING, WAGE, Branch, line

MONDAY = date(2026, 1, 5)
ENTRY = (
    ":61:2601020102C1800,00NTRFNONREF//B1\n"
    f":86:/CNTP/{EMPLOYER}/INGBNL2A/Bakkerij Jansen///REMI/USTD//SALARIS JP VAN DER BERG/\n"
)


def written(branch: Branch, entries: str = ENTRY, close: str = ":62F:C260102EUR21800,00\n-\n") -> Path:
    """A file of one day, as ING makes it."""
    path = branch.folder / "day.940"
    head = f":20:S1\n:25:{ACCOUNT}EUR\n:28C:1\n:60F:C260101EUR{OPENING:.2f}\n".replace(".", ",")
    path.write_text(head + entries + close, "ascii")
    return path


def test_a_day_in_mt940_is_booked_and_camt_goes_on_from_its_balance(branch: Branch) -> None:
    branch.begin()
    summary = branch.take_in_file(written(branch))
    assert (summary.transactions, summary.matched, summary.queued) == (1, 1, 0)
    following = branch.statement(line(500, on=MONDAY), sequence=2, on=MONDAY, opening=OPENING + 1800)
    assert (branch.take_in(following).transactions, branch.close().complete) == (1, True)


def test_the_same_day_as_camt_is_kept_aside_and_says_why(branch: Branch) -> None:
    branch.begin()
    branch.take_in_file(written(branch))
    before = branch.balances()
    again = branch.take_in(branch.statement(line(180000, **WAGE)))
    assert (again.transactions, again.kept_aside) == (0, 1)
    assert "al eerder ingelezen" in again.asides[0]
    assert branch.balances() == before


def test_an_mt942_never_books(branch: Branch) -> None:
    branch.begin()
    path = written(branch, close="")
    path.write_text(":942:\n" + path.read_text("ascii").replace(":60F:C260101", ":34F:"), "ascii")
    with pytest.raises(NotAStatement):
        branch.take_in_file(path)
