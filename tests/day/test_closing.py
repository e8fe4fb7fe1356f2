"""A day is signed off when all that the bank has to tell of it is in."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from huishoudboekje.day import closing
from huishoudboekje.day.closing import DayNotComplete
from tests.day.branch import ACCOUNT, ADA, Branch, line

FRIDAY = date(2026, 1, 2)
MONDAY = date(2026, 1, 5)


def sign(branch: Branch, on: date) -> None:
    with branch.session() as session:
        closing.sign(session, closing.close_day(session, on, ADA), ADA)


@pytest.mark.parametrize("lines", [(), (line(500),)])
def test_a_day_waits_for_its_statement(branch: Branch, lines: tuple[()]) -> None:
    branch.begin()
    start = branch.close(FRIDAY)
    assert (start.explained, start.complete) == (True, False)
    assert start.missing == [f"Het afschrift van rekening {ACCOUNT} van 2 januari 2026 is er nog niet."]
    with pytest.raises(DayNotComplete, match=ACCOUNT):
        sign(branch, FRIDAY)
    branch.take_in(branch.statement(*lines))
    for days in range(3):  # the bank is closed in the weekend
        sign(branch, FRIDAY + timedelta(days=days))
    with pytest.raises(DayNotComplete, match="van 5 januari 2026"):
        sign(branch, MONDAY)


def test_before_the_account_begins_nothing_is_missing(branch: Branch) -> None:
    branch.begin()
    assert branch.close(date(2025, 12, 31)).complete
