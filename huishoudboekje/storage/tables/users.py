"""Who works with it."""

from __future__ import annotations

from sqlalchemy import LargeBinary, text
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
