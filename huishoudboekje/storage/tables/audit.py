"""Who did or read what, and why: events, sealed in a chain of hashes; and the signed-off days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Identity, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from huishoudboekje.storage.base import Base, OfMunicipality


class AuditEvent(OfMunicipality, Base):
    """One act or look; `facts` hold keys, never personal data."""

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "municipality_id", "subject"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    recorded_at: Mapped[datetime]
    by_user: Mapped[str]
    channel: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    reason: Mapped[str | None]
    facts: Mapped[dict[str, Any] | None]


class AuditSeal(OfMunicipality, Base):
    """A link of the chain: the hash over the link before it and over events `first_id` to `last_id`."""

    __tablename__ = "audit_seal"

    number: Mapped[int] = mapped_column(primary_key=True)
    first_id: Mapped[int]
    last_id: Mapped[int]
    events: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime]


class DayClose(OfMunicipality, Base):
    """A day that somebody signed off as complete and without a difference."""

    __tablename__ = "day_close"

    closed_on: Mapped[date] = mapped_column(primary_key=True)
    by_user: Mapped[str]
    recorded_at: Mapped[datetime]
    figures: Mapped[dict[str, Any]]
