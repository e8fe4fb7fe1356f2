"""Agreements in their versions, policy in its versions, and what became of each occurrence."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Identity, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from huishoudboekje.domain.agreements import Direction, OccurrenceKind, Settlement, Unit
from huishoudboekje.storage.base import Base, OfMunicipality


class AgreementVersion(OfMunicipality, Base):
    """An agreement as it stands for due days from `valid_from` until the next version's."""

    __tablename__ = "agreement_version"
    __table_args__ = (
        ForeignKeyConstraint(
            ["municipality_id", "household_id"], ["household.municipality_id", "household.id"]
        ),
        ForeignKeyConstraint(["municipality_id", "resident_id"], ["resident.municipality_id", "resident.id"]),
        ForeignKeyConstraint(
            ["municipality_id", "organisation_id"], ["organisation.municipality_id", "organisation.id"]
        ),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("amount_cents >= 0 AND tolerance_cents >= 0", name="amount"),
        CheckConstraint("(organisation_id IS NULL) <> (payee_resident_id IS NULL)", name="one_counterparty"),
        CheckConstraint("(settlement IS NULL) = (direction = 'income')", name="settlement_of_expense"),
        CheckConstraint("every >= 1", name="every"),
        Index(None, "municipality_id", "household_id"),
        Index(None, "municipality_id", "iban"),
        Index(None, "municipality_id", "reference_key", postgresql_where=text("reference_key IS NOT NULL")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    valid_from: Mapped[date]
    recorded_at: Mapped[datetime]
    by_user: Mapped[str]
    household_id: Mapped[str]
    resident_id: Mapped[str]
    direction: Mapped[Direction]
    category: Mapped[str]
    organisation_id: Mapped[str | None]
    payee_resident_id: Mapped[str | None]
    iban: Mapped[str]
    amount_cents: Mapped[int]
    tolerance_cents: Mapped[int]
    unit: Mapped[Unit]
    every: Mapped[int] = mapped_column(Integer)
    day: Mapped[int | None] = mapped_column(Integer)
    weekday: Mapped[int | None] = mapped_column(Integer)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    settlement: Mapped[Settlement | None]
    guaranteed: Mapped[bool]
    reference: Mapped[str | None]
    reference_key: Mapped[str | None]
    search_terms: Mapped[list[str]]
    remittance: Mapped[str]


class PolicyVersion(OfMunicipality, Base):
    """All figures of a municipality's guarantee policy, from a day on."""

    __tablename__ = "policy_version"

    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    valid_from: Mapped[date]
    recorded_at: Mapped[datetime]
    by_user: Mapped[str]
    figures: Mapped[dict[str, Any]]


class LimitDecision(OfMunicipality, Base):
    """Two people let a household's advance rise above the municipality's limit, until a day."""

    __tablename__ = "limit_decision"
    __table_args__ = (
        ForeignKeyConstraint(
            ["municipality_id", "household_id"], ["household.municipality_id", "household.id"]
        ),
        CheckConstraint("proposed_by <> approved_by", name="two_people"),
        CheckConstraint("limit_cents >= 0", name="limit"),
    )

    household_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    limit_cents: Mapped[int]
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    proposed_by: Mapped[str]
    approved_by: Mapped[str]
    reason: Mapped[str]
    recorded_at: Mapped[datetime]


class OccurrenceEvent(OfMunicipality, Base):
    """Something that happened to one nominal date of an agreement; amounts in cents, undone below zero."""

    __tablename__ = "occurrence_event"
    __table_args__ = (
        Index(None, "municipality_id", "agreement_id", "due_on"),
        Index(
            "occurrence_event_transaction_id_idx",
            "municipality_id",
            "transaction_id",
            postgresql_where=text("transaction_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    agreement_id: Mapped[str]
    due_on: Mapped[date]
    part: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    kind: Mapped[OccurrenceKind]
    amount_cents: Mapped[int]
    effective_on: Mapped[date]
    transaction_id: Mapped[int | None]
    end_to_end_id: Mapped[str | None]
    recorded_at: Mapped[datetime]
