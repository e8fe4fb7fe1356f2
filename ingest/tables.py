"""What came in from the bank, and the decision on each line of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from huishoudboekje.storage.base import Base, OfMunicipality
from ingest.states import BookedOn, BookingStatus, Standing


class BankStatement(OfMunicipality, Base):
    """One statement as the bank sent it; balances in cents."""

    __tablename__ = "bank_statement"
    __table_args__ = (
        UniqueConstraint("municipality_id", "file_id", "number"),
        ForeignKeyConstraint(
            ["municipality_id", "file_id"], ["archived_file.municipality_id", "archived_file.id"]
        ),
        Index(None, "municipality_id", "iban", "closes_on"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    file_id: Mapped[int]
    number: Mapped[int] = mapped_column(Integer)
    iban: Mapped[str]
    bank_statement_id: Mapped[str | None]
    sequence: Mapped[int | None]
    page: Mapped[int | None] = mapped_column(Integer)
    last_page: Mapped[bool | None]
    opens_on: Mapped[date | None]
    closes_on: Mapped[date]
    opening_cents: Mapped[int | None]
    closing_cents: Mapped[int | None]
    lines: Mapped[int] = mapped_column(Integer)
    sum_cents: Mapped[int]
    recorded_at: Mapped[datetime]


class BankStatementVerdict(OfMunicipality, Base):
    """How a statement stands, and why; a later step replaces an earlier one."""

    __tablename__ = "bank_statement_verdict"
    __table_args__ = (
        ForeignKeyConstraint(
            ["municipality_id", "statement_id"], ["bank_statement.municipality_id", "bank_statement.id"]
        ),
    )

    statement_id: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[int] = mapped_column(Integer, primary_key=True)
    standing: Mapped[Standing]
    reason: Mapped[str | None]
    by_user: Mapped[str]
    recorded_at: Mapped[datetime]


class BankTransaction(OfMunicipality, Base):
    """One line of a statement: an entry, or one of an entry's several details. Cents, credit positive.

    `content` hashes account, booking date and canonical content, `nth` counts lines that are alike in it,
    so that a line that comes again is known and two real twins are two. `ref` is the bank's reference,
    with `#k` for the k-th detail of an entry. Part 0 is what an entry's details leave of its amount.
    """

    __tablename__ = "bank_transaction"
    __table_args__ = (
        UniqueConstraint("municipality_id", "content", "nth"),
        ForeignKeyConstraint(
            ["municipality_id", "statement_id"], ["bank_statement.municipality_id", "bank_statement.id"]
        ),
        CheckConstraint("nth >= 1", name="nth"),
        Index(None, "municipality_id", "statement_id"),
        Index(None, "municipality_id", "booked_on"),
        Index(None, "municipality_id", "ref"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    nth: Mapped[int] = mapped_column(Integer)
    statement_id: Mapped[int]
    number: Mapped[int] = mapped_column(Integer)
    part: Mapped[int | None] = mapped_column(Integer)
    ref: Mapped[str | None]
    iban: Mapped[str]
    booked_on: Mapped[date]
    valued_on: Mapped[date | None]
    amount_cents: Mapped[int]
    currency: Mapped[str]
    counter_name: Mapped[str | None]
    counter_iban: Mapped[str | None]
    counter_bic: Mapped[str | None]
    end_to_end_id: Mapped[str | None]
    reference: Mapped[str | None]
    remittance: Mapped[str | None]
    mandate_id: Mapped[str | None]
    code: Mapped[str | None]
    reversal: Mapped[bool]
    return_reason: Mapped[str | None]
    batch_payment_information_id: Mapped[str | None]
    batch_message_id: Mapped[str | None]
    batch_count: Mapped[int | None]
    bank_text: Mapped[str | None]


class Booking(OfMunicipality, Base):
    """The decision on a transaction; a later step replaces an earlier one, and both stay.

    `explanation` holds the candidates and their evidence; amounts in it are cents.
    """

    __tablename__ = "booking"
    __table_args__ = (
        ForeignKeyConstraint(
            ["municipality_id", "transaction_id"], ["bank_transaction.municipality_id", "bank_transaction.id"]
        ),
        CheckConstraint("(status = 'queued') = (booked_on = 'suspense')", name="queued_in_suspense"),
        CheckConstraint("confidence IS NULL OR confidence BETWEEN 0 AND 1000000", name="confidence"),
        Index(
            "booking_queued_idx",
            "municipality_id",
            "transaction_id",
            postgresql_where=text("status = 'queued'"),
        ),
        Index(None, "municipality_id", "household_id"),
    )

    transaction_id: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[int] = mapped_column(Integer, primary_key=True)
    status: Mapped[BookingStatus]
    booked_on: Mapped[BookedOn]
    household_id: Mapped[str | None]
    agreement_id: Mapped[str | None]
    due_on: Mapped[date | None]
    part: Mapped[int | None] = mapped_column(Integer)
    end_to_end_id: Mapped[str | None]
    payment_information_id: Mapped[str | None]
    own_purpose: Mapped[str | None]
    confidence: Mapped[int | None] = mapped_column(Integer)
    explanation: Mapped[dict[str, Any] | None]
    by_user: Mapped[str]
    recorded_at: Mapped[datetime]
    reason: Mapped[str | None]
