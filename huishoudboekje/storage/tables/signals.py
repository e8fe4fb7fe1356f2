"""What was expected and did not come, or came back: one row per signal, with its history."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Identity, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from huishoudboekje.domain.signals import SignalKind
from huishoudboekje.storage.base import Base, OfMunicipality


class SignalRow(OfMunicipality, Base):
    """A signal; `key` says what it is about, so that it is raised once."""

    __tablename__ = "signal"
    __table_args__ = (
        UniqueConstraint("municipality_id", "key"),
        Index(None, "municipality_id", "household_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    key: Mapped[str]
    kind: Mapped[SignalKind]
    household_id: Mapped[str | None]
    agreement_id: Mapped[str | None]
    due_on: Mapped[date | None]
    end_to_end_id: Mapped[str | None]
    sentence: Mapped[str]
    facts: Mapped[dict[str, Any] | None]
    raised_at: Mapped[datetime]
    silenced_until: Mapped[date | None]
    solved_at: Mapped[datetime | None]


class SignalChange(StrEnum):
    """What happened to a signal."""

    RAISED = "raised"
    SILENCED = "silenced"
    SOLVED = "solved"
    REOPENED = "reopened"


class SignalStep(OfMunicipality, Base):
    """The history of a signal."""

    __tablename__ = "signal_step"
    __table_args__ = (
        ForeignKeyConstraint(["municipality_id", "signal_id"], ["signal.municipality_id", "signal.id"]),
    )

    signal_id: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[int] = mapped_column(Integer, primary_key=True)
    change: Mapped[SignalChange]
    by_user: Mapped[str]
    recorded_at: Mapped[datetime]
    reason: Mapped[str | None]
    until: Mapped[date | None]
