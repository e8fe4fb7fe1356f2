"""Who works with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from huishoudboekje.storage.base import Base, OfMunicipality


class User(OfMunicipality, Base):
    """A person who acts, or `system` for the timetable; the personal token is stored hashed."""

    __tablename__ = "app_user"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    roles: Mapped[list[str]]
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    active: Mapped[bool] = mapped_column(server_default=text("true"))


class WebSession(OfMunicipality, Base):
    """A person at the pages, until the end of it; known by the hash of the cookie's token.

    `messages` are what the next page still has to say.
    """

    __tablename__ = "web_session"
    __table_args__ = (
        ForeignKeyConstraint(["municipality_id", "user_id"], ["app_user.municipality_id", "app_user.id"]),
        Index(None, "municipality_id", "user_id"),
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[str]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    messages: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
