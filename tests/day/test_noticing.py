"""What did not come is noticed, and forgotten when it comes."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from huishoudboekje import clock
from huishoudboekje.day import noticing, taking_in
from huishoudboekje.domain.access import SYSTEM
from huishoudboekje.storage.db import Database
from tests.kill import small

LATER = date(2026, 11, 10)


@pytest.fixture
def town(installed: Database, tmp_path: Path) -> Database:
    """Households whose wage is due on the 2nd, looked at nine days later."""
    small.install(installed, tmp_path)
    clock.stand_at(datetime(2026, 11, 11, 9, tzinfo=clock.AMSTERDAM))
    return installed


def noticed(town: Database) -> noticing.Noticed:
    with town.transaction() as session:
        return noticing.notice(session, clock.today(), SYSTEM)


def taken_in(town: Database, path: Path) -> None:
    with town.transaction() as session:
        taking_in.take_in(session, path, path.name, small.ANS)


def test_what_no_statement_covers_is_not_called_late(town: Database) -> None:
    assert noticed(town) == noticing.Noticed(0, 0, 0)


def test_a_wage_that_stays_away_is_late_until_it_comes(town: Database, tmp_path: Path) -> None:
    taken_in(town, small.statement(tmp_path, times=0, on=LATER))
    assert noticed(town) == noticed(town) == noticing.Noticed(small.HOUSEHOLDS, 0, 0)
    with town.transaction() as session:
        said = session.scalars(text("SELECT DISTINCT kind FROM signal WHERE solved_at IS NULL")).all()
    assert "late" in said
    taken_in(town, small.statement(tmp_path, on=date(2026, 11, 11)))
    assert noticed(town).late_or_missing == 0
    with town.transaction() as session:
        late = text("SELECT count(*) FROM signal WHERE kind = 'late' AND solved_at IS NULL")
        assert session.scalar(late) == 0


def test_a_missing_statement_is_told_until_it_is_in(town: Database, tmp_path: Path) -> None:
    with town.transaction() as session:
        assert len(noticing.tell_missing_statements(session, clock.today(), SYSTEM)) == 1
    assert noticed(town).statements_missing == 1
    taken_in(town, small.statement(tmp_path, times=0, on=LATER))
    assert noticed(town).statements_missing == 0
