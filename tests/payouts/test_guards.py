"""What the database refuses of payments, asked by the application's own role in SQL."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from huishoudboekje.storage import installation
from huishoudboekje.storage.db import DatabaseRefused, enter, municipality_id
from huishoudboekje.storage.encryption import keys
from payouts import pay
from payouts.batch import NEXT, PAYMENT_NEXT
from tests.payouts.town import ADA, BRAM, IBAN, MONDAY, Town

STEP = (
    "INSERT INTO batch_step (batch_id, step, state, by_user, channel, recorded_at)"
    " SELECT :id, 1 + coalesce(max(step), 0), :state, :by, 'web', now() FROM batch_step WHERE batch_id = :id"
)
EDIT = (
    "INSERT INTO payment_step"
    " (end_to_end_id, step, state, own_cents, advanced_cents, by_user, channel, recorded_at)"
    " SELECT end_to_end_id, :step, :state, cast(:own AS bigint), cast(:advanced AS bigint), :by, 'web', now()"
    " FROM payment WHERE batch_id = :id"
)
ADD = """
    INSERT INTO payment (end_to_end_id, batch_id, household_id, refund_of, amount_cents, own_cents,
      advanced_cents, agreed_cents, counter_name, counter_iban, remittance, execution_on, late, state,
      explanation, proposed_by, created_at)
    VALUES (:payment, :id, NULL, :refund_of, 1, 1, 0, 1, 'X', 'NL20INGB0001234567', '', cast(:day AS date),
      false, :state, '', :by, now())
"""


@pytest.fixture
def batch(town: Town) -> str:
    """A batch of one payment, proposed by Ada."""
    town.agree(town.household(500_00), 600_00)
    [batch_id] = town.propose()
    return batch_id


def step(town: Town, batch_id: str, state: str, by: str) -> None:
    town.sql(f"{STEP} RETURNING 1", id=batch_id, state=state, by=by)


def edit(
    town: Town, batch_id: str, state: str, by: str, number: int = 1, parts: tuple[int, int] | None = None
) -> None:
    own, advanced = parts or (None, None)
    town.sql(f"{EDIT} RETURNING 1", id=batch_id, state=state, by=by, step=number, own=own, advanced=advanced)


def refused(sentence: str) -> pytest.RaisesExc[DatabaseRefused]:
    return pytest.RaisesExc(DatabaseRefused, match=sentence)


def test_the_proposer_cannot_approve_in_sql(town: Town, batch: str) -> None:
    with refused("iemand anders keurt haar goed|mag niet goedkeuren"):
        step(town, batch, "approved", "ada")


def test_a_proposer_who_is_approver_too_cannot_approve_in_sql(town: Town) -> None:
    town.agree(town.household(500_00), 600_00)
    [batch_id] = town.propose(by=BRAM)
    with refused("iemand anders keurt haar goed"):
        step(town, batch_id, "approved", "bram")


def test_an_editor_cannot_approve_in_sql(town: Town, batch: str) -> None:
    edit(town, batch, "proposed", "bram")
    with refused("iemand anders keurt haar goed"):
        step(town, batch, "approved", "bram")


def test_who_adds_a_payment_cannot_approve_in_sql(town: Town, batch: str) -> None:
    town.sql(
        f"{ADD} RETURNING 1", payment="x", id=batch, refund_of=1, day=MONDAY, state="proposed", by="bram"
    )
    with refused("iemand anders keurt haar goed"):
        step(town, batch, "approved", "bram")


@pytest.mark.parametrize("by", ["eva", "system", "ada"])
def test_only_an_approver_approves_in_sql(town: Town, batch: str, by: str) -> None:
    with refused("mag niet goedkeuren"):
        step(town, batch, "approved", by)


def test_who_no_longer_works_here_approves_nothing(town: Town, batch: str) -> None:
    town.sql("UPDATE app_user SET active = false WHERE id = 'corrie' RETURNING 1")
    with refused("werkt hier niet"):
        step(town, batch, "approved", "corrie")


@pytest.mark.parametrize("state", ["exported", "sent", "doubted", "not_delivered"])
def test_no_step_is_skipped(town: Town, batch: str, state: str) -> None:
    with refused("kan niet"):
        step(town, batch, state, "corrie")


def test_an_approved_batch_has_no_file_before_it_is_made(town: Town, batch: str) -> None:
    town.approve(batch)
    with refused("nog geen bestand"):
        step(town, batch, "exported", "corrie")


@pytest.mark.parametrize("state", ["approved", "exported", "sent"])
def test_no_batch_begins_further_than_a_proposal(town: Town, batch: str, state: str) -> None:
    with refused("begint als voorstel"):
        town.sql(
            "INSERT INTO payment_batch"
            " (id, planned_on, execution_on, debtor_iban, payment_information_id, state, created_at)"
            " SELECT 'x', planned_on, execution_on, debtor_iban, 'x', :state, now() FROM payment_batch"
            " RETURNING 1",
            state=state,
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payment_batch SET state = 'approved'",
        "UPDATE payment SET amount_cents = 1",
        "UPDATE payment SET counter_iban = 'NL20INGB0001234567'",
        "UPDATE batch_step SET by_user = 'corrie'",
        "UPDATE payment_step SET by_user = 'corrie'",
        "DELETE FROM batch_step",
        "DELETE FROM payment",
        "TRUNCATE payment_step",
        "ALTER TABLE batch_step DISABLE TRIGGER ALL",
        "DROP TRIGGER step_batch ON batch_step",
        "SET session_replication_role = replica",
        "INSERT INTO batch_transition VALUES ('proposed', 'exported')",
        "CREATE OR REPLACE FUNCTION step_batch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "UPDATE batch_file SET sha256 = 'x'",
        "UPDATE limit_decision SET limit_cents = 1",
    ],
)
def test_the_application_cannot_change_what_is_written_or_what_guards_it(
    town: Town, batch: str, statement: str
) -> None:
    with pytest.raises((DBAPIError, DatabaseRefused)):
        town.sql(statement)


def test_nothing_is_added_to_an_approved_batch(town: Town, batch: str) -> None:
    town.approve(batch)
    with refused("geen betaling meer bij"):
        town.sql(
            f"{ADD} RETURNING 1", payment="x", id=batch, refund_of=1, day=MONDAY, state="proposed", by="dirk"
        )


@pytest.mark.parametrize("state", ["settled", "exported", "withdrawn", "returned"])
def test_a_payment_begins_as_a_proposal(town: Town, batch: str, state: str) -> None:
    with refused("begint als voorstel"):
        town.sql(f"{ADD} RETURNING 1", payment="x", id=batch, refund_of=1, day=MONDAY, state=state, by="dirk")


@pytest.mark.parametrize("state", ["exported", "settled", "returned", "not_delivered"])
def test_a_payment_does_not_leave_before_its_batch(town: Town, batch: str, state: str) -> None:
    with pytest.raises(DatabaseRefused):
        edit(town, batch, state, "corrie")


def test_an_approved_payment_is_not_edited(town: Town, batch: str) -> None:
    town.approve(batch)
    for state, by, parts in (
        ("withdrawn", "dirk", None),
        ("proposed", "dirk", (600_00, 0)),
        ("proposed", "system", (400_00, 200_00)),
    ):
        with refused("verandert niet meer"):
            edit(town, batch, state, by, parts=parts)
    edit(town, batch, "proposed", "system", parts=(600_00, 0))


def test_own_and_advanced_part_are_the_whole(town: Town, batch: str) -> None:
    with pytest.raises(DBAPIError):
        edit(town, batch, "proposed", "bram", parts=(1, 1))


def test_a_step_of_a_payment_is_not_numbered_past_another(town: Town, batch: str) -> None:
    with refused("intussen"):
        edit(town, batch, "proposed", "bram", number=3)


def test_a_file_is_of_what_was_approved(town: Town, batch: str) -> None:
    town.approve(batch)
    for payments, cents in ((1, 1), (2, 600_00)):
        with refused("dit bestand"):
            town.sql(
                "INSERT INTO batch_file"
                " (batch_id, message_id, file_id, sha256, payments, sum_cents, recorded_at)"
                " VALUES (:id, 'HHB1-' || :id, 1, 'x', :payments, :cents, now()) RETURNING 1",
                id=batch,
                payments=payments,
                cents=cents,
            )


@pytest.mark.parametrize("second", ["ada", "eva", "system", "nobody"])
def test_above_the_limit_two_people_who_may_decide(town: Town, batch: str, second: str) -> None:
    with pytest.raises((DBAPIError, DatabaseRefused)):
        town.sql(
            "INSERT INTO limit_decision (household_id, number, limit_cents, valid_from, valid_until,"
            " proposed_by, approved_by, reason, recorded_at)"
            " SELECT id, 1, 9, '2026-01-01', '2026-02-01', 'ada', :second, 'x', now() FROM household"
            " RETURNING 1",
            second=second,
        )


def test_one_person_does_not_lose_a_file(town: Town, batch: str) -> None:
    town.exported(batch)
    step(town, batch, "doubted", "ada")
    with refused("twee mensen"):
        step(town, batch, "not_delivered", "ada")
    step(town, batch, "not_delivered", "bram")


RESERVE = (
    "INSERT INTO ledger_transfer (entry_id, source, target, amount_cents, phase, end_to_end_id)"
    " SELECT id, :source, :target, 1000000, :phase, 'x' FROM ledger_entry WHERE key = :key RETURNING 1"
)
BEGIN = (
    "INSERT INTO ledger_entry (key, kind, effective_on, recorded_at, by_user)"
    " VALUES ('x', :kind, cast(:day AS date), now(), 'ada') RETURNING 1"
)


@pytest.mark.parametrize("kind", ["proposed", "decision", "reversal", "opening"])
@pytest.mark.parametrize("phase", ["reserved", "posted"])
def test_no_entry_takes_an_advance_above_its_limit_on_its_way_to_the_bank(
    town: Town, batch: str, kind: str, phase: str
) -> None:
    town.sql(BEGIN, kind=kind, day=MONDAY)
    with refused("boven de grens"):
        town.sql(RESERVE, source="advance:H000001", target=f"in_transit:HHB1-{batch}", phase=phase, key="x")


def test_nothing_is_added_to_an_entry_that_is_there(town: Town, batch: str) -> None:
    for savepoint in ("SELECT 1", "SAVEPOINT here"):
        with refused("komt niets meer bij"), town.transaction() as session:
            session.execute(text(savepoint))
            session.execute(
                text(RESERVE),
                {"source": "advance:H000001", "target": f"bank:{IBAN}", "phase": "posted", "key": "start"},
            )


@pytest.mark.parametrize(("own", "advanced"), [(1, 0), (0, 1)])
def test_what_nothing_is_reserved_for_is_not_approved(
    town: Town, batch: str, own: int, advanced: int
) -> None:
    town.sql(
        "INSERT INTO payment (end_to_end_id, batch_id, household_id, purpose, amount_cents, own_cents,"
        " advanced_cents, agreed_cents, counter_name, counter_iban, remittance, execution_on, late, state,"
        " explanation, proposed_by, created_at) SELECT 'x', id, 'H000001', 'x', 1, :own, :advanced, 1, 'X',"
        " 'NL20INGB0001234567', '', execution_on, false, 'proposed', '', 'ada', now() FROM payment_batch"
        " RETURNING 1",
        own=own,
        advanced=advanced,
    )
    with refused("niet precies haar bedrag gereserveerd"):
        town.approve(batch)


def test_a_split_that_is_not_what_is_reserved_is_not_exported(town: Town, batch: str) -> None:
    town.approve(batch)
    edit(town, batch, "proposed", "system", parts=(600_00, 0))
    with refused("niet precies haar bedrag gereserveerd"), town.transaction() as session:
        pay.export(session, batch, ADA)


@pytest.mark.parametrize("state", ["settled", "returned", "rejected"])
def test_what_the_bank_did_not_show_did_not_happen(town: Town, batch: str, state: str) -> None:
    town.exported(batch)
    with refused("niet laten zien"):
        edit(town, batch, state, "ada")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE installation SET kind = 'demo' RETURNING 1",
        "UPDATE installation SET id = 1, kind = kind RETURNING 1",
        "INSERT INTO installation (kind) VALUES ('demo') ON CONFLICT (id) DO UPDATE SET kind = 'demo'",
        "UPDATE installation SET key_check = 'x' RETURNING 1",
    ],
)
def test_an_installation_in_use_stays_what_it_is(town: Town, statement: str) -> None:
    with town.transaction() as session:
        keys(session)
    with pytest.raises((DBAPIError, DatabaseRefused)):
        town.sql(statement)


def test_an_older_picture_of_a_batch_is_not_approved(town: Town) -> None:
    town.agree(town.household(600_00), 600_00)
    [batch_id] = town.propose()
    older = town.database.engine.execution_options(isolation_level="REPEATABLE READ")
    with Session(older) as session, session.begin():
        enter(session, municipality_id(session, None))
        session.execute(text("SELECT count(*) FROM payment"))
        town.sql(
            f"{ADD} RETURNING 1",
            payment="x",
            id=batch_id,
            refund_of=1,
            day=MONDAY,
            state="proposed",
            by="bram",
        )
        with pytest.raises(DBAPIError, match="could not serialize"):
            session.execute(text(STEP), {"id": batch_id, "state": "approved", "by": "bram"})
        session.rollback()


def test_an_occurrence_has_one_live_payment(town: Town, batch: str) -> None:
    columns = (
        "batch_id, household_id, agreement_id, due_on, part, amount_cents, own_cents, advanced_cents,"
        " agreed_cents, counter_name, counter_iban, remittance, execution_on, late, state, explanation,"
        " proposed_by, created_at"
    )
    with pytest.raises(DBAPIError, match="payment_live_occurrence_key"):
        town.sql(
            f"INSERT INTO payment (end_to_end_id, {columns}) SELECT 'x', {columns} FROM payment RETURNING 1"
        )


def test_the_database_holds_the_same_transitions(town: Town) -> None:
    for table, following in (("batch_transition", NEXT), ("payment_transition", PAYMENT_NEXT)):
        assert set(town.sql(f"SELECT state, following FROM {table}")) == {
            (state.value, after.value) for state, many in following.items() for after in many
        }


def test_another_municipality_sees_nothing_of_it(town: Town, batch: str) -> None:
    with town.database.anywhere() as session:
        installation.add_municipality(session, "elders", "Gemeente Elders")
    with town.database.transaction("elders") as session:
        assert pay.list_batches(session) == []
        with pytest.raises(DBAPIError):
            session.execute(text(STEP), {"id": batch, "state": "approved", "by": "corrie"})
        session.rollback()
    with town.database.transaction("merwestad") as session:
        assert pay.show(session, batch).summary.proposed_by == ADA.user


def test_the_municipality_does_not_change_halfway_a_statement(town: Town, batch: str) -> None:
    """Else the rows that a trigger judges by would be hidden from it."""
    town.approve(batch)
    town.agree(town.household(700_00), 600_00)
    town.propose()
    with refused("één gemeente"):
        town.sql(
            "INSERT INTO payment (municipality_id, end_to_end_id, batch_id, refund_of, amount_cents,"
            " own_cents, advanced_cents, agreed_cents, counter_name, counter_iban, remittance, execution_on,"
            " late, state, explanation, proposed_by, created_at)"
            " SELECT 1, 'x' || n, :id, n, 1, 1, 0, 1, CASE WHEN n = 1 THEN 'x'"
            "   ELSE set_config('hhb.municipality', '2', true) END, 'NL20INGB0001234567', '', :day, false,"
            " 'proposed', '', 'dirk', now() FROM generate_series(1, 2) AS n RETURNING 1",
            id=batch,
            day=MONDAY,
        )
