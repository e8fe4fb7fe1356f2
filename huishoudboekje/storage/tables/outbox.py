"""Work that waits: a row in the transaction of its cause, which a task is only a nudge for."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Identity, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from huishoudboekje.storage.base import Base, OfMunicipality


class JobKind(StrEnum):
    """What is to be done."""

    TAKE_IN_STATEMENT = "take_in_statement"
    PROPOSE = "propose"
    SIGNALS = "signals"
    SEAL_AUDIT = "seal_audit"


class JobState(StrEnum):
    """How far it is."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


class Job(OfMunicipality, Base):
    """One piece of background work; `key` makes it be asked for once."""

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("municipality_id", "key"),
        Index("job_waiting_idx", "municipality_id", "due_at", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    key: Mapped[str]
    kind: Mapped[JobKind]
    facts: Mapped[dict[str, Any]]
    state: Mapped[JobState] = mapped_column(server_default=text("'waiting'"))
    due_at: Mapped[datetime]
    nudged_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    by_user: Mapped[str]
    outcome: Mapped[dict[str, Any] | None]
    finished_at: Mapped[datetime | None]
