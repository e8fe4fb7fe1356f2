"""The demo: a whole month of a fictional municipality, from its first statement to its last day's close."""

from __future__ import annotations

import gc
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import event, text

from bank_formats import pain001
from huishoudboekje.day import closing, paying, ruling, taking_in
from huishoudboekje.demo import homes, month, stories, told, town
from huishoudboekje.domain.access import SYSTEM
from huishoudboekje.domain.agreements import LIVING_MONEY
from huishoudboekje.domain.ledger import advance
from huishoudboekje.domain.signals import SignalKind
from huishoudboekje.settings import settings
from huishoudboekje.storage import installation, ledger
from huishoudboekje.storage.db import Database, plain
from ingest.states import BookedOn, BookingStatus
from payouts.batch import BatchLine, BatchState, PaymentState

pytestmark = pytest.mark.slow

DAYS = 22


@contextmanager
def living_in(home: Path, database: Database) -> Generator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUISHOUDBOEKJE_HOME", str(home))
        patch.setenv("DATABASE_URL", plain(database.owner_url))
        settings.cache_clear()
        yield
    settings.cache_clear()


@dataclass
class Lived:
    """A month that was lived, and what it came to."""

    database: Database
    home: Path
    outcome: month.Outcome

    def held(self) -> list[BatchLine]:
        with self.database.transaction() as session:
            return paying.held(session, SYSTEM)


@pytest.fixture(scope="module")
def lived(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Generator[Lived]:
    """The month, lived once for all tests that only look."""
    home = tmp_path_factory.mktemp("demo")
    with living_in(home, module_database):
        yield Lived(module_database, home, month.run(module_database, reset_first=False))


@pytest.fixture(autouse=True)
def _clock(request: pytest.FixtureRequest) -> None:
    """The clock stands at the end of the month again, which another test may have let run."""
    if "lived" in request.fixturenames:
        one: Lived = request.getfixturevalue("lived")
        with one.database.anywhere() as session:
            installation.start_clock(session)


def test_every_day_of_the_month_is_closed_with_nothing_unexplained(lived: Lived) -> None:
    with lived.database.transaction() as session:
        found = list(told.days(session))
        for each in found:
            close = closing.close_day(session, each.on, SYSTEM)
            assert close.complete, [one.sentence for one in close.differences]
        assert closing.verify(session, SYSTEM).broken == []
    assert [each.on for each in found] == list(month.bank_days())
    assert len(found) == DAYS
    assert all(each.signed_by for each in found)


def test_nearly_all_lines_are_booked_by_themselves_and_the_rest_is_asked(lived: Lived) -> None:
    with lived.database.transaction() as session:
        found = list(told.days(session))
        queued = {each.line.ref for each in taking_in.transactions(session, SYSTEM, queued=True)}
    lines = sum(each.lines for each in found)
    asked = lines - sum(each.matched for each in found)
    assert lines > 400
    assert 5 <= asked <= 15
    assert {"NABETALING260330", "TOESLAG260330", "SPORT260331", "ONBEKEND260331"} <= queued
    assert queued <= {each.ref for each in stories.TOLD}


def test_no_line_is_booked_on_another_household_than_its_own(lived: Lived) -> None:
    agreements = {each.id: home.id for home in homes.homes() for each in home.agreements}
    with lived.database.transaction() as session:
        for each in taking_in.transactions(session, SYSTEM, limit=2000):
            if each.booked.booked_on is BookedOn.AGREEMENT and each.booked.agreement_id:
                end_to_end_id = each.line.end_to_end_id or ""
                assert agreements[each.booked.agreement_id] == each.booked.household_id
                # Payers and creditors of the demo write the agreement's number behind their own.
                if "A" in end_to_end_id and each.booked.status is BookingStatus.MATCHED:
                    assert end_to_end_id.endswith(each.booked.agreement_id)


def test_each_payment_file_is_valid_and_reads_back_as_the_same_payments(lived: Lived) -> None:
    with lived.database.transaction() as session:
        sent = [
            paying.batch(session, each.id, SYSTEM)
            for each in paying.batches(session, SYSTEM, [BatchState.SENT], 200)
        ]
    files = {path.stem: path for path in month.out_folder().glob("*.xml")}
    assert {each.summary.payment_information_id for each in sent} == files.keys()
    assert {each.summary.planned_on for each in sent} == set(month.bank_days())
    for batch in sent:
        path = files[batch.summary.payment_information_id]
        with path.open("rb") as stream:
            pain001.validate(stream, "09")
        with path.open("rb") as stream:
            ((head, payments),) = [(head, list(payments)) for head, payments in pain001.read(stream)]
        assert (head.debtor_iban, head.execution_date, head.batch_booking) == (
            batch.summary.debtor_iban,
            batch.summary.execution_on,
            batch.summary.debtor_iban == town.ACCOUNTS[1].iban,
        )
        assert [
            (each.end_to_end_id, each.amount_cents, each.creditor_iban, each.reference) for each in payments
        ] == [
            (each.end_to_end_id, each.amount_cents, each.counter_iban, each.reference)
            for each in batch.payments
        ]


def test_all_that_was_sent_is_settled_but_one_that_came_back(lived: Lived) -> None:
    with lived.database.transaction() as session:
        batches = paying.batches(session, SYSTEM, [BatchState.SENT], 200)
        payments = [one for each in batches for one in paying.batch(session, each.id, SYSTEM).payments]
    back = [each for each in payments if each.state is not PaymentState.SETTLED]
    assert [(each.household_id, each.state) for each in back] == [
        (homes.home(homes.MOVED_BANK).id, PaymentState.RETURNED)
    ]
    assert any(each.refund_of for each in payments), "a batch that the bank booked as one"


def test_what_came_back_has_a_signal_in_plain_dutch_and_is_held_once_more(lived: Lived) -> None:
    moved = homes.home(homes.MOVED_BANK)
    with lived.database.transaction() as session:
        signals = ruling.open_signals(session, SYSTEM, moved.id)
    (returned,) = [each for each in signals if each.kind is SignalKind.RETURNED]
    assert "kwam terug op 30 maart 2026: de rekening is opgeheven" in returned.sentence
    agreed = moved.agreement(LIVING_MONEY)
    assert [each.amount_cents for each in lived.held() if each.household_id == moved.id] == [agreed.cents]


def test_what_does_not_fit_under_the_limit_is_held_whole(lived: Lived) -> None:
    limit = homes.home(homes.AT_LIMIT)
    (held,) = [each for each in lived.held() if each.household_id == limit.id]
    assert held.amount_cents == limit.agreement("energy").cents
    assert held.explanation.startswith("Aangehouden:")


def test_a_household_that_is_short_gets_an_advance_and_repays_it_from_income(lived: Lived) -> None:
    short = homes.home(homes.SHORT)
    with lived.database.transaction() as session:
        owed = [
            ledger.balances_on(session, day, short.id).get(advance(short.id), 0) for day in month.bank_days()
        ]
    assert max(owed) > 40_000
    assert owed[-1] == 0


def test_day_31_is_paid_on_the_31st_and_the_four_weekly_wage_is_booked(lived: Lived) -> None:
    rent = homes.home(homes.DAY_31).agreement("rent")
    wage = homes.home(homes.FOUR_WEEKLY).agreement("wage")
    with lived.database.transaction() as session:
        lines = {
            each.booked.agreement_id: each.line
            for each in taking_in.transactions(session, SYSTEM, limit=2000)
            if each.booked.agreement_id in {rent.id, wage.id}
        }
    assert (lines[rent.id].booked_on, lines[rent.id].amount_cents) == (town.LAST_DAY, -rent.cents)
    assert (lines[wage.id].booked_on, lines[wage.id].amount_cents) == (date(2026, 3, 5), wage.cents)


def test_names_in_other_letters_arrive_readable(lived: Lived) -> None:
    files = b"".join(path.read_bytes() for path in month.out_folder().glob("*.xml")).decode()
    assert "Dordevic" in files
    assert "Nguyen" in files


def test_one_payment_is_left_for_a_newcomer_to_approve(lived: Lived) -> None:
    with lived.database.transaction() as session:
        (left,) = paying.batches(session, SYSTEM, [BatchState.PROPOSED])
        assert left.proposed_by == town.SANNE.id


def test_repeating_the_demo_changes_nothing_and_says_so(lived: Lived) -> None:
    def rows() -> list[tuple[object, ...]]:
        tables = ("ledger_entry", "audit_event", "payment_step", "batch_step", "signal_step", "archived_file")
        with lived.database.transaction() as session:
            return [
                tuple(session.execute(text(f"SELECT count(*), max(id) FROM {each}")).one())
                if each in {"ledger_entry", "audit_event", "archived_file"}
                else tuple(session.execute(text(f"SELECT count(*) FROM {each}")).one())
                for each in tables
            ]

    before = rows()
    again = month.run(lived.database, reset_first=False)
    assert again == month.Outcome(changed=False, ledger_hash=lived.outcome.ledger_hash)
    assert rows() == before
    out = StringIO()
    told.told(Console(file=out, width=told.WIDE), lived.database, again)
    assert "Er is niets veranderd." in out.getvalue()
    assert "Aangehouden" in out.getvalue()
    assert "Teruggekomen" in out.getvalue()


def test_an_installation_that_is_no_demo_is_left_alone(installed: Database) -> None:
    with installed.anywhere() as session:
        installation.add_municipality(session, "echt", "Gemeente Echt")
    for reset in (True, False):
        with pytest.raises(month.NotADemo):
            month.run(installed, reset_first=reset)
    with installed.anywhere() as session:
        assert list(installation.municipalities(session)) == ["echt"]


class Killed(BaseException):
    """As if the process were gone."""


# What is killed closes no cursors.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("seed", [1, 2])
def test_a_demo_that_was_killed_time_and_again_comes_to_the_same_end(
    seed: int, lived: Lived, empty_database: Database, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    with living_in(tmp_path, empty_database):
        kills = 0
        outcome = None
        while outcome is None:
            left = chance.randrange(20, 600)

            def count(*_: object) -> None:
                nonlocal left
                left -= 1
                if not left:
                    raise Killed

            if kills < 25:
                event.listen(empty_database.engine, "before_cursor_execute", count)
            try:
                outcome = month.run(empty_database, reset_first=False)
            except Killed:
                kills += 1
                empty_database.engine.dispose()
                del empty_database.__dict__["engine"]
    gc.collect()
    assert kills > 10
    assert outcome == month.Outcome(changed=True, ledger_hash=lived.outcome.ledger_hash)


def test_the_process_may_be_killed_and_reset_begins_anew_with_the_same_end(
    lived: Lived, empty_database: Database, tmp_path: Path
) -> None:
    environment = {
        **os.environ,
        "HUISHOUDBOEKJE_HOME": str(tmp_path),
        "DATABASE_URL": plain(empty_database.owner_url),
    }
    command = [sys.executable, "-m", "huishoudboekje", "demo", "--no-serve"]
    chance = random.Random(3)
    with living_in(tmp_path, empty_database):
        for _ in range(3):
            with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as running:
                time.sleep(3 + 4 * chance.random())
                running.send_signal(signal.SIGKILL)
        begun = month.run(empty_database, reset_first=False)
        again = month.run(empty_database, reset_first=True)
    assert begun.ledger_hash == lived.outcome.ledger_hash
    assert again == month.Outcome(changed=True, ledger_hash=lived.outcome.ledger_hash)
