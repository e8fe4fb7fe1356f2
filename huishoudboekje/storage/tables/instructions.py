"""What the bank was told to pay, and what became of it: where ingest and payouts meet."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from huishoudboekje.domain.instructions import Origin, Outcome
from huishoudboekje.storage.base import Base, OfMunicipality


class InstructionRow(OfMunicipality, Base):
    """One payment as instructed, written when its batch is exported, or imported from a previous system."""

    __tablename__ = "instruction"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("own_cents >= 0 AND advanced_cents >= 0", name="parts"),
        CheckConstraint("own_cents + advanced_cents = amount_cents", name="whole"),
        CheckConstraint("(agreement_id IS NULL) = (due_on IS NULL)", name="occurrence"),
        Index(None, "municipality_id", "payment_information_id"),
        Index(None, "municipality_id", "agreement_id", "due_on"),
    )

    end_to_end_id: Mapped[str] = mapped_column(primary_key=True)
    payment_information_id: Mapped[str]
    household_id: Mapped[str]
    agreement_id: Mapped[str | None]
    due_on: Mapped[date | None]
    part: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    amount_cents: Mapped[int]
    own_cents: Mapped[int]
    advanced_cents: Mapped[int]
    counter_iban: Mapped[str]
    debtor_iban: Mapped[str | None]
    execution_on: Mapped[date]
    batch_booking: Mapped[bool]
    origin: Mapped[Origin]
    recorded_at: Mapped[datetime]


class InstructionOutcome(OfMunicipality, Base):
    """The bank showed an instruction as settled or returned; amounts in cents, negative where undone.

    Returned money went `own_cents` to the household and `advanced_cents` to its advance; what was
    missing of it is `missing_cents`.
    """

    __tablename__ = "instruction_outcome"
    __table_args__ = (
        ForeignKeyConstraint(
            ["municipality_id", "end_to_end_id"], ["instruction.municipality_id", "instruction.end_to_end_id"]
        ),
        Index("instruction_outcome_transaction_id_idx", "municipality_id", "transaction_id"),
        Index(None, "municipality_id", "recorded_at"),
    )

    end_to_end_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    outcome: Mapped[Outcome]
    amount_cents: Mapped[int]
    own_cents: Mapped[int]
    advanced_cents: Mapped[int]
    missing_cents: Mapped[int] = mapped_column(server_default=text("0"))
    reason_code: Mapped[str | None]
    effective_on: Mapped[date]
    transaction_id: Mapped[int | None]
    recorded_at: Mapped[datetime]
