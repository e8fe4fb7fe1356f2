"""Payments, the batches in which they leave, and every step of both.

State is written by the database alone, when a step is added: the step's trigger holds the transition
table and the four-eyes rule, so that no code can walk around them.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from huishoudboekje.storage.base import Base, OfMunicipality
from payouts.batch import NOT_LIVE_SQL, BatchState, PaymentState


class PaymentBatch(OfMunicipality, Base):
    """Payments that leave together, from one account on one day; `state` follows the steps.

    `edits` counts what was done to its payments, so that who approves never judges an older picture.
    """

    __tablename__ = "payment_batch"
    __table_args__ = (
        UniqueConstraint("municipality_id", "payment_information_id"),
        ForeignKeyConstraint(
            ["municipality_id", "debtor_iban"],
            ["municipal_account.municipality_id", "municipal_account.iban"],
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    planned_on: Mapped[date]
    execution_on: Mapped[date]
    debtor_iban: Mapped[str]
    payment_information_id: Mapped[str]
    state: Mapped[BatchState]
    edits: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    created_at: Mapped[datetime]


class BatchStep(OfMunicipality, Base):
    """One step in the life of a batch; two clicks at once make the same step number, and one wins."""

    __tablename__ = "batch_step"
    __table_args__ = (
        ForeignKeyConstraint(
            ["municipality_id", "batch_id"], ["payment_batch.municipality_id", "payment_batch.id"]
        ),
        ForeignKeyConstraint(["municipality_id", "by_user"], ["app_user.municipality_id", "app_user.id"]),
    )

    batch_id: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[int] = mapped_column(Integer, primary_key=True)
    state: Mapped[BatchState]
    by_user: Mapped[str]
    channel: Mapped[str]
    recorded_at: Mapped[datetime]
    reason: Mapped[str | None]


class Payment(OfMunicipality, Base):
    """One payment; amounts in cents, `own_cents` + `advanced_cents` = `amount_cents`.

    A held payment has no batch: who releases it makes another one. The payee, amount and dates never
    change once it exists; own and advanced part may, by a step. `agreed_cents` is what was due of it.
    """

    __tablename__ = "payment"
    __table_args__ = (
        ForeignKeyConstraint(
            ["municipality_id", "batch_id"], ["payment_batch.municipality_id", "payment_batch.id"]
        ),
        ForeignKeyConstraint(["municipality_id", "proposed_by"], ["app_user.municipality_id", "app_user.id"]),
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("own_cents >= 0 AND advanced_cents >= 0", name="parts"),
        CheckConstraint("own_cents + advanced_cents = amount_cents", name="whole"),
        CheckConstraint(
            "CASE WHEN batch_id IS NULL THEN state IN ('held', 'withdrawn') ELSE state <> 'held' END",
            name="held_or_in_batch",
        ),
        CheckConstraint("(agreement_id IS NULL) = (due_on IS NULL)", name="occurrence"),
        CheckConstraint(
            "agreement_id IS NOT NULL OR refund_of IS NOT NULL OR purpose IS NOT NULL", name="cause"
        ),
        Index(
            "payment_live_occurrence_key",
            "municipality_id",
            "agreement_id",
            "due_on",
            "part",
            unique=True,
            postgresql_where=text(f"agreement_id IS NOT NULL AND state NOT IN ({NOT_LIVE_SQL})"),
        ),
        Index(
            "payment_live_refund_key",
            "municipality_id",
            "refund_of",
            unique=True,
            postgresql_where=text(f"refund_of IS NOT NULL AND state NOT IN ({NOT_LIVE_SQL})"),
        ),
        Index(None, "municipality_id", "batch_id"),
        Index(None, "municipality_id", "household_id"),
        Index("payment_held_idx", "municipality_id", "household_id", postgresql_where=text("state = 'held'")),
        Index(
            "payment_on_its_way_idx",
            "municipality_id",
            "execution_on",
            postgresql_where=text("state = 'exported'"),
        ),
    )

    end_to_end_id: Mapped[str] = mapped_column(primary_key=True)
    batch_id: Mapped[str | None]
    household_id: Mapped[str | None]
    resident_id: Mapped[str | None]
    agreement_id: Mapped[str | None]
    due_on: Mapped[date | None]
    part: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    refund_of: Mapped[int | None]
    purpose: Mapped[str | None]
    amount_cents: Mapped[int]
    own_cents: Mapped[int]
    advanced_cents: Mapped[int]
    agreed_cents: Mapped[int]
    counter_name: Mapped[str]
    counter_iban: Mapped[str]
    remittance: Mapped[str]
    reference: Mapped[str | None]
    execution_on: Mapped[date]
    late: Mapped[bool]
    state: Mapped[PaymentState]
    explanation: Mapped[str]
    proposed_by: Mapped[str]
    created_at: Mapped[datetime]


class PaymentStep(OfMunicipality, Base):
    """One step in the life of a payment that its batch did not make for it.

    `asked_` is what a first person agreed to above the limit; amounts are cents.
    """

    __tablename__ = "payment_step"
    __table_args__ = (
        ForeignKeyConstraint(
            ["municipality_id", "end_to_end_id"], ["payment.municipality_id", "payment.end_to_end_id"]
        ),
        ForeignKeyConstraint(["municipality_id", "by_user"], ["app_user.municipality_id", "app_user.id"]),
        CheckConstraint("(own_cents IS NULL) = (advanced_cents IS NULL)", name="parts_together"),
        CheckConstraint(
            "num_nulls(asked_cents, asked_over_cents, asked_name, asked_iban) IN (0, 4)", name="asked_whole"
        ),
    )

    end_to_end_id: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[int] = mapped_column(Integer, primary_key=True)
    state: Mapped[PaymentState]
    own_cents: Mapped[int | None]
    advanced_cents: Mapped[int | None]
    by_user: Mapped[str]
    channel: Mapped[str]
    recorded_at: Mapped[datetime]
    reason: Mapped[str | None]
    asked_cents: Mapped[int | None]
    asked_over_cents: Mapped[int | None]
    asked_name: Mapped[str | None]
    asked_iban: Mapped[str | None]


class BatchFile(OfMunicipality, Base):
    """The file of a batch: made once, its bytes in the archive."""

    __tablename__ = "batch_file"
    __table_args__ = (
        ForeignKeyConstraint(
            ["municipality_id", "batch_id"], ["payment_batch.municipality_id", "payment_batch.id"]
        ),
        UniqueConstraint("municipality_id", "message_id"),
    )

    batch_id: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str]
    file_id: Mapped[int]
    sha256: Mapped[str]
    payments: Mapped[int] = mapped_column(Integer)
    sum_cents: Mapped[int]
    recorded_at: Mapped[datetime]


class BatchTransition(Base):
    """Which step of a batch may follow which; the database's copy of payouts.batch.NEXT."""

    __tablename__ = "batch_transition"

    state: Mapped[str] = mapped_column(primary_key=True)
    following: Mapped[str] = mapped_column(primary_key=True)


class PaymentTransition(Base):
    """Which step of a payment may follow which; the database's copy of payouts.batch.PAYMENT_NEXT."""

    __tablename__ = "payment_transition"

    state: Mapped[str] = mapped_column(primary_key=True)
    following: Mapped[str] = mapped_column(primary_key=True)
